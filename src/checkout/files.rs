//! Single files: at head from the working tree, at the base from git.
//!
//! A file at head is there when git tracks it, or when the change adds it: one that is ignored
//! would not be in a merge request either.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read},
    path::Path,
};

use super::{Checkout, CheckoutError};
use crate::{
    git,
    model::{Facet, FacetValue, FileAt, FileContent, FileStatus, MOST_FILES, Side, Unreadable},
};

/// So many bytes of an answer about paths are read.
const MOST_LISTED: u64 = 16 * 1024 * 1024;
/// What git calls a symbolic link and a repository of its own (git-ls-tree(1)).
const LINK: &str = "120000";
const REPOSITORY: &str = "160000";

/// What git knows of a path.
#[derive(Debug, Clone)]
struct Known {
    mode: String,
    id: String,
    /// Left out of the working tree on purpose (git-sparse-checkout(1)).
    skipped: bool,
}

impl Checkout {
    /// Reads files; of more than [`MOST_FILES`] the rest is not read.
    pub(super) fn files<'f>(
        &mut self,
        asked: impl Iterator<Item = &'f FileAt>,
    ) -> Result<Vec<(Facet, FacetValue)>, CheckoutError> {
        let asked: Vec<&FileAt> = asked.collect();
        let heads = asked.iter().filter(|at| at.side == Side::Head);
        let known =
            self.tracked(heads.map(|at| at.path.as_str()).filter(|path| is_inside(path)))?;
        let mut found = Vec::new();
        for at in asked {
            let content = if self.read >= MOST_FILES {
                FileContent::Unreadable(Unreadable::TooMany { most: MOST_FILES })
            } else if !is_inside(&at.path) {
                FileContent::Unreadable(Unreadable::BadPath)
            } else {
                self.read += 1;
                match at.side {
                    Side::Head => self.at_head(&at.path, known.get(&at.path))?,
                    Side::Base => self.at_base(&at.path)?,
                }
            };
            found.push((Facet::File(at.clone()), FacetValue::File(content)));
        }
        Ok(found)
    }

    /// What the index has of these paths (git-ls-files(1): `<tag> <mode> <id> <stage>TAB<path>`).
    fn tracked<'f>(
        &self,
        paths: impl Iterator<Item = &'f str>,
    ) -> Result<BTreeMap<String, Known>, CheckoutError> {
        let mut arguments =
            ["--literal-pathspecs", "ls-files", "-z", "-s", "-t", "--"].map(str::to_owned).to_vec();
        let fixed = arguments.len();
        arguments.extend(paths.take(MOST_FILES).map(str::to_owned));
        if arguments.len() == fixed {
            return Ok(BTreeMap::new());
        }
        let listed = self.listed("the files that are tracked", &arguments)?;
        let entries = listed.split('\0').filter_map(|entry| {
            let (facts, path) = entry.split_once('\t')?;
            let mut facts = facts.split(' ');
            let (tag, mode, id) = (facts.next()?, facts.next()?, facts.next()?);
            let known = Known { mode: mode.into(), id: id.into(), skipped: tag == "S" };
            Some((path.to_owned(), known))
        });
        Ok(entries.collect())
    }

    fn listed(&self, what: &'static str, arguments: &[String]) -> Result<String, CheckoutError> {
        let listed = git::bounded(&self.root, arguments, MOST_LISTED)
            .map_err(|said| CheckoutError::Git { what, said })?;
        match listed.cut {
            true => Err(CheckoutError::TooMuch { what, most: MOST_LISTED }),
            false => Ok(String::from_utf8_lossy(&listed.bytes).into_owned()),
        }
    }

    fn at_head(&self, path: &str, known: Option<&Known>) -> Result<FileContent, CheckoutError> {
        let added = || {
            let file = self.changes.file(path);
            file.is_some_and(|file| file.status != FileStatus::Deleted)
        };
        match known {
            None if !added() => return Ok(FileContent::Absent),
            Some(known) if known.mode == REPOSITORY => return Ok(FileContent::Absent),
            _ => {}
        }
        match (from_disk(&self.root, path), known) {
            (FileContent::Absent, Some(known)) if known.skipped => self.blob(known),
            (content, _) => Ok(content),
        }
    }

    fn at_base(&self, path: &str) -> Result<FileContent, CheckoutError> {
        let base = self.base.commit.as_str();
        let arguments = ["--literal-pathspecs", "ls-tree", "-z", "--full-tree", base, "--", path];
        let listed = self.listed("a file before the change", &arguments.map(str::to_owned))?;
        // `<mode> <type> <id>TAB<path>`
        let entry = listed.split('\0').find_map(|entry| {
            let (facts, found) = entry.split_once('\t')?;
            let mut facts = facts.split(' ');
            let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
            let is_file = found == path && kind == "blob";
            is_file.then(|| Known { mode: mode.into(), id: id.into(), skipped: false })
        });
        match entry {
            Some(known) => self.blob(&known),
            None => Ok(FileContent::Absent),
        }
    }

    /// A file out of git itself.
    fn blob(&self, known: &Known) -> Result<FileContent, CheckoutError> {
        if known.mode == LINK {
            return Ok(FileContent::Unreadable(Unreadable::BadPath));
        }
        let arguments = ["cat-file", "blob", &known.id];
        let blob = git::bounded(&self.root, &arguments, Self::MOST_BYTES)
            .map_err(|said| CheckoutError::Git { what: "a file out of git", said })?;
        Ok(content(&blob.bytes, blob.cut))
    }
}

fn content(bytes: &[u8], cut: bool) -> FileContent {
    match cut {
        true => FileContent::Unreadable(Unreadable::TooLarge { most: Checkout::MOST_BYTES }),
        false => FileContent::from_bytes(bytes),
    }
}

/// Whether a path stays inside the repository.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(|c: char| c.is_control())
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A file of the working tree. No link is followed, neither for a folder on the way nor for the
/// file: what it leads to may lie outside.
fn from_disk(root: &Path, path: &str) -> FileContent {
    let mut place = root.to_owned();
    for part in path.split('/') {
        place.push(part);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_symlink() => {
                return FileContent::Unreadable(Unreadable::BadPath);
            }
            Ok(_) => {}
            Err(error) => return failed(&error),
        }
    }
    let is_file = fs::symlink_metadata(&place).is_ok_and(|found| found.is_file());
    let is_folder = fs::symlink_metadata(&place).is_ok_and(|found| found.is_dir());
    match (is_file, is_folder) {
        (true, _) => {}
        (false, true) => return FileContent::Absent,
        // A pipe or a device: reading it might never end.
        (false, false) => return FileContent::Unreadable(Unreadable::NotText),
    }
    let most = Checkout::MOST_BYTES;
    let mut bytes = Vec::new();
    match File::open(&place).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)) {
        Ok(_) => content(&bytes, bytes.len() as u64 > most),
        Err(error) => failed(&error),
    }
}

/// A file that cannot be read is one that proves nothing.
fn failed(error: &std::io::Error) -> FileContent {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileContent::Absent,
        _ => FileContent::Unreadable(Unreadable::NotText),
    }
}
