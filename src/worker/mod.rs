//! The worker: claim, snapshot, decide, execute, audit.
//!
//! One subject is worked on by one task at a time; different subjects run side by side. All
//! retrying happens here, by giving the subject back to the queue with a time.

mod beside;
mod execute;
mod gate;
mod identity;
mod process;
mod reading;
mod recorded;
mod run;
mod spread;

#[cfg(test)]
mod tests;

pub use beside::{Beside, Kept, Sources};
pub use identity::Identity;
pub use reading::{Explained, Reading, decide_now, explain_now};
pub use run::{Worker, WorkerSettings};
