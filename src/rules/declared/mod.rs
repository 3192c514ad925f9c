//! The rules of the policies, `rules/*.yml`: whether each holds on an item, and what it then asks
//! for.
//!
//! Each rule is asked by itself and looks at the item as it is; rules do not see each other. What
//! nobody can tell leaves everything as it is.

mod at;
mod comment;
mod conditions;
mod explain;
mod holds;
mod shadow;
mod truth;

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;

use self::at::At;
pub(crate) use self::comment::{FRAME, SETTLED, template, topic};
pub use self::{
    explain::{Explained, explain},
    holds::holds,
    truth::Truth,
};
use super::{
    AssigneesWanted, CloseWanted, LabelUnwanted, LabelWanted, MilestoneWanted, ReviewsWanted,
    StatusWanted, View, Wanted,
};
use crate::{
    model::{Applied, LabelName, Person, State, SubjectKind, TeamName},
    pack::rules::{Mode, Rule, Target},
};

/// Asks every rule of the policies, and adds what they want.
pub fn ask<'a>(view: &View<'a>, wanted: &mut Wanted<'a>) {
    let mut comments = comment::Comments::default();
    for rule in &view.pack.rules {
        if rule.mode == Mode::Off {
            continue;
        }
        match turn(rule, view) {
            Turn::Acts => act(rule, view, wanted, &mut comments),
            Turn::Shadow => {
                shadow::note(rule, view, wanted);
                keep(rule, wanted, &mut comments);
            }
            Turn::Rests => {
                if rule.then.labels.as_ref().is_some_and(|labels| labels.keep) {
                    wanted.keep_labels.add(&rule.name);
                }
                comments.rests(rule);
            }
            Turn::Stays => keep(rule, wanted, &mut comments),
        }
    }
    if view.snapshot.state != State::Open {
        keep_of_gone(view, wanted);
    }
    comments.into_wanted(view, wanted);
}

/// What rules did that are not asked any more stays on an item that is not open: nobody looks at
/// it there.
fn keep_of_gone(view: &View<'_>, wanted: &mut Wanted<'_>) {
    let labels = view.ledger.labels.iter().filter_map(|label| label.rule.as_deref());
    let statuses = view.ledger.applied.iter().filter_map(|applied| match applied {
        Applied::Status { rule, .. } => Some(rule.as_str()),
        _ => None,
    });
    for name in labels.chain(statuses) {
        let is_asked = |rule: &Rule| rule.name == name && rule.mode != Mode::Off;
        if !view.pack.rules.iter().any(is_asked) {
            wanted.keep_rules.add(name);
        }
    }
}

/// What a rule does on an item.
enum Turn {
    /// It holds and acts.
    Acts,
    /// It holds and is on trial here.
    Shadow,
    /// It does not hold: what it did is taken back.
    Rests,
    /// What it did stays as it is: nobody can tell whether it holds, it is on trial, or the item is
    /// not looked after any more.
    Stays,
}

fn turn(rule: &Rule, view: &View<'_>) -> Turn {
    let snapshot = view.snapshot;
    let looks = rule.asks_state && rule.on.contains(&snapshot.subject.kind);
    if snapshot.state != State::Open && !looks {
        return Turn::Stays;
    }
    match (holds(rule, view), rule.mode) {
        (Truth::CannotTell, _) => Turn::Stays,
        (Truth::Yes, Mode::On) => Turn::Acts,
        (Truth::No, Mode::On) => Turn::Rests,
        (Truth::Yes, Mode::Canary) => match is_canary(rule, view) {
            Truth::Yes => Turn::Acts,
            Truth::No => Turn::Shadow,
            Truth::CannotTell => Turn::Stays,
        },
        (Truth::No, Mode::Canary) => match is_canary(rule, view) {
            Truth::Yes => Turn::Rests,
            _ => Turn::Stays,
        },
        (Truth::Yes, Mode::Shadow) => Turn::Shadow,
        (Truth::No, Mode::Shadow) | (_, Mode::Off) => Turn::Stays,
    }
}

/// Whether a rule in canary acts on the item.
fn is_canary(rule: &Rule, view: &View<'_>) -> Truth {
    let Some(canary) = &rule.canary else { return Truth::No };
    if canary.projects.iter().any(|pattern| pattern.fits(&view.snapshot.subject.project)) {
        return Truth::Yes;
    }
    if canary.groups.is_empty() {
        return Truth::No;
    }
    let about = view.about();
    if about.unread || about.cut {
        return Truth::CannotTell;
    }
    let mut owners = about.found.iter().map(|one| one.owner.key.as_str());
    owners.any(|key| canary.groups.iter().any(|group| group.as_str() == key)).into()
}

fn keep<'a>(rule: &'a Rule, wanted: &mut Wanted<'a>, comments: &mut comment::Comments<'a>) {
    wanted.keep_rules.add(&rule.name);
    comments.stays(rule);
}

fn act<'a>(
    rule: &'a Rule,
    view: &View<'a>,
    wanted: &mut Wanted<'a>,
    comments: &mut comment::Comments<'a>,
) {
    let reason = explain::reason(rule, view);
    let then = &rule.then;
    if let Some(labels) = &then.labels {
        wanted.labels.extend(labels.add.iter().map(|label| LabelWanted {
            name: LabelName::new(label.as_str()),
            reason: reason.clone(),
            since: None,
            keep: labels.keep,
        }));
        wanted.unwanted.extend(labels.remove.iter().map(|pattern| LabelUnwanted {
            pattern: pattern.value.clone(),
            reason: reason.clone(),
        }));
    }
    wanted.assignees.extend(assignees(rule, view).map(|Assignees { people, handles }| {
        AssigneesWanted { people, handles, reason: reason.clone() }
    }));
    wanted.reviews.extend(reviews(rule, view).map(|Reviews { handles, teams }| ReviewsWanted {
        handles,
        teams,
        reason: reason.clone(),
    }));
    wanted.milestones.extend(
        then.milestone
            .as_ref()
            .map(|title| MilestoneWanted { title: title.value.clone(), reason: reason.clone() }),
    );
    wanted.statuses.extend(then.status.as_ref().map(|status| StatusWanted {
        name: status.name.value.clone(),
        state: status.state,
        text: status.text.clone(),
        report: None,
        reason: reason.clone(),
    }));
    if let Some(close) = &then.close
        && wanted.close.is_none()
        && view.snapshot.state == State::Open
    {
        let reason = reason.clone();
        wanted.close = Some(CloseWanted { at_most_a_day: close.at_most_a_day, reason });
    }
    comments.says(rule, reason);
}

/// Who gets an item.
#[derive(Default)]
struct Assignees {
    people: Vec<Person>,
    handles: Vec<String>,
}

/// Who is asked for a review.
#[derive(Default)]
struct Reviews {
    handles: Vec<String>,
    teams: Vec<TeamName>,
}

/// Who is asked for a review by a rule, each once.
fn reviews(rule: &Rule, view: &View<'_>) -> Option<Reviews> {
    let review = rule.then.request_review.as_ref()?;
    if view.snapshot.subject.kind != SubjectKind::MergeRequest {
        return None;
    }
    let owners = match review.owners {
        true => view.about().found.as_slice(),
        false => &[],
    };
    let owners = owners.iter().filter_map(|one| one.owner.mention.as_deref());
    // Who stands in an owner's mention with a slash is a team.
    let (groups, people): (Vec<&str>, Vec<&str>) =
        owners.flat_map(comment::handles).partition(|handle| handle.contains('/'));
    let mut wanted = Reviews::default();
    let project = &view.snapshot.subject.project;
    for name in review.team_names().chain(groups) {
        let team = TeamName::in_project(name, project);
        if !wanted.teams.contains(&team) {
            wanted.teams.push(team);
        }
    }
    wanted.handles.extend(review.handles().chain(people).map(str::to_owned));
    let mut had = std::collections::BTreeSet::new();
    wanted.handles.retain(|handle| had.insert(handle.to_lowercase()));
    (!wanted.handles.is_empty() || !wanted.teams.is_empty()).then_some(wanted)
}

/// Who gets the item by a rule.
fn assignees(rule: &Rule, view: &View<'_>) -> Option<Assignees> {
    let mut wanted = Assignees::default();
    for target in rule.then.assign.as_ref()?.iter() {
        match target {
            Target::Author => wanted.people.push(view.snapshot.author.clone()),
            Target::Assignees => wanted.people.extend_from_slice(&view.snapshot.assignees),
            Target::Handle(handle) => wanted.handles.push(handle.clone()),
            Target::Owners => {
                for one in &view.about().found {
                    let handles =
                        comment::handles(one.owner.mention.as_deref().unwrap_or_default());
                    // Of people only: a group cannot have an item.
                    wanted.handles.extend(handles.filter(|one| !one.contains('/')).map(Into::into));
                }
            }
        }
    }
    let mut had = std::collections::BTreeSet::new();
    wanted.handles.retain(|handle| had.insert(handle.to_lowercase()));
    (!wanted.people.is_empty() || !wanted.handles.is_empty()).then_some(wanted)
}
