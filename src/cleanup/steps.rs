//! Calls to the forge within a budget: what passes is tried again, what it asks to wait is waited.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep, sleep_until};

use super::CleanupError;
use crate::forge::{ForgeError, Housekeeping};

/// How often a call is tried that fails in a way that may pass.
const TRIES: u32 = 6;
/// Until the second try; each further wait is twice the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How often the forge may ask to wait for one and the same call.
const MOST_WAITS: u32 = 100;

/// The forge, the budget, and who is told how far it is.
pub struct Steps<'a> {
    /// The forge.
    pub forge: &'a dyn Housekeeping,
    /// Writes in a minute at the most, from 1.
    pub per_minute: u32,
    /// How long the forge may still be at work on a write that it has not answered.
    pub settle: Duration,
    /// What time it is.
    pub now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    /// Is told what happens, a line at a time.
    pub told: &'a (dyn Fn(String) + Sync),
    next_write: Instant,
}

impl std::fmt::Debug for Steps<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steps").field("per_minute", &self.per_minute).finish_non_exhaustive()
    }
}

impl<'a> Steps<'a> {
    /// Nothing is called yet.
    pub fn new(
        forge: &'a dyn Housekeeping,
        per_minute: u32,
        settle: Duration,
        now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
        told: &'a (dyn Fn(String) + Sync),
    ) -> Self {
        Self { forge, per_minute, settle, now, told, next_write: Instant::now() }
    }

    /// A call that may be repeated: reading, or a write that is the same twice.
    pub(super) async fn ask<T, R>(&self, call: impl Fn() -> R) -> Result<T, ForgeError>
    where
        R: Future<Output = Result<T, ForgeError>>,
    {
        let mut trouble = Trouble::default();
        loop {
            match call().await {
                Ok(found) => return Ok(found),
                Err(error) => self.wait_out(error, &mut trouble).await?,
            }
        }
    }

    /// Waits as long as an error asks for; gives it back when waiting does not help.
    pub(super) async fn wait_out(
        &self,
        error: ForgeError,
        trouble: &mut Trouble,
    ) -> Result<(), ForgeError> {
        let wait = match &error {
            ForgeError::RateLimited { retry_after, .. } if trouble.waits < MOST_WAITS => {
                trouble.waits += 1;
                (*retry_after).max(Duration::from_millis(100))
            }
            error if error.is_transient() && trouble.tries + 1 < TRIES => {
                trouble.tries += 1;
                let wait = FIRST_WAIT * 2_u32.saturating_pow(trouble.tries - 1);
                if error.may_still_land() { wait.max(self.settle) } else { wait }
            }
            _ => return Err(error),
        };
        (self.told)(format!("{error}; waiting {:.0} s", wait.as_secs_f64()));
        sleep(wait).await;
        Ok(())
    }

    /// Waits until one write more is within the budget.
    pub(super) async fn turn(&mut self) {
        sleep_until(self.next_write).await;
        self.next_write = Instant::now() + Duration::from_secs(60) / self.per_minute.max(1);
    }

    /// Waits until a time by the clock.
    pub(super) async fn until(&self, at: DateTime<Utc>) {
        while let Ok(left) = (at - (self.now)()).to_std()
            && !left.is_zero()
        {
            sleep(left.min(Duration::from_secs(1))).await;
        }
    }
}

/// What a call has met so far.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    tries: u32,
    waits: u32,
}

/// What of the forge's errors is about this one item, and keeps no other from its turn.
pub(super) fn of_the_item(error: ForgeError) -> Result<String, CleanupError> {
    match error {
        ForgeError::NotFound { .. } => Ok("gone, or hidden from Steward".to_owned()),
        ForgeError::Refused { message, .. } => Ok(format!("the forge refuses: {message}")),
        error => Err(error.into()),
    }
}
