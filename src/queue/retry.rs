//! What becomes of work that failed.

use std::time::Duration;

use super::Backoff;
use crate::forge::ForgeError;

/// What went wrong, told by whose fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The forge asks to wait. It concerns every subject there.
    RateLimited {
        /// How long.
        retry_after: Duration,
    },
    /// The forge cannot be reached, or does not let Steward in at all. It concerns every
    /// subject there.
    ForgeUnavailable,
    /// This time it broke; the next time it may not: 5xx, time-outs, answers cut short.
    Broken,
    /// It will fail the same way until somebody changes something.
    Permanent,
}

impl From<&ForgeError> for Trouble {
    fn from(error: &ForgeError) -> Self {
        match error.cause() {
            ForgeError::RateLimited { retry_after, .. } => {
                Trouble::RateLimited { retry_after: *retry_after }
            }
            // A revoked token fails on every subject alike: to park them all would leave them
            // to be taken up by hand when the token is right again.
            ForgeError::Unreachable { .. } | ForgeError::Unauthorized { .. } => {
                Trouble::ForgeUnavailable
            }
            // The same for a token that may only read.
            error if error.lacks_scope() => Trouble::ForgeUnavailable,
            error if error.is_transient() => Trouble::Broken,
            // It was there when it was read. Should it be gone, the next reading tells.
            ForgeError::NotFound { .. } => Trouble::Broken,
            _ => Trouble::Permanent,
        }
    }
}

/// How often and how long work is tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Waits between attempts.
    pub backoff: Backoff,
    /// After how many failed attempts a subject is parked.
    pub max_attempts: u32,
}

impl Default for RetryPolicy {
    /// Ten attempts with the default [`Backoff`]: some two and a half hours.
    fn default() -> Self {
        Self { backoff: Backoff::default(), max_attempts: 10 }
    }
}

/// What to do about work that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryDecision {
    /// Try this subject again later.
    Retry {
        /// How long to wait.
        after: Duration,
        /// Whether it counts towards the most attempts.
        count_attempt: bool,
        /// Whether nothing at all shall be asked of this forge for as long: the subject is not
        /// at fault, and its neighbours would fail alike.
        pause_forge: bool,
    },
    /// Give up until something changes.
    Park,
}

impl RetryPolicy {
    /// Decides. `failed` is how many attempts had failed before this one
    /// ([`Claim::attempts`](crate::store::Claim)), `chance` a random number from 0 to 1.
    pub fn decide(&self, trouble: Trouble, failed: u32, chance: f64) -> RetryDecision {
        let innocent =
            |after| RetryDecision::Retry { after, count_attempt: false, pause_forge: true };
        let failed = failed.saturating_add(1);
        match trouble {
            Trouble::RateLimited { retry_after } => innocent(retry_after),
            // How long it has lasted is not this subject's to know, so the wait is the first
            // one; whoever pauses the forge may wait longer.
            Trouble::ForgeUnavailable => innocent(self.backoff.delay(1, chance)),
            Trouble::Broken if failed < self.max_attempts => RetryDecision::Retry {
                after: self.backoff.delay(failed, chance),
                count_attempt: true,
                pause_forge: false,
            },
            Trouble::Broken | Trouble::Permanent => RetryDecision::Park,
        }
    }

    /// Whether a subject has used its attempts up before it is even tried: its worker was lost
    /// again and again, so that nobody was there to decide.
    pub fn is_exhausted(&self, failed: u32) -> bool {
        failed >= self.max_attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> String {
        "GET /api/v4/projects/1".to_owned()
    }

    #[test]
    fn what_concerns_the_whole_forge_counts_against_no_subject() {
        let policy = RetryPolicy::default();
        let retry_after = Duration::from_secs(40);
        for failed in [0, 9, 10, u32::MAX] {
            assert_eq!(
                policy.decide(Trouble::RateLimited { retry_after }, failed, 0.5),
                RetryDecision::Retry {
                    after: retry_after,
                    count_attempt: false,
                    pause_forge: true
                }
            );
            assert_eq!(
                policy.decide(Trouble::ForgeUnavailable, failed, 0.0),
                RetryDecision::Retry {
                    after: policy.backoff.first,
                    count_attempt: false,
                    pause_forge: true
                }
            );
        }
    }

    #[test]
    fn what_breaks_is_tried_a_number_of_times() {
        let policy = RetryPolicy { max_attempts: 3, ..RetryPolicy::default() };
        let decisions: Vec<_> =
            (0..4).map(|failed| policy.decide(Trouble::Broken, failed, 0.0)).collect();
        let retry = |seconds| RetryDecision::Retry {
            after: Duration::from_secs(seconds),
            count_attempt: true,
            pause_forge: false,
        };
        assert_eq!(decisions, [retry(5), retry(15), RetryDecision::Park, RetryDecision::Park]);
        assert!(!policy.is_exhausted(2) && policy.is_exhausted(3));
    }

    #[test]
    fn what_will_fail_again_is_parked_at_once() {
        let decision = RetryPolicy::default().decide(Trouble::Permanent, 0, 0.0);
        assert_eq!(decision, RetryDecision::Park);
    }

    #[test]
    fn errors_of_a_forge_are_told_apart() {
        let message = String::new;
        let cases = [
            (
                ForgeError::RateLimited { request: request(), retry_after: Duration::from_secs(1) },
                Trouble::RateLimited { retry_after: Duration::from_secs(1) },
            ),
            (
                ForgeError::Unreachable { request: request(), message: message() },
                Trouble::ForgeUnavailable,
            ),
            (
                ForgeError::Unauthorized { request: request(), check: "X" },
                Trouble::ForgeUnavailable,
            ),
            (
                ForgeError::Broken { request: request(), message: message(), status: Some(502) },
                Trouble::Broken,
            ),
            (ForgeError::Unexpected { request: request(), message: message() }, Trouble::Broken),
            (ForgeError::NotFound { request: request(), message: message() }, Trouble::Broken),
            (
                ForgeError::Forbidden {
                    request: request(),
                    message: "insufficient_scope: the request needs more".to_owned(),
                },
                Trouble::ForgeUnavailable,
            ),
            (ForgeError::Forbidden { request: request(), message: message() }, Trouble::Permanent),
            (
                ForgeError::Refused { request: request(), status: 422, message: message() },
                Trouble::Permanent,
            ),
            (ForgeError::Unsupported { what: "epics".to_owned() }, Trouble::Permanent),
        ];
        for (error, trouble) in cases {
            assert_eq!(Trouble::from(&error), trouble, "{error}");
        }
    }
}
