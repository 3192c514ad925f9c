//! The table `ledger`: what Steward applied to each subject.

use std::collections::HashSet;

use serde_json::value::RawValue;
use sqlx::{SqliteConnection, SqlitePool};

use super::{StoreError, convert::key, dialect::json_rows};
use crate::model::{Ledger, Subject};

const PUT: &str = concat!(
    "INSERT INTO ledger (subject, data, updated_at) \
     SELECT value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT) FROM ",
    json_rows!(),
    " WHERE true ON CONFLICT (subject) DO UPDATE \
     SET data = excluded.data, updated_at = excluded.updated_at"
);

/// Replaces ledgers: subject, ledger, epoch milliseconds. A subject must come once at most.
pub(super) async fn put(
    db: &mut SqliteConnection,
    rows: &[(&str, &RawValue, i64)],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(PUT).bind(serde_json::to_string(rows)?).execute(db).await?;
    }
    Ok(())
}

const KNOWN_OF: &str = concat!(
    "SELECT ledger.subject FROM ",
    json_rows!(),
    " CROSS JOIN ledger ON ledger.subject = value ->> 0"
);

/// Which of these subjects have a ledger.
pub(super) async fn known_of(
    pool: &SqlitePool,
    subjects: &[Subject],
) -> Result<HashSet<Subject>, StoreError> {
    let keys =
        subjects.iter().map(|one| Ok([key(one)?])).collect::<Result<Vec<_>, StoreError>>()?;
    let known: Vec<String> =
        sqlx::query_scalar(KNOWN_OF).bind(serde_json::to_string(&keys)?).fetch_all(pool).await?;
    Ok(known.iter().filter_map(|key| key.parse().ok()).collect())
}

#[cfg(test)]
pub(super) const HOT: [&str; 1] = [KNOWN_OF];

/// A ledger as it is stored. One that cannot be read counts as uncertain and empty: the markers
/// on the forge say what was done, so a damaged row costs a look and not a wrong write.
pub(super) fn read(subject: &str, data: Option<&str>) -> Ledger {
    let Some(data) = data else { return Ledger::default() };
    serde_json::from_str(data).unwrap_or_else(|error| {
        tracing::warn!(subject, %error, "the ledger cannot be read; reading the forge instead");
        Ledger { uncertain: true, ..Ledger::default() }
    })
}

/// The ledger of one subject.
pub(super) async fn of(pool: &SqlitePool, subject: &Subject) -> Result<Ledger, StoreError> {
    let key = key(subject)?;
    let data: Option<(String,)> = sqlx::query_as("SELECT data FROM ledger WHERE subject = $1")
        .bind(&key)
        .fetch_optional(pool)
        .await?;
    Ok(read(&key, data.as_ref().map(|(data,)| data.as_str())))
}
