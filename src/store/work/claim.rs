//! Taking work, holding it, giving it back.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    commands::Question,
    model::{Ledger, Subject},
    store::{
        StoreError, commands,
        convert::{millis, time},
        dialect::json_rows,
        ledger,
        op::Job,
    },
};

/// A subject that is the holder's alone until the lease runs out.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What to work on.
    pub subject: Subject,
    /// How many events it has seen; more may come in meanwhile, and then the subject becomes
    /// ready again after [`finish`](crate::store::Store::finish).
    pub generation: i64,
    /// How many attempts have failed so far, a lost lease or a crash included.
    pub attempts: u32,
    /// When the oldest event that is not dealt with came in: waiting time is counted from here.
    pub since: DateTime<Utc>,
    /// When the lease runs out, unless renewed.
    pub until: DateTime<Utc>,
    /// What went wrong the last time.
    pub error: Option<String>,
    /// The key of the last delivery about it, for the log.
    pub last_delivery: Option<String>,
    /// What Steward did to it before. `uncertain` is set when nobody knows how an earlier write
    /// ended.
    pub ledger: Ledger,
    /// Since when there may be a comment that the forge has not applied yet: posted without an
    /// answer, by the latest such post. Looking for it proves nothing for a while.
    pub unsure_since: Option<DateTime<Utc>>,
    /// What people asked in comments and have no answer to yet, the oldest first.
    pub questions: Vec<Question>,
    key: String,
    lease: i64,
}

impl Claim {
    /// What names this claim and no other.
    pub(in crate::store) fn lease_key(&self) -> LeaseKey {
        LeaseKey { subject: self.key.clone(), lease: self.lease }
    }
}

/// A subject and the fencing token under which somebody holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct LeaseKey {
    pub(in crate::store) subject: String,
    pub(in crate::store) lease: i64,
}

/// How much work is wanted, from when on it may be due, until when it will be held.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct ClaimAsk {
    pub(in crate::store) limit: i64,
    pub(in crate::store) now: i64,
    pub(in crate::store) until: i64,
}

/// A running row that is due is one whose lease has run out: that counts as a failed attempt,
/// or a subject that kills its worker would come back for ever.
const CLAIM: &str = "UPDATE work SET state = 'running', lease = $1, due_at = $2, again_at = NULL, \
       attempts = attempts + CASE state WHEN 'running' THEN 1 ELSE 0 END, \
       error = CASE state WHEN 'running' THEN 'the lease ran out' ELSE error END \
     WHERE subject IN (SELECT subject FROM work WHERE state <> 'parked' AND due_at <= $3 \
       ORDER BY due_at LIMIT $4) \
     RETURNING subject, generation, attempts, since, error, last_delivery, \
       (SELECT data FROM ledger WHERE ledger.subject = work.subject), \
       EXISTS (SELECT 1 FROM audit WHERE audit.subject = work.subject \
         AND audit.state IN ('intended', 'unknown')), \
       (SELECT max(coalesce(audit.settled_at, audit.intended_at)) FROM audit \
         WHERE audit.subject = work.subject AND audit.state IN ('intended', 'unknown') \
         AND audit.effect IN ('comment_posted', 'issue_opened') AND audit.answered = 0), \
       (SELECT max(audit.target) FROM audit WHERE audit.subject = work.subject \
         AND audit.state IN ('intended', 'unknown') AND audit.effect = 'closed'), \
       EXISTS (SELECT 1 FROM commands WHERE commands.subject = work.subject \
         AND commands.state = 'pending')";

/// A row that nobody can work on, kept where an operator sees it.
const SET_ASIDE: &str = "UPDATE work SET state = 'parked', lease = NULL, again_at = NULL, \
     error = $2 WHERE subject = $1";

/// Gives work to a worker, what has waited longest first.
pub(in crate::store) async fn claim(
    db: &mut SqliteConnection,
    ask: ClaimAsk,
) -> Result<Vec<Claim>, StoreError> {
    // Positive, so that it fits a BIGINT; 63 random bits never meet again in practice.
    let lease = (rand::random::<u64>() >> 1) as i64;
    let rows = sqlx::query(CLAIM)
        .bind(lease)
        .bind(ask.until)
        .bind(ask.now)
        .bind(ask.limit)
        .fetch_all(&mut *db)
        .await?;
    let mut claims: Vec<Claim> = Vec::with_capacity(rows.len());
    let mut asked: Vec<String> = Vec::new();
    for row in rows {
        let key: String = row.try_get(0)?;
        if row.try_get(10)? {
            asked.push(key.clone());
        }
        match key.parse() {
            Ok(subject) => claims.push(read(&row, key, subject, lease, ask.until)?),
            Err(error) => {
                tracing::error!(%error, "work on something unknown is set aside");
                sqlx::query(SET_ASIDE).bind(&key).bind(error.to_string()).execute(&mut *db).await?;
            }
        }
    }
    if !asked.is_empty() {
        let subjects: Vec<[&str; 1]> = asked.iter().map(|subject| [subject.as_str()]).collect();
        let mut pending = commands::pending(db, &subjects, ask.now).await?;
        for claim in &mut claims {
            claim.questions = pending.remove(&claim.key).unwrap_or_default();
        }
    }
    // RETURNING keeps no order.
    claims.sort_by(|a, b| (a.since, &a.key).cmp(&(b.since, &b.key)));
    Ok(claims)
}

fn read(
    row: &SqliteRow,
    key: String,
    subject: Subject,
    lease: i64,
    until: i64,
) -> Result<Claim, sqlx::Error> {
    let attempts: i64 = row.try_get(2)?;
    let data: Option<&str> = row.try_get(6)?;
    let uncertain: bool = row.try_get(7)?;
    let unsure_since: Option<i64> = row.try_get(8)?;
    let mut ledger = ledger::read(&key, data);
    ledger.uncertain |= uncertain;
    ledger.closing = row.try_get(9)?;
    Ok(Claim {
        subject,
        generation: row.try_get(1)?,
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        since: time(row.try_get(3)?),
        until: time(until),
        error: row.try_get(4)?,
        last_delivery: row.try_get(5)?,
        ledger,
        unsure_since: unsure_since.map(time),
        questions: Vec::new(),
        key,
        lease,
    })
}

/// Which leases shall last until when.
#[derive(Debug)]
pub(in crate::store) struct RenewAsk {
    pub(in crate::store) keys: Vec<LeaseKey>,
    pub(in crate::store) until: i64,
}

impl RenewAsk {
    /// Renews these until then.
    pub(in crate::store) fn new(claims: &[&Claim], until: DateTime<Utc>) -> Self {
        Self { keys: claims.iter().map(|claim| claim.lease_key()).collect(), until: millis(until) }
    }
}

const RENEW: &str = concat!(
    "UPDATE work SET due_at = $2 FROM (SELECT value ->> 0 AS subject, \
       CAST(value ->> 1 AS BIGINT) AS lease FROM ",
    json_rows!(),
    ") AS held WHERE work.subject = held.subject AND work.lease = held.lease \
     RETURNING work.subject, work.lease"
);

/// Prolongs the leases that are still held, and answers which these are.
pub(in crate::store) async fn renew(
    db: &mut SqliteConnection,
    job: &mut Job<RenewAsk, Vec<bool>>,
) -> Result<(), StoreError> {
    let rows: Vec<_> = job.input.keys.iter().map(|key| (&key.subject, key.lease)).collect();
    let held: Vec<(String, i64)> = sqlx::query_as(RENEW)
        .bind(serde_json::to_string(&rows)?)
        .bind(job.input.until)
        .fetch_all(db)
        .await?;
    let held: HashSet<LeaseKey> =
        held.into_iter().map(|(subject, lease)| LeaseKey { subject, lease }).collect();
    job.done(job.input.keys.iter().map(|key| held.contains(key)).collect());
    Ok(())
}

const RELEASE: &str = concat!(
    "UPDATE work SET state = 'ready', lease = NULL, again_at = NULL, due_at = since \
     FROM (SELECT value ->> 0 AS subject, CAST(value ->> 1 AS BIGINT) AS lease FROM ",
    json_rows!(),
    ") AS held WHERE work.subject = held.subject AND work.lease = held.lease"
);

/// Gives claims back that were never worked on; that counts as no attempt.
pub(in crate::store) async fn release(
    db: &mut SqliteConnection,
    keys: &[LeaseKey],
) -> Result<bool, StoreError> {
    let rows: Vec<_> = keys.iter().map(|key| (&key.subject, key.lease)).collect();
    let result = sqlx::query(RELEASE).bind(serde_json::to_string(&rows)?).execute(db).await?;
    Ok(result.rows_affected() > 0)
}

/// With more subjects under way than this, none of them is blamed for the end of a process.
const SUSPECTS: i64 = 4;

/// Right after the start nobody can hold a lease. What was running is due at once. An attempt is
/// counted when few were running: a subject that brings the whole process down must not do so
/// for ever, and those that happened to run beside it must not be put aside for it. The worker
/// begins with half of what was running, so that it comes down to a few.
const RELEASE_ALL: &str = "UPDATE work SET state = 'ready', lease = NULL, again_at = NULL, \
     due_at = since, attempts = attempts + \
       CASE WHEN (SELECT count(*) FROM work WHERE state = 'running') <= $1 THEN 1 ELSE 0 END, \
     error = 'Steward was stopped while it worked on this' WHERE state = 'running'";

/// Takes back the leases that a dead process left behind, and answers how many there were.
pub(in crate::store) async fn release_all(db: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(RELEASE_ALL).bind(SUSPECTS).execute(db).await?.rows_affected())
}

#[cfg(test)]
pub(super) const HOT: [&str; 3] = [CLAIM, RENEW, RELEASE];
