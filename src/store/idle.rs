//! The table `idle`: of each subject the last decision to do nothing.

use std::sync::LazyLock;

use chrono::DateTime;
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::{
    StoreError,
    convert::{clean, millis},
    dialect::json_rows,
    rows::Inserts,
};
use crate::model::Plan;

/// A larger input is not kept with a decision to do nothing, of which there is one for each
/// subject. In bytes.
const LARGEST_INPUT: usize = 64 * 1024;
/// The same decision is written again after this time, in milliseconds: what was visited today must
/// not be removed as old.
const AGAIN_AFTER: i64 = 24 * 60 * 60 * 1000;

/// A decision to do nothing, in the columns' types.
#[derive(Debug, Clone)]
pub struct IdleRecord {
    policy_version: String,
    decided_at: i64,
    data: String,
    input: Option<String>,
    /// Of all but the time.
    digest: String,
}

impl IdleRecord {
    /// What was decided, and on what, as JSON; an input of more than 64 KB is left out.
    ///
    /// # Errors
    /// When the plan has no JSON form.
    pub fn new(plan: &Plan, input: Option<String>) -> Result<Self, StoreError> {
        let input = input.filter(|input| input.len() <= LARGEST_INPUT);
        let timeless = Plan { decided_at: DateTime::UNIX_EPOCH, ..plan.clone() };
        let mut hash = Sha256::new();
        hash.update(serde_json::to_string(&timeless)?);
        hash.update([0]);
        hash.update(input.as_deref().unwrap_or_default());
        Ok(Self {
            policy_version: clean(&plan.policy_version),
            decided_at: millis(plan.decided_at),
            data: serde_json::to_string(plan)?,
            input,
            digest: hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect(),
        })
    }
}

static INSERT: LazyLock<Inserts> = LazyLock::new(|| {
    let head = "INSERT INTO idle (subject, policy_version, decided_at, data, input, digest)";
    Inserts::new(head, 6, "")
});

const DELETE: &str =
    concat!("DELETE FROM idle WHERE subject IN (SELECT value ->> 0 FROM ", json_rows!(), ")");

/// Those that stand there as they are, and not for long.
const SAME: &str = concat!(
    "SELECT idle.subject FROM ",
    json_rows!(),
    " CROSS JOIN idle ON idle.subject = value ->> 0 WHERE idle.digest = value ->> 1 \
     AND idle.decided_at > CAST(value ->> 2 AS BIGINT)"
);

/// Keeps the last decision to do nothing of each subject. A subject must come once at most. What
/// stands there already is not written again.
pub(super) async fn put(
    db: &mut SqliteConnection,
    rows: &[(&str, &IdleRecord)],
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let asked: Vec<(&str, &str, i64)> = rows
        .iter()
        .map(|(subject, record)| {
            (*subject, record.digest.as_str(), record.decided_at.saturating_sub(AGAIN_AFTER))
        })
        .collect();
    let same: Vec<String> =
        sqlx::query_scalar(SAME).bind(serde_json::to_string(&asked)?).fetch_all(&mut *db).await?;
    let is_new = |subject: &str| !same.iter().any(|had| had == subject);
    let rows: Vec<_> = rows.iter().filter(|(subject, _)| is_new(subject)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let subjects: Vec<[&str; 1]> = rows.iter().map(|(subject, _)| [*subject]).collect();
    sqlx::query(DELETE).bind(serde_json::to_string(&subjects)?).execute(&mut *db).await?;
    for (text, part) in INSERT.parts(&rows) {
        let mut insert = sqlx::query(text);
        for (subject, record) in part {
            insert = insert
                .bind(*subject)
                .bind(&record.policy_version)
                .bind(record.decided_at)
                .bind(&record.data)
                .bind(&record.input)
                .bind(&record.digest);
        }
        insert.execute(&mut *db).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) const HOT: [&str; 2] = [DELETE, SAME];
