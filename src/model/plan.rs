//! What shall be done, and why.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    FoundMilestone, LabelName, Ledger, Mark, NewIssue, Person, Reason, StatusReport, Subject, Topic,
};

/// What shall be done to one subject, each action with its reason, and what was left alone and
/// why. The comment, `steward plan`, the log and the audit all print this one value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is about.
    pub subject: Subject,
    /// The policies in force: a content hash.
    pub policy_version: String,
    /// The commit of the repository that the policies lie in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_commit: Option<String>,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// In the order in which they are carried out.
    pub actions: Vec<Action>,
    /// What a rule asked for and why it was not done.
    pub held: Vec<Held>,
    /// What rules on trial would do (`mode: shadow`): recorded, never carried out.
    #[serde(default)]
    pub shadow: Vec<Shadow>,
    /// How many items the rule that closes this one may close in 24 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_limit: Option<u32>,
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
    /// The subject is assigned to them and to nobody else.
    Assigned {
        /// Everybody who shall be assigned.
        people: Vec<Person>,
    },
    /// The subject has the milestone.
    MilestoneSet {
        /// Which.
        milestone: FoundMilestone,
    },
    /// The issue has this last day.
    DueSet {
        /// Which.
        day: NaiveDate,
    },
    /// The description reads so: its author's text, with the section that Steward keeps.
    DescriptionSet {
        /// All of it.
        description: String,
    },
    /// The commit carries the status.
    StatusSet {
        /// The newest commit of the merge request.
        commit: String,
        /// The status's name, such as `steward/docs`: one live status for each name.
        name: String,
        /// What it says.
        state: StatusState,
        /// One line for people.
        text: String,
        /// What stands beneath it, on a forge that shows such a thing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        report: Option<StatusReport>,
    },
    /// A comment, somebody else's too, carries Steward's reaction.
    Reacted {
        /// Which.
        comment: u64,
        /// The emoji's name, such as `white_check_mark`.
        emoji: String,
    },
    /// Beside the subject there is an issue that Steward opened.
    IssueOpened {
        /// How it is opened.
        issue: Box<NewIssue>,
    },
    /// An issue that Steward opened is linked to the subject.
    IssueLinked {
        /// What it is for.
        mark: Mark,
        /// Its number; `None` when it is opened before in the same plan.
        number: Option<u64>,
    },
    /// The subject is closed.
    Closed,
}

/// What a commit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// Not decided: somebody must do something first.
    Pending,
    /// As it should be.
    Success,
    /// It must not be merged like this.
    Failed,
}

/// What a rule on trial would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shadow {
    /// What it would do, in its own terms: `labels: add x`.
    pub would: String,
    /// Why.
    pub reason: Reason,
}

/// Something that a rule asked for and that was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The label that was asked for, where it is about a label.
    pub label: Option<LabelName>,
    /// Why it was left alone.
    pub reason: Reason,
}
