//! What the policies expect of entries.

use std::collections::BTreeMap;

use globset::GlobMatcher;
use regex::Regex;

use super::finding::Kind;
use crate::{model::Cite, policy::Severity};

/// What is expected of entries; `deprecations` in `lifecycle.yml` says it.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The folder that the entries lie in, from the top of the repository.
    pub folder: String,
    /// Files in it that are no entries.
    pub ignore: Vec<GlobMatcher>,
    /// Keys that every entry has.
    pub required: Vec<String>,
    /// Keys that an entry may have besides.
    pub optional: Vec<String>,
    /// What stands in place of a milestone that is not decided yet, in any case.
    pub pending: Vec<String>,
    /// What stands in place of a milestone when nothing will be removed, in any case.
    pub cancelled: Vec<String>,
    /// So many releases a removal comes after its announcement at least.
    pub window: usize,
    /// Whether breaking changes come with majors only.
    pub breaking_in_majors: bool,
    /// What a file's name looks like: its groups `major` and `minor` tell the announcement.
    pub file_name: Option<Regex>,
    /// How bad findings are, where it is not the usual.
    pub severity: BTreeMap<Kind, Severity>,
    /// Findings that somebody answered for.
    pub exceptions: Vec<Exception>,
}

/// A finding that is as it shall be.
#[derive(Debug, Clone)]
pub struct Exception {
    /// The files, from the folder on.
    pub files: GlobMatcher,
    /// The finding.
    pub finding: Kind,
    /// Why it is all right.
    pub reason: String,
    /// Where the policies say so.
    pub cite: Cite,
}

impl Expected {
    /// How bad a finding is.
    pub fn severity_of(&self, kind: Kind) -> Severity {
        self.severity.get(&kind).copied().unwrap_or_else(|| kind.usual_severity())
    }

    /// Whether a file is an entry, by its path in the folder.
    pub fn is_entry(&self, path: &str) -> bool {
        path.ends_with(".yml") && !self.ignore.iter().any(|glob| glob.is_match(path))
    }
}
