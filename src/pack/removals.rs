//! `removals.yml`: which integrations leave the product, in which milestone, and the steps on the way.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    checklists::Checklists,
    tracking::{Tracking, TrackingFile, tracking},
};
use crate::{
    catalog::{Catalog, GroupKey, IntegrationKey, Kind},
    model::{RemovalRecord, Version},
    pack::rules::is_key,
    policy::{
        Layered, Located, LocatedMap, PolicyError, PolicyErrors, PolicySource, SourceFile, nearest,
        parse_all,
    },
};

/// The file, as [`PolicySource::unread`] wants it.
pub(super) const FILE: &str = "removals.yml";

/// The shape of `removals.yml`. A pack without the file has nothing that leaves.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RemovalsFile {
    /// The steps on the way out, in order, by keys in snake case.
    pub steps: LocatedMap<StepFile>,
    /// The integrations that leave, by their keys in the catalog.
    pub removals: LocatedMap<RemovalFile>,
    /// How removals are recorded and tracked on issues; left out, they are not.
    pub tracking: Option<TrackingFile>,
}

/// A step on the way out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// What is done, for people: `Announced`.
    pub title: String,
    /// The checklist that proves it.
    pub checklist: Located<String>,
    /// When it is due: so many releases after the removal's milestone, or before it if negative.
    pub due: i32,
}

/// An integration that leaves.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemovalFile {
    /// The milestone in which the removal was announced, such as "18.7".
    pub announced: Located<Version>,
    /// The milestone in which it is removed, such as "19.0".
    pub removal: Located<Version>,
    /// The name in the code; the first of the catalog's, if left out.
    #[serde(default)]
    pub name: Option<Located<String>>,
    /// The file that announces it, from the root of the repository.
    #[serde(default)]
    pub entry: Option<String>,
    /// The page of the documentation, from the root of the repository.
    #[serde(default)]
    pub page: Option<String>,
    /// Where people talk about it.
    #[serde(default)]
    pub issue: Option<String>,
    /// What a rule would forbid and somebody allowed.
    #[serde(default)]
    pub exceptions: Vec<ExceptionFile>,
    /// Earlier milestones, and why they did not hold.
    #[serde(default)]
    pub slipped: Vec<SlipFile>,
}

/// What a rule would forbid and somebody allowed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionFile {
    /// From which rule.
    pub from: ExceptionFrom,
    /// Why.
    pub reason: Located<String>,
}

/// Rules that there may be exceptions from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionFrom {
    /// That a removal is announced so many releases before.
    Window,
    /// That a removal is in a major milestone.
    Major,
}

/// A milestone that did not hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipFile {
    /// The milestone that it should have been.
    pub from: Version,
    /// Why it was not.
    pub reason: String,
}

/// Which integrations leave, and how.
#[derive(Debug, Clone, Default)]
pub struct Removals {
    /// In order.
    pub steps: Vec<Step>,
    /// In the order of the file.
    pub all: Vec<Removal>,
    /// How removals are recorded and tracked on issues, where they are.
    pub tracking: Option<Tracking>,
}

/// A step on the way out.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its key.
    pub key: String,
    /// What is done.
    pub title: String,
    /// The key of the checklist that proves it.
    pub checklist: String,
    /// Releases after the removal's milestone at which it is due; negative for before.
    pub due: i32,
}

/// An integration that leaves.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Its key in the catalog.
    pub integration: IntegrationKey,
    /// What people call it.
    pub title: String,
    /// The group that owns it.
    pub owner: GroupKey,
    /// Its name in the code, as in paths: `foo_bar`.
    pub name: String,
    /// When the removal was announced.
    pub announced: Version,
    /// When it is removed.
    pub removal: Version,
    /// The file that announces it.
    pub entry: Option<String>,
    /// The page of the documentation.
    pub page: Option<String>,
    /// Where people talk about it.
    pub issue: Option<String>,
    /// Allowed by somebody, with the reason.
    pub exceptions: Vec<(ExceptionFrom, String)>,
    /// Earlier milestones with the reason why they did not hold.
    pub slipped: Vec<(Version, String)>,
    /// Where it is recorded: file and line of the policies, or the tracking issue.
    pub recorded: String,
}

impl Removal {
    /// As people recorded it; what they did not say is as the policies have it, if they do. `None`
    /// when the catalog does not know the integration, or not its name in the code, any more.
    fn recorded(
        catalog: &Catalog,
        record: &RemovalRecord,
        written: Option<Removal>,
    ) -> Option<Self> {
        let integration = catalog.integration(&record.integration)?;
        let is_as_written =
            |one: &Removal| (one.announced, one.removal) == (record.announced, record.removal);
        let mut exceptions: Vec<(ExceptionFrom, String)> = Vec::new();
        if let Some(one) = record.exception() {
            let both = [ExceptionFrom::Window, ExceptionFrom::Major];
            exceptions.extend(both.map(|of| (of, one.said.reason.clone())));
        }
        let slipped = record.slipped.iter().map(|slip| (slip.from, slip.said.reason.clone()));
        let mut all_slipped: Vec<(Version, String)> = Vec::new();
        let (name, entry, page) = match written {
            Some(one) => {
                if is_as_written(&one) {
                    exceptions.extend(one.exceptions);
                }
                all_slipped.extend(one.slipped);
                (Some(one.name), one.entry, one.page)
            }
            None => (integration.code_names.first().cloned(), None, None),
        };
        all_slipped.extend(slipped);
        Some(Self {
            integration: integration.key.clone(),
            title: integration.name.clone(),
            owner: integration.group.clone(),
            name: name?,
            announced: record.announced,
            removal: record.removal,
            entry: record.entry.clone().or(entry),
            page: record.page.clone().or(page),
            issue: Some(record.url.clone()),
            exceptions,
            slipped: all_slipped,
            recorded: record.url.clone(),
        })
    }

    /// Whether this is its name in the code.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.name.replace('/', "_") == name
    }

    /// Why a rule does not hold for it, if somebody allowed that.
    pub fn exception(&self, from: ExceptionFrom) -> Option<&str> {
        let mut all = self.exceptions.iter();
        all.find(|(of, _)| *of == from).map(|(_, reason)| reason.as_str())
    }
}

impl Removals {
    /// What the policies record, with what people recorded on tracking issues in its place: what was
    /// said last about an integration counts, and what was cancelled stays.
    pub fn with<'r>(
        &self,
        catalog: &Catalog,
        records: impl IntoIterator<Item = &'r RemovalRecord>,
    ) -> Vec<Removal> {
        let mut all = self.all.clone();
        for record in records {
            let at = all.iter().position(|one| one.integration.as_str() == record.integration);
            let written = at.map(|at| all.remove(at));
            if record.cancelled.is_none() {
                all.extend(Removal::recorded(catalog, record, written));
            }
        }
        all
    }

    /// Reads and checks `removals.yml`, if it is there.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(
        source: &PolicySource,
        catalog: &Catalog,
        checklists: &Checklists,
    ) -> Result<Self, PolicyErrors> {
        let Some(file) = source.file(FILE) else { return Ok(Self::default()) };
        let layered = Layered::new(file, source.beneath(FILE));
        Self::read(&layered, catalog, checklists).map_err(|errors| layered.errors(errors))
    }

    fn read(
        layered: &Layered,
        catalog: &Catalog,
        checklists: &Checklists,
    ) -> Result<Self, PolicyErrors> {
        let file = layered.file();
        let read: RemovalsFile = parse_all(file)?;
        let mut errors = PolicyErrors::default();
        let steps = steps(file, &read, checklists, &mut errors);
        let all = read.removals.0.iter();
        let all = all.filter_map(|(key, one)| match removal(layered, catalog, key, one) {
            Ok(removal) => Some(removal),
            Err(found) => {
                errors.extend(found);
                None
            }
        });
        let all = all.collect::<Vec<_>>();
        let mut had = BTreeMap::new();
        for (one, (key, _)) in all.iter().zip(&read.removals.0) {
            if let Some(other) = had.insert(&one.name, &one.integration) {
                let message = format!("`{}` is the name of `{other}` too", one.name);
                errors.push(key.error(file, message));
            }
        }
        let tracked = read.tracking.as_ref();
        let tracking = tracked.map(|one| tracking(file, one, &steps, &mut errors));
        errors.or(Self { steps, all, tracking })
    }
}

fn steps(
    file: &SourceFile,
    read: &RemovalsFile,
    checklists: &Checklists,
    errors: &mut PolicyErrors,
) -> Vec<Step> {
    let mut due = i32::MIN;
    for (key, step) in &read.steps.0 {
        if !is_key(key) {
            errors.push(key.error(file, format!("`{}` is not a key in snake case", key.value)));
        }
        if step.due < due {
            let message = format!("`{}` is due before the step above it", key.value);
            errors.push(key.error(file, message));
        }
        due = step.due;
        if checklists.get(&step.checklist).is_none() {
            let near = nearest(&step.checklist, checklists.iter().map(|one| one.key.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let message = format!("there is no checklist `{}`", step.checklist.value);
            errors.push(step.checklist.error(file, message).with_help(help));
        }
    }
    if read.steps.0.is_empty() && !read.removals.0.is_empty() {
        errors.push(PolicyError::whole_file(
            file.display_name(),
            "`removals` without `steps`: nothing would prove them",
        ));
    }
    let step = |(key, step): &(Located<String>, StepFile)| Step {
        key: key.value.clone(),
        title: step.title.clone(),
        checklist: step.checklist.value.clone(),
        due: step.due,
    };
    read.steps.0.iter().map(step).collect()
}

fn removal(
    layered: &Layered,
    catalog: &Catalog,
    key: &Located<String>,
    one: &RemovalFile,
) -> Result<Removal, PolicyErrors> {
    let mut errors = PolicyErrors::default();
    let file = layered.file();
    let Some(integration) = catalog.integration(key.as_str()) else {
        let near = nearest(key, catalog.integrations().iter().map(|one| one.key.as_str()));
        let help = near.map(|near| format!("did you mean `{near}`?"));
        let message = format!("there is no integration `{}` in the catalog", key.value);
        errors.push(key.error(file, message).with_help(help));
        return Err(errors);
    };
    if integration.kind == Kind::RoutingOnly {
        let message = format!("`{}` has no code of its own that could be removed", key.value);
        let help = "in the catalog its `kind` is `routing_only`".to_owned();
        errors.push(key.error(file, message).with_help(help));
    }
    if one.removal.value < one.announced.value {
        let message = format!(
            "the removal in {} is before its announcement in {}",
            one.removal.value, one.announced.value
        );
        errors.push(one.removal.error(file, message));
    }
    for exception in &one.exceptions {
        if exception.reason.trim().is_empty() {
            errors.push(exception.reason.error(file, "an exception needs a reason"));
        }
    }
    let name = one.name.as_ref().map(|name| name.value.clone());
    let name = name.or_else(|| integration.code_names.first().cloned());
    let Some(name) = name else {
        let help = "give it `name`, or the integration `code_names` in the catalog".to_owned();
        errors.push(key.error(file, "its name in the code is not known").with_help(help));
        return Err(errors);
    };
    let is_name = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !name.split('/').all(is_name) {
        let at = one.name.as_ref().unwrap_or(key);
        errors.push(at.error(file, format!("`{name}` is no name in snake case")));
    }
    let place = layered.place(key.line());
    errors.or(Removal {
        integration: integration.key.clone(),
        title: integration.name.clone(),
        owner: integration.group.clone(),
        name,
        announced: one.announced.value,
        removal: one.removal.value,
        entry: one.entry.clone(),
        page: one.page.clone(),
        issue: one.issue.clone(),
        exceptions: one.exceptions.iter().map(|one| (one.from, one.reason.value.clone())).collect(),
        slipped: one.slipped.iter().map(|one| (one.from, one.reason.clone())).collect(),
        recorded: format!("{}:{}", place.0, place.1),
    })
}
