//! What an entry about a deprecation says.

use serde::Serialize;

use crate::model::Version;

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    #[serde(flatten)]
    pub at: Place,
}

/// A milestone of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// In this release.
    Version(Version),
    /// Not decided yet.
    Pending,
    /// It will not happen.
    Cancelled,
    /// Something else, as it is written.
    Unreadable(String),
}

impl When {
    /// The version, if it is one.
    pub fn version(&self) -> Option<Version> {
        match self {
            When::Version(version) => Some(*version),
            When::Pending | When::Cancelled | When::Unreadable(_) => None,
        }
    }
}

/// Whether users have to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Breaking {
    /// They have to.
    Yes,
    /// They need not.
    No,
    /// The entry does not say so, or not so that it can be read.
    Unknown,
}

/// An entry that announces a deprecation, as far as it could be read. What is left out, empty or
/// null is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// The file, as findings name it.
    pub file: String,
    /// The line on which the entry begins, from 1.
    pub first_line: u32,
    /// Its last line with anything in it.
    pub last_line: u32,
    /// What is leaving.
    pub title: Option<Said<String>>,
    /// In which release it is announced.
    pub announcement: Option<Said<When>>,
    /// In which release it leaves.
    pub removal: Option<Said<When>>,
    /// Whether users have to act.
    pub breaking: Breaking,
    /// From which release on nothing is mended any more, if that is before the removal.
    pub end_of_support: Option<Said<When>>,
    /// The issue or epic in which it is talked about.
    pub issue_url: Option<Said<String>>,
    /// The page that tells users about it.
    pub documentation_url: Option<Said<String>>,
    /// The account that answers questions.
    pub reporter: Option<Said<String>>,
    /// The stage that it belongs to, in whatever spelling.
    pub stage: Option<Said<String>>,
    /// All keys, with whether anything stands behind them.
    #[serde(skip)]
    pub(super) keys: Vec<(Said<String>, bool)>,
}

impl Deprecation {
    /// The place at which the entry begins.
    pub(super) fn start(&self) -> Place {
        self.keys.first().map_or(Place { line: self.first_line, column: 1 }, |(key, _)| key.at)
    }

    /// Whether the removal will not happen.
    pub fn is_cancelled(&self) -> bool {
        matches!(&self.removal, Some(said) if said.value == When::Cancelled)
    }

    /// Announcement and removal, where both are versions.
    pub fn milestones(&self) -> Option<(Version, Version)> {
        let version = |said: &Option<Said<When>>| said.as_ref()?.value.version();
        Some((version(&self.announcement)?, version(&self.removal)?))
    }
}
