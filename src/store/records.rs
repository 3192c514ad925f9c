//! Reading a database that a server may be writing to: nothing is written, nothing is locked, and
//! tables are taken as they are.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

use super::{
    StoreError, SweepRun,
    convert::{key, millis, time},
    ledger, open,
    plans::first_id_at,
    removals, sweeps,
};
use crate::model::{Ledger, RemovalRecord, Subject};

/// A decision as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What it is about.
    pub subject: Subject,
    /// When.
    pub at: DateTime<Utc>,
    /// The plan, as JSON.
    pub plan: String,
    /// What it was decided on, as JSON; `None` when that was not recorded.
    pub input: Option<String>,
}

/// A database that is only read.
#[derive(Debug, Clone)]
pub struct Records {
    path: PathBuf,
    pool: SqlitePool,
}

type Row = (String, i64, String, Option<String>);

/// Of one subject, its plans with their ids in the order of time, and its last decision to do
/// nothing.
const OF: &str = "SELECT subject, decided_at, data, input FROM plans WHERE id IN \
       (SELECT plan_id FROM audit WHERE subject = $1) \
     UNION ALL SELECT subject, decided_at, data, input FROM idle WHERE subject = $1 \
     ORDER BY decided_at";

/// Of all subjects. Ids of plans begin with their time.
const SINCE: &str = "SELECT subject, decided_at, data, input FROM plans WHERE id >= $1 \
     UNION ALL SELECT subject, decided_at, data, input FROM idle WHERE decided_at >= $2 \
     ORDER BY decided_at";

impl Records {
    /// Opens what is there.
    ///
    /// # Errors
    /// When there is no such file, or it is not a database that this Steward knows.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = open::connect_options(path).read_only(true).create_if_missing(false);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .map_err(|error| open::opening(path, error))?;
        Ok(Self { path: path.to_owned(), pool })
    }

    /// What Steward applied to a subject, as last recorded; empty if nothing was.
    ///
    /// # Errors
    /// [`StoreError::Open`], also when the tables are another version's.
    pub async fn ledger(&self, subject: &Subject) -> Result<Ledger, StoreError> {
        ledger::of(&self.pool, subject).await
    }

    /// What people recorded on tracking issues about integrations that leave.
    ///
    /// # Errors
    /// As [`Records::ledger`].
    pub async fn removal_records(&self) -> Result<Vec<RemovalRecord>, StoreError> {
        Ok(removals::all(&self.pool).await?.into_iter().map(|(_, record)| record).collect())
    }

    /// What a delivery was about and when it came in; `None` when it is not kept.
    ///
    /// # Errors
    /// As [`Records::ledger`].
    pub async fn delivery(
        &self,
        delivery: &str,
    ) -> Result<Option<(Option<Subject>, DateTime<Utc>)>, StoreError> {
        const DELIVERY: &str = "SELECT subject, received_at FROM inbox WHERE delivery = $1";
        let row: Option<(Option<String>, i64)> = sqlx::query_as(DELIVERY)
            .bind(delivery)
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.reading(error))?;
        Ok(row.map(|(subject, at)| (subject.and_then(|key| key.parse().ok()), time(at))))
    }

    /// The decisions about a subject, the oldest first: every plan that asked for something, and
    /// the last one that asked for nothing.
    ///
    /// # Errors
    /// As [`Records::ledger`].
    pub async fn of(&self, subject: &Subject) -> Result<Vec<Decided>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF)
            .bind(key(subject)?)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.reading(error))?;
        Ok(read(rows))
    }

    /// The decisions since a time, the oldest first.
    ///
    /// # Errors
    /// As [`Records::ledger`].
    pub async fn since(&self, at: DateTime<Utc>) -> Result<Vec<Decided>, StoreError> {
        let at = millis(at);
        let rows: Vec<Row> = sqlx::query_as(SINCE)
            .bind(first_id_at(at))
            .bind(at)
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.reading(error))?;
        Ok(read(rows))
    }

    /// The last run of each schedule that was ever seen.
    ///
    /// # Errors
    /// As [`Records::ledger`].
    pub async fn last_sweeps(&self) -> Result<Vec<SweepRun>, StoreError> {
        sweeps::last(&self.pool).await.map_err(|error| self.reading(error))
    }

    fn reading(&self, error: sqlx::Error) -> StoreError {
        open::opening(&self.path, error)
    }
}

fn read(rows: Vec<Row>) -> Vec<Decided> {
    let row = |(subject, at, plan, input): Row| {
        let subject = subject.parse().ok()?;
        Some(Decided { subject, at: time(at), plan, input })
    };
    rows.into_iter().filter_map(row).collect()
}
