//! What shall be done, and why.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{LabelName, Ledger, Reason, Subject, Topic};

/// What shall be done to one subject, each action with its reason, and what was left alone and
/// why. The comment, `steward plan`, the log and the audit all print this one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is about.
    pub subject: Subject,
    /// The policies in force: a content hash.
    pub policy_version: String,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// In the order in which they are carried out.
    pub actions: Vec<Action>,
    /// What a rule asked for and why it was not done.
    pub held: Vec<Held>,
    /// Why there is nothing to do, when that is so.
    pub idle: Option<Reason>,
    /// What Steward's ledger says when all actions have gone through.
    pub ledger_after: Ledger,
}

impl Plan {
    /// Whether the subject is already as it should be.
    pub fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// What shall hold afterwards.
    pub effect: Effect,
    /// Why.
    pub reason: Reason,
}

/// What shall hold when an action is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Effect {
    /// The label is on the subject. Resolved: the forge has it under exactly this name.
    LabelPresent {
        /// In the forge's spelling.
        label: LabelName,
    },
    /// The label is not on the subject.
    LabelAbsent {
        /// In the forge's spelling.
        label: LabelName,
    },
    /// A comment on the topic is there.
    CommentPosted {
        /// What it is about.
        topic: Topic,
        /// Whole, marker included.
        body: String,
    },
    /// The comment says this.
    CommentEdited {
        /// What it is about.
        topic: Topic,
        /// Which.
        id: u64,
        /// Whole, marker included.
        body: String,
    },
    /// The comment (a doubled one of Steward's own) is gone.
    CommentDeleted {
        /// What it is about.
        topic: Topic,
        /// Which.
        id: u64,
    },
}

/// Something that a rule asked for and that was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The label that was asked for, where it is about a label.
    pub label: Option<LabelName>,
    /// Why it was left alone.
    pub reason: Reason,
}
