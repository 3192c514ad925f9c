//! When work is tried again and when it is given up: the policy over the work table of [`store`](crate::store). Pure: no clock, no database, no chance inside.

mod backoff;
mod retry;

use std::time::Duration;

pub use backoff::Backoff;
pub use retry::{RetryDecision, RetryPolicy, Trouble};

/// How long to wait for the signal of new work before looking all the same. A signal is a
/// courtesy; what is due by time alone comes without one.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
