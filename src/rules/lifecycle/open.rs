//! Issues that Steward opens itself: one beside the digest for each removal that nobody tracks, and one
//! beside a tracking issue for each step that is not done. Which of them is policy (`tracking.open`).

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    catalog::Group,
    model::{
        Applied, Because, LabelName, Mark, Reason, Standing, StepStanding, StepState, Version,
    },
    pack::tracking::Tracking,
    rules::{CloseWanted, IssueWanted, LabelWanted, Told, View, routing},
};

/// The rule, as reasons name it.
const RULE: &str = "lifecycle.open";
/// The title of an issue.
pub(crate) const TITLE: &str = "lifecycle/title";
/// The description of one that tracks a removal.
pub(crate) const REMOVAL: &str = "lifecycle/removal";
/// The description of one for a step.
pub(crate) const STEP: &str = "lifecycle/step";

/// What is opened, for the templates.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Opened {
    pub(crate) integration: String,
    /// The step; nothing for an issue that tracks them all.
    pub(crate) step: Option<String>,
    pub(crate) owner: String,
    pub(crate) announced: Version,
    pub(crate) removal: Version,
    pub(crate) milestone: Option<Version>,
    pub(crate) by: Option<NaiveDate>,
    /// The number of the issue beside which it is opened.
    pub(crate) beside: u64,
}

/// The labels of an issue about an integration: the integration's own, those of the group that owns it,
/// and those of the policy. What Steward itself has set is no evidence, so that routing leaves it alone.
fn labels(view: &View<'_>, tracking: &Tracking, integration: &str) -> Vec<LabelName> {
    let catalog = &view.pack.catalog;
    let integration = catalog.integration(integration);
    let owner = integration.and_then(|one| catalog.groups().find(|group| group.key == one.group));
    let stage = owner.and_then(|owner| catalog.stage_of(&owner.key));
    let stage = stage.filter(|_| view.pack.routing.label_stage);
    let labels = integration.map(|one| routing::label_of(view, &one.label)).into_iter();
    labels
        .chain(owner.and_then(Group::label_name))
        .chain(stage.map(|stage| LabelName::new(&stage.label)))
        .chain(tracking.open.labels.iter().cloned())
        .collect()
}

/// The labels that an issue of Steward's keeps.
pub(super) fn keeps(view: &View<'_>, tracking: &Tracking, mark: &Mark) -> Vec<LabelWanted> {
    let integration = view.pack.catalog.integration(&mark.integration);
    let because = Because::HasIssue {
        integration: integration.map_or_else(|| mark.integration.clone(), |one| one.name.clone()),
        step: mark.step.clone(),
    };
    let wanted = |name| {
        let reason = reason(because.clone());
        LabelWanted { name, reason, since: None, keep: false }
    };
    labels(view, tracking, &mark.integration).into_iter().map(wanted).collect()
}

/// Issues for removals that nobody tracks, some at a time. `standings` are of all that leave.
pub(super) fn untracked<'a>(
    view: &View<'_>,
    tracking: &Tracking,
    standings: &[Standing],
) -> Vec<IssueWanted<'a>> {
    let untracked = |one: &&Standing| one.issue.is_none() && one.next.is_some();
    let wanted = |one: &Standing| issue(view, tracking, one, None);
    match tracking.open.removals {
        true => some(view, tracking, standings.iter().filter(untracked).map(wanted)),
        false => Vec::new(),
    }
}

/// Issues for the steps of a removal that are not done and those that have one, some at a time.
pub(super) fn steps<'a>(
    view: &View<'_>,
    tracking: &Tracking,
    standing: &Standing,
) -> Vec<IssueWanted<'a>> {
    let has_one = |key: &str| tracking.open.steps.iter().any(|step| step == key);
    let steps = standing.steps.iter().filter(|step| has_one(&step.key) && !step.state.is_done());
    some(view, tracking, steps.map(|step| issue(view, tracking, standing, Some(&step.key))))
}

/// Those that there are not, or that are not linked, and of these as many as policy allows.
fn some<'a>(
    view: &View<'_>,
    tracking: &Tracking,
    issues: impl Iterator<Item = IssueWanted<'a>>,
) -> Vec<IssueWanted<'a>> {
    let is_there = |wanted: &Mark| {
        let mut records = view.ledger.applied.iter();
        records.any(|applied| {
            matches!(applied, Applied::Opened { mark, linked, .. }
                if mark == wanted && (*linked || !view.snapshot.facets.issue_links))
        })
    };
    let issues = issues.filter(|issue| !is_there(&issue.mark));
    issues.take(usize::try_from(tracking.open.at_most).unwrap_or(usize::MAX)).collect()
}

/// A tracking issue that Steward opened is over when all steps are done, each in its time; others are
/// their authors'.
pub(super) fn close(
    view: &View<'_>,
    tracking: &Tracking,
    standing: &Standing,
) -> Option<CloseWanted> {
    let done = |step: &StepStanding| step.state == StepState::Done;
    let is_over =
        view.mark().is_some() && !standing.steps.is_empty() && standing.steps.iter().all(done);
    let integration = standing.title.clone();
    is_over.then(|| closed(tracking, Because::StepDone { integration, step: None }))
}

/// The closing of an issue that Steward opened.
pub(super) fn closed(tracking: &Tracking, because: Because) -> CloseWanted {
    CloseWanted { at_most_a_day: tracking.open.at_most, reason: reason(because) }
}

pub(super) fn reason(because: Because) -> Reason {
    Reason { rule: RULE.into(), cite: None, because }
}

fn issue<'a>(
    view: &View<'_>,
    tracking: &Tracking,
    standing: &Standing,
    step: Option<&str>,
) -> IssueWanted<'a> {
    let catalog = &view.pack.catalog;
    let beside = view.snapshot.subject.number;
    let step = step.and_then(|key| standing.steps.iter().find(|step| step.key == key));
    let owner = catalog.groups().find(|group| group.key.as_str() == standing.owner);
    let because = Because::HasIssue {
        integration: standing.title.clone(),
        step: step.map(|step| step.title.clone()),
    };
    let told = Opened {
        integration: standing.title.clone(),
        step: step.map(|step| step.title.clone()),
        owner: owner.map_or_else(|| standing.owner.clone(), |owner| owner.name.clone()),
        announced: standing.announced,
        removal: standing.removal,
        milestone: step.and_then(|step| step.due),
        by: step.and_then(|step| step.by),
        beside,
    };
    IssueWanted {
        mark: Mark {
            integration: standing.integration.clone(),
            step: step.map(|step| step.key.clone()),
            beside,
        },
        templates: (TITLE, if step.is_some() { STEP } else { REMOVAL }),
        milestone: told.milestone.map(|version| version.to_string()),
        due: told.by,
        facts: Told::new(told),
        labels: labels(view, tracking, &standing.integration),
        reason: reason(because),
    }
}
