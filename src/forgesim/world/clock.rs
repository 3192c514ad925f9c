//! The simulated clock: the real one, shifted.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{TimeDelta, Utc};

use crate::forgesim::world::types::Time;

/// A clock that all parts of one simulation share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    /// Milliseconds that this clock is ahead of the real one.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `start` now.
    pub(crate) fn starting_at(start: Time) -> Self {
        let clock = Self::default();
        clock.advance(start - Utc::now());
        clock
    }

    pub(crate) fn now(&self) -> Time {
        let ahead = TimeDelta::milliseconds(self.ahead.load(Ordering::Relaxed));
        Utc::now().checked_add_signed(ahead).unwrap_or(Time::MAX_UTC)
    }

    /// Lets time pass at once.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.ahead.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }
}
