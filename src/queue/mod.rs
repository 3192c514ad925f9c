//! When work is tried again, when it is given up, and how long it may be held: the policy over
//! the work table of [`store`](crate::store). Pure: no clock, no database, no chance inside.

mod backoff;
mod retry;

use std::time::Duration;

pub use backoff::Backoff;
pub use retry::{RetryDecision, RetryPolicy, Trouble};

/// How long a claim is held unless renewed. Much longer than a plan takes when the forge is
/// well, and short enough that the work of a worker that hangs is soon taken up by another. Work
/// of a process that died does not wait for it: opening the store frees it.
pub const LEASE: Duration = Duration::from_secs(60);

/// How often a worker renews what it holds: two renewals may fail before a lease is lost.
pub const RENEW_EVERY: Duration = Duration::from_secs(20);

/// How long to wait for the signal of new work before looking all the same. A signal is a
/// courtesy; what is due by time alone comes without one.
pub const POLL_EVERY: Duration = Duration::from_secs(5);
