//! One issue shows all integrations that leave, and tells those who manage releases, once a milestone,
//! what is due in it and what is overdue.

use serde::Serialize;

use super::{open, told::Milestone};
use crate::{
    model::{Because, Reason, Standing, State, StepState, SubjectKind, Topic, Version},
    pack::tracking::Tracking,
    rules::{CommentWanted, Post, SectionWanted, Told, View, Wanted},
};

/// The rule, as reasons name it.
const RULE: &str = "lifecycle.digest";
/// The section of the description.
pub(crate) const ALL: &str = "lifecycle/all";
/// The comment of a milestone.
pub(crate) const DIGEST: &str = "lifecycle/digest";

/// All that leave, for the template `lifecycle/all`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct All {
    /// Why nobody can tell.
    pub(crate) unknown: Option<String>,
    pub(crate) removals: Vec<One>,
}

/// One that leaves.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct One {
    pub(crate) integration: String,
    pub(crate) url: Option<String>,
    pub(crate) announced: Version,
    pub(crate) removal: Version,
    /// The first step that is not done; nothing where all are.
    pub(crate) next: Option<Pressing>,
    /// Whether something stands against its milestones.
    pub(crate) against: bool,
}

/// A step that is not done.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pressing {
    pub(crate) integration: String,
    pub(crate) url: Option<String>,
    pub(crate) step: String,
    pub(crate) owner: String,
    pub(crate) milestone: Option<Milestone>,
    pub(crate) overdue: bool,
    pub(crate) due: bool,
    pub(crate) in_code: bool,
    pub(crate) missing: usize,
}

/// What is due and overdue, for the template `lifecycle/digest`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Digest {
    pub(crate) mention: String,
    pub(crate) milestone: Milestone,
    pub(crate) due: Vec<Pressing>,
    pub(crate) overdue: Vec<Pressing>,
}

/// Asks for what the issue of release managers shall show. Nothing, for all other items.
pub(crate) fn digest(view: &View<'_>, wanted: &mut Wanted<'_>) {
    let (Some(tracking), Some(calendar)) = (&view.pack.removals.tracking, &view.pack.calendar)
    else {
        return;
    };
    let snapshot = view.snapshot;
    let is_it = tracking.digest.as_ref() == Some(&snapshot.url)
        && snapshot.subject.kind == SubjectKind::Issue
        && snapshot.state == State::Open;
    if !is_it {
        return;
    }
    let Some(standings) = view.standings() else { return };
    let reason = |because| Reason { rule: RULE.into(), cite: None, because };
    let tells = || Because::TellsRemovals { removals: standings.map_or(0, <[Standing]>::len) };
    let all = match standings {
        Ok(standings) => {
            All { unknown: None, removals: standings.iter().map(|one| told(view, one)).collect() }
        }
        Err(why) => All { unknown: Some(why.to_owned()), removals: Vec::new() },
    };
    wanted.section =
        Some(SectionWanted { template: ALL, facts: Told::new(all), reason: reason(tells()) });
    if let Ok(standings) = standings {
        wanted.issues = open::untracked(view, tracking, standings);
    }
    let now = calendar.releases.in_work(view.now.date_naive());
    let (Ok(standings), Some(now)) = (standings, now) else { return };
    let pressing = |state: StepState| {
        let of = move |one: &Standing| {
            let steps = one.steps.iter().filter(move |step| step.state == state);
            steps.map(|step| step_of(view, one, &step.key)).collect::<Vec<_>>()
        };
        standings.iter().flat_map(of).flatten().collect::<Vec<_>>()
    };
    let (due, overdue) = (pressing(StepState::Due), pressing(StepState::Overdue));
    let Some(topic) = Topic::once(&format!("digest.{}", now.version)) else { return };
    if due.is_empty() && overdue.is_empty() {
        return;
    }
    let milestone = Milestone { version: now.version, date: Some(now.date) };
    let facts = Digest { mention: mention(tracking), milestone, due, overdue };
    let facts = Told::new(facts);
    wanted.comments.push(CommentWanted::whole(topic, DIGEST, facts, Post::Always, reason(tells())));
}

fn told(view: &View<'_>, one: &Standing) -> One {
    One {
        integration: one.title.clone(),
        url: url_of(view, one),
        announced: one.announced,
        removal: one.removal,
        next: one.next.as_ref().and_then(|key| step_of(view, one, key)),
        against: !one.against.is_empty(),
    }
}

/// Where its removal is tracked.
fn url_of(view: &View<'_>, one: &Standing) -> Option<String> {
    let opened = || view.ledger.opened(&one.integration, None).map(str::to_owned);
    one.issue.clone().or_else(opened)
}

fn step_of(view: &View<'_>, one: &Standing, key: &str) -> Option<Pressing> {
    let step = one.steps.iter().find(|step| step.key == key)?;
    let mut groups = view.pack.catalog.groups();
    let owner = groups.find(|group| group.key.as_str() == one.owner);
    Some(Pressing {
        integration: one.title.clone(),
        url: url_of(view, one),
        step: step.title.clone(),
        owner: owner.map_or_else(|| one.owner.clone(), |owner| owner.name.clone()),
        milestone: step.due.map(|version| Milestone { version, date: step.by }),
        overdue: step.state == StepState::Overdue,
        due: step.state == StepState::Due,
        in_code: step.state == StepState::InCode,
        missing: step.missing.len(),
    })
}

/// The groups of those who manage releases, called by their handles.
fn mention(tracking: &Tracking) -> String {
    let handles: Vec<String> = tracking.managers.iter().map(|path| format!("@{path}")).collect();
    handles.join(" ")
}
