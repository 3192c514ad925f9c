//! The pause of a whole forge: when it is unreachable or limits Steward, nobody calls it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::queue::Backoff;

/// Lets calls pass, or holds them until a time.
#[derive(Debug)]
pub(super) struct Gate {
    state: Mutex<State>,
    backoff: Backoff,
}

#[derive(Debug, Default)]
struct State {
    closed_until: Option<Instant>,
    failures: u32,
}

impl Gate {
    pub(super) fn new(backoff: Backoff) -> Self {
        Self { state: Mutex::default(), backoff }
    }

    /// How long the gate stays closed; `None` when it is open.
    pub(super) fn closed_for(&self) -> Option<Duration> {
        let until = self.state().closed_until?;
        let left = until.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// The forge asks to wait: nobody calls before. Answers for how long.
    pub(super) fn close_for(&self, wait: Duration) -> Duration {
        let mut state = self.state();
        let until = Instant::now() + wait;
        state.closed_until = Some(state.closed_until.map_or(until, |had| had.max(until)));
        wait
    }

    /// The forge cannot be reached: a longer pause each time. Answers for how long. Calls that
    /// were under way when it became unreachable count once.
    pub(super) fn unreachable(&self, chance: f64) -> (Duration, bool) {
        if let Some(left) = self.closed_for() {
            return (left, false);
        }
        let attempt = {
            let mut state = self.state();
            state.failures = state.failures.saturating_add(1);
            state.failures
        };
        (self.close_for(self.backoff.delay(attempt, chance)), true)
    }

    /// A call went through. Answers whether that is news.
    pub(super) fn reachable(&self) -> bool {
        let mut state = self.state();
        std::mem::take(&mut state.failures) > 0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
