//! What was found in a text.

use crate::model::ProofKind;

/// Something that stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What it is called: the name of a field, of a constant, of a heading.
    pub key: String,
    /// What it is set to, where that was asked for.
    pub value: Option<String>,
    /// The line that it begins on, from 1.
    pub line: u32,
}

/// What one question to one file brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of the file.
    pub entries: Vec<Entry>,
    /// Why there may be more than `entries`: then the absence of one proves nothing.
    pub open: Vec<Open>,
}

/// Why nobody can tell what else a file holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The reason.
    pub why: ProofKind,
    /// What it is about: the text that is no literal, the limit.
    pub what: String,
    /// Where, if it is a place in the file.
    pub line: Option<u32>,
}

impl Found {
    /// Nothing, for a reason that concerns the whole file.
    pub fn nothing(why: ProofKind, what: impl Into<String>) -> Self {
        Self { entries: Vec::new(), open: vec![Open { why, what: what.into(), line: None }] }
    }
}
