//! The files of a cleanup: what was proposed, and what brings it all back.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    forge::{ForgeError, LabelDefinition},
    model::{LabelName, State, Subject},
    store::StoreError,
};

/// The form of the files; another one is refused.
const FORMAT: u32 = 1;

/// Why a cleanup does not go on. What was done is in the journal.
#[derive(Debug, thiserror::Error)]
pub enum CleanupError {
    /// A file cannot be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {message}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// What the forge said last.
    #[error("{0}")]
    Forge(#[from] ForgeError),
    /// Another process is at work on it.
    #[error("{0}")]
    Locked(#[from] StoreError),
    /// It may not be done, or not yet.
    #[error("{0}")]
    Refused(String),
}

/// An item as it was before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Which.
    pub subject: Subject,
    /// Where people see it.
    pub url: String,
    /// Open, closed or merged.
    pub state: State,
    /// Its labels, all of them.
    pub labels: Vec<LabelName>,
    /// When it had last changed.
    pub updated_at: DateTime<Utc>,
}

/// What is to be done, as it was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    format: u32,
    /// Names it in comments and commands.
    pub id: String,
    /// The integration's key in the catalog.
    pub integration: String,
    /// The label that goes.
    pub label: LabelDefinition,
    /// Where the list is posted, and approved.
    pub tracking: Subject,
    /// When the list was made.
    pub posted_at: DateTime<Utc>,
    /// Everything that carries the label.
    pub items: Vec<Kept>,
}

impl Proposal {
    /// A proposal, with a name that no other one has.
    pub fn new(
        integration: &str,
        label: LabelDefinition,
        tracking: Subject,
        posted_at: DateTime<Utc>,
        items: Vec<Kept>,
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{} {tracking} {}", label.name, posted_at.timestamp_micros()));
        for item in &items {
            hash.update(item.subject.to_string());
        }
        let id = hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let integration = integration.to_owned();
        Self { format: FORMAT, id, integration, label, tracking, posted_at, items }
    }

    /// What is open, and would be closed.
    pub fn open(&self) -> impl Iterator<Item = &Kept> {
        self.items.iter().filter(|item| item.state == State::Open)
    }
}

/// What brings it all back: the label, and everything that carried it, as it was before the first
/// write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreFile {
    format: u32,
    /// The cleanup's name.
    pub id: String,
    /// The integration's key in the catalog.
    pub integration: String,
    /// The label.
    pub label: LabelDefinition,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// Everything that carried the label.
    pub items: Vec<Kept>,
    /// The places in `items` of those that are closed.
    pub closes: Vec<usize>,
}

impl RestoreFile {
    /// What a proposal comes to now: what was posted and is open is closed; what came since is kept
    /// in mind and left alone.
    pub fn new(
        proposal: &Proposal,
        label: LabelDefinition,
        items: Vec<Kept>,
        written_at: DateTime<Utc>,
    ) -> Self {
        let posted: std::collections::HashSet<&Subject> =
            proposal.open().map(|item| &item.subject).collect();
        let closes = (0..items.len())
            .filter(|&at| items[at].state == State::Open && posted.contains(&items[at].subject));
        Self {
            format: FORMAT,
            id: proposal.id.clone(),
            integration: proposal.integration.clone(),
            label,
            written_at,
            closes: closes.collect(),
            items,
        }
    }
}

/// Where the files lie: a folder beside the database.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder beside this database.
    pub fn beside(database: &Path) -> Self {
        Self(database.parent().unwrap_or(Path::new("")).join("cleanups"))
    }

    /// The file of a proposal.
    pub fn proposal(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.proposal.json"))
    }

    /// The restore file.
    pub fn restore(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.restore.json"))
    }

    /// Writes a proposal.
    ///
    /// # Errors
    /// [`CleanupError::File`].
    pub fn put_proposal(&self, proposal: &Proposal) -> Result<(), CleanupError> {
        write(&self.proposal(&proposal.id), proposal)
    }

    /// Reads a proposal by its name.
    ///
    /// # Errors
    /// [`CleanupError::Refused`] when there is none, [`CleanupError::File`],
    /// [`CleanupError::Damaged`].
    pub fn proposal_of(&self, id: &str) -> Result<Proposal, CleanupError> {
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let path = self.proposal(id);
        if !plain || !path.exists() {
            return Err(CleanupError::Refused(format!(
                "there is no cleanup `{id}` in {}; `steward cleanup propose` makes one",
                self.0.display()
            )));
        }
        let proposal: Proposal = read(&path)?;
        known(&path, proposal.format)?;
        Ok(proposal)
    }

    /// Writes the restore file. When this has returned it is on the disk.
    ///
    /// # Errors
    /// [`CleanupError::File`].
    pub fn put_restore(&self, file: &RestoreFile) -> Result<(), CleanupError> {
        write(&self.restore(&file.id), file)
    }
}

/// Reads a restore file.
///
/// # Errors
/// [`CleanupError::File`], [`CleanupError::Damaged`].
pub(super) fn restore_file(path: &Path) -> Result<RestoreFile, CleanupError> {
    let file: RestoreFile = read(path)?;
    known(path, file.format)?;
    if file.closes.iter().any(|at| *at >= file.items.len()) {
        let message = "`closes` names an item that `items` does not have".to_owned();
        return Err(CleanupError::Damaged { path: path.to_owned(), message });
    }
    Ok(file)
}

fn known(path: &Path, format: u32) -> Result<(), CleanupError> {
    match format {
        FORMAT => Ok(()),
        other => Err(CleanupError::Damaged {
            path: path.to_owned(),
            message: format!("has format {other}; this Steward knows {FORMAT}"),
        }),
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, CleanupError> {
    let failed = |error| CleanupError::File { path: path.to_owned(), error };
    let text = fs::read_to_string(path).map_err(failed)?;
    serde_json::from_str(&text).map_err(|error| CleanupError::Damaged {
        path: path.to_owned(),
        message: error.to_string(),
    })
}

/// Writes a file whole or not at all, and waits for the disk. Titles are not in it, but that items
/// are there may be confidential: only its owner can read it.
fn write(path: &Path, value: &impl Serialize) -> Result<(), CleanupError> {
    let failed = |error| CleanupError::File { path: path.to_owned(), error };
    let text = serde_json::to_string_pretty(value).map_err(|error| failed(error.into()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder).map_err(failed)?;
    let beside = path.with_extension("new");
    let mut file = crate::store::private(&beside)?;
    file.set_len(0).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.write_all(b"\n").map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&beside, path).map_err(failed)?;
    // The name is on the disk when the folder is.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
