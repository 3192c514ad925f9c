//! The table `commands`: what people asked in comments, once each however often the forge tells.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use super::{
    StoreError,
    convert::{clean, millis},
    dialect::json_rows,
};
use crate::commands::Question;

/// A comment with lines that may be commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The forge's number for the comment.
    pub comment: u64,
    /// What tells this state of the comment from an earlier one.
    pub revision: String,
    /// The writer's account.
    pub by_id: u64,
    /// The writer's handle.
    pub by: String,
    /// The lines, each once.
    pub lines: Vec<String>,
}

/// The same in the columns' types.
#[derive(Debug)]
pub(super) struct NewAsking {
    comment: i64,
    revision: String,
    by_id: i64,
    by: String,
    lines: Vec<String>,
    at: i64,
}

impl NewAsking {
    /// `None` when a number does not fit, as no forge has it.
    pub(super) fn new(asking: Asking, at: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            comment: i64::try_from(asking.comment).ok()?,
            revision: clean(&asking.revision),
            by_id: i64::try_from(asking.by_id).ok()?,
            by: clean(&asking.by),
            lines: asking.lines.iter().map(|line| clean(line)).collect(),
            at: millis(at),
        })
    }
}

const KNOWN: &str = "SELECT lines FROM commands WHERE subject = $1 AND comment = $2";
const INSERT: &str = "INSERT INTO commands \
     (subject, comment, nth, revision, by_id, by_name, lines, asked_at, state) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending')";

/// Keeps the lines of a comment that it did not have before.
pub(super) async fn ask(
    db: &mut SqliteConnection,
    subject: &str,
    asking: &NewAsking,
) -> Result<(), StoreError> {
    let rows: Vec<String> =
        sqlx::query_scalar(KNOWN).bind(subject).bind(asking.comment).fetch_all(&mut *db).await?;
    let mut known: HashSet<String> = HashSet::new();
    for row in &rows {
        known.extend(serde_json::from_str::<Vec<String>>(row).unwrap_or_default());
    }
    let new: Vec<&String> = asking.lines.iter().filter(|line| !known.contains(*line)).collect();
    if new.is_empty() {
        return Ok(());
    }
    sqlx::query(INSERT)
        .bind(subject)
        .bind(asking.comment)
        .bind(i64::try_from(rows.len()).unwrap_or(i64::MAX))
        .bind(&asking.revision)
        .bind(asking.by_id)
        .bind(&asking.by)
        .bind(serde_json::to_string(&new)?)
        .bind(asking.at)
        .execute(db)
        .await?;
    Ok(())
}

const PENDING: &str = concat!(
    "SELECT id, subject, comment, nth, by_id, by_name, lines FROM commands \
     WHERE state = 'pending' AND subject IN (SELECT value ->> 0 FROM ",
    json_rows!(),
    ") ORDER BY id"
);

/// How many answers each account got on these subjects since then.
const LATELY: &str = concat!(
    "SELECT subject, by_id, count(*) FROM commands \
     WHERE state = 'done' AND done_at > $2 AND subject IN (SELECT value ->> 0 FROM ",
    json_rows!(),
    ") GROUP BY subject, by_id"
);
const HOUR: i64 = 60 * 60 * 1000;

/// What waits for an answer on these subjects, the oldest first.
pub(super) async fn pending(
    db: &mut SqliteConnection,
    subjects: &[[&str; 1]],
    now: i64,
) -> Result<HashMap<String, Vec<Question>>, StoreError> {
    type Row = (i64, String, i64, i64, i64, String, String);
    let subjects = serde_json::to_string(subjects)?;
    let rows: Vec<Row> = sqlx::query_as(PENDING).bind(&subjects).fetch_all(&mut *db).await?;
    let lately: Vec<(String, i64, i64)> =
        sqlx::query_as(LATELY).bind(&subjects).bind(now.saturating_sub(HOUR)).fetch_all(db).await?;
    let lately: HashMap<(String, i64), i64> =
        lately.into_iter().map(|(subject, by_id, count)| ((subject, by_id), count)).collect();
    let mut pending: HashMap<String, Vec<Question>> = HashMap::new();
    for (id, subject, comment, nth, by_id, by, lines) in rows {
        let had = lately.get(&(subject.clone(), by_id)).copied().unwrap_or_default();
        pending.entry(subject).or_default().push(Question {
            id,
            lately: u32::try_from(had).unwrap_or(u32::MAX),
            comment: comment.unsigned_abs(),
            nth: u32::try_from(nth).unwrap_or(u32::MAX),
            by_id: by_id.unsigned_abs(),
            by,
            lines: serde_json::from_str(&lines).unwrap_or_default(),
        });
    }
    Ok(pending)
}

const DONE: &str = concat!(
    "UPDATE commands SET state = 'done', done_at = given.at \
     FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, CAST(value ->> 1 AS BIGINT) AS at FROM ",
    json_rows!(),
    ") AS given WHERE commands.id = given.id AND commands.state = 'pending'"
);

/// Notes that questions are done with: id, and when they were answered, if they were.
pub(super) async fn done(
    db: &mut SqliteConnection,
    answered: &[(i64, Option<i64>)],
) -> Result<(), StoreError> {
    if !answered.is_empty() {
        sqlx::query(DONE).bind(serde_json::to_string(answered)?).execute(db).await?;
    }
    Ok(())
}

/// Old ones go, answered or not: whoever asked so long ago waits no more.
const PRUNE: &str = "DELETE FROM commands WHERE id IN (\
     SELECT id FROM (SELECT id, asked_at FROM commands ORDER BY id LIMIT $2) AS oldest \
     WHERE asked_at < $1)";

/// Removes old questions, and answers how many.
pub(super) async fn prune(
    db: &mut SqliteConnection,
    older_than: i64,
    limit: i64,
) -> Result<u64, StoreError> {
    Ok(sqlx::query(PRUNE).bind(older_than).bind(limit).execute(db).await?.rows_affected())
}

#[cfg(test)]
pub(super) const HOT: [&str; 4] = [KNOWN, PENDING, LATELY, DONE];
