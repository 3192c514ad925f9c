//! How many of what there are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    evidence::deprecations::{Breaking, Kind, Report, When},
    policy::Severity,
};

/// Entries and findings, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    pub(super) entries: usize,
    /// With a version at both ends.
    pub(super) dated: usize,
    /// Not decided when.
    pub(super) pending: usize,
    pub(super) cancelled: usize,
    pub(super) breaking: usize,
    /// It is not said whether they are breaking.
    pub(super) unsaid: usize,
    pub(super) mistakes: usize,
    pub(super) warnings: usize,
    pub(super) notes: usize,
    /// Findings that somebody answered for.
    pub(super) granted: usize,
    pub(super) kinds: BTreeMap<Kind, Count>,
}

/// Findings of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    pub(super) open: usize,
    pub(super) granted: usize,
}

pub(super) fn of(report: &Report<'_>) -> Summary {
    let entries = &report.entries;
    let removal = |what: &When| {
        let said = entries.iter().filter_map(|entry| entry.removal.as_ref());
        said.filter(|said| said.value == *what).count()
    };
    let open = |severity| report.open().filter(|told| told.severity == severity).count();
    let breaking = |what| entries.iter().filter(|entry| entry.breaking == what).count();
    let mut kinds: BTreeMap<Kind, Count> = BTreeMap::new();
    for told in &report.findings {
        let count = kinds.entry(told.finding.kind).or_default();
        match told.exception {
            Some(_) => count.granted += 1,
            None => count.open += 1,
        }
    }
    Summary {
        entries: entries.len(),
        dated: entries.iter().filter(|entry| entry.milestones().is_some()).count(),
        pending: removal(&When::Pending),
        cancelled: removal(&When::Cancelled),
        breaking: breaking(Breaking::Yes),
        unsaid: breaking(Breaking::Unknown),
        mistakes: open(Severity::Mistake),
        warnings: open(Severity::Warning),
        notes: open(Severity::Note),
        granted: report.findings.iter().filter(|told| told.exception.is_some()).count(),
        kinds,
    }
}
