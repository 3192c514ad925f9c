//! Which operations share statements: a batch is cut into segments, and within a segment all
//! operations of one kind become one statement, or few.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{
    Accepted, StoreError,
    dialect::Flush,
    inbox::{self, NewDelivery, PruneAsk},
    op::{Handover, Job, Op},
    plans::{self, NewPlan, Recorded},
    sweeps::{self, SweepJob},
    work::{self, ClaimAsk, Ending, EnqueueAsk, LeaseKey, RenewAsk, UnparkAsk},
};

/// Operations that can be carried out kind by kind, in the order of the fields, without any
/// subject noticing that they came in another order.
#[derive(Debug, Default)]
pub(super) struct Segment {
    accepts: Vec<Job<NewDelivery, Accepted>>,
    enqueues: Vec<Job<EnqueueAsk, ()>>,
    records: Vec<Job<NewPlan, Recorded>>,
    finishes: Vec<Job<Ending, ()>>,
    renews: Vec<Job<RenewAsk, Vec<bool>>>,
    unparks: Vec<Job<UnparkAsk, bool>>,
    releases: Vec<Vec<LeaseKey>>,
    /// The last kind that touched each subject.
    touched: HashMap<String, u8>,
}

impl Segment {
    /// Takes the operation in, or gives it back if it would then be carried out before one on
    /// the same subject that came earlier.
    fn take(&mut self, op: Op) -> Option<Op> {
        let (rank, subjects): (u8, Vec<&str>) = match &op {
            Op::Accept(job) => (0, job.input.queued().into_iter().collect()),
            Op::Enqueue(job) => (1, job.input.subjects.iter().map(String::as_str).collect()),
            Op::Record(job) => (2, vec![&job.input.key.subject]),
            Op::Finish(job) => (3, vec![&job.input.key.subject]),
            Op::Renew(job) => (4, job.input.keys.iter().map(|key| &*key.subject).collect()),
            Op::Unpark(job) => (5, vec![&job.input.subject]),
            Op::Release(keys) => (6, keys.iter().map(|key| &*key.subject).collect()),
            Op::Claim(_) | Op::Prune(_) | Op::Sweep(_) | Op::Close(_) => return Some(op),
        };
        if subjects.iter().any(|subject| self.touched.get(*subject) > Some(&rank)) {
            return Some(op);
        }
        for subject in subjects {
            match self.touched.get_mut(subject) {
                Some(last) => *last = rank,
                None => {
                    self.touched.insert(subject.to_owned(), rank);
                }
            }
        }
        match op {
            Op::Accept(job) => self.accepts.push(job),
            Op::Enqueue(job) => self.enqueues.push(job),
            Op::Record(job) => self.records.push(job),
            Op::Finish(job) => self.finishes.push(job),
            Op::Renew(job) => self.renews.push(job),
            Op::Unpark(job) => self.unparks.push(job),
            Op::Release(keys) => self.releases.push(keys),
            Op::Claim(_) | Op::Prune(_) | Op::Sweep(_) | Op::Close(_) => {}
        }
        None
    }

    async fn run(&mut self, db: &mut SqliteConnection) -> Result<bool, StoreError> {
        let mut ready = false;
        if !self.accepts.is_empty() {
            ready |= inbox::accept(db, &mut self.accepts).await?;
        }
        for job in &mut self.enqueues {
            ready |= work::enqueue(db, job).await?;
        }
        plans::record(db, &mut self.records).await?;
        ready |= work::finish(db, &mut self.finishes).await?;
        for job in &mut self.renews {
            work::renew(db, job).await?;
        }
        for job in &mut self.unparks {
            ready |= work::unpark(db, job).await?;
        }
        for keys in &self.releases {
            ready |= work::release(db, keys).await?;
        }
        Ok(ready)
    }

    fn answer(self) {
        self.accepts.into_iter().for_each(Job::answer);
        self.enqueues.into_iter().for_each(Job::answer);
        self.records.into_iter().for_each(Job::answer);
        self.finishes.into_iter().for_each(Job::answer);
        self.renews.into_iter().for_each(Job::answer);
        self.unparks.into_iter().for_each(Job::answer);
    }

    fn fail(self, error: &StoreError) {
        self.accepts.into_iter().for_each(|job| job.fail(error.clone()));
        self.enqueues.into_iter().for_each(|job| job.fail(error.clone()));
        self.records.into_iter().for_each(|job| job.fail(error.clone()));
        self.finishes.into_iter().for_each(|job| job.fail(error.clone()));
        self.renews.into_iter().for_each(|job| job.fail(error.clone()));
        self.unparks.into_iter().for_each(|job| job.fail(error.clone()));
    }

    /// One operation a segment, in the order in which [`Segment::run`] has them.
    fn split(self) -> impl Iterator<Item = Op> {
        let accepts = self.accepts.into_iter().map(Op::Accept);
        let enqueues = self.enqueues.into_iter().map(Op::Enqueue);
        let records = self.records.into_iter().map(Op::Record);
        let finishes = self.finishes.into_iter().map(Op::Finish);
        let renews = self.renews.into_iter().map(Op::Renew);
        let unparks = self.unparks.into_iter().map(Op::Unpark);
        let releases = self.releases.into_iter().map(Op::Release);
        accepts
            .chain(enqueues)
            .chain(records)
            .chain(finishes)
            .chain(renews)
            .chain(unparks)
            .chain(releases)
    }
}

/// Operations that are committed together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    segments: Vec<Segment>,
    /// Carried out last. Whoever asks for work waits for the commit anyway, and so gets what
    /// this very batch has made ready.
    claims: Vec<Job<ClaimAsk, Handover>>,
    prunes: Vec<Job<PruneAsk, u64>>,
    sweeps: Vec<SweepJob>,
}

impl Batch {
    /// A batch of these operations. [`Op::Close`] is none, and is ignored.
    pub(super) fn new(ops: impl IntoIterator<Item = Op>) -> Self {
        let mut batch = Self::default();
        for op in ops {
            batch.push(op);
        }
        batch
    }

    fn push(&mut self, op: Op) {
        match op {
            Op::Claim(job) => self.claims.push(job),
            Op::Prune(job) => self.prunes.push(job),
            Op::Sweep(job) => self.sweeps.push(job),
            Op::Close(_) => {}
            op => {
                let refused = match self.segments.last_mut() {
                    Some(last) => last.take(op),
                    None => Some(op),
                };
                if let Some(op) = refused {
                    let mut segment = Segment::default();
                    // An empty segment takes every operation that comes here.
                    segment.take(op);
                    self.segments.push(segment);
                }
            }
        }
    }

    /// Carries everything out on an open transaction. Answers whether a subject has become
    /// ready. On an error the transaction must be rolled back; the answers are not sent yet.
    pub(super) async fn run(
        &mut self,
        db: &mut SqliteConnection,
        back: &tokio::sync::mpsc::WeakSender<Op>,
    ) -> Result<bool, StoreError> {
        let mut ready = false;
        for segment in &mut self.segments {
            ready |= segment.run(db).await?;
        }
        let mut exhausted = i64::MIN;
        for job in &mut self.claims {
            let ask = job.input;
            // When a claim got less than it asked for, one for no later time gets nothing.
            let claims =
                if ask.now <= exhausted { Vec::new() } else { work::claim(db, ask).await? };
            if i64::try_from(claims.len()).is_ok_and(|got| got < ask.limit) {
                exhausted = exhausted.max(ask.now);
            }
            job.done(Handover::new(claims, back.clone()));
        }
        for job in &mut self.prunes {
            inbox::prune(db, job).await?;
        }
        for job in &mut self.sweeps {
            sweeps::run(db, job).await?;
        }
        Ok(ready)
    }

    /// How the commit waits for the disk. Claims promise nothing to anybody: after a power
    /// failure the work is there unclaimed, which is what a dead worker leaves anyway.
    pub(super) fn flush(&self) -> Flush {
        match self.segments.is_empty() && self.prunes.is_empty() && self.sweeps.is_empty() {
            true => Flush::Later,
            false => Flush::Always,
        }
    }

    /// Whether there is but one operation, so that an error is its own.
    pub(super) fn is_single(&self) -> bool {
        let ops: usize = self
            .segments
            .iter()
            .map(|segment| {
                segment.accepts.len()
                    + segment.enqueues.len()
                    + segment.records.len()
                    + segment.finishes.len()
                    + segment.renews.len()
                    + segment.unparks.len()
                    + segment.releases.len()
            })
            .sum();
        ops + self.claims.len() + self.prunes.len() + self.sweeps.len() <= 1
    }

    /// Sends all answers: after the commit only.
    pub(super) fn answer(self) {
        self.segments.into_iter().for_each(Segment::answer);
        self.claims.into_iter().for_each(Job::answer);
        self.prunes.into_iter().for_each(Job::answer);
        self.sweeps.into_iter().for_each(Job::answer);
    }

    /// Sends the error to everybody: nothing was kept.
    pub(super) fn fail(self, error: &StoreError) {
        for segment in self.segments {
            segment.fail(error);
        }
        self.claims.into_iter().for_each(|job| job.fail(error.clone()));
        self.prunes.into_iter().for_each(|job| job.fail(error.clone()));
        self.sweeps.into_iter().for_each(|job| job.fail(error.clone()));
    }

    /// Each operation alone, in the same order.
    pub(super) fn split(self) -> impl Iterator<Item = Batch> {
        let segments = self.segments.into_iter().flat_map(Segment::split);
        let claims = self.claims.into_iter().map(Op::Claim);
        let prunes = self.prunes.into_iter().map(Op::Prune);
        let sweeps = self.sweeps.into_iter().map(Op::Sweep);
        segments.chain(claims).chain(prunes).chain(sweeps).map(|op| Batch::new([op]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_claims_may_reach_the_disk_later() {
        let claim = || Op::Claim(Job::new(ClaimAsk { limit: 1, now: 0, until: 1 }).0);
        let prune = || Op::Prune(Job::new(PruneAsk { older_than: 0, limit: 1 }).0);
        let finish = || Op::Release(Vec::new());
        assert_eq!(Batch::new([claim(), claim()]).flush(), Flush::Later);
        assert_eq!(Batch::new([claim(), prune()]).flush(), Flush::Always);
        assert_eq!(Batch::new([claim(), finish()]).flush(), Flush::Always);
    }
}
