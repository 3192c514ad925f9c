//! What the texts about the removal of an integration are told.

use chrono::NaiveDate;
use serde::Serialize;

use super::ledger::release_behind;
use crate::{
    catalog::Group,
    model::{
        Calendar, MissingRow, OpenRequest, RemovalRecord, Spoken, Standing, StepStanding,
        StepState, Version,
    },
    pack::removals::Removal,
    rules::View,
};

/// So many rows of a step are told.
const ROWS: usize = 30;

/// A milestone and its day.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Milestone {
    pub(crate) version: Version,
    pub(crate) date: Option<NaiveDate>,
}

impl Milestone {
    fn of(calendar: &Calendar, version: Version) -> Self {
        Self { version, date: calendar.release_date(version) }
    }
}

/// Who said so, and why.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Said {
    pub(crate) by: String,
    pub(crate) reason: String,
    /// The milestone that it is about.
    pub(crate) of: Version,
}

impl Said {
    fn new(spoken: &Spoken, of: Version) -> Self {
        Self { by: spoken.by.clone(), reason: spoken.reason.clone(), of }
    }
}

/// What was decided, for the template `lifecycle/record`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Record {
    pub(crate) integration: String,
    pub(crate) announced: Milestone,
    pub(crate) removal: Milestone,
    pub(crate) by: String,
    pub(crate) slipped: Vec<Said>,
    pub(crate) exception: Option<Said>,
    pub(crate) cancelled: Option<Said>,
    pub(crate) against: Vec<Against>,
    pub(crate) me: String,
}

/// What stands against the milestones.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Against {
    pub(crate) title: String,
    pub(crate) seen: String,
}

impl From<&MissingRow> for Against {
    fn from(row: &MissingRow) -> Self {
        Self { title: row.title.clone(), seen: row.seen.join("; ") }
    }
}

pub(super) fn record(
    view: &View<'_>,
    calendar: &Calendar,
    record: &RemovalRecord,
    standing: Option<&Standing>,
) -> Record {
    let known = view.pack.catalog.integration(&record.integration);
    Record {
        integration: known.map_or_else(|| record.integration.clone(), |one| one.name.clone()),
        announced: Milestone::of(calendar, record.announced),
        removal: Milestone::of(calendar, record.removal),
        by: record.recorded.by.clone(),
        slipped: record.slipped.iter().map(|slip| Said::new(&slip.said, slip.from)).collect(),
        exception: record.exception().map(|one| Said::new(&one.said, one.removal)),
        cancelled: record.cancelled.as_ref().map(|said| Said::new(said, record.removal)),
        against: standing.map(against).unwrap_or_default(),
        me: view.me.handle().to_owned(),
    }
}

fn against(standing: &Standing) -> Vec<Against> {
    standing.against.iter().map(Against::from).collect()
}

/// How far it is, for the template `lifecycle/section`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Section {
    pub(crate) cancelled: bool,
    /// Why nobody can tell how far it is.
    pub(crate) unknown: Option<String>,
    pub(crate) steps: Vec<Step>,
    pub(crate) against: Vec<Against>,
}

/// A step.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    pub(crate) title: String,
    /// The issue of its own, if it has one.
    pub(crate) issue: Option<String>,
    pub(crate) milestone: Option<Version>,
    pub(crate) by: Option<NaiveDate>,
    /// `done`, `early`, `ahead`, `due`, `overdue`, `unknown`; nothing where nobody can tell.
    pub(crate) state: Option<StepState>,
    pub(crate) done: bool,
    pub(crate) early: bool,
    pub(crate) in_code: bool,
    pub(crate) due: bool,
    pub(crate) overdue: bool,
    pub(crate) proven: usize,
    pub(crate) rows: usize,
    pub(crate) missing: Vec<Row>,
    pub(crate) more: usize,
    pub(crate) under_way: Vec<OpenRequest>,
}

/// A row that is missing.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) title: String,
    pub(crate) seen: String,
}

impl Step {
    pub(super) fn of(step: &StepStanding, issue: Option<&str>) -> Self {
        let missing = step.missing.iter().take(ROWS).map(|row| Row {
            key: row.key.clone(),
            title: row.title.clone(),
            seen: row.seen.join("; "),
        });
        Self {
            title: step.title.clone(),
            issue: issue.map(str::to_owned),
            milestone: step.due,
            by: step.by,
            state: Some(step.state),
            done: step.state.is_done(),
            early: step.state == StepState::Early,
            in_code: step.state == StepState::InCode,
            due: step.state == StepState::Due,
            overdue: step.state == StepState::Overdue,
            proven: step.proven,
            rows: step.rows,
            missing: missing.collect(),
            more: step.missing.len().saturating_sub(ROWS),
            under_way: step.under_way.clone(),
        }
    }
}

pub(super) fn section(
    view: &View<'_>,
    calendar: &Calendar,
    removal: &Removal,
    standing: Result<&Standing, &str>,
) -> Section {
    let issue = |key: &str| view.ledger.opened(removal.integration.as_str(), Some(key));
    let step = |step: &StepStanding| Step::of(step, issue(&step.key));
    match standing {
        Ok(standing) => Section {
            cancelled: false,
            unknown: None,
            steps: standing.steps.iter().map(step).collect(),
            against: against(standing),
        },
        // When they are due is known all the same.
        Err(why) => {
            let steps = view.pack.removals.steps.iter().map(|step| {
                let due = release_behind(calendar, removal.removal, step.due);
                Step {
                    title: step.title.clone(),
                    issue: issue(&step.key).map(str::to_owned),
                    milestone: due.map(|release| release.version),
                    by: due.map(|release| release.date),
                    state: None,
                    done: false,
                    early: false,
                    in_code: false,
                    due: false,
                    overdue: false,
                    proven: 0,
                    rows: 0,
                    missing: Vec::new(),
                    more: 0,
                    under_way: Vec::new(),
                }
            });
            Section { unknown: Some(why.to_owned()), steps: steps.collect(), ..Section::default() }
        }
    }
}

/// Why somebody is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// The milestone of the step is in work from now on.
    Begins,
    /// It ends soon.
    Soon,
    /// It is over.
    Overdue,
}

impl Call {
    /// In the comment's topic.
    pub(super) fn name(self) -> &'static str {
        match self {
            Call::Begins => "begins",
            Call::Soon => "soon",
            Call::Overdue => "overdue",
        }
    }
}

/// A call, for the template `lifecycle/remind`.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Called {
    pub(crate) mention: Option<String>,
    pub(crate) integration: String,
    pub(crate) title: String,
    pub(crate) milestone: Option<Version>,
    pub(crate) by: Option<NaiveDate>,
    pub(crate) soon: bool,
    pub(crate) overdue: bool,
    pub(crate) missing: usize,
    /// The next milestone in which the removal may come, if it is the removal that is overdue.
    pub(crate) next: Option<Version>,
    pub(crate) me: String,
}

pub(super) fn call(
    view: &View<'_>,
    calendar: &Calendar,
    standing: &Standing,
    step: &StepStanding,
    call: Call,
) -> Called {
    let owner = view.pack.catalog.groups().find(|group| group.key.as_str() == standing.owner);
    let overdue = call == Call::Overdue;
    let slips = overdue && step.due.is_some_and(|due| due <= standing.removal);
    let today = view.now.date_naive();
    let majors_only =
        view.pack.lifecycle.deprecations.as_ref().is_some_and(|one| one.breaking_in_majors);
    let mut ahead = calendar.releases().iter().filter(|one| one.date >= today);
    let next = ahead
        .find(|one| one.version > standing.removal && (!majors_only || one.version.is_major()));
    Called {
        mention: owner.and_then(|owner| called(owner, overdue)),
        integration: standing.title.clone(),
        title: step.title.clone(),
        milestone: step.due,
        by: step.by,
        soon: call == Call::Soon,
        overdue,
        missing: step.missing.len(),
        next: next.filter(|_| slips).map(|one| one.version),
        me: view.me.handle().to_owned(),
    }
}

/// Who is called: the group, and what is overdue is for whoever decides for it.
fn called(owner: &Group, overdue: bool) -> Option<String> {
    let manager = owner.product_manager.clone().filter(|_| overdue);
    manager.or_else(|| owner.mention.clone())
}
