//! Reading the mirror, beside whoever fills it.

use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use super::{MirrorError, MirroredProject, open};
use crate::model::{ForgeKind, Subject};

/// How many rows are read at once: some megabytes.
const AT_ONCE: i64 = 1000;

/// An item as it stands in the mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub subject: String,
    /// Its snapshot, as JSON.
    pub snapshot: String,
    /// Its changed files, as JSON, if they are known for its newest commit.
    pub changes: Option<String>,
}

/// Reads a mirror from its beginning to its end.
#[derive(Debug)]
pub struct MirrorReader {
    db: SqliteConnection,
    path: PathBuf,
    after: i64,
}

impl MirrorReader {
    /// Opens a mirror that is there.
    ///
    /// # Errors
    /// [`MirrorError::Missing`], [`MirrorError::Open`].
    pub async fn open(path: &Path) -> Result<Self, MirrorError> {
        if !tokio::fs::try_exists(path).await.unwrap_or(false) {
            return Err(MirrorError::Missing(path.to_owned()));
        }
        Ok(Self { db: open::reading(path).await?, path: path.to_owned(), after: 0 })
    }

    /// The projects of which it has something.
    ///
    /// # Errors
    /// [`MirrorError::Database`], [`MirrorError::Json`].
    pub async fn projects(&mut self) -> Result<Vec<MirroredProject>, MirrorError> {
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT project, labels, synced_at FROM projects ORDER BY project")
                .fetch_all(&mut self.db)
                .await
                .map_err(|error| self.failed(error))?;
        let read = |(project, labels, synced_at): (String, String, i64)| {
            let labels = serde_json::from_str(&labels)
                .map_err(|error| MirrorError::Json { what: project.clone(), error })?;
            let synced_at = Some(synced_at)
                .filter(|at| *at > 0)
                .and_then(chrono::DateTime::from_timestamp_millis);
            Ok(MirroredProject { project, labels, synced_at })
        };
        rows.into_iter().map(read).collect()
    }

    /// The forge that its items are on; `None` when it has none.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn forge(&mut self) -> Result<Option<ForgeKind>, MirrorError> {
        let subject: Option<String> = sqlx::query_scalar("SELECT subject FROM items LIMIT 1")
            .fetch_optional(&mut self.db)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(subject.and_then(|key| key.parse::<Subject>().ok()).map(|subject| subject.forge))
    }

    /// How many items there are.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn count(&mut self) -> Result<u64, MirrorError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM items")
            .fetch_one(&mut self.db)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(count.unsigned_abs())
    }

    /// The next items; none at the end.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn next(&mut self) -> Result<Vec<Row>, MirrorError> {
        type Found = (i64, String, String, Option<String>);
        let rows: Vec<Found> = sqlx::query_as(
            "SELECT items.id, items.subject, items.snapshot, changes.data FROM items \
             LEFT JOIN changes ON changes.subject = items.subject AND changes.head = items.head \
             WHERE items.id > $1 ORDER BY items.id LIMIT $2",
        )
        .bind(self.after)
        .bind(AT_ONCE)
        .fetch_all(&mut self.db)
        .await
        .map_err(|error| self.failed(error))?;
        self.after = rows.last().map_or(self.after, |row| row.0);
        let row = |(_, subject, snapshot, changes)| Row { subject, snapshot, changes };
        Ok(rows.into_iter().map(row).collect())
    }

    fn failed(&self, error: sqlx::Error) -> MirrorError {
        MirrorError::Database { path: self.path.clone(), error }
    }
}
