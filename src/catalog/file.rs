//! The shape of the catalog's YAML files, before anything is checked across files.

use serde::Deserialize;

use super::model::{Kind, Lifecycle};
use crate::policy::{Located, LocatedMap, Span};

/// `catalog/groups.yml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupsFile {
    #[serde(default)]
    pub(super) stages: LocatedMap<StageEntry>,
    pub(super) groups: LocatedMap<GroupEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StageEntry {
    pub(super) name: Located<String>,
    pub(super) label: Located<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupEntry {
    pub(super) name: Located<String>,
    #[serde(default)]
    pub(super) label: Option<Located<String>>,
    #[serde(default)]
    pub(super) stage: Option<Located<String>>,
    #[serde(default)]
    pub(super) mention: Option<Located<String>>,
    #[serde(default)]
    pub(super) direction: Option<Located<String>>,
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// `catalog/integrations/*.yml`: one table of the ownership page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IntegrationsFile {
    pub(super) category: Located<String>,
    pub(super) integrations: LocatedMap<IntegrationEntry>,
}

/// An integration. What it must have it may leave out only when CODEOWNERS says it; a field that
/// is left out has no place (line 0).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IntegrationEntry {
    #[serde(default)]
    pub(super) name: Located<String>,
    #[serde(default)]
    pub(super) group: Located<String>,
    #[serde(default)]
    pub(super) rationale: Located<String>,
    #[serde(default)]
    pub(super) docs: Option<Located<String>>,
    #[serde(default = "left_out")]
    pub(super) kind: Located<Kind>,
    #[serde(default)]
    pub(super) code_names: Vec<Located<String>>,
    #[serde(default)]
    pub(super) label: Located<String>,
    #[serde(default)]
    pub(super) aliases: Vec<Located<String>>,
    #[serde(default)]
    pub(super) lifecycle: Option<Located<Lifecycle>>,
    #[serde(default)]
    pub(super) note: Option<String>,
}

fn left_out() -> Located<Kind> {
    Located { value: Kind::Model, span: Span::default() }
}
