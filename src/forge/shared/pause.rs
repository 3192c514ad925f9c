//! The pause that a forge asked for: until it is over no call of this client is sent, whoever makes
//! it. The worker's gate begins no subject meanwhile; this holds those that are under way.
//!
//! GitHub's limits count calls that it refuses, and may shut out an integration that goes on calling
//! (GitHub, "Best practices for using the REST API", handling rate limit errors).

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::forge::ForgeError;

/// Until when nothing is sent. A call that is on the line already cannot be called back.
#[derive(Debug, Default)]
pub(in crate::forge) struct Pause {
    until: Mutex<Option<Instant>>,
}

impl Pause {
    /// Whether a request may be sent now.
    ///
    /// # Errors
    /// [`ForgeError::RateLimited`] with what is left of the pause, as the forge itself would say.
    pub(in crate::forge) fn permits(
        &self,
        request: impl FnOnce() -> String,
    ) -> Result<(), ForgeError> {
        match self.left(Instant::now()) {
            Some(retry_after) => Err(ForgeError::RateLimited { request: request(), retry_after }),
            None => Ok(()),
        }
    }

    /// Begins a pause, or makes it longer, if that is what an answer asks for.
    pub(in crate::forge) fn heeds(&self, error: &ForgeError) {
        if let ForgeError::RateLimited { retry_after, .. } = error {
            self.lasts(Instant::now(), *retry_after);
        }
    }

    fn lasts(&self, now: Instant, wait: Duration) {
        let Some(until) = now.checked_add(wait) else { return };
        let mut had = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *had = Some(had.map_or(until, |had| had.max(until)));
    }

    fn left(&self, now: Instant) -> Option<Duration> {
        let until = (*self.until.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pause_counts_and_ends() {
        let pause = Pause::default();
        let now = Instant::now();
        let seconds = Duration::from_secs;
        assert_eq!(pause.left(now), None);
        pause.lasts(now, seconds(10));
        pause.lasts(now, seconds(3));
        assert_eq!(pause.left(now), Some(seconds(10)));
        assert_eq!(pause.left(now + seconds(9)), Some(seconds(1)));
        assert_eq!(pause.left(now + seconds(10)), None);
        pause.lasts(now + seconds(9), seconds(5));
        assert_eq!(pause.left(now + seconds(10)), Some(seconds(4)));
        assert_eq!(pause.left(now + seconds(20)), None);
    }

    #[test]
    fn only_a_limit_begins_one() {
        let (pause, request) = (Pause::default(), || "GET /x".to_owned());
        pause.heeds(&ForgeError::Forbidden { request: request(), message: "no".to_owned() });
        pause.permits(request).expect("no pause");
        let retry_after = Duration::from_secs(3600);
        pause.heeds(&ForgeError::RateLimited { request: "GET /y".to_owned(), retry_after });
        match pause.permits(request).expect_err("a pause") {
            ForgeError::RateLimited { request, retry_after: left } => {
                assert!(request == "GET /x" && left <= retry_after, "{request} {left:?}");
            }
            other => panic!("{other}"),
        }
    }
}
