//! Finishing a claim: outcomes, the ledger and what comes next, in one transaction.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{Claim, LeaseKey};
use crate::{
    model::{Ledger, Subject},
    store::{
        StoreError,
        audit::{self, AuditState},
        commands,
        convert::{brief, millis},
        dialect::json_rows,
        idle::{self, IdleRecord},
        ledger,
        op::Job,
        removals,
    },
};

/// How the work on a claim ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// When.
    pub at: DateTime<Utc>,
    /// The plan that was carried out, if one was recorded.
    pub plan: Option<Uuid>,
    /// The outcomes of the plan's actions. An action without one counts as unknown from now on.
    pub settled: Vec<Settled>,
    /// The ledger as it is now; `None` leaves it as it was.
    pub ledger: Option<Ledger>,
    /// What comes next.
    pub next: Next,
    /// Set when the truth was read from the forge after earlier writes with unknown outcome on
    /// this subject: they stop counting as uncertain.
    pub resolved_uncertainty: bool,
    /// The store's numbers of the questions that are answered now.
    pub answered: Vec<i64>,
    /// Those that are done with and got no answer now: they do not count towards the limit.
    pub dropped: Vec<i64>,
    /// What was decided, when that was to do nothing.
    pub idle: Option<IdleRecord>,
}

/// The outcome of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Which, counted from 0 in the order of the plan.
    pub position: u32,
    /// How it went: applied, failed or unknown.
    pub state: AuditState,
    /// What the forge or the network said, if it did not go through.
    pub error: Option<String>,
    /// The forge's number for what was written, such as a new comment's.
    pub forge_id: Option<u64>,
    /// Whether the forge has answered, so that nothing of it can be applied any more. Told apart
    /// for outcomes that are not known.
    pub answered: bool,
}

/// What becomes of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It is as it should be. If an event came in meanwhile it is looked at again.
    Done,
    /// It is as it should be until then; an event before that has it looked at at once.
    LookAgain {
        /// When.
        due_at: DateTime<Utc>,
    },
    /// Again at that time, even if an event comes in before.
    RetryAt {
        /// When.
        due_at: DateTime<Utc>,
        /// Why.
        error: String,
        /// Whether this counts towards the most attempts. Not when the whole forge is at fault.
        count_attempt: bool,
    },
    /// Not again by itself: something has to change first. An event that came in meanwhile may
    /// be that change, and then the subject is tried again with a clean slate.
    Park {
        /// Why.
        error: String,
        /// Whether something was tried that failed. Not when it was given up without a try.
        count_attempt: bool,
    },
}

/// A [`Finished`] in the columns' types.
#[derive(Debug)]
pub(in crate::store) struct Ending {
    pub(in crate::store) key: LeaseKey,
    subject: Subject,
    generation: i64,
    at: i64,
    plan: Option<String>,
    settled: Vec<Settled>,
    ledger: Option<Box<RawValue>>,
    /// The integration and the record, where the ledger has one.
    removal: Option<(String, String)>,
    next: Next,
    resolved: bool,
    answered: Vec<i64>,
    dropped: Vec<i64>,
    idle: Option<IdleRecord>,
    /// Who it is that ends it.
    version: String,
}

impl Ending {
    pub(in crate::store) fn new(
        claim: &Claim,
        finished: Finished,
        version: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            key: claim.lease_key(),
            subject: claim.subject.clone(),
            generation: claim.generation,
            at: millis(finished.at),
            plan: finished.plan.map(|plan| plan.to_string()),
            settled: finished.settled,
            removal: match finished.ledger.as_ref().and_then(Ledger::removal) {
                Some(record) => Some((record.integration.clone(), serde_json::to_string(record)?)),
                None => None,
            },
            ledger: finished.ledger.as_ref().map(serde_json::value::to_raw_value).transpose()?,
            next: finished.next,
            resolved: finished.resolved_uncertainty,
            answered: finished.answered,
            dropped: finished.dropped,
            idle: finished.idle,
            version: version.to_owned(),
        })
    }
}

/// What the fence needs to know of a running subject.
#[derive(Debug, sqlx::FromRow)]
pub(in crate::store) struct Held {
    subject: String,
    lease: i64,
    generation: i64,
    attempts: i64,
    since: i64,
    again_at: Option<i64>,
}

const HELD: &str = concat!(
    "SELECT subject, lease, generation, attempts, since, again_at FROM work \
     WHERE state = 'running' AND subject IN (SELECT value ->> 0 FROM ",
    json_rows!(),
    ")"
);

/// The running ones among these subjects, by subject. Whoever writes under a lease compares it
/// with the one in here, within the same transaction.
pub(in crate::store) async fn held(
    db: &mut SqliteConnection,
    subjects: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Held>, StoreError> {
    let rows: Vec<[&str; 1]> = subjects.map(|subject| [subject]).collect();
    let held: Vec<Held> =
        sqlx::query_as(HELD).bind(serde_json::to_string(&rows)?).fetch_all(db).await?;
    Ok(held.into_iter().map(|row| (row.subject.clone(), row)).collect())
}

/// Whether the lease is the one under which the subject is held.
pub(in crate::store) fn is_held(held: &HashMap<String, Held>, key: &LeaseKey) -> bool {
    held.get(&key.subject).is_some_and(|held| held.lease == key.lease)
}

const DELETE: &str =
    concat!("DELETE FROM work WHERE subject IN (SELECT value ->> 0 FROM ", json_rows!(), ")");

const PUT_BACK: &str = concat!(
    "UPDATE work SET state = back.state, due_at = back.due_at, attempts = back.attempts, \
       since = back.since, error = back.error, parked_by = back.parked_by, lease = NULL, \
       again_at = NULL \
     FROM (SELECT value ->> 0 AS subject, value ->> 1 AS state, \
       CAST(value ->> 2 AS BIGINT) AS due_at, CAST(value ->> 3 AS BIGINT) AS attempts, \
       CAST(value ->> 4 AS BIGINT) AS since, value ->> 5 AS error, \
       value ->> 6 AS parked_by FROM ",
    json_rows!(),
    ") AS back WHERE work.subject = back.subject"
);

/// A row that stays: subject, state, due, attempts, since, error, who parked it.
type Back<'a> = (&'a str, &'static str, i64, i64, i64, Option<String>, Option<&'a str>);

/// What becomes of the row, `None` when nothing is left to do.
fn back<'a>(ending: &'a Ending, held: &Held) -> Option<Back<'a>> {
    let subject = ending.key.subject.as_str();
    let news = (held.generation != ending.generation).then(|| {
        let at = held.again_at.unwrap_or(ending.at);
        (subject, "ready", at, 0, at, None, None)
    });
    match &ending.next {
        Next::Done => news,
        Next::LookAgain { due_at } => news.or_else(|| {
            let at = millis(*due_at);
            Some((subject, "ready", at, 0, at, None, None))
        }),
        Next::Park { error, count_attempt } => news.or_else(|| {
            // The try that led here has failed too.
            let attempts = held.attempts.saturating_add(i64::from(*count_attempt));
            let (error, version) = (Some(brief(error)), Some(ending.version.as_str()));
            Some((subject, "parked", ending.at, attempts, held.since, error, version))
        }),
        Next::RetryAt { due_at, error, count_attempt } => Some((
            subject,
            "ready",
            millis(*due_at),
            held.attempts.saturating_add(i64::from(*count_attempt)),
            held.since,
            Some(brief(error)),
            None,
        )),
    }
}

/// Finishes claims whose lease is still held and refuses the others. Answers whether any
/// subject is ready again.
pub(in crate::store) async fn finish(
    db: &mut SqliteConnection,
    jobs: &mut [Job<Ending, ()>],
) -> Result<bool, StoreError> {
    if jobs.is_empty() {
        return Ok(false);
    }
    let mut held = held(db, jobs.iter().map(|job| job.input.key.subject.as_str())).await?;
    let mut gone: Vec<[&str; 1]> = Vec::with_capacity(jobs.len());
    let mut stay: Vec<Back> = Vec::new();
    let mut ledgers = Vec::new();
    let mut leaving = Vec::new();
    let mut outcomes: Vec<audit::Outcome> = Vec::new();
    let mut resolved: Vec<(&str, Option<&str>, i64)> = Vec::new();
    let mut answered: Vec<(i64, Option<i64>)> = Vec::new();
    let mut at_rest: Vec<(&str, &IdleRecord)> = Vec::new();
    let mut refused = vec![false; jobs.len()];
    for (job, refused) in jobs.iter().zip(&mut refused) {
        let ending = &job.input;
        if !is_held(&held, &ending.key) {
            *refused = true;
            continue;
        }
        // Taken out, so that a second answer under the same lease is refused.
        let Some(row) = held.remove(&ending.key.subject) else { continue };
        let subject = ending.key.subject.as_str();
        match back(ending, &row) {
            Some(row) => stay.push(row),
            None => gone.push([subject]),
        }
        if let Some(ledger) = &ending.ledger {
            ledgers.push((subject, &**ledger, ending.at));
            let removal = ending.removal.as_ref();
            leaving.extend(removal.map(|(key, record)| (subject, key.as_str(), record.clone())));
        }
        answered.extend(ending.answered.iter().map(|id| (*id, Some(ending.at))));
        answered.extend(ending.dropped.iter().map(|id| (*id, None)));
        at_rest.extend(ending.idle.as_ref().map(|record| (subject, record)));
        if ending.resolved {
            resolved.push((subject, ending.plan.as_deref(), ending.at));
        }
        if let Some(plan) = &ending.plan {
            outcomes.extend(
                ending
                    .settled
                    .iter()
                    .map(|settled| audit::outcome(subject, plan, settled, ending.at)),
            );
        }
    }
    if !gone.is_empty() {
        sqlx::query(DELETE).bind(serde_json::to_string(&gone)?).execute(&mut *db).await?;
    }
    let any_ready = !stay.is_empty();
    if any_ready {
        sqlx::query(PUT_BACK).bind(serde_json::to_string(&stay)?).execute(&mut *db).await?;
    }
    ledger::put(db, &ledgers).await?;
    removals::put(db, &leaving).await?;
    audit::resolve(db, &resolved).await?;
    audit::settle(db, &outcomes).await?;
    commands::done(db, &answered).await?;
    idle::put(db, &at_rest).await?;
    for (job, refused) in jobs.iter_mut().zip(refused) {
        if refused {
            let subject = Box::new(job.input.subject.clone());
            job.refuse(StoreError::LeaseLost(subject));
        } else {
            job.done(());
        }
    }
    Ok(any_ready)
}

#[cfg(test)]
pub(super) const HOT: [&str; 3] = [HELD, DELETE, PUT_BACK];
