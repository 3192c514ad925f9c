//! The tracking issue of a removal says how far it is, and calls whoever must act in time.
//!
//! Source of the steps and of when they are due: `removals.yml`, after GitLab's integration guidelines
//! ("Deprecate and remove an integration").

use crate::{
    model::{
        Because, Calendar, Reason, RemovalRecord, Standing, StandingOf, State, StepStanding,
        StepState, SubjectKind, Topic,
    },
    pack::{removals::Removal, tracking::Tracking},
    rules::{CommentWanted, Post, SectionWanted, Told, View, Wanted},
};

use super::{open, told};

/// The rule, as reasons name it.
const RULE: &str = "lifecycle.track";
/// The comment that tells what was decided.
pub(crate) const RECORD: &str = "lifecycle/record";
/// The section of the description.
pub(crate) const SECTION: &str = "lifecycle/section";
/// The comment that calls somebody.
pub(crate) const REMIND: &str = "lifecycle/remind";

/// Asks for what a tracking issue shall show. Nothing, for all other items.
pub(crate) fn track(view: &View<'_>, wanted: &mut Wanted<'_>) {
    let (Some(tracking), Some(calendar)) = (&view.pack.removals.tracking, &view.pack.calendar)
    else {
        return;
    };
    let snapshot = view.snapshot;
    if snapshot.subject.kind != SubjectKind::Issue || snapshot.state != State::Open {
        return;
    }
    let calendar = &calendar.releases;
    let record = view.removal_here();
    if let Some(record) = record.filter(|record| record.cancelled.is_some()) {
        let told = told::record(view, calendar, record, None);
        wanted.comments.push(comment(told, tracks(&record.integration, record)));
        let cancelled = told::Section { cancelled: true, ..told::Section::default() };
        wanted.section = Some(section(cancelled, tracks(&record.integration, record)));
        return;
    }
    let Some(removal) = tracked(view, record) else { return };
    let of = StandingOf { integration: removal.integration.to_string(), record: record.cloned() };
    let Some(standing) = view.standing(&of) else { return };
    let reason = reason(Because::Tracks {
        integration: removal.title.clone(),
        milestone: removal.removal.to_string(),
    });
    if let Some(record) = record {
        let told = told::record(view, calendar, record, standing.ok());
        wanted.comments.push(comment(told, reason.clone()));
    }
    wanted.section = Some(section(told::section(view, calendar, &removal, standing), reason));
    if let Ok(standing) = standing {
        wanted.issues = open::steps(view, tracking, standing);
        wanted.close = open::close(view, tracking, standing);
        let call = |step| call(view, tracking, calendar, standing, step);
        wanted.comments.extend(pressing(standing).filter_map(call));
    }
}

/// The steps that somebody is called for: those that are overdue, and the first of the others. What
/// comes behind it can wait for it.
fn pressing(standing: &Standing) -> impl Iterator<Item = &StepStanding> {
    let open = || standing.steps.iter().filter(|step| !step.state.is_done());
    let overdue = open().filter(|step| step.state == StepState::Overdue);
    overdue.chain(open().find(|step| step.state != StepState::Overdue))
}

/// The removal that the item tracks: what was recorded here, else the one of the policies that names
/// this issue or for which Steward opened it.
fn tracked(view: &View<'_>, record: Option<&RemovalRecord>) -> Option<Removal> {
    let removals = &view.pack.removals;
    match record {
        Some(record) => {
            let all = removals.with(&view.pack.catalog, [record]);
            all.into_iter().find(|one| one.integration.as_str() == record.integration)
        }
        None => written(view).cloned(),
    }
}

/// The removal of the policies that names this issue, or for which Steward opened it.
pub(crate) fn written<'a>(view: &View<'a>) -> Option<&'a Removal> {
    let mark = view.mark().filter(|mark| mark.step.is_none());
    let tracks = |one: &&Removal| match (&one.issue, &mark) {
        (Some(issue), _) => *issue == view.snapshot.url,
        (None, Some(mark)) => one.integration.as_str() == mark.integration,
        (None, None) => false,
    };
    view.pack.removals.all.iter().find(tracks)
}

fn reason(because: Because) -> Reason {
    Reason { rule: RULE.into(), cite: None, because }
}

fn tracks(integration: &str, record: &RemovalRecord) -> Reason {
    let (integration, milestone) = (integration.to_owned(), record.removal.to_string());
    reason(Because::Tracks { integration, milestone })
}

fn comment<'a>(told: told::Record, reason: Reason) -> CommentWanted<'a> {
    CommentWanted::whole(Topic::TRACKING, RECORD, Told::new(told), Post::Always, reason)
}

fn section<'a>(told: told::Section, reason: Reason) -> SectionWanted<'a> {
    SectionWanted { template: SECTION, facts: Told::new(told), reason }
}

/// Calls whoever must act on a step that is not done: the owner when its milestone begins and again
/// some days before its end, whoever decides for the group when it is over. Each once.
fn call<'a>(
    view: &View<'_>,
    tracking: &Tracking,
    calendar: &Calendar,
    standing: &Standing,
    step: &StepStanding,
) -> Option<CommentWanted<'a>> {
    let (milestone, by) = (step.due?, step.by?);
    let days = (by - view.now.date_naive()).num_days();
    let soon = days <= i64::from(tracking.remind_days_before);
    let call = match step.state {
        StepState::Overdue => told::Call::Overdue,
        StepState::Due | StepState::Ahead if soon => told::Call::Soon,
        StepState::Due => told::Call::Begins,
        _ => return None,
    };
    // A key that is too long for a topic could not be told once.
    let topic = Topic::once(&format!("{}.{}.{milestone}", call.name(), step.key))?;
    let because = Because::StepDue {
        step: step.title.clone(),
        milestone: milestone.to_string(),
        by: by.to_string(),
        overdue: call == told::Call::Overdue,
    };
    let facts = told::call(view, calendar, standing, step, call);
    Some(CommentWanted::whole(topic, REMIND, Told::new(facts), Post::Always, reason(because)))
}
