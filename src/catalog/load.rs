//! Policy files to a checked catalog. Every mistake of every file is found in one go.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::codeowners::{self, Codeowners};
use super::file::{GroupEntry, GroupsFile, IntegrationEntry, IntegrationsFile};
use super::lookup::{Catalog, fold};
use super::model::{Group, GroupKey, Integration, Kind, Place, Stage, StageKey};
use crate::policy::{
    Located, PolicyError, PolicyErrors, PolicySource, SourceFile, nearest, parse_all,
};

/// Files that the catalog reads, as [`PolicySource::unread`] wants them.
pub const FILES: &[&str] = &[GROUPS, codeowners::FILE, "catalog/integrations/*.yml"];
const GROUPS: &str = "catalog/groups.yml";
/// Folder of the integration files inside a pack.
pub(super) const INTEGRATIONS: &str = "catalog/integrations/";

pub(super) fn load(source: &PolicySource) -> Result<Catalog, PolicyErrors> {
    let mut loader = Loader::default();
    match source.required(GROUPS) {
        Ok(file) => loader.groups(file, source.beneath(GROUPS)),
        // CODEOWNERS names the owners.
        Err(_) if source.file(codeowners::FILE).is_some() => {}
        Err(missing) => loader.errors.extend(missing.into_iter().map(|error| {
            error.with_help(Some("the owners of integrations are defined there".to_owned()))
        })),
    }
    let mut codeowners = loader.codeowners(source);
    let mut files = Vec::new();
    for file in source.files(INTEGRATIONS).filter(|file| file.path.ends_with(".yml")) {
        match parse_all::<IntegrationsFile>(file) {
            Ok(parsed) => files.push((file, parsed)),
            Err(errors) => loader.errors.extend(errors),
        }
    }
    // An integration of the team's own stands for the built-in one of the same key.
    let own: BTreeSet<String> = files
        .iter()
        .filter(|(file, _)| file.is_own())
        .flat_map(|(_, parsed)| parsed.integrations.0.iter().map(|(key, _)| key.value.clone()))
        .collect();
    for (file, mut parsed) in files {
        if !file.is_own() {
            parsed.integrations.0.retain(|(key, _)| !own.contains(&key.value));
        }
        loader.integrations(file, parsed, codeowners.as_mut());
    }
    if let Some(codeowners) = &codeowners {
        loader.owned_alone(codeowners.file);
    }
    let Loader { stages, groups, integrations, errors, .. } = loader;
    errors.or(())?;
    Ok(Catalog::new(stages, groups, integrations))
}

#[derive(Default)]
struct Loader {
    stages: BTreeMap<StageKey, Stage>,
    groups: BTreeMap<GroupKey, Group>,
    /// Set when groups.yml could not be read: then no group can be called unknown.
    groups_unknown: bool,
    integrations: Vec<Integration>,
    /// What CODEOWNERS says of each integration, until an integrations file takes it.
    owned: Vec<Option<codeowners::Entry>>,
    /// Where each stands among them.
    owned_at: HashMap<String, usize>,
    /// Set when CODEOWNERS could not be read: then nobody knows what may be left out.
    owned_unknown: bool,
    keys: Claims,
    names: Claims,
    categories: Claims,
    labels: Claims,
    code_names: Claims,
    forge_labels: Claims,
    errors: PolicyErrors,
}

/// Who said a thing first, so that the second one is told where.
#[derive(Default)]
struct Claims(HashMap<String, (String, Place)>);

impl Claims {
    /// Claims `what` for `owner`; the earlier owner and place if there is one.
    fn claim(&mut self, what: &str, owner: &str, place: Place) -> Option<(String, Place)> {
        match self.0.entry(fold(what)) {
            std::collections::hash_map::Entry::Occupied(taken) => Some(taken.get().clone()),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert((owner.to_owned(), place));
                None
            }
        }
    }
}

impl Loader {
    /// Reads the groups; what the file does not have is taken from the one beneath it.
    fn groups(&mut self, file: &SourceFile, beneath: Option<&SourceFile>) {
        let parsed: GroupsFile = match parse_all(file) {
            Ok(parsed) => parsed,
            Err(errors) => {
                self.groups_unknown = true;
                return self.errors.extend(errors);
            }
        };
        let mut lower = beneath
            .and_then(|below| Some((below, crate::policy::parse::<GroupsFile>(below).ok()?)));
        if let Some((_, lower)) = &mut lower {
            lay_over(&parsed, lower);
        }
        // All stages first: a group may belong to one of the other file.
        let mut layers: Vec<(&SourceFile, GroupsFile)> = lower.into_iter().collect();
        layers.push((file, parsed));
        for (file, parsed) in &layers {
            self.stages_of(file, parsed);
        }
        for (file, parsed) in layers {
            self.groups_of(file, parsed);
        }
    }

    fn stages_of(&mut self, file: &SourceFile, parsed: &GroupsFile) {
        let place = Place::within(file);
        for (key, entry) in &parsed.stages.0 {
            self.key(file, key);
            self.text(file, &entry.name, "name");
            self.forge_label(file, key, &entry.label, &place);
            let key_ = StageKey::new(key.value.clone());
            let stage = Stage {
                key: key_.clone(),
                name: entry.name.value.clone(),
                label: entry.label.value.clone(),
                place: place(key.line()),
            };
            self.stages.insert(key_, stage);
        }
    }

    fn groups_of(&mut self, file: &SourceFile, parsed: GroupsFile) {
        let place = Place::within(file);
        for (key, entry) in parsed.groups.0 {
            self.key(file, &key);
            self.text(file, &entry.name, "name");
            if let Some(label) = &entry.label {
                self.forge_label(file, &key, label, &place);
            }
            if let Some(stage) =
                entry.stage.as_ref().filter(|stage| !self.stages.contains_key(stage.as_str()))
            {
                let known = self.stages.keys().map(StageKey::as_str);
                self.errors.push(unknown(file, stage, "stage", known));
            }
            if let Some(mention) = &entry.mention {
                self.text(file, mention, "mention");
            }
            if let Some(manager) = &entry.product_manager {
                self.text(file, manager, "product_manager");
            }
            if let Some(direction) = &entry.direction {
                self.url(file, direction);
            }
            let key_ = GroupKey::new(key.value.clone());
            let group = Group {
                key: key_.clone(),
                name: entry.name.value,
                label: entry.label.map(|label| label.value),
                stage: entry.stage.map(|stage| StageKey::new(stage.value)),
                mention: entry.mention.map(|mention| mention.value),
                product_manager: entry.product_manager.map(|manager| manager.value),
                direction: entry.direction.map(|direction| direction.value),
                note: entry.note,
                place: place(key.line()),
            };
            self.groups.insert(key_, group);
        }
    }

    fn integrations(
        &mut self,
        file: &SourceFile,
        parsed: IntegrationsFile,
        mut codeowners: Option<&mut Codeowners<'_>>,
    ) {
        let place = Place::within(file);
        let category = &parsed.category;
        self.text(file, category, "category");
        // A team may add to a category that is built in.
        let layer = if file.is_own() { "own" } else { "built in" };
        let claim = format!("{layer}/{}", category.value);
        let claimed = self.categories.claim(&claim, category, place(category.line()));
        if let Some((_, first)) = claimed {
            self.errors.push(
                category
                    .error(file, format!("the category `{}` has a file already", category.value))
                    .with_help(format!("the other one is {first}")),
            );
        }
        for (key, mut entry) in parsed.integrations.0 {
            if !self.owned_at.contains_key(key.as_str()) {
                self.key(file, &key);
            }
            let here = place(key.line());
            // Who owns it is told by the file that says so.
            let owned = self.owned(&key, here.clone(), codeowners.as_deref_mut());
            let says_group = entry.group.span.is_known();
            let of_group = owned.as_ref().filter(|_| !says_group);
            let at = of_group.map_or(here, |owned| owned.place.clone());
            let base = owned.as_ref().map(|owned| &owned.entry);
            if let Err(missing) = codeowners::complete(file, &key, &mut entry, base) {
                if !self.owned_unknown {
                    self.errors.push(missing);
                }
                continue;
            }
            self.entry(file, &key, &entry, &place);
            self.integrations.push(Integration::from_entry(&key, category, &entry, at));
        }
    }

    /// Reads CODEOWNERS, for the integrations files to take from.
    fn codeowners<'a>(&mut self, source: &'a PolicySource) -> Option<Codeowners<'a>> {
        match codeowners::load(source, &self.groups) {
            Ok(found) => {
                let mut found = found?;
                self.take_groups(&mut found);
                let integrations = std::mem::take(&mut found.integrations);
                let keys = integrations.iter().enumerate();
                self.owned_at = keys.map(|(at, entry)| (entry.key.value.clone(), at)).collect();
                self.owned = integrations.into_iter().map(Some).collect();
                Some(found)
            }
            Err(found) => {
                self.errors.extend(found);
                self.owned_unknown = true;
                self.groups_unknown = true;
                None
            }
        }
    }

    fn take_groups(&mut self, found: &mut Codeowners<'_>) {
        let made = found.groups.drain(..).map(|group| (group.key.clone(), group));
        self.groups.extend(made);
    }

    /// What CODEOWNERS says of an integration of an integrations file, if the pack has one.
    fn owned(
        &mut self,
        key: &Located<String>,
        place: Place,
        codeowners: Option<&mut Codeowners<'_>>,
    ) -> Option<codeowners::Entry> {
        let owned = self.owned_at.get(key.as_str()).and_then(|at| self.owned.get_mut(*at));
        owned.and_then(Option::take).or_else(|| {
            let codeowners = codeowners?;
            let unowned = codeowners.unowned(key, place);
            self.take_groups(codeowners);
            Some(unowned)
        })
    }

    /// The integrations that only CODEOWNERS names.
    fn owned_alone(&mut self, file: &SourceFile) {
        let place = Place::within(file);
        for owned in std::mem::take(&mut self.owned).into_iter().flatten() {
            let codeowners::Entry { key, category, entry, place: at } = owned;
            self.entry(file, &key, &entry, &place);
            self.integrations.push(Integration::from_entry(&key, &category, &entry, at));
        }
    }

    fn entry(
        &mut self,
        file: &SourceFile,
        key: &Located<String>,
        entry: &IntegrationEntry,
        place: &dyn Fn(usize) -> Place,
    ) {
        self.text(file, &entry.name, "name");
        self.text(file, &entry.rationale, "rationale");
        if let Some((other, first)) = self.keys.claim(key, key, place(key.line())) {
            let message = format!("the integration `{other}` is defined already");
            self.errors.push(key.error(file, message).with_help(format!("first at {first}")));
        }
        if let Some((other, first)) = self.names.claim(&entry.name, key, place(entry.name.line())) {
            let message = format!("the name `{}` belongs to `{other}` already", entry.name.value);
            self.errors
                .push(entry.name.error(file, message).with_help(format!("first at {first}")));
        }
        if !self.groups_unknown && !self.groups.contains_key(entry.group.as_str()) {
            let known = self.groups.keys().map(GroupKey::as_str);
            self.errors.push(unknown(file, &entry.group, "group", known));
        }
        if let Some(docs) = &entry.docs {
            self.url(file, docs);
        }
        match (entry.kind.value, entry.code_names.first()) {
            (Kind::Model, None) => self.errors.push(
                entry.kind.error(file, "a model needs its `code_names`").with_help(Some(
                    "add `code_names: [...]`, or write `kind: routing_only`".to_owned(),
                )),
            ),
            (Kind::RoutingOnly, Some(code_name)) => self.errors.push(
                code_name
                    .error(file, "a routing-only integration has no code names")
                    .with_help(Some("write `kind: model`, or make them `aliases`".to_owned())),
            ),
            _ => {}
        }
        for code_name in &entry.code_names {
            self.text(file, code_name, "code name");
            let claimed = self.code_names.claim(code_name, key, place(code_name.line()));
            self.taken(file, "code name", code_name, claimed);
        }
        for label in std::iter::once(&entry.label).chain(&entry.aliases) {
            self.label_text(file, label);
            let claimed = self.labels.claim(label, key, place(label.line()));
            self.taken(file, "label", label, claimed);
        }
    }

    /// Two owners of one label would make routing a matter of chance.
    fn taken(
        &mut self,
        file: &SourceFile,
        what: &str,
        value: &Located<String>,
        claimed: Option<(String, Place)>,
    ) {
        if let Some((other, first)) = claimed {
            let message =
                format!("the {what} `{}` is claimed by `{other}` already, at {first}", value.value);
            self.errors.push(value.error(file, message).with_help(Some(
                "capital letters make no difference; each must lead to one integration".to_owned(),
            )));
        }
    }

    fn forge_label(
        &mut self,
        file: &SourceFile,
        key: &Located<String>,
        label: &Located<String>,
        place: &dyn Fn(usize) -> Place,
    ) {
        self.label_text(file, label);
        let claimed = self.forge_labels.claim(label, key, place(label.line()));
        self.taken(file, "label", label, claimed);
    }

    fn label_text(&mut self, file: &SourceFile, label: &Located<String>) {
        self.text(file, label, "label");
        if label.contains(',') {
            self.errors.push(
                label
                    .error(file, "a label cannot hold a comma")
                    .with_help(Some("the forges' APIs separate labels by commas".to_owned())),
            );
        }
    }

    fn text(&mut self, file: &SourceFile, value: &Located<String>, what: &str) {
        if value.trim().is_empty() {
            self.errors.push(value.error(file, format!("the {what} is empty")));
        } else if value.trim() != value.value || value.chars().any(char::is_control) {
            self.errors.push(value.error(
                file,
                format!("the {what} has spaces at an end, line breaks or control characters"),
            ));
        }
    }

    fn key(&mut self, file: &SourceFile, key: &Located<String>) {
        let mut chars = key.chars();
        let good = chars.next().is_some_and(|c| c.is_ascii_lowercase())
            && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !good {
            self.errors.push(key.error(file, format!("`{}` is not a key", key.value)).with_help(
                Some("keys are written in snake_case: a-z, 0-9 and _, first a letter".to_owned()),
            ));
        }
    }

    fn url(&mut self, file: &SourceFile, value: &Located<String>) {
        let good = url::Url::parse(value)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        if !good {
            self.errors.push(value.error(file, format!("`{}` is not a web address", value.value)));
        }
    }
}

/// Leaves in the lower file what the upper one does not say: by key, and by label, since two
/// groups cannot have one.
fn lay_over(upper: &GroupsFile, lower: &mut GroupsFile) {
    let stages = || upper.stages.0.iter();
    for (_, group) in &mut lower.groups.0 {
        // A stage that goes by another key now.
        let Some(stage) = &mut group.stage else { continue };
        let was = lower.stages.0.iter().find(|(key, _)| **key == **stage);
        let label = was.map(|(_, stage)| fold(&stage.label));
        if let Some((key, _)) = stages().find(|(_, entry)| Some(fold(&entry.label)) == label) {
            stage.value.clone_from(key);
        }
    }
    lower.stages.0.retain(|(key, stage)| {
        !stages().any(|(had, entry)| **had == **key || fold(&entry.label) == fold(&stage.label))
    });
    let label = |group: &GroupEntry| group.label.as_ref().map(|label| fold(label));
    lower.groups.0.retain(|(key, group)| {
        let mut groups = upper.groups.0.iter();
        let same = |entry| label(group).is_some() && label(entry) == label(group);
        !groups.any(|(had, entry)| **had == **key || same(entry))
    });
}

fn unknown<'a>(
    file: &SourceFile,
    value: &Located<String>,
    what: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> PolicyError {
    let help = match nearest(value, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let all: Vec<&str> = known.collect();
            match all.is_empty() {
                true => format!("{GROUPS} has no {what}s"),
                false => format!("{what}s in {GROUPS}: {}", all.join(", ")),
            }
        }
    };
    value
        .error(file, format!("there is no {what} `{}`", value.value))
        .with_label(format!("not a {what} in {GROUPS}"))
        .with_help(help)
}
