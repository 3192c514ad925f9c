//! The mirror: a local copy of what the forge shows of its open items, for previews and sweeps.
//!
//! It is a file of its own, since a running server holds the main database and a build server has
//! none. What stands in it may be old: nothing is ever written to a forge because of it without a
//! fresh reading. All of it can be read again, so it may be deleted at any time.

mod changes;
mod error;
mod feed;
mod items;
mod open;
mod pace;
mod place;
mod projects;
mod read;
mod sync;

use std::path::PathBuf;

use sqlx::SqliteConnection;
use tokio::sync::Mutex;

pub use error::{MirrorError, SyncError};
pub use feed::feed;
pub use items::{NewItem, Saved};
pub use pace::Pace;
pub use place::Place;
pub use projects::{Cursor, MirroredProject};
pub use read::{MirrorReader, Row};
pub use sync::{Patience, Progress, Silent, Sync, Synced};

/// A mirror that is written to. One process at a time: its lock is held as long as it is open.
#[derive(Debug)]
pub struct Mirror {
    db: Mutex<SqliteConnection>,
    path: PathBuf,
    /// The forge that it is filled from now. What the file has of others is not touched.
    place: Place,
    _lock: crate::store::FileLock,
}
