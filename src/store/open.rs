//! Opening a SQLite file: one process, durable settings, tables up to date, leases freed.

use std::{path::Path, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{mpsc, watch};

use super::{
    Shared, Store, StoreError,
    dialect::{self, Flush},
    lock::{FileLock, private},
    sweeps, work,
    writer::Writer,
};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How many operations may wait for the writer before callers have to wait: a few batches, so
/// that a stall of the disk is felt by the senders and not by the memory.
const QUEUE: usize = 1024;

/// How the store behaves.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How long to wait for another process to let go of the file: a restarted service may
    /// overlap with its predecessor for a moment.
    pub lock_patience: Duration,
    /// How many connections read at the same time, at most.
    pub readers: u32,
    /// Names Steward and its policies. What another version has put aside is tried again when
    /// the store is opened: what stood in the way may have been mended.
    pub version: String,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { lock_patience: Duration::from_secs(5), readers: 2, version: String::new() }
    }
}

impl Store {
    /// Opens the database at `path`, making it and its folder if need be. Work that a dead
    /// process held is ready again at once, since nobody else can hold it.
    ///
    /// Must be called within a tokio runtime; the store ends with it.
    ///
    /// # Errors
    /// Each names the file: [`StoreError::Unwritable`], [`StoreError::InUse`],
    /// [`StoreError::NotADatabase`], [`StoreError::Migrate`], [`StoreError::Open`].
    pub async fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await.map_err(|error| StoreError::Unwritable {
                path: folder.to_owned(),
                error: Arc::new(error),
            })?;
        }
        let lock = FileLock::take(path, options.lock_patience).await?;
        drop(private(path)?);

        let mut db = connect_options(path).connect().await.map_err(|error| opening(path, error))?;
        MIGRATIONS.run(&mut db).await.map_err(|error| migrating(path, error))?;
        let freed = work::release_all(&mut db).await.map_err(|error| opening(path, error))?;
        if freed > 0 {
            tracing::info!(freed, "taking up work that an earlier process did not finish");
        }

        let swept = sweeps::release_all(&mut db).await.map_err(|error| opening(path, error))?;
        if swept > 0 {
            tracing::info!(swept, "taking up sweeps that an earlier process did not finish");
        }
        let revived = work::unpark_others(&mut db, &options.version)
            .await
            .map_err(|error| opening(path, error))?;
        if revived > 0 {
            tracing::info!(revived, "trying again what another version had put aside");
        }

        let readers = |most: u32| {
            SqlitePoolOptions::new()
                .min_connections(0)
                .max_connections(most.max(1))
                .connect_lazy_with(connect_options(path).read_only(true).create_if_missing(false))
        };
        let (ops, asked) = mpsc::channel(QUEUE);
        let (ready, signal) = watch::channel(0);
        let writer =
            Writer { db, lock, ops: asked, back: ops.downgrade(), ready, flush: Flush::Always };
        tokio::spawn(writer.run());
        Ok(Store {
            ops,
            readers: readers(options.readers),
            clock: readers(1),
            ready: signal,
            shared: Arc::new(Shared { version: options.version.into(), interrupted: freed }),
        })
    }
}

pub(super) fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        // A delivery has some 12 KB: fewer and larger pages, fewer calls to write them. A database
        // that is there already keeps its own size.
        .page_size(8192)
        .journal_mode(SqliteJournalMode::Wal)
        // What was answered must survive a power cut: the log is flushed at each commit.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .foreign_keys(true)
        // Copying the log back into the file goes to the disk twice; 32 MB at a time is seldom
        // enough to be cheap, and little enough to read back after a crash.
        .pragma("wal_autocheckpoint", "4000")
        .pragma("journal_size_limit", "67108864")
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .disable_statement_logging()
}

pub(super) fn opening(path: &Path, error: sqlx::Error) -> StoreError {
    let (path, corrupt) = (path.to_owned(), dialect::is_corrupt(&error));
    let error = Arc::new(error);
    if corrupt {
        StoreError::NotADatabase { path, error }
    } else {
        StoreError::Open { path, error }
    }
}

fn migrating(path: &Path, error: sqlx::migrate::MigrateError) -> StoreError {
    match error {
        sqlx::migrate::MigrateError::Execute(error) if dialect::is_corrupt(&error) => {
            opening(path, error)
        }
        error => StoreError::Migrate { path: path.to_owned(), error: Arc::new(error) },
    }
}
