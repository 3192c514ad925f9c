//! Reading the mirror, beside whoever fills it.

use std::path::{Path, PathBuf};

use sqlx::SqliteConnection;

use super::{MirrorError, MirroredProject, Place, open};
use crate::model::ForgeKind;

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

/// Reads what a mirror has of one forge, from its beginning to its end.
#[derive(Debug)]
pub struct MirrorReader {
    db: SqliteConnection,
    path: PathBuf,
    /// `None` for a mirror of nothing.
    place: Option<Place>,
    after: i64,
}

impl MirrorReader {
    /// Opens a mirror that is there. Where it has items of several forges, `wanted` says which of them
    /// are read.
    ///
    /// # Errors
    /// [`MirrorError::Missing`], [`MirrorError::Old`], [`MirrorError::Open`],
    /// [`MirrorError::SeveralForges`].
    pub async fn open(path: &Path, wanted: Option<&Place>) -> Result<Self, MirrorError> {
        if !tokio::fs::try_exists(path).await.unwrap_or(false) {
            return Err(MirrorError::Missing(path.to_owned()));
        }
        let mut db = open::reading(path).await?;
        let of = "SELECT count(*) FROM pragma_table_info('projects') WHERE name = 'forge'";
        let told = |error| MirrorError::Database { path: path.to_owned(), error };
        let knows: i64 = sqlx::query_scalar(of).fetch_one(&mut db).await.map_err(told)?;
        if knows == 0 {
            return Err(MirrorError::Old(path.to_owned()));
        }
        let places: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT forge FROM projects ORDER BY forge")
                .fetch_all(&mut db)
                .await
                .map_err(told)?;
        let mut places: Vec<Place> = places.into_iter().map(Place::read).collect();
        let place = match places.iter().find(|place| Some(*place) == wanted) {
            Some(place) => Some(place.clone()),
            None if places.len() > 1 => {
                return Err(MirrorError::SeveralForges { path: path.to_owned(), places });
            }
            None => places.pop(),
        };
        Ok(Self { db, path: path.to_owned(), place, after: 0 })
    }

    /// The projects of which it has something.
    ///
    /// # Errors
    /// [`MirrorError::Database`], [`MirrorError::Json`].
    pub async fn projects(&mut self) -> Result<Vec<MirroredProject>, MirrorError> {
        let rows: Vec<(String, String, i64)> = sqlx::query_as(
            "SELECT project, labels, synced_at FROM projects WHERE forge = $1 ORDER BY project",
        )
        .bind(self.key())
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

    /// The kind of forge that its items are on; `None` when it has none.
    pub fn forge(&self) -> Option<ForgeKind> {
        self.place.as_ref().and_then(Place::kind)
    }

    /// How many items there are.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn count(&mut self) -> Result<u64, MirrorError> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM items WHERE forge = $1")
            .bind(self.key())
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
             LEFT JOIN changes ON changes.forge = items.forge \
             AND changes.subject = items.subject AND changes.head = items.head \
             WHERE items.forge = $1 AND items.id > $2 ORDER BY items.id LIMIT $3",
        )
        .bind(self.key())
        .bind(self.after)
        .bind(AT_ONCE)
        .fetch_all(&mut self.db)
        .await
        .map_err(|error| self.failed(error))?;
        self.after = rows.last().map_or(self.after, |row| row.0);
        let row = |(_, subject, snapshot, changes)| Row { subject, snapshot, changes };
        Ok(rows.into_iter().map(row).collect())
    }

    fn key(&self) -> String {
        self.place.as_ref().map_or_else(String::new, Place::to_string)
    }

    fn failed(&self, error: sqlx::Error) -> MirrorError {
        MirrorError::Database { path: self.path.clone(), error }
    }
}
