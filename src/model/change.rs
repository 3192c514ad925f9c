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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Path at head (at base, for a deleted file).
    pub path: String,
    /// Path at base, when the file was renamed.
    pub previous_path: Option<String>,
    /// What happened to it.
    pub status: FileStatus,
}

/// What happened to a changed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// New at head.
    Added,
    /// There before and after.
    Modified,
    /// There under another path before.
    Renamed,
    /// Gone at head.
    Deleted,
}
