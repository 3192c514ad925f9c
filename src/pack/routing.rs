//! `routing.yml`: what a team may say about who gets which item.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    catalog::{Catalog, GroupKey},
    model::State,
    policy::{Located, PolicyError, PolicyErrors, PolicySource, nearest, parse_all},
};

const FILE: &str = "routing.yml";

/// The routing policy; the fields are described in `policies/routing.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Routing {
    /// The start of a label that names an integration.
    pub label_prefix: Located<String>,
    /// Values behind the prefix that name no integration.
    #[serde(default)]
    pub markers: Vec<String>,
    /// States in which an item is looked after.
    pub states: Located<Vec<State>>,
    /// The most integrations on one item that are routed without asking.
    pub most_integrations: Located<usize>,
    /// Files that belong to an integration.
    pub paths: Vec<Located<PathPattern>>,
    /// Whether an item recognised by its files gets the integration's label.
    pub label_from_paths: bool,
    /// Whether the stage's label is set.
    pub label_stage: bool,
    /// How often one label is set on one item at the most.
    pub breaker: Located<u32>,
    /// Where people see these policies, for links in comments.
    #[serde(default)]
    pub policies_url: Option<String>,
    /// What to do about an integration that is not in the catalog.
    pub unknown: Unknown,
}

/// What to do about an integration that is not in the catalog.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// How many similar names are offered.
    pub nearest: usize,
    /// Signs that point at a group, the first that fits wins.
    pub closest: Vec<Closest>,
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

/// A path with `{name}` in it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PathPattern {
    before: String,
    after: String,
}

impl TryFrom<String> for PathPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once("{name}") {
            Some((before, after)) if !after.contains("{name}") => {
                Ok(Self { before: before.to_owned(), after: after.to_owned() })
            }
            _ => Err(format!(
                "`{text}` must hold `{{name}}` exactly once, as in `app/models/{{name}}.rb`"
            )),
        }
    }
}

impl JsonSchema for PathPattern {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PathPattern".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A path with `{name}` in it, once",
            "type": "string",
            "pattern": r"^[^{]*\{name\}[^{]*$",
        })
    }
}

impl PathPattern {
    /// The path of a code name's file.
    pub fn path_of(&self, name: &str) -> String {
        format!("{}{name}{}", self.before, self.after)
    }

    /// The code name in a path that fits: folders count as `_`, as in Ruby's constant names.
    pub fn code_name(&self, path: &str) -> Option<String> {
        let name = path.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        (!name.is_empty() && !name.starts_with('/') && !name.ends_with('/'))
            .then(|| name.replace('/', "_"))
    }
}

impl Routing {
    /// Reads and checks `routing.yml`.
    ///
    /// # Errors
    /// Every mistake in it, a group or category that the catalog does not have among them.
    pub fn load(source: &PolicySource, catalog: &Catalog) -> Result<Self, PolicyErrors> {
        let file = source.required(FILE)?;
        let routing: Routing = parse_all(file)?;
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

    /// What stands behind the prefix in a label that has it, without regard to case.
    pub fn value_of<'a>(&self, label: &'a str) -> Option<&'a str> {
        let prefix: &str = &self.label_prefix;
        let start = label.get(..prefix.len())?;
        (start.eq_ignore_ascii_case(prefix) && label.len() > prefix.len())
            .then(|| label[prefix.len()..].trim())
    }

    /// Whether a value behind the prefix is a marker and names no integration.
    pub fn is_marker(&self, value: &str) -> bool {
        self.markers.iter().any(|marker| marker.eq_ignore_ascii_case(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn a_pattern_finds_the_code_name() {
        let models = pattern("app/models/integrations/{name}.rb");
        assert_eq!(models.code_name("app/models/integrations/jira.rb").as_deref(), Some("jira"));
        assert_eq!(
            models.code_name("app/models/integrations/google_cloud/artifact.rb").as_deref(),
            Some("google_cloud_artifact")
        );
        for other in ["app/models/integrations/.rb", "app/models/jira.rb", "jira.rb", ""] {
            assert_eq!(models.code_name(other), None, "{other}");
        }
        assert_eq!(
            pattern("spec/{name}_spec.rb").code_name("spec/jira_spec.rb").as_deref(),
            Some("jira")
        );
    }

    #[test]
    fn a_pattern_without_a_name_is_refused() {
        for text in ["app/models/*.rb", "{name}/{name}"] {
            let error = PathPattern::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains("exactly once"), "{error}");
        }
    }
}
