//! Routing: which group an item about an integration belongs to.
//!
//! One file a rule, in the order in which they are asked:
//! [`by_label`] and [`by_path`] find the integrations, [`too_many`] and [`several_owners`] ask
//! when it cannot be one, [`owner`] names the group and [`stage`] its stage, [`unknown`] looks for
//! the group closest to an integration's value or asks the triager, and [`people`] lets
//! stand what people decided.

mod by_label;
mod by_path;
pub(in crate::rules) mod facts;
mod owner;
mod people;
mod several_owners;
mod stage;
mod too_many;
mod trial;
mod unknown;

use std::fmt::Debug;

use serde::Serialize;

pub(in crate::rules) use by_path::label_of;

use super::{CommentWanted, Post, Saw, Told, View, Wanted};
use crate::{
    catalog::{Group, Integration},
    model::{Because, Cite, LabelName, Reason, SubjectKind, Topic},
    pack::RoutingMode,
};

/// An integration that an item is about, and how that was seen.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Found<'a> {
    pub(in crate::rules) integration: &'a Integration,
    pub(in crate::rules) owner: &'a Group,
    seen: by_label::Seen,
}

/// Which integrations an item is about: by its labels, else by the files that it changes.
#[derive(Debug)]
pub(in crate::rules) struct About<'a> {
    /// Those of the catalog.
    pub(in crate::rules) found: Vec<Found<'a>>,
    /// Labels whose integration the catalog does not have.
    pub(in crate::rules) unknown: Vec<LabelName>,
    /// Nothing was found, and the forge left files out: nothing follows from that.
    pub(in crate::rules) cut: bool,
    /// It takes a facet to know, which was not read yet.
    pub(in crate::rules) unread: bool,
}

/// Finds out which integrations an item is about. Ask [`View::about`], which does so once.
pub(in crate::rules) fn about<'a>(view: &View<'a>) -> About<'a> {
    let (found, unknown) = by_label::find(view);
    if !found.is_empty() || !unknown.is_empty() || !may_be_known_by_files(view) {
        return About { found, unknown, cut: false, unread: false };
    }
    let found = by_path::find(view);
    let facets = &view.snapshot.facets;
    let unread = facets.changes.is_none()
        || (facets.label_history.is_none() && by_path::needs_history(view, &found));
    About { cut: found.is_empty() && by_path::list_is_cut(view), found, unknown, unread }
}

/// Whether the changed files are looked at when no label names an integration.
fn may_be_known_by_files(view: &View<'_>) -> bool {
    view.snapshot.subject.kind == SubjectKind::MergeRequest
}

/// What routing asks for on a subject.
pub fn route<'a>(view: &View<'a>) -> Wanted<'a> {
    match view.pack.routing.mode {
        RoutingMode::On => wanted(view),
        RoutingMode::Shadow => trial::of(view, wanted(view)),
        RoutingMode::Off => trial::rests("off"),
    }
}

fn wanted<'a>(view: &View<'a>) -> Wanted<'a> {
    let routing = &view.pack.routing;
    let looked_after = routing.states.contains(&view.snapshot.state);
    view.note(
        "routing.states",
        looked_after,
        || Some(routing.cite(routing.states.line())),
        || Saw::State { state: view.snapshot.state, states: routing.states.value.clone() },
    );
    if !looked_after {
        let cite = routing.cite(routing.states.line());
        let because = Because::StateNotLookedAfter { state: view.snapshot.state };
        let idle = Some(Reason { rule: "routing".into(), cite: Some(cite), because });
        return Wanted { keep_others: true, idle, ..Wanted::default() };
    }
    let About { found, unknown, cut, .. } = view.about();
    if *cut {
        let reason =
            Reason { rule: "routing.by_path".into(), cite: None, because: Because::FileListCut };
        return Wanted { keep_others: true, idle: Some(reason), ..Wanted::default() };
    }
    if let Some(question) = too_many::ask(view, found, unknown) {
        return question;
    }
    match (found.as_slice(), unknown.as_slice()) {
        ([], []) => nothing(view),
        ([], [first, ..]) => unknown::route(view, first),
        ([first, ..], _) => several_owners::ask(view, found)
            .unwrap_or_else(|| owner::route(view, first, found, unknown)),
    }
}

/// The item is about no integration (any more): what Steward set is taken back, and a comment
/// that is there says so.
fn nothing(view: &View<'_>) -> Wanted<'static> {
    let routing = &view.pack.routing;
    let cite = routing.cite(routing.label_prefix.line());
    let files = view.snapshot.facets.changes.as_ref().map(|changes| changes.files.len());
    let because = Because::NoIntegration { prefix: routing.label_prefix.value.clone(), files };
    Wanted {
        idle: Some(Reason { rule: "routing".into(), cite: Some(cite), because }),
        comments: vec![CommentWanted::whole(
            Topic::ROUTING,
            "routing/withdrawn",
            facts::only_item(view),
            Post::Never,
            Reason { rule: "routing".into(), cite: None, because: Because::TellsOwner },
        )],
        ..Wanted::default()
    }
}

/// A question to the triager, which a group's label on the item answers. What Steward had set is
/// taken back meanwhile, so that the item is found among those without a group.
fn question<'a>(
    view: &View<'a>,
    template: &'static str,
    facts: impl Serialize + Debug + 'a,
    rule: &str,
    cite: Option<Cite>,
    because: Because,
) -> Wanted<'a> {
    // A person may have taken a label off and set it again between two visits: that is an answer.
    view.label_history();
    if let Some(answered) = people::answered(view) {
        return answered;
    }
    Wanted {
        comments: vec![CommentWanted::whole(
            Topic::ROUTING,
            template,
            Told::new(Asked { item: facts::noun(view), facts }),
            Post::Always,
            Reason { rule: rule.into(), cite, because },
        )],
        ..Wanted::default()
    }
}

/// What every question is told, besides its own facts.
#[derive(Debug, Serialize)]
struct Asked<T> {
    item: &'static str,
    #[serde(flatten)]
    facts: T,
}
