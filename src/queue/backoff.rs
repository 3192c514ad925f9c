//! How long to wait before the next attempt.

use std::time::Duration;

/// Waiting times that grow by a factor up to a most, spread by chance so that what failed
/// together does not come back together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// Before the second attempt.
    pub first: Duration,
    /// By how much each wait is longer than the one before. Below 1 counts as 1.
    pub factor: f64,
    /// The longest wait, jitter included.
    pub max: Duration,
    /// The part of a wait, from 0 to 1, that is left to chance: with 0.2 a wait of 10 s becomes
    /// one of 8 to 10 s. Only ever shorter, so that `max` holds.
    pub jitter: f64,
}

impl Default for Backoff {
    /// 5 s, 15 s, 45 s, …, 30 min: the first few sit out a restart of the forge, the last a long
    /// maintenance.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            factor: 3.0,
            max: Duration::from_secs(30 * 60),
            jitter: 0.2,
        }
    }
}

impl Backoff {
    /// The wait after `failed` attempts have failed (0 counts as 1), before chance has its say.
    /// Never longer than `max`, and never shorter after more failures.
    pub fn plain(&self, failed: u32) -> Duration {
        let factor = if self.factor >= 1.0 { self.factor } else { 1.0 };
        let exponent = i32::try_from(failed.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.first.min(self.max).as_secs_f64() * factor.powi(exponent);
        // Too large for a duration, infinite, or (zero times infinity) no number at all.
        match Duration::try_from_secs_f64(seconds) {
            Ok(wait) => wait.min(self.max),
            Err(_) if seconds.is_nan() => Duration::ZERO,
            Err(_) => self.max,
        }
    }

    /// The wait after `failed` attempts have failed. `chance` is a random number from 0 to 1;
    /// anything else is clamped.
    pub fn delay(&self, failed: u32, chance: f64) -> Duration {
        let share = |value: f64| if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        let wait = self.plain(failed);
        // The product is at most `wait`, give or take a rounding.
        Duration::try_from_secs_f64(wait.as_secs_f64() * (1.0 - share(self.jitter) * share(chance)))
            .map_or(wait, |shorter| shorter.min(wait))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_backoff() -> impl Strategy<Value = Backoff> {
        (any::<u64>(), any::<f64>(), any::<u64>(), any::<f64>()).prop_map(
            |(first, factor, max, jitter)| Backoff {
                first: Duration::from_millis(first),
                factor,
                max: Duration::from_millis(max),
                jitter,
            },
        )
    }

    #[test]
    fn waits_grow_until_the_most() {
        let backoff = Backoff::default();
        let waits: Vec<_> = (0..9).map(|failed| backoff.plain(failed).as_secs()).collect();
        assert_eq!(waits, [5, 5, 15, 45, 135, 405, 1215, 1800, 1800]);
        assert_eq!(backoff.delay(3, 0.0), Duration::from_secs(45));
        assert_eq!(backoff.delay(3, 1.0), Duration::from_secs(36));
    }

    proptest! {
        #[test]
        fn never_longer_than_the_most(
            backoff in any_backoff(), failed: u32, chance: f64,
        ) {
            prop_assert!(backoff.plain(failed) <= backoff.max);
            prop_assert!(backoff.delay(failed, chance) <= backoff.plain(failed));
        }

        #[test]
        fn never_shorter_after_more_failures(
            backoff in any_backoff(), one: u32, more: u32,
        ) {
            let (few, many) = (one.min(more), one.max(more));
            prop_assert!(backoff.plain(few) <= backoff.plain(many));
        }

        #[test]
        fn jitter_takes_no_more_than_its_part(
            backoff in any_backoff(), failed: u32, chance in 0.0..=1.0f64,
        ) {
            let backoff = Backoff { jitter: 0.25, ..backoff };
            let (plain, delay) = (backoff.plain(failed), backoff.delay(failed, chance));
            let least = plain.as_secs_f64() * 0.75;
            prop_assert!(delay.as_secs_f64() >= least * (1.0 - 1e-9) - 1e-9);
        }
    }
}
