//! The journal of a cleanup: each write is put here before it is made, and what came of it after.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::CleanupError;

/// A line of the journal. Items are named by their places in the restore file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Entry {
    /// Two people have approved: the work begins.
    Began {
        /// When.
        at: DateTime<Utc>,
        /// Who approved for the owner.
        owner: String,
        /// Who approved as a release manager.
        manager: String,
    },
    /// An item is about to be closed.
    Closing {
        /// Which.
        item: usize,
        /// When.
        at: DateTime<Utc>,
        /// When the item had last changed before.
        seen: DateTime<Utc>,
    },
    /// It is closed.
    Closed {
        /// Which.
        item: usize,
    },
    /// An item is left alone.
    Left {
        /// Which.
        item: usize,
        /// Why.
        why: String,
    },
    /// The first few are closed; nothing happens until then.
    Pausing {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Everything is closed that shall be.
    AllClosed {
        /// When.
        at: DateTime<Utc>,
    },
    /// The label is put aside.
    Archived,
    /// The forge cannot put it aside.
    NotArchived {
        /// What it said.
        why: String,
    },
    /// The label is about to be deleted.
    Deleting,
    /// It is deleted.
    Deleted,
    /// An item is about to be brought back.
    Restoring {
        /// Which.
        item: usize,
        /// Whether Steward closed it, so that it is to be opened again.
        reopen: bool,
    },
    /// It is as it was.
    Restored {
        /// Which.
        item: usize,
    },
}

/// How an item stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemProgress {
    /// About to be closed since a time; how it ended is not known.
    Closing {
        /// When.
        at: DateTime<Utc>,
        /// When the item had last changed before.
        seen: DateTime<Utc>,
    },
    /// Closed by Steward.
    Closed,
    /// Left alone.
    Left,
    /// Being brought back; how that ended is not known.
    Restoring {
        /// Whether it is to be opened again.
        reopen: bool,
    },
    /// Brought back.
    Restored,
}

/// What a journal comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Whether the work has begun.
    pub began: bool,
    /// The items that were touched, by their places in the restore file.
    pub items: BTreeMap<usize, ItemProgress>,
    /// Until when nothing happens after the first few.
    pub pausing: Option<DateTime<Utc>>,
    /// Since when everything is closed.
    pub all_closed: Option<DateTime<Utc>>,
    /// Whether the label was put aside, or could not be.
    pub archived: Option<bool>,
    /// Whether the label's deletion was begun.
    pub deleting: bool,
    /// Whether the label is deleted.
    pub deleted: bool,
    /// Whether anything was brought back.
    pub restoring: bool,
}

impl Progress {
    /// How many items are closed by Steward, of those that are not brought back.
    pub fn closed(&self) -> usize {
        self.items.values().filter(|item| **item == ItemProgress::Closed).count()
    }

    fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Began { .. } => self.began = true,
            Entry::Closing { item, at, seen } => {
                self.items.insert(item, ItemProgress::Closing { at, seen });
            }
            Entry::Closed { item } => {
                self.items.insert(item, ItemProgress::Closed);
            }
            Entry::Left { item, .. } => {
                self.items.insert(item, ItemProgress::Left);
            }
            Entry::Pausing { until } => self.pausing = Some(until),
            Entry::AllClosed { at } => self.all_closed = Some(at),
            Entry::Archived => self.archived = Some(true),
            Entry::NotArchived { .. } => self.archived = Some(false),
            Entry::Deleting => self.deleting = true,
            Entry::Deleted => self.deleted = true,
            Entry::Restoring { item, reopen } => {
                self.restoring = true;
                self.items.insert(item, ItemProgress::Restoring { reopen });
            }
            Entry::Restored { item } => {
                self.restoring = true;
                self.items.insert(item, ItemProgress::Restored);
            }
        }
    }
}

/// A journal that is open for writing, with what it says so far.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// What it says so far.
    pub progress: Progress,
}

impl Journal {
    /// The journal that belongs to a restore file.
    pub fn beside(restore_file: &Path) -> PathBuf {
        let name = restore_file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let id = name.strip_suffix(".restore.json").unwrap_or(name);
        restore_file.with_file_name(format!("{id}.journal"))
    }

    /// Reads what is there, and opens it for more. A last line without an end was never written: the
    /// process died in it, before what it announces.
    ///
    /// # Errors
    /// [`CleanupError::File`]; [`CleanupError::Damaged`] with the line.
    pub fn open(path: &Path) -> Result<Self, CleanupError> {
        let failed = |error| CleanupError::File { path: path.to_owned(), error };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = crate::store::private(path)?;
        let text = fs::read(path).map_err(failed)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut progress = Progress::default();
        for (at, line) in text[..whole].split(|byte| *byte == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            let entry = serde_json::from_slice(line).map_err(|error| CleanupError::Damaged {
                path: path.to_owned(),
                message: format!("line {}: {error}", at + 1),
            })?;
            progress.take(entry);
        }
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, progress })
    }

    /// Notes something. When this has returned it is on the disk.
    ///
    /// # Errors
    /// [`CleanupError::File`]: then nothing may be done that it announces.
    pub fn note(&mut self, entry: Entry) -> Result<(), CleanupError> {
        let failed = |error| CleanupError::File { path: self.path.clone(), error };
        let mut line = serde_json::to_vec(&entry).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(failed)?;
        self.file.sync_data().map_err(failed)?;
        self.progress.take(entry);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_says_after_a_crash_what_it_said_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = Journal::beside(&folder.path().join("cleanups/ab12.restore.json"));
        assert!(path.ends_with("cleanups/ab12.journal"), "{}", path.display());
        let at = DateTime::UNIX_EPOCH;
        let mut journal = Journal::open(&path).expect("new");
        for entry in [
            Entry::Began { at, owner: "anna".into(), manager: "ben".into() },
            Entry::Closing { item: 0, at, seen: at },
            Entry::Closed { item: 0 },
            Entry::Closing { item: 7, at, seen: at },
            Entry::Left { item: 3, why: "closed by \"somebody\"\n".into() },
        ] {
            journal.note(entry).expect("noted");
        }
        let before = journal.progress.clone();
        assert_eq!(before.closed(), 1);
        assert_eq!(before.items[&7], ItemProgress::Closing { at, seen: at });
        drop(journal);
        // It died in the middle of a line.
        let mut file = File::options().append(true).open(&path).expect("there");
        file.write_all(br#"{"what":"clos"#).expect("written");
        let mut journal = Journal::open(&path).expect("readable");
        assert_eq!(journal.progress, before);
        journal.note(Entry::Closed { item: 7 }).expect("noted");
        assert_eq!(Journal::open(&path).expect("readable").progress.closed(), 2);
    }

    #[test]
    fn what_nobody_wrote_is_refused_with_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.journal");
        fs::write(&path, "{\"what\":\"archived\"}\nhello\n").expect("written");
        let error = Journal::open(&path).expect_err("damaged").to_string();
        assert!(error.contains("a.journal: line 2:"), "{error}");
    }
}
