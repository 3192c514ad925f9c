//! What a forge tells of the label of an integration that leaves: what still carries it, and whether it
//! is put away.

use serde::{Deserialize, Serialize};

use super::{ForgeKind, LabelName};

/// What a forge tells of an integration's label, in all projects that Steward looks after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnForge {
    /// Which forge it is.
    pub forge: ForgeKind,
    /// The label.
    pub label: LabelName,
    /// What became of it.
    pub state: LabelState,
    /// Whether this forge can put labels aside.
    pub archives: bool,
    /// Open issues that carry it.
    pub issues: Counted,
    /// Open merge requests that carry it.
    pub merge_requests: Counted,
    /// The first of these merge requests.
    pub open: Vec<OpenRequest>,
}

/// What became of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelState {
    /// It is there as ever, in one of the projects at least.
    There,
    /// It is put aside: items keep it, and nobody is offered it.
    Archived,
    /// There is none of this name.
    Gone,
}

/// A number that was counted up to a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many were counted.
    pub number: u64,
    /// There are more, or may be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub or_more: bool,
}

/// An open merge request with the label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRequest {
    /// As people name it: `group/project!12`.
    pub reference: String,
    /// Where people see it.
    pub url: String,
    /// Statuses that Steward keeps on it, and topics of its comments there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<String>,
}

impl OnForge {
    /// Whether nothing that is open carries the label.
    pub fn nothing_is_open(&self) -> bool {
        [self.issues, self.merge_requests].iter().all(|one| one.number == 0 && !one.or_more)
    }
}

impl Counted {
    /// Both together.
    pub fn and(self, other: Self) -> Self {
        Self { number: self.number + other.number, or_more: self.or_more || other.or_more }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.number, if self.or_more { " or more" } else { "" })
    }
}
