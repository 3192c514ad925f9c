//! A file of a repository, whole.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// So many files of one subject are looked into at the most: each costs a call, and whoever opens
/// a merge request says how many a policy would ask for.
pub const MOST_FILES: usize = 100;

/// The longest path that is asked for, in bytes (Linux, `PATH_MAX`).
const LONGEST_PATH: usize = 4096;

/// Which version of a merge request's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// With the change.
    Head,
    /// Before it.
    Base,
}

/// A file of a merge request's project, with or without the change. As a text it is
/// `head:path` or `base:path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileAt {
    /// Which version.
    pub side: Side,
    /// Path from the root of the repository, as the forge writes it.
    pub path: String,
}

impl FileAt {
    /// A file with the change.
    pub fn head(path: impl Into<String>) -> Self {
        Self { side: Side::Head, path: path.into() }
    }

    /// A file before the change.
    pub fn base(path: impl Into<String>) -> Self {
        Self { side: Side::Base, path: path.into() }
    }

    /// Whether a file can have this path: relative to the root, each part a name, and nothing that
    /// an address or a terminal takes for something else. Paths come from texts that anybody may
    /// write, so that one which leads elsewhere is never asked for.
    pub fn is_sound(&self) -> bool {
        let odd = |c: char| c.is_control() || c == '\\';
        self.path.len() <= LONGEST_PATH
            && !self.path.contains(odd)
            && self.path.split('/').all(|part| !matches!(part, "" | "." | ".."))
    }
}

impl fmt::Display for FileAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.side {
            Side::Head => "head",
            Side::Base => "base",
        };
        write!(f, "{side}:{}", self.path)
    }
}

impl From<FileAt> for String {
    fn from(at: FileAt) -> Self {
        at.to_string()
    }
}

impl TryFrom<String> for FileAt {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("head", path)) => Ok(Self::head(path)),
            Some(("base", path)) => Ok(Self::base(path)),
            _ => Err(format!("`{text}` is no file; expected `head:path` or `base:path`")),
        }
    }
}

/// What stands in a file, or why nobody can tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileContent {
    /// A text.
    Text(Arc<str>),
    /// There is no such file.
    Absent,
    /// There is one that cannot be looked into.
    Unreadable(Unreadable),
}

/// Why a file cannot be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// It is no text, or one that is not in UTF-8.
    NotText,
    /// It is larger than what Steward reads.
    TooLarge {
        /// So many bytes are read at the most.
        most: u64,
    },
    /// So many files of one change are read at the most, and this is one more.
    TooMany {
        /// The limit.
        most: usize,
    },
    /// Its path is none that a file can have; it was not asked for.
    BadPath,
    /// Steward recorded the decision and not the file.
    NotRecorded,
}

impl FileContent {
    /// A text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// Bytes as they came, if they are a text.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Self::text(text),
            _ => Self::Unreadable(Unreadable::NotText),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_inside_the_repository_is_sound() {
        for path in ["a", "a/b.rb", "doc/ü ?#%/x", "...", ".a/..b", "a:b"] {
            assert!(FileAt::head(path).is_sound(), "{path}");
        }
        for path in
            ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a/.", "a\\b", "a\0", "a\nb", "\u{85}"]
        {
            assert!(!FileAt::base(path).is_sound(), "{path:?}");
        }
        assert!(!FileAt::head("a".repeat(4097)).is_sound());
    }
}
