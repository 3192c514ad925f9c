//! All files of a repository at one commit, out of git itself: no working tree is needed, so that a
//! bare mirror will do.

use std::{
    collections::{BTreeMap, HashMap},
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};

use super::{Checkout, CheckoutError};
use crate::{
    git,
    model::{FileContent, Unreadable},
};

/// A listing of more bytes is none of a product's source.
const MOST_LISTED: u64 = 256 * 1024 * 1024;

/// The files of a commit.
#[derive(Debug)]
pub struct Tree {
    folder: PathBuf,
    commit: String,
    /// Ids of the blobs, by path.
    files: HashMap<String, String>,
}

impl Tree {
    /// Lists the files of a commit of the repository in or around a folder. Links and repositories
    /// in the repository are no files.
    ///
    /// # Errors
    /// Without `git`, outside a repository, or when there is no such commit.
    pub fn open(folder: &Path, revision: &str) -> Result<Self, CheckoutError> {
        let commit = Self::commit_of(folder, revision)?;
        let what = "the files of a commit";
        let arguments = ["ls-tree", "-r", "-z", "--full-tree", &commit];
        let listed = git::bounded(folder, &arguments, MOST_LISTED)
            .map_err(|said| CheckoutError::Git { what, said })?;
        if listed.cut {
            return Err(CheckoutError::TooMuch { what, most: MOST_LISTED });
        }
        // `<mode> <type> <id>TAB<path>`
        let entries = listed.bytes.split(|byte| *byte == 0).filter_map(|entry| {
            let entry = std::str::from_utf8(entry).ok()?;
            let (facts, path) = entry.split_once('\t')?;
            let mut facts = facts.split(' ');
            let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
            (kind == "blob" && mode.starts_with("100")).then(|| (path.to_owned(), id.to_owned()))
        });
        Ok(Self { folder: folder.to_owned(), commit, files: entries.collect() })
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// As [`Tree::open`].
    pub fn commit_of(folder: &Path, revision: &str) -> Result<String, CheckoutError> {
        let wanted = format!("{revision}^{{commit}}");
        let arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted];
        let output = git::run(folder, &arguments)
            .map_err(|said| CheckoutError::Git { what: "the commit", said })?;
        if !output.status.success() {
            return Err(CheckoutError::NoRevision {
                revision: revision.to_owned(),
                folder: folder.display().to_string(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The commit, in full.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The paths of all files, in no order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Reads files, all with one call of git; a path that is none is absent.
    ///
    /// # Errors
    /// When git fails.
    pub fn read<'p>(
        &self,
        paths: impl Iterator<Item = &'p str>,
    ) -> Result<BTreeMap<String, FileContent>, CheckoutError> {
        let mut found = BTreeMap::new();
        let mut asked: Vec<(&str, &str)> = Vec::new();
        for path in paths {
            match self.files.get(path) {
                Some(id) => asked.push((path, id)),
                None => drop(found.insert(path.to_owned(), FileContent::Absent)),
            }
        }
        let said = |said: String| CheckoutError::Git { what: "files out of git", said };
        if !asked.is_empty() {
            found.extend(self.blobs(&asked).map_err(said)?);
        }
        Ok(found)
    }

    /// git-cat-file(1): for each id on its input `<id> <type> <size>`, the bytes, and a line's end.
    fn blobs(&self, asked: &[(&str, &str)]) -> Result<Vec<(String, FileContent)>, String> {
        let broken = |error: std::io::Error| format!("git: {error}");
        let mut child = git::command(&self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| git::none(&error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("git: no pipe".to_owned());
        };
        let ids: String = asked.iter().map(|(_, id)| format!("{id}\n")).collect();
        // Beside the reading: git waits when nobody takes what it prints. If it ends early, that is
        // seen below.
        let writer = thread::spawn(move || drop(input.write_all(ids.as_bytes())));
        let mut output = BufReader::new(output);
        let mut found = Vec::with_capacity(asked.len());
        for (path, id) in asked {
            let mut head = String::new();
            output.read_line(&mut head).map_err(broken)?;
            let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
            let Some(size) = size else {
                return Err(format!("git: it does not have {path} ({id}): {}", head.trim_end()));
            };
            let most = Checkout::MOST_BYTES;
            let mut bytes = Vec::new();
            output.by_ref().take(size.min(most)).read_to_end(&mut bytes).map_err(broken)?;
            let rest = (size - size.min(most)) + 1;
            std::io::copy(&mut output.by_ref().take(rest), &mut std::io::sink()).map_err(broken)?;
            let content = match size > most {
                true => FileContent::Unreadable(Unreadable::TooLarge { most }),
                false => FileContent::from_bytes(&bytes),
            };
            found.push(((*path).to_owned(), content));
        }
        drop(output);
        // Nothing waits for it any more.
        let _ = writer.join();
        let _ = child.wait();
        Ok(found)
    }
}
