//! What Steward must remember: the deliveries that it answered, the work that follows from
//! them, what it did and why. One file per table.
//!
//! Two promises hold the rest together. A delivery is answered only after [`Store::accept`] has
//! returned, and that is after one committed transaction with the delivery and its work. And
//! nothing is written to a forge before [`Store::record_plan`] has returned, so that after a
//! crash at any point it is known what may have been written.
//!
//! All writing goes through one task (`writer`), which commits what has gathered in one
//! transaction. Reading has its own connections and never waits for it.
//!
//! Times are always passed in; the store has no clock.

mod audit;
mod batch;
mod commands;
mod convert;
mod dialect;
mod error;
mod idle;
mod inbox;
mod ledger;
mod ledgers;
mod lock;
mod op;
mod open;
mod plans;
mod records;
mod removals;
mod rows;
mod sweeps;
mod work;
mod writer;

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, Utc};
use sqlx::SqlitePool;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

pub use audit::{AuditRow, AuditState};
pub use commands::Asking;
pub use error::StoreError;
pub use idle::IdleRecord;
pub use inbox::{Accepted, Delivery, Disposition};
pub use ledgers::LedgerReader;
pub(crate) use lock::{FileLock, private};
pub use open::StoreOptions;
pub use plans::{ActionNote, PlanRecord, Recorded, StoredPlan};
pub use records::{Decided, Records};
pub use sweeps::{SweepClaim, SweepCounts, SweepDone, SweepNext, SweepRun, SweepState};
pub use work::{Asked, Claim, Finished, Next, Parked, Settled, Stats};

use crate::model::{ForgeKind, Ledger, RemovalRecord, Subject};
use convert::{key, millis};
use inbox::NewDelivery;
use op::{Job, Op};

/// The statements whose cost must not grow with the tables.
#[cfg(test)]
fn hot_statements() -> Vec<&'static str> {
    [
        work::HOT.as_slice(),
        audit::HOT.as_slice(),
        inbox::HOT.as_slice(),
        commands::HOT.as_slice(),
        plans::HOT.as_slice(),
        idle::HOT.as_slice(),
        sweeps::HOT.as_slice(),
        ledger::HOT.as_slice(),
    ]
    .concat()
}

/// The database. Cheap to clone; all clones are the same store.
#[derive(Debug, Clone)]
pub struct Store {
    ops: mpsc::Sender<Op>,
    readers: SqlitePool,
    /// The worker's own connection: whoever looks at the store must not be able to stop work.
    clock: SqlitePool,
    ready: watch::Receiver<u64>,
    shared: Arc<Shared>,
}

/// What is settled when a store is opened.
#[derive(Debug)]
struct Shared {
    /// Who puts subjects aside: [`StoreOptions::version`].
    version: RwLock<String>,
    interrupted: u64,
}

/// Tells when work has become available. Each has its own memory: what became ready since it
/// last returned is never missed, however many wait.
#[derive(Debug, Clone)]
pub struct WorkSignal {
    ready: watch::Receiver<u64>,
}

impl WorkSignal {
    /// Returns when work has become available since the last time. Never returns once the store
    /// is closed. Work that becomes due by time alone is not told: see [`Store::next_due`].
    pub async fn wait(&mut self) {
        if self.ready.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Store {
    /// Hands a job to the writer and waits for the commit.
    async fn ask<I, O>(&self, wrap: fn(Job<I, O>) -> Op, input: I) -> Result<O, StoreError> {
        let (job, answer) = Job::new(input);
        self.ops.send(wrap(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Keeps a delivery and puts its subject to work, unless it was here before. When this has
    /// returned, both are on disk, and the forge may be answered.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`], or [`StoreError::Invalid`] for a
    /// subject that no forge can have.
    pub async fn accept(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        self.ask(Op::Accept, NewDelivery::new(delivery)?).await
    }

    /// Puts subjects to work without a delivery: for sweeps and refreshes.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn enqueue(
        &self,
        subjects: &[Subject],
        due_at: DateTime<Utc>,
        asked: Asked,
    ) -> Result<(), StoreError> {
        let subjects = subjects.iter().map(key).collect::<Result<_, _>>()?;
        self.ask(Op::Enqueue, work::EnqueueAsk { subjects, due_at: millis(due_at), asked }).await
    }

    /// Takes up to `limit` subjects that are due, what has waited longest first. They are the
    /// caller's alone for `lease_for`; then they can be claimed again, with one more attempt
    /// counted. A caller that stops waiting leaves nothing claimed.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn claim(
        &self,
        limit: usize,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        let now = millis(now);
        let lease_for = i64::try_from(lease_for.as_millis()).unwrap_or(i64::MAX);
        let ask = work::ClaimAsk {
            limit: i64::try_from(limit).unwrap_or(i64::MAX),
            now,
            until: now.saturating_add(lease_for),
        };
        Ok(self.ask(Op::Claim, ask).await?.take())
    }

    /// Makes leases last until then. Answers for each claim whether it is still held; whoever
    /// holds one that is not must stop.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn renew(
        &self,
        claims: &[&Claim],
        until: DateTime<Utc>,
    ) -> Result<Vec<bool>, StoreError> {
        self.ask(Op::Renew, work::RenewAsk::new(claims, until)).await
    }

    /// Records a plan and the intent of each of its actions. Nothing may be written to the forge
    /// before this has returned. A plan that would close more items than its
    /// [`close_limit`](crate::model::Plan::close_limit) allows is not recorded at all: see
    /// [`Recorded`].
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: write nothing. [`StoreError::Invalid`] when the notes do not
    /// match the plan. [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn record_plan(
        &self,
        claim: &Claim,
        record: PlanRecord<'_>,
    ) -> Result<Recorded, StoreError> {
        self.ask(Op::Record, plans::NewPlan::new(claim, &record)?).await
    }

    /// Ends the work on a claim: outcomes, ledger and what comes next, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: nothing was kept, and the intents without outcome make the
    /// ledger uncertain for whoever comes next. [`StoreError::Database`],
    /// [`StoreError::Closed`].
    pub async fn finish(&self, claim: &Claim, finished: Finished) -> Result<(), StoreError> {
        self.ask(Op::Finish, work::Ending::new(claim, finished, &self.version())?).await
    }

    /// Tries a parked subject again, with a clean slate. Answers whether it was parked.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn unpark(&self, subject: &Subject, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let ask = work::UnparkAsk { subject: key(subject)?, due_at: millis(now) };
        self.ask(Op::Unpark, ask).await
    }

    /// From now on another version puts subjects aside. What the old one had put aside is tried
    /// again; answers how many subjects that are.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn new_version(&self, version: String) -> Result<usize, StoreError> {
        *self.shared.version.write().unwrap_or_else(PoisonError::into_inner) = version;
        let now = Utc::now();
        let mut revived = 0;
        for parked in self.longest_parked(usize::MAX).await? {
            if parked.at <= now && self.unpark(&parked.subject, now).await? {
                revived += 1;
            }
        }
        Ok(revived)
    }

    fn version(&self) -> String {
        self.shared.version.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Removes what is from before `older_than`: deliveries whose subject has no work left, plans
    /// with what was recorded of them and their lines of the audit log (never those of writes
    /// whose outcome nobody knows), and questions. At most `limit` of each, and answers how many
    /// in all. A limit keeps each transaction short; call again while anything was removed.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn prune(&self, older_than: DateTime<Utc>, limit: usize) -> Result<u64, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.ask(Op::Prune, inbox::PruneAsk { older_than: millis(older_than), limit }).await
    }

    /// Which of these subjects Steward has ever done something to.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn known_of(&self, subjects: &[Subject]) -> Result<HashSet<Subject>, StoreError> {
        ledger::known_of(&self.readers, subjects).await
    }

    /// Which of these deliveries of a forge have come in, by the keys of [`Delivery`].
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn delivered(
        &self,
        forge: ForgeKind,
        keys: &[&str],
    ) -> Result<HashSet<String>, StoreError> {
        inbox::delivered(&self.readers, forge, keys).await
    }

    /// A signal for when work becomes available. What is there already counts as new.
    pub fn work_available(&self) -> WorkSignal {
        let mut ready = self.ready.clone();
        ready.mark_changed();
        WorkSignal { ready }
    }

    /// When the next subject can be claimed, by its time or because its lease runs out; `None`
    /// when there is nothing to wait for but events.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        work::next_due(&self.clock).await
    }

    /// How many subjects an earlier process was working on when it died.
    pub fn interrupted(&self) -> u64 {
        self.shared.interrupted
    }

    /// Returns when nothing can be written any more: the store was closed, or its writer broke.
    pub async fn gone(&self) {
        self.ops.closed().await;
    }

    /// How the queue stands.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`], also when it can be read and the writer
    /// is gone.
    pub async fn stats(&self, now: DateTime<Utc>) -> Result<Stats, StoreError> {
        if self.ops.is_closed() {
            return Err(StoreError::Closed);
        }
        work::stats(&self.readers, now).await
    }

    /// The subjects that wait for a human, the longest waiting first.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn parked(&self) -> Result<Vec<Parked>, StoreError> {
        self.longest_parked(usize::MAX).await
    }

    /// As [`Store::parked`], but only the first so many: for those who ask often.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn longest_parked(&self, limit: usize) -> Result<Vec<Parked>, StoreError> {
        work::parked(&self.readers, limit).await
    }

    /// All that was done to a subject and all that was left alone, the oldest first.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn audit(&self, subject: &Subject) -> Result<Vec<AuditRow>, StoreError> {
        audit::of(&self.readers, subject).await
    }

    /// A plan by its id.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn plan(&self, id: Uuid) -> Result<Option<StoredPlan>, StoreError> {
        plans::by_id(&self.readers, id).await
    }

    /// What Steward applied to a subject, as last recorded; empty if nothing was.
    ///
    /// # Errors
    /// As [`Store::accept`].
    pub async fn ledger(&self, subject: &Subject) -> Result<Ledger, StoreError> {
        ledger::of(&self.readers, subject).await
    }

    /// What people recorded on tracking issues about integrations that leave, with the issues.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn removals(&self) -> Result<Vec<(Subject, RemovalRecord)>, StoreError> {
        removals::all(&self.readers).await
    }

    /// As [`Store::removals`], without the issues.
    ///
    /// # Errors
    /// As [`Store::removals`].
    pub async fn removal_records(&self) -> Result<Vec<RemovalRecord>, StoreError> {
        Ok(self.removals().await?.into_iter().map(|(_, record)| record).collect())
    }

    /// How many deliveries are kept, by what became of them.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn inbox_counts(&self) -> Result<Vec<(Disposition, u64)>, StoreError> {
        inbox::counts(&self.readers).await
    }

    /// Carries out what was asked before, closes the file and lets go of it. Later calls, on any
    /// clone, answer [`StoreError::Closed`].
    pub async fn close(&self) {
        self.readers.close().await;
        self.clock.close().await;
        let (done, closed) = oneshot::channel();
        if self.ops.send(Op::Close(done)).await.is_ok() {
            // An error means that the writer has ended otherwise: closed as well.
            let _ = closed.await;
        }
    }
}
