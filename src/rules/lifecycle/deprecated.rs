//! What is still taken for an integration whose removal is announced: whoever from outside the team
//! asks for more of it is told once what leaves, when, and whom to talk to.
//!
//! Source: "Community contributions to a deprecated feature are restricted to Priority 1 / Severity 1
//! bug fixes" (GitLab's deprecation guidelines). Labels and kinds stand in `lifecycle.yml`.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    catalog::Group,
    model::{Because, LabelName, Reason, Shadow, State, SubjectKind, Topic, Version},
    pack::{
        RoutingMode, lifecycle::DeprecatedPolicy, removals::Removal as Recorded, rules::Pattern,
    },
    rules::{CommentWanted, Post, Told, View, Wanted, newcomer, routing::facts},
    words::Marker,
};

/// The rule, as reasons name it.
const RULE: &str = "lifecycle.deprecated";
/// What the author is told.
pub(crate) const DEPRECATED: &str = "lifecycle/deprecated";
/// What that becomes when it does not concern the item any more.
pub(crate) const SETTLED: &str = "lifecycle/deprecated_settled";

/// What is told, for the template `lifecycle/deprecated`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Facts {
    pub(crate) item: &'static str,
    /// What leaves.
    pub(crate) leaving: Vec<Leaves>,
    /// The group that owns the first of them.
    pub(crate) group: Option<String>,
    /// Who decides for it, else its people, as they are called.
    pub(crate) manager: Option<String>,
    /// Labels of what is taken all the same.
    pub(crate) taken: Vec<String>,
    /// The page that says so.
    pub(crate) page: Option<String>,
}

/// An integration that leaves.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Leaves {
    pub(crate) integration: String,
    pub(crate) announced: Version,
    pub(crate) removal: Version,
    pub(crate) date: Option<NaiveDate>,
    /// The milestone of the removal is over.
    pub(crate) over: bool,
    /// Where it is tracked.
    pub(crate) url: Option<String>,
}

/// What is told when it does not concern the item any more, for `lifecycle/deprecated_settled`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Settled {
    pub(crate) item: &'static str,
    /// The label with which it is taken, if it carries one.
    pub(crate) taken: Option<LabelName>,
}

/// Asks for the comment. Nothing, for most items: what costs least is asked first.
pub(crate) fn deprecated(view: &View<'_>, wanted: &mut Wanted<'_>) {
    let Some(policy) = &view.pack.lifecycle.deprecated else { return };
    let (snapshot, kind) = (view.snapshot, view.snapshot.subject.kind);
    if policy.mode == RoutingMode::Off
        || snapshot.state != State::Open
        || !policy.kinds.contains(&kind)
    {
        return;
    }
    let taken = carried(view, &policy.taken);
    match taken {
        Some(_) => {}
        None => match asks_for_more(view, policy) {
            Some(leaving) if !leaving.is_empty() => return tell(view, policy, &leaving, wanted),
            Some(_) => {}
            // Nobody can tell yet, or at all: what was said stays.
            None => return,
        },
    }
    if was_said(view) {
        let reason = reason(policy, Because::NothingToSay);
        let facts = Told::new(Settled { item: facts::noun(view), taken: taken.cloned() });
        let comment = CommentWanted::whole(Topic::DEPRECATED, SETTLED, facts, Post::Never, reason);
        wanted.comments.push(comment);
    }
}

/// What leaves of what the item is about, if it comes from outside the team and is not the removal's
/// own work; `None` where that cannot be told.
fn asks_for_more<'v>(view: &'v View<'_>, policy: &DeprecatedPolicy) -> Option<Vec<&'v Recorded>> {
    let issue = view.snapshot.subject.kind == SubjectKind::Issue;
    if issue && carried(view, &policy.features).is_none() {
        return Some(Vec::new());
    }
    let about = view.about();
    if about.cut || about.unread {
        return None;
    }
    if about.found.is_empty() {
        return Some(Vec::new());
    }
    let is_about = |key: &str| about.found.iter().any(|one| one.integration.key.as_str() == key);
    let removals = view.removals();
    let here = &view.snapshot.url;
    // What is tracked here is no request for more.
    if removals.iter().any(|one| one.issue.as_ref() == Some(here)) {
        return Some(Vec::new());
    }
    let leaving: Vec<&Recorded> = removals
        .iter()
        .filter(|one| is_about(one.integration.as_str()) && is_announced(view, one))
        .collect();
    let nothing_leaves = leaving.is_empty();
    if nothing_leaves || !is_from_outside(view, policy)? {
        return Some(Vec::new());
    }
    if !issue && is_removal(view)? {
        return Some(Vec::new());
    }
    Some(leaving)
}

/// The first label on the item that one of these fits.
fn carried<'v>(view: &'v View<'_>, patterns: &[Pattern]) -> Option<&'v LabelName> {
    let mut labels = view.snapshot.labels.iter();
    labels.find(|label| patterns.iter().any(|pattern| pattern.fits(label.as_str())))
}

/// Whether users know already: the milestone of the announcement has begun.
fn is_announced(view: &View<'_>, removal: &Recorded) -> bool {
    let calendar = view.pack.calendar.as_ref().map(|one| &one.releases);
    let now = calendar.and_then(|calendar| calendar.in_work(view.now.date_naive()));
    now.is_none_or(|now| removal.announced <= now.version)
}

/// Whether the author is none of the team; `None` while that is not read.
fn is_from_outside(view: &View<'_>, policy: &DeprecatedPolicy) -> Option<bool> {
    if carried(view, &policy.community).is_some() {
        return Some(true);
    }
    match policy.author_below {
        Some(least) => view.author_access().map(|access| access < least),
        None => Some(false),
    }
}

/// Whether one of the checklists about removals is for it; `None` where that cannot be told.
fn is_removal(view: &View<'_>) -> Option<bool> {
    let steps = view.pack.removals.steps.iter();
    let mut lists = steps.filter_map(|step| view.pack.checklists.get(&step.checklist));
    lists.try_fold(false, |is, checklist| Some(is || newcomer::concerns(view, checklist)?))
}

fn tell(
    view: &View<'_>,
    policy: &DeprecatedPolicy,
    leaving: &[&Recorded],
    wanted: &mut Wanted<'_>,
) {
    let Some(first) = leaving.first() else { return };
    let (integration, milestone) = (first.title.clone(), first.removal.to_string());
    let reason = reason(policy, Because::Leaves { integration, milestone });
    if policy.mode == RoutingMode::Shadow {
        let would = format!("comment: {DEPRECATED}");
        wanted.shadow.push(Shadow { would, reason });
        return;
    }
    let calendar = view.pack.calendar.as_ref().map(|one| &one.releases);
    let now = calendar.and_then(|calendar| calendar.in_work(view.now.date_naive()));
    let owner = view.pack.catalog.groups().find(|group| group.key == first.owner);
    let leaves = leaving.iter().map(|one| Leaves {
        integration: one.title.clone(),
        announced: one.announced,
        removal: one.removal,
        date: calendar.and_then(|calendar| calendar.release_date(one.removal)),
        over: now.is_some_and(|now| one.removal < now.version),
        url: one.issue.clone(),
    });
    let facts = Facts {
        item: facts::noun(view),
        leaving: leaves.collect(),
        group: owner.map(|owner| owner.name.clone()),
        manager: owner.and_then(manager),
        taken: policy.taken.iter().map(|one| one.as_str().to_owned()).collect(),
        page: policy.page.clone(),
    };
    let facts = Told::new(facts);
    let comment = CommentWanted::whole(Topic::DEPRECATED, DEPRECATED, facts, Post::Always, reason);
    wanted.comments.push(comment);
}

fn manager(owner: &Group) -> Option<String> {
    owner.product_manager.clone().or_else(|| owner.mention.clone())
}

/// Whether the comment is there, by the ledger or by what was read: it is not worth a call on every
/// item.
fn was_said(view: &View<'_>) -> bool {
    if let Some(live) = view.ledger.comment(&Topic::DEPRECATED) {
        return live.id.is_some();
    }
    let mut read = view.snapshot.facets.own_comments.iter().flatten();
    (!view.ledger.known || view.ledger.uncertain)
        && read.any(|one| {
            Marker::of(&one.body).is_some_and(|marker| marker.topic == Topic::DEPRECATED)
        })
}

fn reason(policy: &DeprecatedPolicy, because: Because) -> Reason {
    Reason { rule: RULE.into(), cite: Some(policy.cite.clone()), because }
}
