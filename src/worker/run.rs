//! The loop: claims as much as there is room for, keeps the leases, ends in order.

use std::{collections::HashMap, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use tokio::{
    sync::watch,
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Instant, sleep_until},
};
use tracing::{error, info, warn};

use super::{
    beside::{Beside, Kept},
    gate::{Came, Gate},
    identity::Identity,
};
use crate::{
    forge::Forge,
    pack::Current,
    queue::{Backoff, POLL_EVERY, RetryPolicy},
    removals::{Asker, Code},
    store::{Claim, Store},
};

/// A store in trouble is asked again after this long.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// A forge that is down is asked at least this often whether it is back.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How the worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Decide and record, write nothing.
    pub dry_run: bool,
    /// Subjects at the same time.
    pub concurrency: usize,
    /// How long a silent worker keeps a subject.
    pub lease: Duration,
    /// How long a comment that was posted without an answer may still appear.
    pub settle: Duration,
    /// When a subject is tried again and when it is put aside.
    pub retry: RetryPolicy,
}

/// The worker of one forge.
pub struct Worker {
    pub(super) store: Store,
    pub(super) forge: Arc<dyn Forge>,
    pub(super) beside: Beside,
    pub(super) packs: Current,
    pub(super) identity: Arc<Identity>,
    pub(super) settings: WorkerSettings,
    pub(super) gate: Gate,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Worker {
    /// A worker that does nothing until it is run.
    pub fn new(
        store: Store,
        forge: Arc<dyn Forge>,
        packs: Current,
        identity: Arc<Identity>,
        code: Code,
        settings: WorkerSettings,
    ) -> Self {
        let gate = Gate::new(Backoff { max: LONGEST_PAUSE, ..settings.retry.backoff });
        let beside = Beside { kept: Kept::In(store.clone()), code, asker: None };
        Self { store, forge, beside, packs, identity, settings, gate }
    }

    /// The same, which also asks the forge about the labels of integrations that leave.
    pub fn asking(mut self, asker: Asker) -> Self {
        self.beside.asker = Some(asker);
        self
    }

    /// Works until `stop` becomes true, then ends what was begun.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running = Running::default();
        let mut signal = self.store.work_available();
        let mut beat_at = Instant::now() + self.settings.lease / 3;
        let mut look_at = Instant::now();
        while !*stop.borrow() {
            // Before anything is claimed: with a slow database that may take its time.
            if beat_at <= Instant::now() {
                self.renew(&running).await;
                beat_at = Instant::now() + self.settings.lease / 3;
            }
            if look_at <= Instant::now() {
                look_at = self.claim(&mut running).await;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = sleep_until(beat_at) => {}
                // With no room there is no use in looking; a task that ends makes room.
                () = signal.wait(), if running.len() < self.settings.concurrency => {
                    look_at = Instant::now();
                }
                () = sleep_until(look_at), if running.len() < self.settings.concurrency => {}
                Some(ended) = running.tasks.join_next_with_id(), if running.len() > 0 => {
                    running.ended(ended);
                    while let Some(ended) = running.tasks.try_join_next_with_id() {
                        running.ended(ended);
                    }
                    look_at = Instant::now();
                }
            }
        }
        if running.len() > 0 {
            info!(subjects = running.len(), "ending what was begun");
        }
        // The leases are kept until the last has ended.
        while running.len() > 0 {
            tokio::select! {
                () = sleep_until(beat_at) => {
                    self.renew(&running).await;
                    beat_at = Instant::now() + self.settings.lease / 3;
                }
                Some(ended) = running.tasks.join_next_with_id() => running.ended(ended),
            }
        }
    }

    /// How many subjects at the same time. After a process that died, half as many as it had
    /// until these are through: should one of them bring this one down as well, fewer come under
    /// suspicion each time.
    fn most(&self, ended: u64) -> usize {
        let interrupted = self.store.interrupted();
        if ended >= interrupted {
            return self.settings.concurrency;
        }
        let half = usize::try_from(interrupted / 2).unwrap_or(usize::MAX);
        half.clamp(1, self.settings.concurrency)
    }

    /// Takes what there is room for, and answers when to look again.
    async fn claim(self: &Arc<Self>, running: &mut Running) -> Instant {
        if let Err(wait) = self.meet_the_forge().await {
            return Instant::now() + wait;
        }
        let room = match self.gate.room(running.len(), self.most(running.ended)) {
            Ok(0) => return Instant::now() + POLL_EVERY,
            Ok(room) => room,
            Err(wait) => return Instant::now() + wait,
        };
        let claims = match self.store.claim(room, self.settings.lease, Utc::now()).await {
            Ok(claims) => claims,
            Err(error) => {
                error!(%error, "the queue cannot be read");
                return Instant::now() + STORE_PAUSE;
            }
        };
        let full = claims.len() == room;
        for claim in claims {
            running.start(self, claim);
        }
        if full {
            return Instant::now() + POLL_EVERY;
        }
        let due = match self.store.next_due().await {
            Ok(due) => due,
            Err(error) => {
                error!(%error, "the queue cannot be read");
                return Instant::now() + STORE_PAUSE;
            }
        };
        let wait = due
            .map(|due| (due - Utc::now()).to_std().unwrap_or(Duration::from_millis(1)))
            .unwrap_or(POLL_EVERY);
        Instant::now() + wait.min(POLL_EVERY)
    }

    /// Asks once who Steward is; until that is answered nothing is claimed, so that a forge that
    /// is down costs one call now and then, and no subject an attempt.
    async fn meet_the_forge(&self) -> Result<(), Duration> {
        if self.identity.is_known() {
            return Ok(());
        }
        if let Some(wait) = self.gate.closed_for() {
            return Err(wait);
        }
        match self.forge.me().await {
            Ok(me) => {
                info!(account = me.username, "the forge knows Steward");
                self.gate.reachable(Came::Through);
                self.identity.learn(me);
                Ok(())
            }
            Err(error) => {
                let (wait, _) = self.gate.unreachable(false, rand::random());
                error!(%error, seconds = wait.as_secs(),
                    "the forge cannot be reached; deliveries are kept and worked off later");
                Err(wait)
            }
        }
    }

    async fn renew(&self, running: &Running) {
        // One that has ended needs no lease any more, and has given its own back.
        let (held, tasks): (Vec<&Claim>, Vec<&AbortHandle>) = running
            .claims
            .values()
            .filter(|(_, task)| !task.is_finished())
            .map(|(claim, task)| (&**claim, task))
            .unzip();
        if held.is_empty() {
            return;
        }
        let lease = TimeDelta::from_std(self.settings.lease).unwrap_or(TimeDelta::minutes(2));
        match self.store.renew(&held, Utc::now() + lease).await {
            Ok(kept) => {
                for ((claim, task), kept) in held.iter().zip(tasks).zip(kept) {
                    if !kept {
                        // Somebody else may be at work on it already.
                        task.abort();
                        warn!(subject = %claim.subject, "the lease is gone; leaving it alone");
                    }
                }
            }
            Err(error) => error!(%error, "leases could not be renewed"),
        }
    }
}

#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    claims: HashMap<Id, (Arc<Claim>, AbortHandle)>,
    /// How many have ended.
    ended: u64,
}

impl Running {
    fn len(&self) -> usize {
        self.claims.len()
    }

    fn start(&mut self, worker: &Arc<Worker>, claim: Claim) {
        let claim = Arc::new(claim);
        let (worker, work) = (Arc::clone(worker), Arc::clone(&claim));
        let task = self.tasks.spawn(async move { worker.process(&work).await });
        self.claims.insert(task.id(), (claim, task));
    }

    fn ended(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = match &ended {
            Ok((id, ())) => *id,
            Err(error) => error.id(),
        };
        self.ended = self.ended.saturating_add(1);
        let claim = self.claims.remove(&id);
        if let Err(error) = ended
            && !error.is_cancelled()
        {
            let subject = claim.map(|(claim, _)| claim.subject.to_string());
            error!(?subject, %error, "a worker broke off; its lease will run out");
        }
    }
}
