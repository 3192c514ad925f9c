//! The table `changes`: the changed files of merge requests.

use super::{Mirror, MirrorError, projects::kind_name};
use crate::model::{Changes, Snapshot, SubjectKind};

impl Mirror {
    /// Open merge requests of a project whose changed files are not known for their newest commit:
    /// up to `limit` of them behind the item with the number `after`, each with its own number in
    /// the mirror.
    ///
    /// # Errors
    /// [`MirrorError::Database`], [`MirrorError::Json`].
    pub async fn without_changes(
        &self,
        project: &str,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Snapshot)>, MirrorError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "SELECT items.id, items.snapshot FROM items \
             LEFT JOIN changes ON changes.forge = items.forge \
             AND changes.subject = items.subject AND changes.head = items.head \
             WHERE items.forge = $1 AND items.project = $2 AND items.kind = $3 \
             AND items.head IS NOT NULL AND changes.subject IS NULL AND items.id > $4 \
             ORDER BY items.id LIMIT $5",
        )
        .bind(self.place.as_str())
        .bind(project)
        .bind(kind_name(SubjectKind::MergeRequest))
        .bind(after)
        .bind(limit)
        .fetch_all(&mut *self.db.lock().await)
        .await
        .map_err(|error| self.failed(error))?;
        let read = |(id, text): (i64, String)| {
            let snapshot = serde_json::from_str(&text)
                .map_err(|error| MirrorError::Json { what: format!("item {id}"), error })?;
            Ok((id, snapshot))
        };
        rows.into_iter().map(read).collect()
    }

    /// Keeps the changed files of a merge request at its newest commit.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn put_changes(
        &self,
        snapshot: &Snapshot,
        changes: &Changes,
    ) -> Result<(), MirrorError> {
        let subject = snapshot.subject.to_string();
        let data = serde_json::to_string(changes)
            .map_err(|error| MirrorError::Json { what: subject.clone(), error })?;
        sqlx::query(
            "INSERT INTO changes (forge, subject, head, data) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (forge, subject) DO UPDATE SET head = excluded.head, data = excluded.data",
        )
        .bind(self.place.as_str())
        .bind(subject)
        .bind(snapshot.head.as_deref().unwrap_or_default())
        .bind(data)
        .execute(&mut *self.db.lock().await)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Forgets the changed files of merge requests that left.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn drop_stale_changes(&self) -> Result<(), MirrorError> {
        sqlx::query(
            "DELETE FROM changes WHERE forge = $1 \
             AND subject NOT IN (SELECT subject FROM items WHERE forge = $1)",
        )
        .bind(self.place.as_str())
        .execute(&mut *self.db.lock().await)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(())
    }
}
