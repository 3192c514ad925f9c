//! The entries below a path.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use crate::evidence::{
    MOST_BYTES,
    deprecations::{Expected, File},
};

/// So many entries are read at the most: further ones would be another folder than was meant.
const MOST_FILES: usize = 10_000;
/// Folders are looked into so deep.
const MOST_DEPTH: usize = 8;

/// What lies there.
#[derive(Debug)]
pub(super) struct Found {
    /// The entries, in the order of their paths.
    pub(super) files: Vec<File>,
    /// All entries of a repository, as opposed to one of them.
    pub(super) whole: bool,
}

/// Finds the entries: below the top of a repository, in the folder itself, or a single one.
///
/// # Errors
/// Why nothing can be read there.
pub(super) fn find(path: &Path, expected: &Expected) -> Result<Found, String> {
    let folder = Path::new(&expected.folder);
    let meta = fs::metadata(path).map_err(|error| cannot(path, &error))?;
    if meta.is_file() {
        let (root, name) = split(path, folder);
        let file = read(path, inside(path, root.as_deref()), name)?;
        return Ok(Found { files: vec![file], whole: false });
    }
    let below = path.join(folder);
    let root = if below.is_dir() { below } else { path.to_owned() };
    let mut paths = Vec::new();
    walk(&root, 0, &mut paths)?;
    let mut files = Vec::new();
    for one in paths {
        let inner = inside(&one, Some(&root));
        if !expected.is_entry(&inner) {
            continue;
        }
        let name = if root == path {
            split(&one, folder).1
        } else {
            format!("{}/{inner}", expected.folder)
        };
        files.push(read(&one, inner, name)?);
    }
    if files.is_empty() {
        return Err(format!(
            "{}: there is no entry; expected the top of a repository with `{}` in it, that \
             folder, or one entry",
            path.display(),
            expected.folder
        ));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Found { files, whole: true })
}

/// The folder of entries around a file, if it lies in one, and the file's name in findings: from
/// the top of the repository, if that is known.
fn split(path: &Path, folder: &Path) -> (Option<PathBuf>, String) {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let around = real.ancestors().skip(1).find(|around| around.ends_with(folder));
    match around {
        Some(around) => {
            let inner = real.strip_prefix(around).unwrap_or(&real);
            (Some(around.to_owned()), slashes(&folder.join(inner)))
        }
        None => (None, slashes(path)),
    }
}

/// A path from the folder on; a single file in no such folder is its name.
fn inside(path: &Path, root: Option<&Path>) -> String {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let inner = root.and_then(|root| {
        path.strip_prefix(root).or_else(|_| real.strip_prefix(root)).map(slashes).ok()
    });
    let name = || path.file_name().map(|name| name.to_string_lossy().into_owned());
    inner.or_else(name).unwrap_or_default()
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Links are not followed: they may lead anywhere.
fn walk(dir: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    if depth > MOST_DEPTH {
        return Err(format!("{}: folders are nested deeper than {MOST_DEPTH}", dir.display()));
    }
    for entry in fs::read_dir(dir).map_err(|error| cannot(dir, &error))? {
        let entry = entry.map_err(|error| cannot(dir, &error))?;
        let kind = entry.file_type().map_err(|error| cannot(&entry.path(), &error))?;
        if kind.is_dir() {
            walk(&entry.path(), depth + 1, paths)?;
        } else if kind.is_file() {
            if paths.len() >= MOST_FILES {
                return Err(format!(
                    "{}: more than {MOST_FILES} files; is this the right folder?",
                    dir.display()
                ));
            }
            paths.push(entry.path());
        }
    }
    Ok(())
}

fn read(path: &Path, inner: String, name: String) -> Result<File, String> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| cannot(path, &error))?;
    let text = match bytes.len() > MOST_BYTES {
        // Cut within a character it would be no text; that it is too large is told anyway.
        true => Some(String::from_utf8_lossy(&bytes).into_owned()),
        false => String::from_utf8(bytes).ok(),
    };
    Ok(File { path: inner, name, text })
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be read: {error}", path.display())
}
