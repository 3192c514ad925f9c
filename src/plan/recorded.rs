//! Deciding again what was decided once, with other policies, and telling the difference.

use std::{borrow::Cow, collections::BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Decision, Detail, Input, decide_input, without_close};
use crate::{
    commands::Question,
    model::{
        Because, Effect, Facet, FileContent, LabelName, Ledger, Person, Plan, Reason, Snapshot,
        StatusState, Topic, Unreadable,
    },
    pack::Pack,
    words::WordsError,
};

/// What a decision was made on, to be recorded.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedInput<'a> {
    snapshot: Cow<'a, Snapshot>,
    ledger: &'a Ledger,
    me: &'a Person,
    questions: &'a [Question],
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<&'a str>,
}

impl<'a> RecordedInput<'a> {
    /// What is recorded of an input: all of it but what stands in files, which may be much and is
    /// the project's own.
    pub fn new(
        snapshot: &'a Snapshot,
        ledger: &'a Ledger,
        me: &'a Person,
        questions: &'a [Question],
    ) -> Self {
        let mut snapshot = Cow::Borrowed(snapshot);
        if !snapshot.facets.files.is_empty() {
            for content in snapshot.to_mut().facets.files.values_mut() {
                *content = FileContent::Unreadable(Unreadable::NotRecorded);
            }
        }
        Self { snapshot, ledger, me, questions, closing: ledger.closing.as_deref() }
    }
}

/// The same, read back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct StoredInput {
    /// The subject, with the facets that were read.
    pub snapshot: Snapshot,
    /// What Steward had done before.
    pub ledger: Ledger,
    /// Steward's own account.
    pub me: Person,
    /// What people had asked.
    pub questions: Vec<Question>,
    /// The rule of which nobody knew whether its closing had gone through. The ledger does not
    /// keep it.
    #[serde(default)]
    pub closing: Option<String>,
}

/// How a decision of today compares with one of then.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "came_to", rename_all = "snake_case")]
pub enum Replayed {
    /// The same.
    Same,
    /// Something else.
    Other {
        /// What only one of the two does.
        differences: Vec<Difference>,
    },
    /// Today's policies look at something that was not read then.
    CannotTell {
        /// What would have to be read.
        lacks: BTreeSet<Facet>,
    },
}

/// Something that one decision does and the other does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Whether today's decision does it, or else that of then.
    pub today: bool,
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// Why.
    pub reason: Reason,
}

/// What a decision does, as far as it counts for a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// It sets a label.
    SetLabel {
        /// Which.
        label: LabelName,
    },
    /// It takes a label off.
    TakeOffLabel {
        /// Which.
        label: LabelName,
    },
    /// It says something on a topic.
    Say {
        /// The topic.
        topic: Topic,
        /// The text.
        body: String,
    },
    /// It removes a doubled comment.
    RemoveComment {
        /// The topic.
        topic: Topic,
    },
    /// It assigns the item.
    Assign {
        /// To whom.
        people: Vec<String>,
    },
    /// It sets a milestone.
    SetMilestone {
        /// Its title.
        title: String,
    },
    /// Write the description.
    Describe {
        /// All of it.
        description: String,
    },
    /// It sets the last day.
    SetDue {
        /// Which.
        day: NaiveDate,
    },
    /// It opens an issue beside the item.
    OpenIssue {
        /// Its title.
        title: String,
    },
    /// It links an issue that it opened.
    LinkIssue {
        /// What it is for.
        name: String,
    },
    /// It sets a status.
    SetStatus {
        /// Its name.
        name: String,
        /// What it says.
        state: StatusState,
    },
    /// It reacts to a comment.
    React {
        /// Which.
        comment: u64,
        /// The emoji's name.
        emoji: String,
    },
    /// It closes the item.
    Close,
    /// It leaves something alone that a rule asked for.
    Hold {
        /// The label, where it is about one.
        label: Option<LabelName>,
        /// The rule that asked.
        rule: String,
    },
}

/// Decides again, as of then.
///
/// # Errors
/// When a template cannot be rendered.
pub fn replay(
    input: &StoredInput,
    then: &Plan,
    at: DateTime<Utc>,
    pack: &Pack,
) -> Result<Replayed, WordsError> {
    let StoredInput { snapshot, ledger, me, questions, closing } = input;
    let ledger = &Ledger { closing: closing.clone(), ..ledger.clone() };
    let input = Input { snapshot, ledger, me, now: at, questions };
    Ok(match decide_input(Detail::Full, input, pack)? {
        Decision::Needs(lacks) => Replayed::CannotTell { lacks },
        Decision::Plan(today) => {
            // How many others were closed is no part of the input.
            let today = match was_limited(then, &today) {
                true => without_close(*today, ledger),
                false => *today,
            };
            let differences = compare(then, &today);
            let lacks = not_recorded(snapshot);
            match (differences.is_empty(), lacks.is_empty()) {
                (true, _) => Replayed::Same,
                (false, true) => Replayed::Other { differences },
                // It may be the files that make the difference.
                (false, false) => Replayed::CannotTell { lacks },
            }
        }
    })
}

/// Whether then the limit of closings kept the rule from closing the item that closes it today.
fn was_limited(then: &Plan, today: &Plan) -> bool {
    let closes = today.actions.iter().find(|action| action.effect == Effect::Closed);
    closes.is_some_and(|close| {
        then.held.iter().any(|held| {
            matches!(held.reason.because, Because::CloseLimit { .. })
                && held.reason.rule == close.reason.rule
        })
    })
}

/// The files that were looked into, and whose content was not recorded.
fn not_recorded(snapshot: &Snapshot) -> BTreeSet<Facet> {
    let files = snapshot.facets.files.iter();
    files
        .filter(|(_, content)| **content == FileContent::Unreadable(Unreadable::NotRecorded))
        .map(|(at, _)| Facet::File(at.clone()))
        .collect()
}

/// What only one of two plans does: first what only the earlier one did.
pub fn compare(then: &Plan, today: &Plan) -> Vec<Difference> {
    let (before, after) = (done(then), done(today));
    let missing = |from: &[(What, Reason)], other: &[(What, Reason)], today: bool| {
        let only = from.iter().filter(|(what, _)| !other.iter().any(|(had, _)| same(had, what)));
        only.map(|(what, reason)| Difference { today, what: what.clone(), reason: reason.clone() })
            .collect::<Vec<_>>()
    };
    let mut differences = missing(&before, &after, false);
    differences.extend(missing(&after, &before, true));
    differences
}

/// Labels are the same whatever their case.
fn same(one: &What, other: &What) -> bool {
    match (one, other) {
        (What::SetLabel { label: a }, What::SetLabel { label: b })
        | (What::TakeOffLabel { label: a }, What::TakeOffLabel { label: b }) => a.same(b),
        _ => one == other,
    }
}

fn done(plan: &Plan) -> Vec<(What, Reason)> {
    let mut done: Vec<(What, Reason)> =
        plan.actions.iter().map(|action| (what(&action.effect), action.reason.clone())).collect();
    done.extend(plan.held.iter().map(|held| {
        let what = What::Hold { label: held.label.clone(), rule: held.reason.rule.clone() };
        (what, held.reason.clone())
    }));
    done
}

fn what(effect: &Effect) -> What {
    match effect.clone() {
        Effect::LabelPresent { label } => What::SetLabel { label },
        Effect::LabelAbsent { label } => What::TakeOffLabel { label },
        Effect::CommentPosted { topic, body } | Effect::CommentEdited { topic, body, .. } => {
            What::Say { topic, body }
        }
        Effect::CommentDeleted { topic, .. } => What::RemoveComment { topic },
        Effect::Assigned { people } => {
            What::Assign { people: people.into_iter().map(|one| one.username).collect() }
        }
        Effect::MilestoneSet { milestone } => What::SetMilestone { title: milestone.title },
        Effect::DescriptionSet { description } => What::Describe { description },
        Effect::DueSet { day } => What::SetDue { day },
        Effect::IssueOpened { issue } => What::OpenIssue { title: issue.title },
        Effect::IssueLinked { mark, .. } => What::LinkIssue { name: mark.name() },
        Effect::StatusSet { name, state, .. } => What::SetStatus { name, state },
        Effect::Reacted { comment, emoji } => What::React { comment, emoji },
        Effect::Closed => What::Close,
    }
}
