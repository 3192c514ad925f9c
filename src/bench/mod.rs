//! The bench: what Steward does in a second, what an event costs, and what is lost when things
//! go wrong.
//!
//! Three processes, as in earnest: a simulated GitLab or GitHub, `steward serve` with a database on disk,
//! and this one, which sends the webhooks. Each measurement has a fresh forge and a fresh
//! database. Nothing here judges by time alone: a bench is read by people, and is no test.

mod child;
mod cleanup;
mod error;
mod figure;
mod hooks;
mod http;
mod load;
mod measure;
mod preview;
mod process;
mod stage;

pub use error::BenchError;
pub use figure::{Figure, Summary, Unit, summarise};
pub use measure::{Measurement, Options, run};
pub use preview::preview;
