//! A group's label that a person put on an item is an answer: it ends every question about the
//! owner, and it stays whatever the catalog says.

use serde_json::json;

use crate::{
    catalog::Group,
    model::{Because, LabelName, Reason, Topic},
    rules::{CommentWanted, Post, View, Wanted},
};

use super::stage;

/// A group on the item that is not the wanted one.
pub(super) enum Other<'a> {
    /// The catalog has it.
    Known(&'a Group),
    /// It is a label of the same scope that the catalog does not have.
    Unknown,
}

/// Whether a person put this group's label on the item.
pub(super) fn is_chosen(view: &View<'_>, group: &Group) -> bool {
    by_people(view).any(|label| label.same(&group.label_name()))
}

/// The group that a person put on the item in place of the wanted one.
pub(super) fn other_group<'a>(view: &View<'a>, wanted: &LabelName) -> Option<Other<'a>> {
    let label = by_people(view).find(|label| label.shares_scope(wanted) && !label.same(wanted))?;
    let known = view.pack.catalog.group_by_label(label.as_str());
    Some(known.map_or(Other::Unknown, Other::Known))
}

/// What is left to do about a question that a person has answered: the stage's label, and a word
/// in the comment that asked.
pub(super) fn taken(view: &View<'_>) -> Option<Wanted> {
    let group =
        by_people(view).find_map(|label| view.pack.catalog.group_by_label(label.as_str()))?;
    let rule = "routing.answer";
    Some(Wanted {
        labels: stage::of(view, group, rule, None).into_iter().collect(),
        comment: Some(CommentWanted {
            topic: Topic::Routing,
            template: "routing/answered",
            facts: json!({ "group": { "name": group.name, "label": group.label } }),
            post: Post::Never,
            reason: Reason {
                rule: rule.into(),
                cite: Some(group.cite()),
                because: Because::Report,
            },
        }),
        keep_others: true,
    })
}

/// The labels on the item that Steward did not set.
fn by_people<'a>(view: &View<'a>) -> impl Iterator<Item = &'a LabelName> {
    let ledger = view.ledger;
    view.snapshot.labels.iter().filter(move |label| ledger.label(label).is_none())
}
