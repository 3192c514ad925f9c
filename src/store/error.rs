//! What can go wrong with the database.

use std::{path::PathBuf, sync::Arc};

use crate::model::Subject;

/// Why the store could not do what it was asked for. Whatever the variant, nothing of the
/// refused operation was kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The folder, the file or its lock file cannot be created or written.
    #[error("cannot write `{}`: {error}", path.display())]
    Unwritable {
        /// What could not be written.
        path: PathBuf,
        /// What the system said.
        error: Arc<std::io::Error>,
    },
    /// Another process has the database open.
    #[error(
        "`{}` is in use by another Steward (its lock `{}` is held); stop that one first",
        path.display(), lock.display()
    )]
    InUse {
        /// The database.
        path: PathBuf,
        /// The lock file.
        lock: PathBuf,
    },
    /// The file is there and is not a database, or a damaged one.
    #[error(
        "`{}` is not a SQLite database, or is damaged ({error}); move it away: \
         Steward begins a new one and finds its own comments on the forge again",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: Arc<sqlx::Error>,
    },
    /// The database could not be opened for another cause.
    #[error("cannot open `{}`: {error}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: Arc<sqlx::Error>,
    },
    /// The tables could not be brought up to date, or a newer Steward has made them.
    #[error(
        "cannot bring the tables of `{}` up to date: {error}; was it last used by a newer \
         Steward?",
        path.display()
    )]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        error: Arc<sqlx::migrate::MigrateError>,
    },
    /// The lease on the subject ran out and somebody else may work on it: stop, write nothing.
    #[error("the lease on {0} is lost")]
    LeaseLost(Box<Subject>),
    /// The caller asked for something that cannot be kept.
    #[error("cannot be stored: {0}")]
    Invalid(String),
    /// The database refused: disk full, input/output error, a broken rule of the schema.
    #[error("database: {0}")]
    Database(Arc<sqlx::Error>),
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolClosed => StoreError::Closed,
            error => StoreError::Database(Arc::new(error)),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Invalid(error.to_string())
    }
}
