//! Texts of the policies with names of values in braces: `spec/models/{name}_spec.rb`.

use schemars::JsonSchema;
use serde::Deserialize;

/// A text in which `{name}` stands for a value. Other braces (`{ee/,}`, `\d{2}`) are text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Form {
    text: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Value(String),
}

/// A value that a form needs is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value `{0}` is not known")]
pub struct Unknown(pub String);

impl From<String> for Form {
    fn from(text: String) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('{') {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            // `\p{Greek}` is a regular expression's own.
            let is_class = before.ends_with("\\p") || before.ends_with("\\P");
            match from[1..].split_once('}').filter(|(name, _)| is_name(name) && !is_class) {
                Some((name, behind)) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(Part::Value(name.to_owned()));
                    rest = behind;
                }
                None => {
                    plain.push('{');
                    rest = &from[1..];
                }
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Self { text, parts }
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.".contains(c))
}

impl Form {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the values that it needs.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Value(name) => Some(name.as_str()),
        })
    }

    /// With the values in place.
    ///
    /// # Errors
    /// The first value that is not known.
    pub fn fill<'v>(
        &self,
        value: impl Fn(&str) -> Option<std::borrow::Cow<'v, str>>,
    ) -> Result<String, Unknown> {
        self.fill_with(value, |value, out| out.push_str(value))
    }

    /// With the values in place, each written as `write` writes it: where the text is a pattern, a
    /// value must not act as one.
    ///
    /// # Errors
    /// The first value that is not known.
    pub fn fill_with<'v>(
        &self,
        value: impl Fn(&str) -> Option<std::borrow::Cow<'v, str>>,
        write: impl Fn(&str, &mut String),
    ) -> Result<String, Unknown> {
        let mut out = String::with_capacity(self.text.len());
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(name) => {
                    write(&value(name).ok_or_else(|| Unknown(name.clone()))?, &mut out);
                }
            }
        }
        Ok(out)
    }
}

impl JsonSchema for Form {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Form".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A text in which `{name}` stands for a value",
            "type": "string",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_stand_for_values_and_other_braces_for_themselves() {
        let form = Form::from("{ee/,}a/{name}_\\d{2}\\p{greek}{item.x}{".to_owned());
        assert_eq!(form.values().collect::<Vec<_>>(), ["name", "item.x"]);
        let fill = |known: &'static str| {
            form.fill(|name| (name != known).then(|| name.to_uppercase().into()))
        };
        assert_eq!(fill("").as_deref(), Ok("{ee/,}a/NAME_\\d{2}\\p{greek}ITEM.X{"));
        assert_eq!(fill("item.x"), Err(Unknown("item.x".into())));
    }
}
