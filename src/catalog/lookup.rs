//! The catalog as rules use it: questions answered by hash look-ups, and the nearest name for a
//! label nobody knows.

use std::collections::{BTreeMap, HashMap};

use super::model::{Group, GroupKey, Integration, IntegrationKey, Stage, StageKey};
use crate::{
    model::lower,
    policy::{PolicyErrors, PolicySource},
};

/// Every integration, group and stage, checked: each group that an integration names exists,
/// and every label value and code name leads to one integration.
#[derive(Clone, Debug)]
pub struct Catalog {
    stages: BTreeMap<StageKey, Stage>,
    groups: BTreeMap<GroupKey, Group>,
    integrations: Vec<Integration>,
    by_key: HashMap<IntegrationKey, usize>,
    by_label: HashMap<String, usize>,
    by_code_name: HashMap<String, usize>,
    by_group_label: HashMap<String, GroupKey>,
    /// What each integration is known by, in the form in which likeness is looked for.
    squashed: Vec<Vec<String>>,
}

impl Catalog {
    /// Loads and checks `catalog/groups.yml`, `catalog/codeowners.yml` with the file that it
    /// names, and `catalog/integrations/*.yml`.
    ///
    /// # Errors
    /// Every mistake in these files, each with its place.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        super::load::load(source)
    }

    /// A catalog from `(path, text)` pairs, for tests and previews.
    ///
    /// # Errors
    /// As [`Catalog::load`].
    pub fn from_texts<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, PolicyErrors> {
        Self::load(&PolicySource::from_files(files))
    }

    pub(super) fn new(
        stages: BTreeMap<StageKey, Stage>,
        groups: BTreeMap<GroupKey, Group>,
        integrations: Vec<Integration>,
    ) -> Self {
        let mut by_key = HashMap::new();
        let mut by_label = HashMap::new();
        let mut by_code_name = HashMap::new();
        for (index, integration) in integrations.iter().enumerate() {
            by_key.insert(integration.key.clone(), index);
            by_label.extend(integration.label_values().map(|value| (fold(value), index)));
            by_code_name.extend(integration.code_names.iter().map(|name| (name.clone(), index)));
        }
        let labelled =
            groups.values().filter_map(|group| Some((group.label.as_ref()?, &group.key)));
        let by_group_label = labelled.map(|(label, key)| (fold(label), key.clone())).collect();
        let squashed = integrations.iter().map(squashed_names).collect();
        Self {
            stages,
            groups,
            integrations,
            by_key,
            by_label,
            by_code_name,
            by_group_label,
            squashed,
        }
    }

    /// All integrations, file by file, in the order of the files; those that only CODEOWNERS names
    /// come last.
    pub fn integrations(&self) -> &[Integration] {
        &self.integrations
    }

    /// The integration with this key.
    pub fn integration(&self, key: &str) -> Option<&Integration> {
        self.by_key.get(key).and_then(|index| self.integrations.get(*index))
    }

    /// The integration whose label value (what follows the prefix) or alias this is; case and
    /// surrounding spaces make no difference.
    pub fn by_label_value(&self, value: &str) -> Option<&Integration> {
        self.by_label.get(&*lower(value.trim())).and_then(|index| self.integrations.get(*index))
    }

    /// The integration with this name in the code base, letter by letter.
    pub fn by_code_name(&self, name: &str) -> Option<&Integration> {
        self.by_code_name.get(name).and_then(|index| self.integrations.get(*index))
    }

    /// Up to `n` integrations whose label, alias, name or code name resembles `query`, nearest
    /// first. Nonsense yields none: a wrong guess in a comment is worse than no guess.
    pub fn nearest(&self, query: &str, n: usize) -> Vec<&Integration> {
        let query = squash(query);
        // Longer than any label; edit distance is quadratic.
        if query.chars().count() < 2 || query.chars().count() > 100 {
            return Vec::new();
        }
        let nearest =
            |names: &Vec<String>| names.iter().filter_map(|one| distance(&query, one)).min();
        let mut found: Vec<(usize, &Integration)> = self
            .integrations
            .iter()
            .zip(&self.squashed)
            .filter_map(|(integration, names)| Some((nearest(names)?, integration)))
            .collect();
        // Stable: equally near ones keep the order of the catalog.
        found.sort_by_key(|(distance, _)| *distance);
        found.into_iter().take(n).map(|(_, integration)| integration).collect()
    }

    /// The group with this key.
    pub fn group(&self, key: &GroupKey) -> Option<&Group> {
        self.groups.get(key)
    }

    /// The group with this whole label, whatever its case.
    pub fn group_by_label(&self, label: &str) -> Option<&Group> {
        self.by_group_label.get(&*lower(label.trim())).and_then(|key| self.groups.get(key))
    }

    /// All groups in order of their keys.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The group that owns an integration.
    pub fn owner(&self, integration: &Integration) -> Option<&Group> {
        self.group(&integration.group)
    }

    /// The stage of a group, if it has one.
    pub fn stage_of(&self, group: &GroupKey) -> Option<&Stage> {
        self.groups.get(group).and_then(|group| self.stages.get(group.stage.as_ref()?))
    }

    /// All stages in order of their keys.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.stages.values()
    }
}

/// The form in which labels are compared: forges ignore the case of a label.
pub(super) fn fold(text: &str) -> String {
    lower(text.trim()).into_owned()
}

/// The form in which names are compared for likeness: only letters and digits, small.
pub(super) fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// All that an integration is known by: its labels, its name, its names in the code.
fn squashed_names(integration: &Integration) -> Vec<String> {
    integration
        .label_values()
        .chain(std::iter::once(integration.name.as_str()))
        .chain(integration.code_names.iter().map(String::as_str))
        .map(squash)
        .collect()
}

/// How far apart two squashed names are, or `None` when they have nothing to do with each other.
fn distance(query: &str, candidate: &str) -> Option<usize> {
    let (q, c) = (query.chars().count(), candidate.chars().count());
    if c == 0 {
        return None;
    }
    // Part of a name counts ("jira" in "jiracloudapp"), but less than a slip of the pen.
    const PART: usize = 2;
    let part = q.min(c) >= 4 && (candidate.contains(query) || query.contains(candidate));
    if q.abs_diff(c) > q.max(c) / 3 + 1 {
        return part.then_some(PART);
    }
    let edits = strsim::damerau_levenshtein(query, candidate);
    match edits <= (q.max(c) / 3).clamp(1, 4) {
        true => Some(if part { edits.min(PART) } else { edits }),
        false => part.then_some(PART),
    }
}
