//! The table `removals`: what people recorded on tracking issues about integrations that leave.

use sqlx::{SqliteConnection, SqlitePool};

use super::{StoreError, dialect::json_rows};
use crate::model::{RemovalRecord, Subject};

const PUT: &str = concat!(
    "INSERT INTO removals (subject, integration, record) \
     SELECT value ->> 0, value ->> 1, value ->> 2 FROM ",
    json_rows!(),
    " WHERE true ON CONFLICT (subject) DO UPDATE \
     SET integration = excluded.integration, record = excluded.record"
);

/// Replaces records: subject, integration, record. A subject must come once at most.
pub(super) async fn put(
    db: &mut SqliteConnection,
    rows: &[(&str, &str, String)],
) -> Result<(), StoreError> {
    if !rows.is_empty() {
        sqlx::query(PUT).bind(serde_json::to_string(rows)?).execute(db).await?;
    }
    Ok(())
}

/// All records with their tracking issues, in the order of these. One that cannot be read is told and
/// left out: its issue is looked at again when something happens there.
pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<(Subject, RemovalRecord)>, StoreError> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT subject, record FROM removals ORDER BY subject")
            .fetch_all(pool)
            .await?;
    let read = |(subject, record): (String, String)| {
        let found = subject.parse().ok().zip(serde_json::from_str(&record).ok());
        if found.is_none() {
            tracing::warn!(subject, "what was recorded there about a removal cannot be read");
        }
        found
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
