//! Looking at the queue without touching it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::SqlitePool;

use crate::{
    model::Subject,
    store::{
        StoreError,
        convert::{millis, time},
    },
};

/// How the queue stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Subjects that can be claimed now, those with a lease that ran out included.
    pub ready: u64,
    /// Subjects that wait for their time: back-offs and subjects put to work for later.
    pub waiting: u64,
    /// Subjects that somebody works on.
    pub running: u64,
    /// Subjects that wait for a human.
    pub parked: u64,
    /// How long the oldest event of a claimable subject has been waiting.
    pub oldest_ready: Option<Duration>,
}

/// A subject that was given up on until something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Which.
    pub subject: Subject,
    /// When it was parked.
    pub at: DateTime<Utc>,
    /// When the oldest event that is not dealt with came in.
    pub since: DateTime<Utc>,
    /// How many attempts have failed, the last one included.
    pub attempts: u32,
    /// Why.
    pub error: String,
}

const STATS: &str = "SELECT CASE WHEN state = 'parked' THEN 'parked' \
       WHEN due_at <= $1 THEN 'ready' WHEN state = 'running' THEN 'running' \
       ELSE 'waiting' END AS what, count(*), min(since) FROM work GROUP BY 1";

/// Counts subjects by what they wait for, as of an epoch millisecond.
pub(in crate::store) async fn stats(
    pool: &SqlitePool,
    now: DateTime<Utc>,
) -> Result<Stats, StoreError> {
    let now = millis(now);
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(STATS).bind(now).fetch_all(pool).await?;
    let mut stats = Stats::default();
    for (what, count, since) in rows {
        let count = count.unsigned_abs();
        match what.as_str() {
            "parked" => stats.parked = count,
            "running" => stats.running = count,
            "waiting" => stats.waiting = count,
            _ => {
                stats.ready = count;
                let age = u64::try_from(now.saturating_sub(since)).unwrap_or(0);
                stats.oldest_ready = Some(Duration::from_millis(age));
            }
        }
    }
    Ok(stats)
}

/// When the next subject can be claimed; `None` when there is nothing to wait for.
pub(in crate::store) async fn next_due(
    pool: &SqlitePool,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let (due,): (Option<i64>,) =
        sqlx::query_as("SELECT min(due_at) FROM work WHERE state <> 'parked'")
            .fetch_one(pool)
            .await?;
    Ok(due.map(time))
}

/// What is parked, the longest first, up to so many.
pub(in crate::store) async fn parked(
    pool: &SqlitePool,
    limit: usize,
) -> Result<Vec<Parked>, StoreError> {
    const PARKED: &str = "SELECT subject, due_at, since, attempts, error FROM work \
         WHERE state = 'parked' ORDER BY due_at, subject LIMIT $1";
    let rows: Vec<(String, i64, i64, i64, Option<String>)> = sqlx::query_as(PARKED)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(subject, at, since, attempts, error)| {
            let subject = subject
                .parse()
                .inspect_err(|error| tracing::warn!(%error, "skipping a parked row"))
                .ok()?;
            Some(Parked {
                subject,
                at: time(at),
                since: time(since),
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
                error: error.unwrap_or_default(),
            })
        })
        .collect())
}
