//! The shape of the catalog's YAML files, before anything is checked across files.

use schemars::JsonSchema;
use serde::Deserialize;

use super::model::{Kind, Lifecycle};
use crate::policy::{Located, LocatedMap, Span};

/// `catalog/groups.yml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupsFile {
    /// The stages, by keys in snake case.
    #[serde(default)]
    pub(super) stages: LocatedMap<StageEntry>,
    /// The groups, by keys in snake case.
    pub(super) groups: LocatedMap<GroupEntry>,
}

/// A stage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StageEntry {
    /// Its name, as people say it.
    pub(super) name: Located<String>,
    /// Its label on the forge.
    pub(super) label: Located<String>,
}

/// A group that owns integrations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupEntry {
    /// Its name, as people say it.
    pub(super) name: Located<String>,
    /// Its label on the forge; without one there are only people to tell.
    #[serde(default)]
    pub(super) label: Option<Located<String>>,
    /// Key of the stage that it belongs to.
    #[serde(default)]
    pub(super) stage: Option<Located<String>>,
    /// Who is called, such as `@example/plan`; nobody, if left out.
    #[serde(default)]
    pub(super) mention: Option<Located<String>>,
    /// Who decides for the group, such as `@anna`: called when something is overdue.
    #[serde(default)]
    pub(super) product_manager: Option<Located<String>>,
    /// Address of the group's direction page.
    #[serde(default)]
    pub(super) direction: Option<Located<String>>,
    /// A note for readers of this file.
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// `catalog/integrations/*.yml`: one table of the ownership page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationsFile {
    /// The category that the integrations of this file belong to.
    pub(super) category: Located<String>,
    /// The integrations, by keys in snake case.
    pub(super) integrations: LocatedMap<IntegrationEntry>,
}

/// An integration. What it must have it may leave out only when CODEOWNERS says it; a field that
/// is left out has no place (line 0).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationEntry {
    /// Its name, as people say it.
    #[serde(default)]
    pub(super) name: Located<String>,
    /// Key of the group that owns it.
    #[serde(default)]
    pub(super) group: Located<String>,
    /// Why this group owns it.
    #[serde(default)]
    pub(super) rationale: Located<String>,
    /// Address of the documentation.
    #[serde(default)]
    pub(super) docs: Option<Located<String>>,
    /// What there is of it in the code base.
    #[serde(default = "left_out")]
    pub(super) kind: Located<Kind>,
    /// Its names in the code base, as `{name}` in the paths of `routing.yml`.
    #[serde(default)]
    pub(super) code_names: Vec<Located<String>>,
    /// What stands behind the prefix in its label.
    #[serde(default)]
    pub(super) label: Located<String>,
    /// Other values that people use behind the prefix.
    #[serde(default)]
    pub(super) aliases: Vec<Located<String>>,
    /// Where it is in its life; active, if left out.
    #[serde(default)]
    pub(super) lifecycle: Option<Located<Lifecycle>>,
    /// A note for readers of this file.
    #[serde(default)]
    pub(super) note: Option<String>,
}

fn left_out() -> Located<Kind> {
    Located { value: Kind::Model, span: Span::default() }
}
