//! What people decided stands. A group's label that a person put on an item is the answer to every
//! question about the owner, whatever the catalog says, and that group is told; a group's label
//! that a person took off stays off.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    catalog::Group,
    model::{Because, LabelName, Reason, Topic},
    rules::{CommentWanted, Post, Saw, Told, View, Wanted},
};

use super::{
    facts::{self, GroupFacts},
    stage,
};

/// What people decided about the group of an item.
#[derive(Debug)]
pub(super) enum Decided<'a> {
    /// Nothing: the policies decide.
    Nothing,
    /// Another group's label is on the item.
    Other {
        label: &'a LabelName,
        /// The group, if the catalog has it.
        group: Option<&'a Group>,
        /// Who set it.
        by: Option<String>,
    },
    /// The group's label was taken off, and no other one was set.
    TakenOff { by: Option<String>, at: Option<DateTime<Utc>> },
}

/// What people decided about the group that the policies want. `since` is the age of the evidence
/// for it, where that is known. About a group without a label nobody can decide anything.
pub(super) fn decided<'a>(
    view: &View<'a>,
    group: &Group,
    since: Option<DateTime<Utc>>,
) -> Decided<'a> {
    let Some(wanted) = &group.label_name() else { return Decided::Nothing };
    let other = by_people(view).find(|label| label.shares_scope(wanted) && !label.same(wanted));
    let decided = if let Some(label) = other {
        let group = view.pack.catalog.group_by_label(label.as_str());
        Decided::Other { label, group, by: set_by(view, label) }
    } else {
        match view.taken_off(wanted, since) {
            Some(removal) => Decided::TakenOff { by: removal.by, at: removal.at },
            None => Decided::Nothing,
        }
    };
    let (held, label) = (!matches!(decided, Decided::Nothing), || wanted.clone());
    view.note(
        "routing.people",
        held,
        || None,
        || match &decided {
            Decided::Nothing => Saw::NobodyDecided { label: label() },
            Decided::Other { label: other, by, .. } => {
                Saw::GivenToAnother { label: label(), other: (*other).clone(), by: by.clone() }
            }
            Decided::TakenOff { by, at } => {
                Saw::TakenOff { label: label(), by: by.clone(), at: *at }
            }
        },
    );
    decided
}

/// Whether a person put this group's label on the item.
pub(super) fn chose(view: &View<'_>, group: &Group) -> bool {
    group.label_name().is_some_and(|wanted| by_people(view).any(|label| label.same(&wanted)))
}

/// What is left to do about a question that a person has answered: the group is told, in the
/// comment that asked, and gets its stage's label.
pub(super) fn answered<'a>(view: &View<'a>) -> Option<Wanted<'a>> {
    let (label, group) = by_people(view)
        .find_map(|label| Some((label, view.pack.catalog.group_by_label(label.as_str())?)))?;
    let rule = "routing.people";
    let by = set_by(view, label);
    let saw = || Saw::Answered { label: label.clone(), by: by.clone() };
    view.note(rule, true, || Some(group.cite()), saw);
    Some(Wanted {
        labels: stage::of(view, group, rule, None).into_iter().collect(),
        comments: vec![CommentWanted::whole(
            Topic::ROUTING,
            "routing/answered",
            Told::new(Answered { item: facts::noun(view), group: facts::group(view, group), by }),
            Post::Never,
            Reason { rule: rule.into(), cite: Some(group.cite()), because: Because::TellsOwner },
        )],
        ..Wanted::default()
    })
}

/// What the comment is told of an answer.
#[derive(Debug, Serialize)]
struct Answered<'a> {
    item: &'static str,
    group: GroupFacts<'a>,
    by: Option<String>,
}

/// Who set a label that is on the item.
fn set_by(view: &View<'_>, label: &LabelName) -> Option<String> {
    let event = view.last_event(label).filter(|event| event.added)?;
    event.by.as_ref().map(|by| by.username.clone())
}

/// The labels on the item that Steward did not set, or that a person has set again since.
fn by_people<'a>(view: &View<'a>) -> impl Iterator<Item = &'a LabelName> {
    let theirs = |label: &LabelName| {
        let last = view.snapshot.last_label_event(label).filter(|event| event.added);
        match last {
            Some(event) => !view.is_mine(event),
            None => view.ledger.own(label).is_none(),
        }
    };
    let theirs: Vec<_> = view.snapshot.labels.iter().filter(|label| theirs(label)).collect();
    theirs.into_iter()
}
