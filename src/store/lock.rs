//! One process on one SQLite file.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::StoreError;

/// Holds the advisory lock beside a database. The system lets go of it when the process ends,
/// however it ends, so that a left-over lock file means nothing.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock of the database at `path`, waiting at most `patience`: when a service is
    /// restarted, the old process may need a moment to end.
    ///
    /// # Errors
    /// [`StoreError::InUse`] if it stays held, [`StoreError::Unwritable`] if there is no place
    /// for the lock file.
    pub(crate) async fn take(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        const PAUSE: Duration = Duration::from_millis(50);
        let lock = lock_path(path);
        let file = private(&lock)?;
        let mut left = patience;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if left.is_zero() => {
                    return Err(StoreError::InUse { path: path.to_owned(), lock });
                }
                Err(TryLockError::WouldBlock) => {
                    let pause = left.min(PAUSE);
                    tokio::time::sleep(pause).await;
                    left -= pause;
                }
                Err(TryLockError::Error(error)) => {
                    return Err(StoreError::Unwritable { path: lock, error: Arc::new(error) });
                }
            }
        }
    }
}

/// The lock file of a database: its name with `.lock` behind it.
fn lock_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".lock");
    name.into()
}

/// Opens a file for writing, or makes an empty one that only its owner may read: bodies of
/// deliveries can be about confidential issues. Never truncates.
pub(crate) fn private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
        .open(path)
        .map_err(|error| StoreError::Unwritable { path: path.to_owned(), error: Arc::new(error) })
}
