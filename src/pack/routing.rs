//! `routing.yml`: what a team may say about who gets which item.

mod path;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    catalog::{Catalog, GroupKey},
    model::{Cite, State},
    policy::{Layered, Located, PolicyError, PolicyErrors, PolicySource, nearest, parse_all},
};

pub use path::PathPattern;

pub(super) const FILE: &str = "routing.yml";

/// The routing policy; the fields are described in `policies/routing.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// Whether routing acts; `on`, if left out.
    #[serde(default)]
    pub mode: RoutingMode,
    /// The start of a label that names an integration.
    pub label_prefix: Located<String>,
    /// Values behind the prefix that name no integration.
    #[serde(default)]
    pub markers: Vec<String>,
    /// States in which an item is looked after.
    pub states: Located<Vec<State>>,
    /// The most integrations on one item that are routed without asking.
    pub most_integrations: Located<usize>,
    /// What is done about an item whose integrations have several owners. Left out: `ask` where
    /// groups have labels, with which a person can answer, else `tell_all`.
    #[serde(default)]
    pub several_owners: Option<Located<SeveralOwners>>,
    /// Files that belong to an integration.
    #[serde(default)]
    pub paths: Vec<Located<PathPattern>>,
    /// Whether an item recognised by its files gets the integration's label.
    #[serde(default = "yes")]
    pub label_from_paths: bool,
    /// Whether the stage's label is set.
    #[serde(default = "yes")]
    pub label_stage: bool,
    /// How often one label is set on one item at the most.
    #[serde(default = "usual_breaker")]
    pub breaker: Located<u32>,
    /// Where people see these policies, for links in comments.
    #[serde(default)]
    pub policies_url: Option<String>,
    /// What to do about an integration that is not in the catalog.
    #[serde(default)]
    pub unknown: Unknown,
    #[serde(skip)]
    #[schemars(skip)]
    written: Option<Layered>,
}

/// Whether routing acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoutingMode {
    /// It asks for nothing, and what it did earlier stays.
    Off,
    /// It decides and is recorded, and nothing is written.
    Shadow,
    /// It acts.
    #[default]
    On,
}

/// What is done about an item whose integrations have several owners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeveralOwners {
    /// A person is asked which group takes it.
    Ask,
    /// All owners are told, in one comment.
    TellAll,
}

fn yes() -> bool {
    true
}

fn usual_breaker() -> Located<u32> {
    Located { value: 5, ..Located::default() }
}

/// What to do about an integration that is not in the catalog.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// How many similar names are offered.
    #[serde(default = "usual_nearest")]
    pub nearest: usize,
    /// Signs that point at a group, the first that fits wins.
    #[serde(default)]
    pub closest: Vec<Closest>,
}

impl Default for Unknown {
    fn default() -> Self {
        Self { nearest: usual_nearest(), closest: Vec::new() }
    }
}

fn usual_nearest() -> usize {
    3
}

/// A sign that an integration is closest to a group's value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Closest {
    /// The catalog's category from which the group is known.
    pub category: Located<String>,
    /// Key of the group.
    pub group: Located<GroupKey>,
    /// Labels that point at it.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Words that point at it.
    #[serde(default)]
    pub words: Vec<String>,
}

impl Routing {
    /// Reads and checks `routing.yml`.
    ///
    /// # Errors
    /// Every mistake in it, a group or category that the catalog does not have among them.
    pub fn load(source: &PolicySource, catalog: &Catalog) -> Result<Self, PolicyErrors> {
        let layered = Layered::new(source.required(FILE)?, source.beneath(FILE));
        Self::read(&layered, catalog).map_err(|errors| layered.errors(errors))
    }

    fn read(layered: &Layered, catalog: &Catalog) -> Result<Self, PolicyErrors> {
        let file = layered.file();
        let mut routing: Routing = parse_all(file)?;
        routing.written = Some(layered.clone());
        let mut errors = PolicyErrors::default();
        if routing.label_prefix.trim().is_empty() {
            errors.push(
                routing
                    .label_prefix
                    .error(file, "an empty prefix would take every label for an integration")
                    .with_help(Some(
                        "write the start of the labels, such as `Integration::`".into(),
                    )),
            );
        }
        for (name, value) in [
            ("most_integrations", (*routing.most_integrations, routing.most_integrations.span)),
            ("breaker", (*routing.breaker as usize, routing.breaker.span)),
        ] {
            if value.0 == 0 {
                errors.push(PolicyError::new(
                    file,
                    value.1,
                    format!("`{name}` must be at least 1"),
                ));
            }
        }
        let can_answer = catalog.groups().any(|group| group.label.is_some());
        match &routing.several_owners {
            Some(asks) if **asks == SeveralOwners::Ask && !can_answer => errors.push(
                asks.error(file, "nobody could answer: no group has a label")
                    .with_help("write `several_owners: tell_all`, or leave it out".to_owned()),
            ),
            _ => {}
        }
        for closest in &routing.unknown.closest {
            if catalog.group(&closest.group).is_none() {
                let near =
                    nearest(closest.group.as_str(), catalog.groups().map(|g| g.key.as_str()));
                errors.push(
                    closest
                        .group
                        .error(file, format!("the catalog has no group `{}`", *closest.group))
                        .with_help(near.map(|near| format!("did you mean `{near}`?"))),
                );
            }
            let categories = || catalog.integrations().iter().map(|one| one.category.as_str());
            if !categories().any(|known| known == *closest.category) {
                let near = nearest(&closest.category, categories());
                errors.push(
                    closest
                        .category
                        .error(file, format!("the catalog has no category `{}`", *closest.category))
                        .with_help(near.map(|near| format!("did you mean `{near}`?"))),
                );
            }
        }
        errors.or(routing)
    }

    /// Where a line of the policy is written, for decisions to cite.
    pub fn cite(&self, line: usize) -> Cite {
        let place = self.written.as_ref().map(|written| written.place(line));
        let (file, line) = place.unwrap_or_else(|| (FILE.to_owned(), line));
        Cite { file, line }
    }

    /// What is done about an item whose integrations have several owners.
    pub fn several_owners(&self, catalog: &Catalog) -> SeveralOwners {
        let usual = || match catalog.groups().any(|group| group.label.is_some()) {
            true => SeveralOwners::Ask,
            false => SeveralOwners::TellAll,
        };
        self.several_owners.as_ref().map_or_else(usual, |written| written.value)
    }

    /// What stands behind the prefix in a label that has it, without regard to case. Blanks at the
    /// prefix's end may be missing or be more, where a sign such as `:` ends it all the same.
    pub fn value_of<'a>(&self, label: &'a str) -> Option<&'a str> {
        let whole: &str = &self.label_prefix;
        let bare = whole.trim_end();
        let prefix = if bare.ends_with(char::is_alphanumeric) { whole } else { bare };
        let start = label.get(..prefix.len())?;
        let value = label[prefix.len()..].trim();
        (start.eq_ignore_ascii_case(prefix) && !value.is_empty()).then_some(value)
    }

    /// Whether a value behind the prefix is a marker and names no integration.
    pub fn is_marker(&self, value: &str) -> bool {
        self.markers.iter().any(|marker| marker.eq_ignore_ascii_case(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_prefix(prefix: &str) -> Routing {
        let text = format!("label_prefix: {prefix:?}\nstates: [open]\nmost_integrations: 3\n");
        let file = crate::policy::SourceFile::new(FILE, crate::policy::Origin::BuiltIn, text);
        crate::policy::parse(&file).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn blanks_behind_the_prefix_may_be_missing() {
        let routing = with_prefix("integration: ");
        for label in ["integration: hue", "Integration:hue", "integration:   hue "] {
            assert_eq!(routing.value_of(label), Some("hue"), "{label}");
        }
        for label in ["integration:", "integration: ", "integrations: hue", "intégration: hue"] {
            assert_eq!(routing.value_of(label), None, "{label}");
        }
        assert_eq!(with_prefix("is ").value_of("is hue"), Some("hue"));
        assert_eq!(with_prefix("is ").value_of("issue"), None);
        assert_eq!(with_prefix("Integration::").value_of("integration::Jira"), Some("Jira"));
    }
}
