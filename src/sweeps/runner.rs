//! Wakes up when a schedule's moment has come, and runs its job: once, also after a crash.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{
    sync::{Notify, watch},
    task::{Id, JoinSet},
    time::sleep,
};
use tracing::{error, info, warn};

use super::{
    Due, Last, deliveries, due, reconcile, removals,
    run::{Run, Stop},
};
use crate::{
    forge::Swept,
    model::ForgeKind,
    pack::{Current, Job, Pack, ScheduleMode, Scheduled},
    queue::Backoff,
    store::{Store, StoreError, SweepClaim, SweepNext, SweepRun, SweepState},
};

/// What time it is. Stories move it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// How sweeps behave.
#[derive(Debug, Clone)]
pub struct SweeperSettings {
    /// Which forge it is: whose deliveries the inbox is asked for.
    pub forge: ForgeKind,
    /// Nothing is asked of the forge that changes anything there or sends something.
    pub dry_run: bool,
    /// Full paths of the projects that are looked at where a schedule names none.
    pub projects: Vec<String>,
    /// How many lists are asked for in a minute at the most.
    pub calls_per_minute: u32,
    /// How long a run may be silent before it counts as dead.
    pub lease: Duration,
    /// How long the clock is not looked at, at the most: it may be put forward, and schedules may
    /// change.
    pub look_every: Duration,
    /// How long until a run that failed is tried again.
    pub backoff: Backoff,
    /// How often a run is tried.
    pub max_attempts: u32,
}

/// Keeps to the schedules.
pub struct Sweeper {
    pub(super) store: Store,
    pub(super) forge: Arc<dyn Swept>,
    pub(super) packs: Current,
    pub(super) settings: SweeperSettings,
    pub(super) clock: Clock,
    /// The owners whose projects are to be looked through out of turn.
    asked: Mutex<BTreeSet<String>>,
    wake: Notify,
}

impl std::fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sweeper").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The runs under way, by their tasks.
#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    names: HashMap<Id, String>,
}

impl Sweeper {
    /// Does nothing until it is run.
    pub fn new(
        store: Store,
        forge: Arc<dyn Swept>,
        packs: Current,
        settings: SweeperSettings,
        clock: Clock,
    ) -> Self {
        Self { store, forge, packs, settings, clock, asked: Mutex::default(), wake: Notify::new() }
    }

    /// Soon runs the schedules that look at all items, whenever changed, of projects of this owner: it
    /// has let Steward in, and nothing tells of what happened before.
    pub fn look_again(&self, owner: &str) {
        self.asked().insert(owner.to_lowercase());
        self.wake.notify_one();
    }

    fn asked(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps to the schedules until `stop` becomes true. A run that is under way then is left where
    /// it is, and the next start takes it up.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running = Running::default();
        while !*stop.borrow() {
            let wait = match self.look(&mut running, &stop).await {
                Ok(wait) => wait,
                Err(error) => {
                    error!(%error, "schedules cannot be kept to");
                    self.settings.look_every
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                () = sleep(wait) => {}
                () = self.wake.notified() => {}
                Some(ended) = running.tasks.join_next_with_id(), if !running.tasks.is_empty() => {
                    running.ended(ended);
                }
            }
        }
        while let Some(ended) = running.tasks.join_next_with_id().await {
            running.ended(ended);
        }
    }

    /// Begins what is due, and answers when to look again.
    async fn look(
        self: &Arc<Self>,
        running: &mut Running,
        stop: &watch::Receiver<bool>,
    ) -> Result<Duration, StoreError> {
        let (pack, now) = (self.packs.get(), (self.clock)());
        self.begin_asked(&pack, now, running, stop).await?;
        let last: HashMap<String, Last> =
            self.store.last_sweeps().await?.into_iter().map(told).collect();
        let busy: HashSet<String> = running.names.values().cloned().collect();
        let mut soonest: Option<DateTime<Utc>> = None;
        for one in pack.schedules.iter().filter(|one| one.mode == ScheduleMode::On) {
            if busy.contains(&one.name) {
                continue;
            }
            let next = match due(&one.schedule, last.get(&one.name), now) {
                Due::Note => {
                    let timetable = one.schedule.to_string();
                    self.store.note_schedule(&one.name, &timetable, now).await?;
                    one.schedule.next_after(now)
                }
                Due::Run(moment) => {
                    self.begin(one, moment, &pack, running, stop).await?;
                    None
                }
                Due::Wait(next) => next,
            };
            soonest = [soonest, next].into_iter().flatten().min();
        }
        let wait = soonest.map(|at| (at - now).to_std().unwrap_or_default());
        // Not at once again, should the clock stand a little before the moment.
        let least = Duration::from_millis(10);
        Ok(wait
            .unwrap_or(self.settings.look_every)
            .clamp(least, self.settings.look_every.max(least)))
    }

    /// Begins what somebody asked for out of turn; what cannot begin yet waits for the next look.
    async fn begin_asked(
        self: &Arc<Self>,
        pack: &Arc<Pack>,
        now: DateTime<Utc>,
        running: &mut Running,
        stop: &watch::Receiver<bool>,
    ) -> Result<(), StoreError> {
        let asked = self.asked().clone();
        let theirs = |project: &String| {
            let owner = project.split('/').next().unwrap_or_default();
            asked.contains(&owner.to_lowercase())
        };
        let mut waits = false;
        for one in pack.schedules.iter().filter(|one| one.mode == ScheduleMode::On) {
            let Job::Reconcile(job) = &one.job else { continue };
            let projects = match job.projects.is_empty() {
                true => &self.settings.projects,
                false => &job.projects,
            };
            if job.changed_since_last_run || !projects.iter().any(theirs) {
                continue;
            }
            let busy = running.names.values().any(|name| *name == one.name);
            waits |= busy || !self.begin(one, now, pack, running, stop).await?;
        }
        if !waits {
            self.asked().retain(|owner| !asked.contains(owner));
        }
        Ok(())
    }

    /// Answers whether it began.
    async fn begin(
        self: &Arc<Self>,
        one: &Scheduled,
        moment: DateTime<Utc>,
        pack: &Arc<Pack>,
        running: &mut Running,
        stop: &watch::Receiver<bool>,
    ) -> Result<bool, StoreError> {
        let (timetable, lease) = (one.schedule.to_string(), self.settings.lease);
        let now = (self.clock)();
        let claim = self.store.begin_sweep(&one.name, &timetable, moment, lease, now).await?;
        // Somebody else was faster.
        let Some(claim) = claim else { return Ok(false) };
        info!(schedule = one.name, job = one.job.name(), %moment, attempt = claim.attempts,
            "a sweep begins");
        let (sweeper, pack, one, stop) =
            (Arc::clone(self), Arc::clone(pack), one.clone(), stop.clone());
        let name = one.name.clone();
        let task =
            running.tasks.spawn(async move { sweeper.carry_out(&one, claim, &pack, stop).await });
        running.names.insert(task.id(), name);
        Ok(true)
    }

    async fn carry_out(
        &self,
        one: &Scheduled,
        claim: SweepClaim,
        pack: &Pack,
        stop: watch::Receiver<bool>,
    ) {
        let mut run = Run::new(self, &claim, one.limits, stop);
        let result = match &one.job {
            Job::Reconcile(job) => reconcile::run(&mut run, job, pack).await.map(|()| None),
            Job::Removals(_) => removals::run(&mut run, pack).await.map(|()| None),
            Job::Deliveries(job) => deliveries::run(&mut run, job).await,
        };
        let (schedule, counts, now) = (&one.name, run.counts(), (self.clock)());
        let next = match result {
            Ok(note) => SweepNext::Done(note),
            Err(Stop::Lost) => {
                warn!(schedule, "the sweep is somebody else's now; leaving it alone");
                return;
            }
            Err(Stop::Told) => SweepNext::Again(now, "Steward was stopped".to_owned()),
            Err(Stop::Failed(why)) => SweepNext::Failed(why),
            Err(Stop::Broken(why)) if claim.attempts >= self.settings.max_attempts => {
                SweepNext::Failed(why)
            }
            Err(Stop::Broken(why)) => {
                let wait = self.settings.backoff.delay(claim.attempts, rand::random());
                let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(30));
                SweepNext::Again(now + wait, why)
            }
        };
        let (found, queued) = (counts.found, counts.queued);
        match &next {
            SweepNext::Failed(why) => error!(schedule, found, queued, why, "a sweep has failed"),
            SweepNext::Again(at, why) => {
                warn!(schedule, found, queued, why, again_at = %at, "a sweep broke off");
            }
            SweepNext::Done(Some(note)) => info!(schedule, found, queued, note, "a sweep is done"),
            _ => info!(schedule, found, queued, "a sweep is done"),
        }
        match self.store.settle_sweep(&claim, counts, next, now).await {
            Ok(true) => {}
            Ok(false) => warn!(schedule, "the sweep was somebody else's already"),
            // It stays as running, and is taken up when its lease has run out.
            Err(error) => error!(schedule, %error, "the end of a sweep could not be kept"),
        }
    }
}

impl Running {
    fn ended(&mut self, ended: Result<(Id, ()), tokio::task::JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        let name = self.names.remove(&id);
        if let Err(error) = ended {
            error!(schedule = name, %error, "a sweep broke off; its lease will run out");
        }
    }
}

fn told(run: SweepRun) -> (String, Last) {
    let unfinished = matches!(run.state, SweepState::Running | SweepState::Waiting);
    let last = Last {
        timetable: run.timetable,
        moment: run.moment,
        unfinished: unfinished.then_some(run.until),
    };
    (run.schedule, last)
}
