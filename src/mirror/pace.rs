//! Not more calls than the budget allows.

use std::time::Duration;

use tokio::time::Instant;

/// So many calls may be made at once before the pace is kept: a short reading need not wait.
const HEAD_START: f64 = 20.0;

/// Spreads calls so that there are not more in a minute than the budget says.
#[derive(Debug)]
pub struct Pace {
    every: Duration,
    began: Instant,
}

impl Pace {
    /// So many calls a minute.
    pub fn new(calls_per_minute: u32) -> Self {
        let every = Duration::from_secs(60) / calls_per_minute.max(1);
        Self { every, began: Instant::now() }
    }

    /// Waits until one call more is within the budget, when `made` were made since the beginning.
    pub async fn keep(&self, made: u64) {
        tokio::time::sleep_until(self.began + self.due(made)).await;
    }

    /// When the next call is within the budget, counted from the beginning.
    fn due(&self, made: u64) -> Duration {
        let ahead = (made as f64 - HEAD_START).max(0.0);
        self.every.mul_f64(ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_kept_but_for_a_head_start() {
        let pace = Pace::new(300);
        assert_eq!(pace.due(0), Duration::ZERO);
        assert_eq!(pace.due(20), Duration::ZERO);
        assert_eq!(pace.due(320), Duration::from_secs(60));
        assert_eq!(pace.due(3020), Duration::from_secs(600));
    }
}
