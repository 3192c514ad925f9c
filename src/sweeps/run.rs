//! One run of a job: it keeps its lease, its budget, and behind the webhooks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use super::Sweeper;
use crate::{
    forge::{DeliveryLog, ForgeError, ListAsk, ListPage},
    mirror::Pace,
    model::Subject,
    pack::Limits,
    store::{Asked, StoreError, SweepClaim, SweepCounts, SweepNext},
};

/// So often the forge may ask to wait before a run is given up for now.
const MOST_WAITS: u32 = 20;
/// The part of a minute's items that is put to work at once.
const PARTS_OF_A_MINUTE: u32 = 30;

/// Why a run ends before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// Steward ends.
    Told,
    /// Somebody else has taken it for dead.
    Lost,
    /// It may fare better later.
    Broken(String),
    /// Trying again would not help.
    Failed(String),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Broken(format!("the database: {error}"))
    }
}

/// A run under way.
pub(super) struct Run<'a> {
    pub(super) sweeper: &'a Sweeper,
    claim: &'a SweepClaim,
    limits: Limits,
    stop: watch::Receiver<bool>,
    counts: SweepCounts,
    pace: Pace,
    calls: u64,
    /// How long to wait before more is put to work.
    owed: Duration,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        sweeper: &'a Sweeper,
        claim: &'a SweepClaim,
        limits: Limits,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            sweeper,
            claim,
            limits,
            stop,
            counts: SweepCounts::default(),
            pace: Pace::new(sweeper.settings.calls_per_minute),
            calls: 0,
            owed: Duration::ZERO,
        }
    }

    /// How far it is.
    pub(super) fn counts(&self) -> SweepCounts {
        self.counts
    }

    /// What time it is for schedules.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.sweeper.clock)()
    }

    /// The schedule's name.
    pub(super) fn schedule(&self) -> &str {
        &self.claim.schedule
    }

    /// Items were seen.
    pub(super) fn found(&mut self, items: usize) {
        self.counts.found = self.counts.found.saturating_add(items as u64);
    }

    /// The projects that a job names, or else those of the settings.
    pub(super) fn projects(&self, named: &[String]) -> Result<Vec<String>, Stop> {
        let projects = match named.is_empty() {
            true => &self.sweeper.settings.projects,
            false => named,
        };
        match projects.is_empty() {
            true => Err(Stop::Failed(
                "no project is named: set `projects` of the forge in steward.toml, or `projects` of \
                 the schedule"
                    .to_owned(),
            )),
            false => Ok(projects.to_vec()),
        }
    }

    /// One page of a list.
    pub(super) async fn page(&mut self, ask: &ListAsk) -> Result<ListPage, PageError> {
        let sweeper = self.sweeper;
        self.ask(|| sweeper.forge.page(ask)).await
    }

    /// Has a webhook sent again, and no faster than items are put to work.
    pub(super) async fn send_again(
        &mut self,
        log: &DeliveryLog,
        attempt: u64,
    ) -> Result<(), PageError> {
        if self.counts.queued >= self.limits.most {
            return Err(Stop::Failed(format!(
                "more than {} webhooks; the rest is left to the next run: raise `most` under `limits` \
                 if that is too late",
                self.limits.most
            ))
            .into());
        }
        let (sweeper, owed) = (self.sweeper, std::mem::take(&mut self.owed));
        self.pause(owed).await?;
        self.ask(|| sweeper.forge.send_again(log, attempt)).await?;
        self.counts.queued += 1;
        self.owed = Duration::from_secs_f64(60.0 / f64::from(self.limits.per_minute.max(1)));
        Ok(())
    }

    /// One call to the forge, within the budget. When the forge asks to wait, that is done.
    pub(super) async fn ask<T, F>(&mut self, call: impl Fn() -> F) -> Result<T, PageError>
    where
        F: Future<Output = Result<T, ForgeError>>,
    {
        let mut waits = 0;
        loop {
            self.pace.keep(self.calls).await;
            self.keep().await?;
            self.calls += 1;
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(ForgeError::RateLimited { retry_after, .. }) if waits < MOST_WAITS => {
                    waits += 1;
                    self.pause(retry_after.max(Duration::from_secs(1))).await?;
                }
                // A token can be set anew: the same run may go on then.
                Err(error @ ForgeError::Unauthorized { .. }) => {
                    return Err(Stop::Broken(error.to_string()).into());
                }
                Err(error) if error.is_transient() => {
                    return Err(Stop::Broken(error.to_string()).into());
                }
                Err(error) => return Err(PageError::Refused(error)),
            }
        }
    }

    /// Puts items to work, in parts, so that what a webhook brings waits for one part at the most.
    pub(super) async fn put(&mut self, subjects: &[Subject]) -> Result<(), Stop> {
        let left = self.limits.most.saturating_sub(self.counts.queued);
        let within = usize::try_from(left).unwrap_or(usize::MAX).min(subjects.len());
        let part = (self.limits.per_minute / PARTS_OF_A_MINUTE).max(1);
        for subjects in subjects[..within].chunks(usize::try_from(part).unwrap_or(usize::MAX)) {
            self.take_turn(part).await?;
            // The worker goes by the machine's clock.
            self.sweeper.store.enqueue(subjects, Utc::now(), Asked::BySweep).await?;
            self.counts.queued += subjects.len() as u64;
            let seconds = 60.0 * subjects.len() as f64 / f64::from(self.limits.per_minute.max(1));
            self.owed = Duration::from_secs_f64(seconds);
        }
        match within < subjects.len() {
            true => Err(Stop::Failed(format!(
                "more than {} items; the rest was left alone: raise `most` under `limits`, or name \
                 fewer items",
                self.limits.most
            ))),
            false => Ok(()),
        }
    }

    /// Waits until the last part is over and less than a part is waiting.
    async fn take_turn(&mut self, part: u32) -> Result<(), Stop> {
        let owed = std::mem::take(&mut self.owed);
        self.pause(owed).await?;
        while self.sweeper.store.stats(Utc::now()).await?.ready >= u64::from(part) {
            self.pause(owed.max(Duration::from_secs(1))).await?;
        }
        Ok(())
    }

    /// Waits, and keeps the lease.
    async fn pause(&mut self, long: Duration) -> Result<(), Stop> {
        let until = Instant::now() + long;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            self.keep().await?;
            tokio::select! {
                () = sleep(left.min(self.sweeper.settings.lease / 3)) => {}
                _ = self.stop.changed() => return Err(Stop::Told),
            }
        }
    }

    /// Prolongs the lease, and notes how far it is.
    async fn keep(&self) -> Result<(), Stop> {
        if *self.stop.borrow() {
            return Err(Stop::Told);
        }
        let now = self.now();
        let lease =
            TimeDelta::from_std(self.sweeper.settings.lease).unwrap_or(TimeDelta::minutes(2));
        let next = SweepNext::GoesOn(now + lease);
        match self.sweeper.store.settle_sweep(self.claim, self.counts, next, now).await? {
            true => Ok(()),
            false => Err(Stop::Lost),
        }
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum PageError {
    /// The run ends.
    Stop(Stop),
    /// This is not to be had; other lists may.
    Refused(ForgeError),
}

impl From<Stop> for PageError {
    fn from(stop: Stop) -> Self {
        PageError::Stop(stop)
    }
}
