//! Routing: which group an item about an integration belongs to.
//!
//! One file a rule, in the order in which they are asked:
//! [`by_label`] and [`by_path`] find the integrations, [`too_many`] and [`several_owners`] ask
//! when it cannot be one, [`owner`] names the group and [`stage`] its stage, [`unknown`] looks for
//! the group closest to an integration's value or asks the triager, and [`answer`] takes what
//! people say about it.

mod answer;
mod by_label;
mod by_path;
mod owner;
mod several_owners;
mod stage;
mod too_many;
mod unknown;

use serde_json::{Value, json};

use super::{CommentWanted, Post, View, Wanted};
use crate::{
    catalog::{Group, Integration},
    model::{Because, Cite, Reason, SubjectKind, Topic},
};

/// An integration that an item is about, and how that was seen.
#[derive(Debug, Clone)]
struct Found<'a> {
    integration: &'a Integration,
    owner: &'a Group,
    seen: by_label::Seen,
}

/// What routing asks for on a subject.
pub fn route(view: &View<'_>) -> Wanted {
    let routing = &view.pack.routing;
    if !routing.states.contains(&view.snapshot.state) {
        return Wanted { keep_others: true, ..Wanted::default() };
    }
    let (mut found, unknown) = by_label::find(view);
    if found.is_empty() && unknown.is_empty() {
        found = by_path::find(view);
    }
    if let Some(question) = too_many::ask(view, &found, &unknown) {
        return question;
    }
    match (found.as_slice(), unknown.as_slice()) {
        ([], []) => nothing(),
        ([], [first, ..]) => unknown::route(view, first),
        ([first, ..], _) => several_owners::ask(view, &found)
            .unwrap_or_else(|| owner::route(view, first, &found, &unknown)),
    }
}

/// The item is about no integration (any more): what Steward set is taken back, and a comment
/// that is there says so.
fn nothing() -> Wanted {
    Wanted {
        comment: Some(CommentWanted {
            topic: Topic::Routing,
            template: "routing/withdrawn",
            facts: json!({}),
            post: Post::Never,
            reason: Reason { rule: "routing".into(), cite: None, because: Because::Report },
        }),
        ..Wanted::default()
    }
}

/// A question to the triager: nothing is changed until it is answered, which a group's label on
/// the item does.
fn question(
    view: &View<'_>,
    template: &'static str,
    facts: Value,
    rule: &str,
    cite: Option<Cite>,
    because: Because,
) -> Wanted {
    if let Some(answered) = answer::taken(view) {
        return answered;
    }
    let mut facts = facts;
    facts["item"] = noun(view).into();
    Wanted {
        labels: Vec::new(),
        comment: Some(CommentWanted {
            topic: Topic::Routing,
            template,
            facts,
            post: Post::Always,
            reason: Reason { rule: rule.into(), cite, because },
        }),
        keep_others: true,
    }
}

/// What people call the subject.
fn noun(view: &View<'_>) -> &'static str {
    match view.snapshot.subject.kind {
        SubjectKind::Issue => "issue",
        SubjectKind::MergeRequest => "merge request",
        SubjectKind::Epic => "epic",
    }
}

/// How a comment shows an integration.
fn shown(view: &View<'_>, integration: &Integration) -> Value {
    json!({
        "name": integration.name,
        "docs": integration.docs,
        "label": format!("{}{}", *view.pack.routing.label_prefix, integration.label),
        "key": integration.key,
    })
}
