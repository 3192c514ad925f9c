//! Policies out of a revision of a git repository, read with the `git` command: what a merge
//! request starts from is not checked out anywhere.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::Stdio,
};

use super::{
    error::{PolicyError, PolicyErrors},
    source::{MAX_FILE_BYTES, MAX_FILES, Origin, PolicySource, SourceFile, is_ignored, too_large},
};
use crate::git;

impl PolicySource {
    /// Only the files below `path` in a revision of the repository around `folder`. A `path` that
    /// begins with `./` is counted from `folder`, any other one from the repository's root; an
    /// empty one is the root. Files are named `REV:PATH/file` in messages.
    ///
    /// # Errors
    /// Without `git`, outside a repository, for a revision or path that is not there; else as
    /// [`PolicySource::from_dir`].
    pub fn from_git(folder: &Path, revision: &str, path: &str) -> Result<Self, PolicyErrors> {
        let path = path.trim_end_matches('/');
        let place = format!("{revision}:{path}");
        let listed = git::run(
            folder,
            &["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", &place],
        )
        .map_err(|why| PolicyError::whole_file(&place, why))?;
        if !listed.status.success() {
            return Err(PolicyError::whole_file(&place, git::said(&listed.stderr))
                .with_help(Some(
                    "expected a revision and a folder in it, as in `main:policies`".to_owned(),
                ))
                .into());
        }
        let mut errors = PolicyErrors::default();
        let mut wanted = Vec::new();
        for entry in listed.stdout.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            match Entry::read(entry) {
                Some(entry) if entry.path.split('/').any(is_ignored) => {}
                Some(entry) if entry.mode == "160000" => {}
                Some(entry) if entry.mode == "120000" => errors.push(PolicyError::whole_file(
                    format!("{place}/{}", entry.path),
                    "a symbolic link: it is not followed in a revision",
                )),
                Some(entry) if entry.size > MAX_FILE_BYTES => errors
                    .push(PolicyError::whole_file(format!("{place}/{}", entry.path), too_large())),
                Some(entry) => wanted.push(entry),
                None => errors.push(PolicyError::whole_file(
                    &place,
                    format!("a name that is not UTF-8: {}", String::from_utf8_lossy(entry)),
                )),
            }
        }
        if wanted.len() > MAX_FILES {
            let message = format!("more than {MAX_FILES} files; is this the right folder?");
            errors.push(PolicyError::whole_file(&place, message));
            return Err(errors);
        }
        let texts = blobs(folder, &wanted).map_err(|why| PolicyError::whole_file(&place, why))?;
        let mut files = BTreeMap::new();
        for (entry, bytes) in wanted.into_iter().zip(texts) {
            let name = format!("{place}/{}", entry.path);
            match String::from_utf8(bytes) {
                Ok(text) => {
                    let origin = Origin::File(PathBuf::from(name));
                    files.insert(entry.path.clone(), SourceFile::new(entry.path, origin, text));
                }
                Err(_) => {
                    errors.push(PolicyError::whole_file(name, "the file is not UTF-8 text"));
                }
            }
        }
        errors.or(Self::from_parts(files, Some(PathBuf::from(place))))
    }
}

/// A file of a tree.
struct Entry {
    mode: String,
    id: String,
    size: u64,
    path: String,
}

impl Entry {
    /// `<mode> SP <type> SP <id> SP+ <size> TAB <path>` (git-ls-tree, "Output format").
    fn read(entry: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(entry).ok()?;
        let (facts, path) = text.split_once('\t')?;
        let mut facts = facts.split_ascii_whitespace();
        let (mode, _, id) = (facts.next()?, facts.next()?, facts.next()?);
        // Of what is no file git says `-`.
        let size = facts.next()?.parse().unwrap_or_default();
        Some(Self { mode: mode.to_owned(), id: id.to_owned(), size, path: path.to_owned() })
    }
}

/// The contents of files, in their order (git-cat-file, "Batch output").
fn blobs(folder: &Path, entries: &[Entry]) -> Result<Vec<Vec<u8>>, String> {
    let mut child = git::command(folder)
        .args(["cat-file", "--batch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| git::none(&error))?;
    let broken = |error: std::io::Error| format!("git cat-file: {error}");
    let (Some(mut asks), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("git cat-file: no pipe".to_owned());
    };
    let mut answers = BufReader::new(answers);
    let mut found = Vec::with_capacity(entries.len());
    for entry in entries {
        // One after the other: neither side waits for the other with a full pipe.
        writeln!(asks, "{}", entry.id).and_then(|()| asks.flush()).map_err(broken)?;
        let mut head = String::new();
        answers.read_line(&mut head).map_err(broken)?;
        let size: u64 = match head.split_ascii_whitespace().collect::<Vec<_>>()[..] {
            [_, "blob", size] => size.parse().map_err(|_| format!("git cat-file: {head}"))?,
            _ => return Err(format!("git cat-file: {}: {}", entry.path, head.trim())),
        };
        if size > MAX_FILE_BYTES {
            return Err(format!("{}: {}", entry.path, too_large()));
        }
        let mut bytes = Vec::new();
        // A newline ends the contents.
        answers.by_ref().take(size + 1).read_to_end(&mut bytes).map_err(broken)?;
        bytes.pop();
        found.push(bytes);
    }
    drop(asks);
    child.wait().map_err(broken)?;
    Ok(found)
}
