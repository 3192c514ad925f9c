//! Ledgers, read beside whoever writes the database.

use std::{collections::HashMap, path::Path};

use sqlx::{ConnectOptions, SqliteConnection};

use super::{
    StoreError,
    open::{connect_options, opening},
};

/// Reads what Steward applied to subjects, from a database that a server may hold.
#[derive(Debug)]
pub struct LedgerReader {
    db: SqliteConnection,
}

impl LedgerReader {
    /// Opens a database that is there. Takes no lock and changes nothing.
    ///
    /// # Errors
    /// As [`Store::open`](super::Store::open).
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = connect_options(path).read_only(true).create_if_missing(false);
        Ok(Self { db: options.connect().await.map_err(|error| opening(path, error))? })
    }

    /// The ledgers of these subjects as they are stored, as JSON; of whom nothing is known, none.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn of(&mut self, subjects: &[&str]) -> Result<HashMap<String, String>, StoreError> {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT subject, data FROM ledger WHERE subject IN (SELECT value FROM json_each($1))",
        )
        .bind(serde_json::to_string(subjects)?)
        .fetch_all(&mut self.db)
        .await?;
        Ok(rows.into_iter().collect())
    }
}
