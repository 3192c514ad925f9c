//! An issue that Steward opened for a step on the way out of an integration: it has the step's milestone
//! and last day, says what is missing, and is closed when the step is done or the integration stays.

use super::{open, told, track};
use crate::{
    model::{Because, Facet, StandingOf, State, StepStanding, StepState, SubjectKind},
    rules::{DueWanted, MilestoneWanted, SectionWanted, Told, View, Wanted},
};

/// Asks for what the issue of a step shall show, and for the labels of every issue that Steward opened.
/// Nothing, for all other items.
pub(crate) fn child(view: &View<'_>, wanted: &mut Wanted<'_>) {
    let Some(tracking) = &view.pack.removals.tracking else { return };
    let snapshot = view.snapshot;
    if snapshot.subject.kind != SubjectKind::Issue || snapshot.state != State::Open {
        return;
    }
    let Some(mark) = view.mark() else { return };
    wanted.labels.extend(open::keeps(view, tracking, &mark));
    let Some(key) = &mark.step else { return };
    let removals = view.removals();
    if view.lacks(&Facet::Removals) {
        return;
    }
    let Some(removal) = removals.iter().find(|one| one.integration.as_str() == mark.integration)
    else {
        let known = view.pack.catalog.integration(&mark.integration);
        let integration = known.map_or(mark.integration, |one| one.name.clone());
        wanted.close = Some(open::closed(tracking, Because::Stays { integration }));
        return;
    };
    let of = |integration: &str| integration == mark.integration;
    let record = view.removal_records().iter().rfind(|one| of(&one.integration));
    let of = StandingOf { integration: mark.integration.clone(), record: record.cloned() };
    let Some(Ok(standing)) = view.standing(&of) else { return };
    let Some(step) = standing.steps.iter().find(|step| step.key == *key) else { return };
    let because =
        || Because::HasIssue { integration: removal.title.clone(), step: Some(step.title.clone()) };
    let reason = || open::reason(because());
    wanted.section = Some(SectionWanted {
        template: track::SECTION,
        facts: Told::new(section(step)),
        reason: reason(),
    });
    let milestone = step.due.map(|version| version.to_string());
    wanted.milestones.extend(milestone.map(|title| MilestoneWanted { title, reason: reason() }));
    wanted.due = step.by.map(|day| DueWanted { day, reason: reason() });
    // What is done too early is nothing to be content with.
    if step.state == StepState::Done {
        let (integration, step) = (removal.title.clone(), Some(step.title.clone()));
        wanted.close = Some(open::closed(tracking, Because::StepDone { integration, step }));
    }
}

fn section(step: &StepStanding) -> told::Section {
    told::Section { steps: vec![told::Step::of(step, None)], ..told::Section::default() }
}
