//! What would set a label that nothing sets.

use serde::Serialize;

use super::{RuleTold, WouldTold};
use crate::{catalog::Integration, model::LabelName, rules::View};

/// So many names are told of a long list.
const TOLD: usize = 5;

/// What would set a label. Each variant has its sentence in `templates/why.yml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Would {
    /// Routing, on items about integrations that a group owns.
    ByOwner {
        /// The group's name.
        group: String,
        /// Names of its integrations; not all, when there are many.
        integrations: Vec<String>,
        /// How many more there are.
        more: usize,
    },
    /// Routing, beside the labels of groups.
    ByStage {
        /// The groups' labels.
        groups: Vec<LabelName>,
    },
    /// Routing, on merge requests that change the integration's files.
    ByFile {
        /// The integration's name.
        integration: String,
    },
    /// People only: it names an integration.
    ByPeople {
        /// The integration's name.
        integration: String,
    },
    /// A rule that the team wrote, and that does not hold.
    ByRule {
        /// Its name.
        rule: String,
        /// The clauses that keep it from holding.
        failed: Vec<Failed>,
    },
    /// Nothing.
    ByNobody {
        /// Labels with a similar name.
        near: Vec<LabelName>,
    },
}

/// A clause that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failed {
    /// The predicate.
    pub clause: String,
    /// What it asks.
    pub asked: String,
    /// What it saw.
    pub saw: String,
}

/// What would set a label: the rules that people wrote come first, then what routing does.
pub(super) fn set(view: &View<'_>, rules: &[RuleTold], label: &LabelName) -> Vec<WouldTold> {
    let (catalog, routing) = (&view.pack.catalog, &view.pack.routing);
    let mut would = Vec::new();
    for rule in view.pack.rules.iter().filter(|rule| rule.sets(label)) {
        let told = rules.iter().find(|told| told.rule == rule.name);
        let failed = told.map(RuleTold::failed).unwrap_or_default();
        let by_rule = Would::ByRule { rule: rule.name.clone(), failed };
        would.push(WouldTold { would: by_rule, cite: Some(rule.cite.clone()) });
    }
    if let Some(group) = catalog.group_by_label(label.as_str()) {
        let owned: Vec<&Integration> =
            catalog.integrations().iter().filter(|one| one.group == group.key).collect();
        if !owned.is_empty() {
            let integrations = owned.iter().take(TOLD).map(|one| one.name.clone()).collect();
            let more = owned.len().saturating_sub(TOLD);
            let would_set = Would::ByOwner { group: group.name.clone(), integrations, more };
            would.push(WouldTold { would: would_set, cite: Some(group.cite()) });
        }
    }
    let stage = catalog.stages().find(|stage| LabelName::new(&stage.label).same(label));
    if let Some(stage) = stage.filter(|_| routing.label_stage) {
        let groups: Vec<LabelName> = catalog
            .groups()
            .filter(|group| group.stage.as_ref() == Some(&stage.key))
            .filter_map(|group| group.label_name())
            .collect();
        would.push(WouldTold { would: Would::ByStage { groups }, cite: None });
    }
    let named = routing.value_of(label.as_str()).and_then(|value| catalog.by_label_value(value));
    if let Some(named) = named {
        let integration = named.name.clone();
        let by_file = routing.label_from_paths && !named.code_names.is_empty();
        let would_set =
            if by_file { Would::ByFile { integration } } else { Would::ByPeople { integration } };
        would.push(WouldTold { would: would_set, cite: Some(named.cite()) });
    }
    if would.is_empty() {
        would.push(WouldTold { would: Would::ByNobody { near: near(view, label) }, cite: None });
    }
    would
}

/// The label nearest to one that nothing names, among those that the policies know and those that
/// were on the item.
fn near(view: &View<'_>, label: &LabelName) -> Vec<LabelName> {
    let (catalog, routing) = (&view.pack.catalog, &view.pack.routing);
    let prefix = routing.label_prefix.as_str();
    let mut known: Vec<String> = Vec::new();
    known.extend(catalog.groups().filter_map(|group| group.label.clone()));
    let declared = view.pack.rules.iter().flat_map(|rule| rule.then.labels.iter());
    known.extend(declared.flat_map(|labels| labels.add.iter().map(|label| label.to_string())));
    known.extend(catalog.stages().map(|stage| stage.label.clone()));
    known.extend(catalog.integrations().iter().map(|one| format!("{prefix}{}", one.label)));
    let seen = view.label_history().iter().filter_map(|event| event.label.as_ref());
    known.extend(view.snapshot.labels.iter().chain(seen).map(|label| label.to_string()));
    known.retain(|name| !LabelName::new(name.as_str()).same(label));
    let whole = crate::policy::nearest(label.as_str(), known.iter().map(String::as_str));
    // People leave scopes out.
    let value = |name: &str| name.rsplit("::").next().unwrap_or_default().to_lowercase();
    let wanted = value(label.as_str());
    let same_value = || known.iter().find(|name| value(name) == wanted).map(String::as_str);
    whole.or_else(same_value).map(LabelName::new).into_iter().collect()
}
