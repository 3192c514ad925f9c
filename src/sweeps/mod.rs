//! What happens by the clock: schedules, and the runner that keeps to them.
//!
//! ```text
//!   schedules.yml ─▶ Schedule (pure) ─▶ due (pure) ─▶ runner ─▶ store (sweeps) ─▶ the job
//!                                         ▲ last run                  │ one run a moment
//!                                         └──────────────────────────┘
//! ```

mod deliveries;
mod due;
mod field;
mod reconcile;
mod removals;
mod run;
mod runner;
mod schedule;
mod undelivered;

pub use due::{Due, Last, due};
pub use runner::{Clock, Sweeper, SweeperSettings};
pub use schedule::{Schedule, ScheduleError, zone};

#[cfg(test)]
mod tests;
