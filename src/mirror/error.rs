//! What can go wrong with the mirror.

use std::path::PathBuf;

use super::Place;
use crate::{forge::ForgeError, store::StoreError};

/// Why the mirror's file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// There is none yet.
    #[error("there is no mirror at `{}`: run `steward sync` first", .0.display())]
    Missing(PathBuf),
    /// An older Steward filled it, which did not write down from which forge.
    #[error(
        "the mirror at `{}` is an older Steward's: run `steward sync`, which fills it anew",
        .0.display()
    )]
    Old(PathBuf),
    /// It has items of several forges, and nothing says which are meant.
    #[error(
        "the mirror at `{}` has items of several forges ({}): set the secrets of one of them, or \
         give each a file of its own with `path` in [mirror]",
        path.display(),
        places.iter().map(Place::to_string).collect::<Vec<_>>().join(", ")
    )]
    SeveralForges {
        /// The file.
        path: PathBuf,
        /// The forges.
        places: Vec<Place>,
    },
    /// Another process fills it, or there is no place for it.
    #[error("mirror: {0}")]
    Locked(StoreError),
    /// The file cannot be opened or its tables cannot be made.
    #[error(
        "cannot open the mirror `{}`: {reason}; delete the file and run `steward sync` again: \
         nothing but time is lost",
        path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        reason: String,
    },
    /// The database of the server cannot be read.
    #[error("ledgers: {0}")]
    Ledgers(StoreError),
    /// The database refused: disk full, input/output error.
    #[error("mirror `{}`: {error}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        error: sqlx::Error,
    },
    /// Something cannot be kept, or what was kept cannot be read.
    #[error("mirror: {what}: {error}")]
    Json {
        /// What.
        what: String,
        /// What does not fit.
        error: serde_json::Error,
    },
}

/// Why a project could not be read to its end. What was read is kept, and the next run goes on
/// there.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The forge, after some more tries where these can help.
    #[error("{project}: {error}; what was read is kept, and the next `steward sync` goes on there")]
    Forge {
        /// The project.
        project: String,
        /// What happened last.
        error: ForgeError,
    },
    /// The file.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}
