//! What a merge request changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The changed files of a merge request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// In the forge's order.
    pub files: Vec<ChangedFile>,
    /// False when the forge cut the list: then the absence of a file proves nothing.
    pub complete: bool,
}

/// One changed file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Path at head (at base, for a deleted file).
    pub path: String,
    /// Path at base, when the file was renamed.
    pub previous_path: Option<String>,
    /// What happened to it.
    pub status: FileStatus,
    /// The lines of the file at head that the change adds or rewrites.
    #[serde(default, skip_serializing_if = "AddedLines::is_unread")]
    pub added: AddedLines,
}

/// What happened to a changed file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// New at head.
    Added,
    /// There before and after.
    #[default]
    Modified,
    /// There under another path before.
    Renamed,
    /// Gone at head.
    Deleted,
}

/// The lines of a file at head that a change adds or rewrites.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddedLines {
    /// Nobody asked.
    #[default]
    Unread,
    /// The forge does not show them, since the change to the file is too large or collapsed.
    NotShown,
    /// These.
    Lines(Vec<LineSpan>),
}

impl AddedLines {
    /// Whether nobody asked.
    pub fn is_unread(&self) -> bool {
        matches!(self, Self::Unread)
    }

    /// Whether a line, from 1, is among them; `None` where nobody can tell.
    pub fn has(&self, line: u32) -> Option<bool> {
        match self {
            Self::Unread | Self::NotShown => None,
            Self::Lines(spans) => Some(spans.iter().any(|span| span.has(line))),
        }
    }
}

/// Lines that follow each other, from 1, the last among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSpan {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

impl LineSpan {
    /// Whether a line is among them.
    pub fn has(self, line: u32) -> bool {
        (self.first..=self.last).contains(&line)
    }
}

impl Changes {
    /// What happened to the file at a path at head, if it was changed.
    pub fn file(&self, path: &str) -> Option<&ChangedFile> {
        self.files.iter().find(|file| file.path == path && file.status != FileStatus::Deleted)
    }
}
