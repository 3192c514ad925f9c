//! What Steward itself did to a subject.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{LabelName, Mark, RemovalRecord, StatusState, Subject, Topic, Waiver};

/// What Steward applied to a subject and has not taken back: the "last applied by us" of the
/// three-way merge. Kept in the database and, so that the database can be lost, in the markers
/// of Steward's comments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Labels that Steward set.
    pub labels: Vec<AppliedLabel>,
    /// Steward's live comments, one a topic.
    pub comments: Vec<LiveComment>,
    /// What else Steward set: assignees, milestone, statuses, the closing.
    #[serde(default)]
    pub applied: Vec<Applied>,
    /// What is known of others' doings since Steward wrote: it changes the subject too, and must
    /// not take that for life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// Whether the subject was ever reconciled with this ledger. If not, Steward's earlier doings
    /// must be looked for on the forge before it speaks.
    #[serde(default)]
    pub known: bool,
    /// True when a write may or may not have gone through (time-out, 502, crash): the truth must
    /// be read from the forge before anything is written again.
    #[serde(default)]
    pub uncertain: bool,
    /// The rule whose closing of the item may or may not have gone through. Never kept here: the
    /// audit tells it with each claim.
    #[serde(skip)]
    pub closing: Option<String>,
}

/// A label that Steward set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedLabel {
    /// In the forge's spelling.
    pub name: LabelName,
    /// When Steward last set it.
    pub at: DateTime<Utc>,
    /// It has been seen off the item since, and Steward had not taken it off. Should it be there
    /// again, then by somebody else's hand.
    #[serde(default)]
    pub gone: bool,
    /// The rule that asked for it, where that is known: a rule does not take its own labels for
    /// evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// It stays when nothing asks for it any more: the rule said so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep: bool,
}

/// When others last changed a subject, as Steward knew it when it wrote itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// The last change by others.
    pub others: DateTime<Utc>,
    /// When Steward had written.
    pub wrote: DateTime<Utc>,
}

/// Something that Steward set besides labels and comments. A record stays when a person undoes
/// it: it is the memory of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Applied {
    /// Steward assigned them.
    Assignees {
        /// Their immutable ids.
        people: Vec<u64>,
    },
    /// Steward set the milestone.
    Milestone {
        /// Its title.
        title: String,
    },
    /// Steward set a status.
    Status {
        /// Its name.
        name: String,
        /// Of which commit. Empty when a marker told of the status: then its state and text are
        /// not known either.
        commit: String,
        /// What it says.
        state: StatusState,
        /// The line for people.
        text: String,
        /// The rule that asked for it.
        #[serde(default)]
        rule: String,
        /// What its report was made of, as a hash; empty without one.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        report: String,
    },
    /// Steward closed it. It does so once: whoever opens it again has decided.
    Closed {
        /// The rule that asked for it.
        rule: String,
    },
    /// Steward noted that somebody who may waived a row of a checklist.
    Waived {
        /// Who, what and why.
        waiver: Waiver,
    },
    /// Steward noted what people decided about an integration that leaves, and tracks it here.
    Leaves {
        /// What was decided.
        record: RemovalRecord,
    },
    /// Steward opened an issue beside the subject. It stays when the issue is deleted: whoever did so has
    /// decided.
    Opened {
        /// What it is for.
        mark: Mark,
        /// Its number in the subject's project.
        number: u64,
        /// Where people see it.
        url: String,
        /// Whether it is linked to the subject, where the forge has links.
        linked: bool,
    },
    /// Steward set the last day.
    Due {
        /// Which.
        day: NaiveDate,
    },
    /// Steward keeps a section of the description.
    Section {
        /// What it said last, as a hash.
        hash: String,
    },
}

/// A comment that Steward keeps up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveComment {
    /// What it is about.
    pub topic: Topic,
    /// The forge's number for it; `None` once a human has deleted it, which Steward respects.
    pub id: Option<u64>,
    /// The body that Steward last wrote, marker included, as a hash.
    pub body_hash: String,
    /// What the body was made of (template, words, facts, marker), as a hash: the same again need
    /// not be put into words to be known as the same. Empty when not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub made_of: String,
    /// The rules of the policies that have a section in it, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

impl Ledger {
    /// Steward's record of a label, if it set it.
    pub fn label(&self, name: &LabelName) -> Option<&AppliedLabel> {
        self.labels.iter().find(|applied| applied.name.same(name))
    }

    /// Steward's record of a label that it set and that has been there ever since.
    pub fn own(&self, name: &LabelName) -> Option<&AppliedLabel> {
        self.label(name).filter(|applied| !applied.gone)
    }

    /// Steward's record of its comment on a topic.
    pub fn comment(&self, topic: &Topic) -> Option<&LiveComment> {
        self.comments.iter().find(|comment| comment.topic == *topic)
    }

    /// Adds a label that turns out to be Steward's doing.
    pub fn learn(&mut self, name: LabelName, at: DateTime<Utc>) {
        if self.label(&name).is_none() {
            self.labels.push(AppliedLabel { name, at, gone: false, rule: None, keep: false });
        }
    }

    /// Adds something that turns out to be Steward's doing.
    pub fn learn_applied(&mut self, applied: Applied) {
        if !self.applied.contains(&applied) {
            self.applied.push(applied);
        }
    }

    /// The rule that closed the item, if Steward ever did.
    pub fn closed_by(&self) -> Option<&str> {
        self.applied.iter().find_map(|applied| match applied {
            Applied::Closed { rule } => Some(rule.as_str()),
            _ => None,
        })
    }

    /// What people recorded here about an integration that leaves.
    pub fn removal(&self) -> Option<&RemovalRecord> {
        self.applied.iter().find_map(|applied| match applied {
            Applied::Leaves { record } => Some(record),
            _ => None,
        })
    }

    /// Where people see an issue that Steward opened beside this one, by what it is for.
    pub fn opened(&self, integration: &str, step: Option<&str>) -> Option<&str> {
        self.applied.iter().find_map(|applied| match applied {
            Applied::Opened { mark, url, .. }
                if mark.integration == integration && mark.step.as_deref() == step =>
            {
                Some(url.as_str())
            }
            _ => None,
        })
    }

    /// The issues that Steward opened beside a subject, of which this is the ledger.
    pub fn opened_beside(&self, subject: &Subject) -> Vec<Subject> {
        let number = |applied: &Applied| match applied {
            Applied::Opened { number, .. } => Some(*number),
            _ => None,
        };
        let numbers = self.applied.iter().filter_map(number);
        numbers.map(|number| Subject { number, ..subject.clone() }).collect()
    }

    /// Whether Steward has nothing to its name here.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.comments.is_empty() && self.applied.is_empty()
    }
}
