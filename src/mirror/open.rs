//! Opening the mirror's file.

use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::{Mirror, MirrorError, Place};
use crate::store::FileLock;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/mirror");

/// How long to wait for another process that is just about to end.
const PATIENCE: Duration = Duration::from_secs(2);

impl Mirror {
    /// Opens the mirror at `path` for what one forge shows, making it and its folder if need be.
    ///
    /// # Errors
    /// Each names the file: [`MirrorError::Locked`], [`MirrorError::Open`].
    pub async fn open(path: &Path, place: Place) -> Result<Self, MirrorError> {
        let opening = |reason: String| MirrorError::Open { path: path.to_owned(), reason };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await.map_err(|error| opening(error.to_string()))?;
        }
        let lock = FileLock::take(path, PATIENCE).await.map_err(MirrorError::Locked)?;
        // Confidential items stand in it.
        drop(crate::store::private(path).map_err(MirrorError::Locked)?);
        let options = options(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A page that is lost in a power failure is read again.
            .synchronous(SqliteSynchronous::Normal);
        let mut db = options.connect().await.map_err(|error| opening(error.to_string()))?;
        MIGRATIONS.run(&mut db).await.map_err(|error| opening(error.to_string()))?;
        Ok(Self { db: db.into(), path: path.to_owned(), place, _lock: lock })
    }

    /// Closes the file in order, so that readers need nothing but it.
    pub async fn close(self) {
        // What was committed is kept however this ends.
        let _ = self.db.into_inner().close().await;
    }

    pub(super) fn failed(&self, error: sqlx::Error) -> MirrorError {
        MirrorError::Database { path: self.path.clone(), error }
    }
}

/// A connection that only reads, beside whoever writes.
pub(super) async fn reading(path: &Path) -> Result<SqliteConnection, MirrorError> {
    let options = options(path).read_only(true).create_if_missing(false);
    options
        .connect()
        .await
        .map_err(|error| MirrorError::Open { path: path.to_owned(), reason: error.to_string() })
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .page_size(8192)
        .busy_timeout(Duration::from_secs(5))
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}
