//! The table `items`: the open items as they were last read.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

use super::{Cursor, Mirror, MirrorError, Place, projects};
use crate::model::{Snapshot, State, Subject, SubjectKind};

/// How many items one statement takes.
const AT_ONCE: usize = 64;

/// An item that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// Its key.
    pub subject: String,
    /// The newest commit of a merge request.
    pub head: Option<String>,
    /// As it was read, as JSON; `None` when it is not open: then it leaves.
    pub snapshot: Option<String>,
}

impl NewItem {
    /// An item as it was read. Facets are not kept: what they tell grows old too soon.
    ///
    /// # Errors
    /// [`MirrorError::Json`].
    pub fn of(snapshot: Snapshot) -> Result<Self, MirrorError> {
        let subject = snapshot.subject.to_string();
        let snapshot = Snapshot { facets: Default::default(), ..snapshot };
        let json = match snapshot.state {
            State::Open => Some(
                serde_json::to_string(&snapshot)
                    .map_err(|error| MirrorError::Json { what: subject.clone(), error })?,
            ),
            State::Closed | State::Merged => None,
        };
        Ok(Self { subject, head: snapshot.head, snapshot: json })
    }
}

/// What became of items that were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    /// Items that the mirror did not have.
    pub new: u64,
    /// Items that are not what they were.
    pub changed: u64,
    /// Items that left: closed, merged, deleted, moved.
    pub gone: u64,
}

impl std::ops::AddAssign for Saved {
    fn add_assign(&mut self, more: Self) {
        self.new += more.new;
        self.changed += more.changed;
        self.gone += more.gone;
    }
}

impl Mirror {
    /// Keeps a page of items, and with it, in one transaction, how far was read.
    ///
    /// # Errors
    /// [`MirrorError::Database`]: then neither was kept.
    pub async fn save_page(
        &self,
        project: &str,
        kind: SubjectKind,
        items: &[NewItem],
        cursor: &Cursor,
    ) -> Result<Saved, MirrorError> {
        let mut db = self.db.lock().await;
        let work = async {
            let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
            let mut saved = Saved::default();
            for items in items.chunks(AT_ONCE) {
                saved +=
                    save(&mut tx, &self.place, project, kind, items, cursor.generation).await?;
            }
            projects::write_cursor(&mut tx, &self.place, project, kind, cursor).await?;
            tx.commit().await?;
            Ok(saved)
        };
        work.await.map_err(|error| self.failed(error))
    }

    /// Ends a full reading: what was not seen by it leaves. Answers how many items did.
    ///
    /// # Errors
    /// [`MirrorError::Database`]: then nothing was changed.
    pub async fn end_full(
        &self,
        project: &str,
        kind: SubjectKind,
        cursor: &Cursor,
    ) -> Result<u64, MirrorError> {
        let mut db = self.db.lock().await;
        let work = async {
            let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
            let gone = sqlx::query(
                "DELETE FROM items \
                 WHERE forge = $1 AND project = $2 AND kind = $3 AND generation < $4",
            )
            .bind(self.place.as_str())
            .bind(project)
            .bind(projects::kind_name(kind))
            .bind(cursor.generation)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            projects::write_cursor(&mut tx, &self.place, project, kind, cursor).await?;
            tx.commit().await?;
            Ok(gone)
        };
        work.await.map_err(|error| self.failed(error))
    }

    /// How many items there are of a project.
    ///
    /// # Errors
    /// [`MirrorError::Database`].
    pub async fn count(&self, project: &str) -> Result<u64, MirrorError> {
        let text = "SELECT count(*) FROM items WHERE forge = $1 AND project = $2";
        let count: i64 = sqlx::query_scalar(text)
            .bind(self.place.as_str())
            .bind(project)
            .fetch_one(&mut *self.db.lock().await)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(count.unsigned_abs())
    }

    /// An item as it was last read.
    ///
    /// # Errors
    /// [`MirrorError::Database`], [`MirrorError::Json`].
    pub async fn snapshot(&self, subject: &Subject) -> Result<Option<Snapshot>, MirrorError> {
        let key = subject.to_string();
        let text: Option<String> =
            sqlx::query_scalar("SELECT snapshot FROM items WHERE forge = $1 AND subject = $2")
                .bind(self.place.as_str())
                .bind(&key)
                .fetch_optional(&mut *self.db.lock().await)
                .await
                .map_err(|error| self.failed(error))?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|error| MirrorError::Json { what: key, error })
    }
}

async fn save(
    db: &mut SqliteConnection,
    place: &Place,
    project: &str,
    kind: SubjectKind,
    items: &[NewItem],
    generation: i64,
) -> Result<Saved, sqlx::Error> {
    let before = before(db, place, items).await?;
    let mut saved = Saved::default();
    let mut open: Vec<(&NewItem, &str)> = Vec::new();
    for item in items {
        match (&item.snapshot, before.get(item.subject.as_str())) {
            (Some(now), had) => {
                match had {
                    None => saved.new += 1,
                    Some(had) if had != now => saved.changed += 1,
                    Some(_) => {}
                }
                open.push((item, now));
            }
            (None, Some(_)) => {
                saved.gone += 1;
                sqlx::query("DELETE FROM items WHERE forge = $1 AND subject = $2")
                    .bind(place.as_str())
                    .bind(&item.subject)
                    .execute(&mut *db)
                    .await?;
            }
            (None, None) => {}
        }
    }
    if open.is_empty() {
        return Ok(saved);
    }
    let places = vec!["(?, ?, ?, ?, ?, ?, ?)"; open.len()].join(", ");
    let text = format!(
        "INSERT INTO items (forge, subject, project, kind, generation, head, snapshot) \
         VALUES {places} ON CONFLICT (forge, subject) DO UPDATE SET generation = excluded.generation, \
         head = excluded.head, snapshot = excluded.snapshot"
    );
    // Nothing but places stands in it.
    let mut query = sqlx::query(AssertSqlSafe(text));
    for (item, snapshot) in open {
        query = query
            .bind(place.as_str())
            .bind(&item.subject)
            .bind(project)
            .bind(projects::kind_name(kind))
            .bind(generation)
            .bind(&item.head)
            .bind(snapshot);
    }
    query.execute(db).await?;
    Ok(saved)
}

/// What the mirror has of these items.
async fn before(
    db: &mut SqliteConnection,
    place: &Place,
    items: &[NewItem],
) -> Result<HashMap<String, String>, sqlx::Error> {
    let keys: Vec<&str> = items.iter().map(|item| item.subject.as_str()).collect();
    let keys = serde_json::Value::from(keys).to_string();
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT subject, snapshot FROM items \
         WHERE forge = $1 AND subject IN (SELECT value FROM json_each($2))",
    )
    .bind(place.as_str())
    .bind(keys)
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().collect())
}
