//! Which integration a file belongs to, by its path.

use schemars::JsonSchema;
use serde::Deserialize;

/// A path with `{name}` in it. With `**` for the rest of the path, `{name}` is one folder; without,
/// it may go over several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PathPattern {
    before: String,
    after: String,
    /// What follows `**`, if the pattern has it; `after` then ends before it.
    end: Option<String>,
}

impl TryFrom<String> for PathPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let Some((before, after)) =
            text.split_once("{name}").filter(|(_, after)| !after.contains("{name}"))
        else {
            return Err(format!(
                "`{text}` must hold `{{name}}` exactly once, as in `app/models/{{name}}.rb`"
            ));
        };
        let (after, end) = match after.split_once("**") {
            Some((after, end)) => (after, Some(end)),
            None => (after, None),
        };
        if [before, after, end.unwrap_or_default()].iter().any(|part| part.contains('*'))
            || end.is_some() && !after.starts_with('/')
        {
            return Err(format!(
                "`{text}`: `**` may stand once, below the folder `{{name}}/`, and no other `*`, as \
                 in `components/{{name}}/**`"
            ));
        }
        let end = end.map(str::to_owned);
        Ok(Self { before: before.to_owned(), after: after.to_owned(), end })
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
    /// The path of a code name's file; where `**` stands, of any of them.
    pub fn path_of(&self, name: &str) -> String {
        let rest = self.end.as_ref().map(|end| format!("file{end}")).unwrap_or_default();
        format!("{}{name}{}{rest}", self.before, self.after)
    }

    /// The code name in a path that fits: folders count as `_`, as in Ruby's constant names.
    pub fn code_name(&self, path: &str) -> Option<String> {
        self.named(path).map(|name| name.replace('/', "_"))
    }

    /// The part of a path that fits where `{name}` stands, folders and all.
    pub fn named<'p>(&self, path: &'p str) -> Option<&'p str> {
        let path = path.strip_prefix(&self.before)?;
        if let Some(end) = &self.end {
            let (name, _) = path.split_once('/')?;
            let rest = path.strip_prefix(name)?.strip_prefix(&self.after)?;
            // `**` may stand for nothing, and then for its slash too.
            let fits = rest.ends_with(end.as_str()) || Some(rest) == end.strip_prefix('/');
            return (fits && !name.is_empty() && !rest.is_empty()).then_some(name);
        }
        let name = path.strip_suffix(&self.after)?;
        (!name.is_empty() && !name.starts_with('/') && !name.ends_with('/')).then_some(name)
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
    fn a_folder_names_the_integration_whatever_lies_in_it() {
        let components = pattern("homeassistant/components/{name}/**");
        for path in ["light.py", "translations/de.json"] {
            let path = format!("homeassistant/components/hue/{path}");
            assert_eq!(components.code_name(&path).as_deref(), Some("hue"), "{path}");
        }
        for other in ["homeassistant/components/hue", "homeassistant/components/hue/", "hue/x"] {
            assert_eq!(components.code_name(other), None, "{other}");
        }
        assert_eq!(components.path_of("hue"), "homeassistant/components/hue/file");
        let tests = pattern("lib/{name}/test/**/unit.py");
        assert_eq!(tests.code_name("lib/hue/test/a/unit.py").as_deref(), Some("hue"));
        assert_eq!(tests.code_name("lib/hue/test/unit.py").as_deref(), Some("hue"));
        assert_eq!(tests.code_name("lib/hue/unit.py"), None);
    }

    #[test]
    fn a_pattern_that_cannot_be_understood_is_refused() {
        for text in ["app/models/*.rb", "{name}/{name}"] {
            let error = PathPattern::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains("exactly once"), "{error}");
        }
        for text in ["**/{name}/x", "lib/{name}/*", "lib/{name}**", "{name}/**/a/**"] {
            let error = PathPattern::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains("may stand once"), "{error}");
        }
    }
}
