//! Writing files so that a reader sees the old text or the new one, never half of it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Replaces the contents of several files.
///
/// All new texts reach the disk under temporary names first; only then are they renamed, so that
/// a full disk changes nothing.
///
/// # Errors
/// The path and the cause of the first failure.
pub(super) fn replace_all<'a>(
    files: impl Iterator<Item = (PathBuf, &'a str)>,
) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut staged: Vec<(PathBuf, PathBuf)> = Vec::new();
    let mut failed = None;
    for (path, text) in files {
        // Behind a symbolic link the file is replaced, not the link.
        let target = std::fs::canonicalize(&path).unwrap_or(path);
        match stage(&target, text) {
            Ok(temporary) => staged.push((temporary, target)),
            Err(error) => {
                failed = Some((target, error));
                break;
            }
        }
    }
    let mut written = Vec::new();
    for (temporary, target) in staged {
        if failed.is_none() {
            match std::fs::rename(&temporary, &target) {
                Ok(()) => {
                    written.push(target);
                    continue;
                }
                Err(error) => failed = Some((target, error)),
            }
        }
        // Best effort: a left-over hidden file is not read by anything.
        let _ = std::fs::remove_file(&temporary);
    }
    match failed {
        Some(failure) => Err(failure),
        None => Ok(written),
    }
}

fn stage(target: &Path, text: &str) -> io::Result<PathBuf> {
    let dir = target.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir)?;
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    // Hidden, so that a load at this moment passes it over.
    let temporary = dir.join(format!(".{name}.{}.tmp", uuid::Uuid::new_v4().simple()));
    let result = (|| {
        let mut file = std::fs::File::create_new(&temporary)?;
        file.write_all(text.as_bytes())?;
        if let Ok(meta) = std::fs::metadata(target) {
            file.set_permissions(meta.permissions())?;
        }
        file.sync_all()
    })();
    match result {
        Ok(()) => Ok(temporary),
        Err(error) => {
            let _ = std::fs::remove_file(&temporary);
            Err(error)
        }
    }
}
