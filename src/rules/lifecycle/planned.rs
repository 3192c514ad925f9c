//! What removing an integration in a milestone takes: when it must be announced, who has to do what by
//! when, and a draft of the entry (the command `removal-plan`).

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::Serialize;

use super::{ledger::release_behind, named};
use crate::{
    catalog::{Integration, Kind, Stage},
    evidence::{form::Form, names::Names},
    model::{Need, Version},
    rules::View,
};

/// So many rows of a step are told.
const ROWS: usize = 30;

/// The plan, for the template `answers/removal_plan`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Planned {
    pub(crate) mention: Option<String>,
    /// What was asked for.
    pub(crate) what: String,
    /// Names of integrations that may be meant, where there is none of that name.
    pub(crate) names: Vec<String>,
    pub(crate) no_integration: bool,
    pub(crate) no_code: bool,
    pub(crate) no_release: bool,
    /// Releases next to what is none.
    pub(crate) releases: Vec<Version>,
    pub(crate) plan: Option<Plan>,
}

/// What it takes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Plan {
    pub(crate) integration: String,
    /// As the command `deprecate` takes it.
    pub(crate) key: String,
    pub(crate) removal: Version,
    pub(crate) date: Option<NaiveDate>,
    /// It is none of the majors, with which alone breaking changes come.
    pub(crate) minor: bool,
    pub(crate) announce: Option<Version>,
    pub(crate) announce_by: Option<NaiveDate>,
    /// It is too late to announce it for this milestone.
    pub(crate) late: bool,
    pub(crate) owner: String,
    pub(crate) steps: Vec<Step>,
    /// Where the draft would lie, and the draft.
    pub(crate) path: Option<String>,
    pub(crate) entry: Option<Entry>,
    pub(crate) me: String,
}

/// A step with what a merge request for it must come with.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Step {
    pub(crate) title: String,
    pub(crate) milestone: Option<Version>,
    pub(crate) by: Option<NaiveDate>,
    pub(crate) rows: Vec<String>,
}

/// What stands in the draft, as YAML has it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) announced: Version,
    pub(crate) stage: Option<String>,
    pub(crate) docs: Option<String>,
}

/// Works it out.
pub(crate) fn planned(
    view: &View<'_>,
    (integration, version): (&str, &str),
    mention: Option<String>,
) -> Planned {
    let nothing = Planned { mention, what: integration.to_owned(), ..Planned::default() };
    let integration = match named::find(view, integration) {
        Ok(found) => found,
        Err(near) => {
            let names = near.iter().map(|one| one.name.clone()).collect();
            return Planned { no_integration: true, names, ..nothing };
        }
    };
    let Some(name) =
        integration.code_names.first().filter(|_| integration.kind != Kind::RoutingOnly)
    else {
        return Planned { no_code: true, what: integration.name.clone(), ..nothing };
    };
    let nothing = Planned { what: version.to_owned(), ..nothing };
    let Some(calendar) = view.pack.calendar.as_ref().map(|one| &one.releases) else {
        return Planned { no_release: true, ..nothing };
    };
    let parsed: Option<Version> = version.parse().ok();
    let Some(removal) = parsed.filter(|version| calendar.index(*version).is_some()) else {
        let near = parsed.map(|version| named::near_releases(calendar, version));
        return Planned { no_release: true, releases: near.unwrap_or_default(), ..nothing };
    };
    let expected = view.pack.lifecycle.deprecations.as_ref();
    let window = expected.map_or(0, |expected| expected.window);
    let announce = calendar.last_legal_announcement(removal, window);
    let today = view.now.date_naive();
    // Announced now, if that is early enough, or else as late as it may be.
    let now = calendar.in_work(today).map(|release| release.version);
    let late = announce.is_some_and(|last| now.is_some_and(|now| now > last.version));
    let first = now.filter(|_| !late).or(announce.map(|last| last.version));
    let owner = view.pack.catalog.owner(integration);
    let folder = expected.map(|expected| expected.folder.trim_end_matches('/'));
    let path = folder.zip(first).map(|(folder, first)| {
        format!("{folder}/{}-{}-{}.yml", first.major, first.minor, name.replace(['_', '/'], "-"))
    });
    let announced = first.map(|first| first.to_string());
    let known = [
        ("announced", announced.clone()),
        ("removal", Some(removal.to_string())),
        ("entry", path.clone()),
    ];
    let names = Names::of(name);
    let values = |value: &str| {
        let known = known.iter().find(|(of, _)| *of == value).and_then(|(_, known)| known.clone());
        known.or_else(|| names.get(value).map(str::to_owned))
    };
    let steps = view.pack.removals.steps.iter().map(|step| {
        let due = release_behind(calendar, removal, step.due);
        let checklist = view.pack.checklists.get(&step.checklist);
        let rows = checklist.into_iter().flat_map(|list| &list.rows);
        let rows = rows.filter(|row| row.need == Need::Required);
        Step {
            title: step.title.clone(),
            milestone: due.map(|release| release.version),
            by: due.map(|release| release.date),
            rows: rows.take(ROWS).map(|row| titled(&row.title, values)).collect(),
        }
    });
    let stage = owner.and_then(|owner| view.pack.catalog.stage_of(&owner.key));
    let entry = first.filter(|_| folder.is_some());
    let entry = entry.map(|first| Entry::new(integration, stage, first));
    let plan = Plan {
        integration: integration.name.clone(),
        key: integration.key.to_string(),
        removal,
        date: calendar.release_date(removal),
        minor: expected.is_some_and(|expected| expected.breaking_in_majors) && !removal.is_major(),
        announce: announce.map(|release| release.version),
        announce_by: announce.map(|release| release.date),
        late,
        owner: owner.map_or_else(String::new, |owner| owner.name.clone()),
        steps: steps.collect(),
        path,
        entry,
        me: view.me.handle().to_owned(),
    };
    Planned { plan: Some(plan), ..nothing }
}

/// A row's title with the values in it; what is not known before there is a change is called by its
/// name.
fn titled(title: &Form, values: impl Fn(&str) -> Option<String>) -> String {
    let value = |name: &str| Some(Cow::Owned(values(name).unwrap_or_else(|| name.to_owned())));
    title.fill(value).unwrap_or_else(|_| title.as_str().to_owned())
}

impl Entry {
    fn new(integration: &Integration, stage: Option<&Stage>, announced: Version) -> Self {
        // A JSON text is a YAML text too.
        let text = |text: &str| serde_json::to_string(text).unwrap_or_default();
        Self {
            name: text(&integration.name),
            announced,
            stage: stage.map(|stage| text(&stage.name.to_lowercase())),
            docs: integration.docs.as_deref().map(text),
        }
    }
}
