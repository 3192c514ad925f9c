//! What callers ask the writer for.

use tokio::sync::{mpsc, oneshot};

use super::{
    Accepted, Claim, StoreError,
    inbox::{NewDelivery, PruneAsk},
    plans::{NewPlan, Recorded},
    sweeps::SweepJob,
    work::{ClaimAsk, Ending, EnqueueAsk, LeaseKey, RenewAsk, UnparkAsk},
};

/// One question to the writer with the place for its answer. The answer is sent only after the
/// transaction that holds it has been committed.
#[derive(Debug)]
pub(super) struct Job<I, O> {
    /// What is asked.
    pub(super) input: I,
    /// The answer, as long as it is not committed.
    pub(super) outcome: Option<Result<O, StoreError>>,
    reply: oneshot::Sender<Result<O, StoreError>>,
}

impl<I, O> Job<I, O> {
    /// A job and where its answer will come.
    pub(super) fn new(input: I) -> (Self, oneshot::Receiver<Result<O, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        (Self { input, outcome: None, reply }, answer)
    }

    /// Notes the answer until the commit.
    pub(super) fn done(&mut self, outcome: O) {
        self.outcome = Some(Ok(outcome));
    }

    /// Notes that this one job is refused; its neighbours are not concerned.
    pub(super) fn refuse(&mut self, error: StoreError) {
        self.outcome = Some(Err(error));
    }

    /// Sends the answer. Nobody may be waiting any more, which is the caller's business.
    pub(super) fn answer(self) {
        let outcome = self.outcome.unwrap_or_else(|| {
            Err(StoreError::Invalid("the writer did not come to this operation".to_owned()))
        });
        let _ = self.reply.send(outcome);
    }

    /// Sends an error in place of whatever was noted.
    pub(super) fn fail(self, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

/// An operation that writes.
#[derive(Debug)]
pub(super) enum Op {
    /// A delivery came in.
    Accept(Job<NewDelivery, Accepted>),
    /// Subjects shall be looked at.
    Enqueue(Job<EnqueueAsk, ()>),
    /// Intents, before the first write to the forge.
    Record(Job<NewPlan, Recorded>),
    /// Outcomes, after the last.
    Finish(Job<Ending, ()>),
    /// Leases shall last longer. Answers for each whether it is still held.
    Renew(Job<RenewAsk, Vec<bool>>),
    /// A parked subject shall be tried again. Answers whether it was parked.
    Unpark(Job<UnparkAsk, bool>),
    /// Claimed subjects that never reached their worker.
    Release(Vec<LeaseKey>),
    /// A worker wants work.
    Claim(Job<ClaimAsk, Handover>),
    /// Old deliveries shall go. Answers how many did.
    Prune(Job<PruneAsk, u64>),
    /// A sweep begins, goes on or ends.
    Sweep(SweepJob),
    /// The last operation: answer when everything is on disk and the file is free.
    Close(oneshot::Sender<()>),
}

/// Claims on their way to a worker. When the worker has stopped waiting (its future was dropped
/// in a `select!`, say), they go back at once instead of lying there until the lease runs out.
#[derive(Debug)]
pub(super) struct Handover {
    claims: Vec<Claim>,
    back: mpsc::WeakSender<Op>,
}

impl Handover {
    /// Claims that are to go back through `back` if nobody takes them.
    pub(super) fn new(claims: Vec<Claim>, back: mpsc::WeakSender<Op>) -> Self {
        Self { claims, back }
    }

    /// Takes the claims.
    pub(super) fn take(mut self) -> Vec<Claim> {
        std::mem::take(&mut self.claims)
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        if self.claims.is_empty() {
            return;
        }
        let keys = self.claims.iter().map(Claim::lease_key).collect();
        if let Some(back) = self.back.upgrade() {
            // With a full channel the lease runs out by itself.
            let _ = back.try_send(Op::Release(keys));
        }
    }
}
