//! The tables `projects` and `cursors`: which projects there are, and how far each is read.

use chrono::{DateTime, Utc};

use super::{Mirror, MirrorError, Place};
use crate::model::{LabelName, SubjectKind};

/// A project of which the mirror has something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirroredProject {
    /// Its full path.
    pub project: String,
    /// The labels that its items can carry.
    pub labels: Vec<LabelName>,
    /// When it was last read to the end; `None` while the first reading is under way.
    pub synced_at: Option<DateTime<Utc>>,
}

/// How far the items of one kind of a project are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The reading under way, or the last one, that sees every open item.
    pub generation: i64,
    /// Whether it is under way.
    pub full: bool,
    /// All that changed before this time has been read.
    pub read_to: Option<DateTime<Utc>>,
    /// The newest change when the full reading began.
    pub mark: Option<DateTime<Utc>>,
    /// When the last full reading ended.
    pub full_at: Option<DateTime<Utc>>,
}

const PUT_CURSOR: &str = "INSERT INTO cursors \
    (forge, project, kind, generation, full, read_to, mark, full_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (forge, project, kind) DO UPDATE SET generation = excluded.generation, \
    full = excluded.full, read_to = excluded.read_to, mark = excluded.mark, \
    full_at = excluded.full_at";

impl Mirror {
    /// Replaces what is known of a project's labels.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn put_labels(&self, project: &str, labels: &[LabelName]) -> Result<(), MirrorError> {
        let json = serde_json::to_string(labels)
            .map_err(|error| MirrorError::Json { what: project.to_owned(), error })?;
        sqlx::query(
            "INSERT INTO projects (forge, project, labels, synced_at) VALUES ($1, $2, $3, 0) \
             ON CONFLICT (forge, project) DO UPDATE SET labels = excluded.labels",
        )
        .bind(self.place.as_str())
        .bind(project)
        .bind(json)
        .execute(&mut *self.db.lock().await)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Notes that a project was read to its end.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn put_synced(&self, project: &str, at: DateTime<Utc>) -> Result<(), MirrorError> {
        sqlx::query("UPDATE projects SET synced_at = $3 WHERE forge = $1 AND project = $2")
            .bind(self.place.as_str())
            .bind(project)
            .bind(at.timestamp_millis())
            .execute(&mut *self.db.lock().await)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// How far items of a kind are read; `None` when nothing was read yet.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn cursor(
        &self,
        project: &str,
        kind: SubjectKind,
    ) -> Result<Option<Cursor>, MirrorError> {
        type Row = (i64, bool, Option<i64>, Option<i64>, Option<i64>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT generation, full, read_to, mark, full_at FROM cursors \
             WHERE forge = $1 AND project = $2 AND kind = $3",
        )
        .bind(self.place.as_str())
        .bind(project)
        .bind(kind_name(kind))
        .fetch_optional(&mut *self.db.lock().await)
        .await
        .map_err(|error| self.failed(error))?;
        let micros = |at: Option<i64>| at.and_then(DateTime::from_timestamp_micros);
        Ok(row.map(|(generation, full, read_to, mark, full_at)| Cursor {
            generation,
            full,
            read_to: micros(read_to),
            mark: micros(mark),
            full_at: full_at.and_then(DateTime::from_timestamp_millis),
        }))
    }

    /// Notes how far items of a kind are read.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn put_cursor(
        &self,
        project: &str,
        kind: SubjectKind,
        cursor: &Cursor,
    ) -> Result<(), MirrorError> {
        let mut db = self.db.lock().await;
        write_cursor(&mut db, &self.place, project, kind, cursor)
            .await
            .map_err(|error| self.failed(error))
    }
}

pub(super) async fn write_cursor(
    db: &mut sqlx::SqliteConnection,
    place: &Place,
    project: &str,
    kind: SubjectKind,
    cursor: &Cursor,
) -> Result<(), sqlx::Error> {
    let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
    sqlx::query(PUT_CURSOR)
        .bind(place.as_str())
        .bind(project)
        .bind(kind_name(kind))
        .bind(cursor.generation)
        .bind(cursor.full)
        .bind(micros(cursor.read_to))
        .bind(micros(cursor.mark))
        .bind(cursor.full_at.map(|at| at.timestamp_millis()))
        .execute(db)
        .await?;
    Ok(())
}

/// How a kind is named in the tables.
pub(super) fn kind_name(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Issue => "issue",
        SubjectKind::MergeRequest => "merge_request",
        SubjectKind::Epic => "epic",
    }
}
