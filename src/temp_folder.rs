//! A folder that goes when its owner does.

use std::path::{Path, PathBuf};

/// A folder of its own under the system's temporary one.
#[derive(Debug)]
pub(crate) struct TempFolder(PathBuf);

impl TempFolder {
    /// Makes an empty folder whose name begins with `name`.
    pub(crate) fn new(name: &str) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("{name}-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // A folder that stays behind in the temporary one is no reason to fail.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
