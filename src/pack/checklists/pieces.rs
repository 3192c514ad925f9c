//! Pieces that a machine can write: templates of code and data, in which values stand as they are.

use std::collections::BTreeMap;

use handlebars::{Handlebars, no_escape};
use serde::Serialize;

use crate::policy::{Located, PolicyError, SourceFile, Span};

/// A piece is a file at the most; longer ones are not made. In bytes.
const LONGEST: usize = 100_000;

/// The templates, compiled, by names.
#[derive(Debug, Clone)]
pub struct Pieces(Handlebars<'static>);

/// What a template is told: each value by its name, and the keys of the sets.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PieceFacts {
    /// Values, by names; `item.x` as `item_x`.
    #[serde(flatten)]
    pub values: BTreeMap<String, String>,
    /// Keys of the sets, by names.
    pub sets: BTreeMap<String, Vec<String>>,
}

impl Default for Pieces {
    fn default() -> Self {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.set_prevent_indent(true);
        registry.register_escape_fn(no_escape);
        Self(registry)
    }
}

impl Pieces {
    /// Adds a template that stands in a file of the policies, and tries it on the facts of a
    /// made-up row.
    ///
    /// # Errors
    /// When it is no template, or asks for what it is not told.
    pub(super) fn add(
        &mut self,
        name: &str,
        text: &Located<String>,
        file: &SourceFile,
        sample: &PieceFacts,
    ) -> Result<(), PolicyError> {
        let wrong = |message: String| {
            let help = "`{{name}}` is a value; `{{#each sets.fields}}{{this}}{{/each}}` are the keys \
                        of a set";
            PolicyError::new(file, first_line(text.span), message).with_help(help.to_owned())
        };
        if text.contains("{{>") || text.contains("{{#*") || text.contains("{{#>") {
            return Err(wrong("a piece calls no other template".into()));
        }
        self.0
            .register_template_string(name, &text.value)
            .map_err(|error| wrong(format!("this is no template: {}", error.reason())))?;
        self.render(name, sample).map(drop).map_err(wrong)
    }

    /// The text of a piece, with its last line's end.
    ///
    /// # Errors
    /// When the template asks for what it is not told, or makes too much.
    pub fn render(&self, name: &str, facts: &PieceFacts) -> Result<String, String> {
        let text = self.0.render(name, facts).map_err(|error| match error.reason() {
            handlebars::RenderErrorReason::MissingVariable(Some(path)) => {
                format!("the template asks for `{path}`, which it is not told")
            }
            reason => reason.to_string(),
        })?;
        if text.len() > LONGEST {
            return Err(format!("the template made more than {LONGEST} bytes"));
        }
        Ok(format!("{}\n", text.trim_end()))
    }
}

/// A block of text is marked at its beginning.
fn first_line(span: Span) -> Span {
    Span { len: span.len.min(1), ..span }
}
