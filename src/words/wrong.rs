//! What is wrong with a template, in words for its author: the library speaks of its grammar.

use std::sync::LazyLock;

use handlebars::{RenderError, RenderErrorReason, TemplateError, TemplateErrorReason};
use regex::Regex;
use serde_json::Value;

use crate::policy::{Span, nearest};

/// A mistake in the text of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The template's name; empty while it is read.
    pub template: String,
    /// In one sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// 1-based line; 0 when the library does not tell.
    line: usize,
    /// 1-based column; 0 when the library does not tell.
    column: usize,
    /// The word that is wrong, if it is one.
    word: Option<String>,
}

impl std::fmt::Display for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "template `{}`", self.template)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        write!(f, ": {}", self.message)
    }
}

impl Slip {
    /// A mistake of which only the sentence is known.
    pub(crate) fn said(message: String) -> Self {
        Self { template: String::new(), message, help: None, line: 0, column: 0, word: None }
    }

    /// A template that shows what people type as they typed it, `at` a place of its text.
    pub(super) fn raw(template: &str, text: &str, at: Option<(usize, &str)>) -> Self {
        let what = at.map_or_else(|| "it shows".to_owned(), |(_, name)| format!("`{name}` is"));
        let place = at.map_or_else(Span::default, |(at, name)| Span::at(text, at, name.len()));
        let shown = match at {
            Some(_) => " shown as people typed it",
            None => " a text as people typed it",
        };
        Self {
            template: template.to_owned(),
            message: format!("{what}{shown}: it could call people, or act as Steward"),
            help: Some(
                "write it with two braces, as in `{{x}}`, `{{code x}}` or `{{label x}}`; three \
                 are for what comes from the policies"
                    .to_owned(),
            ),
            line: place.line,
            column: place.column,
            word: at.map(|(_, name)| name.to_owned()),
        }
    }

    /// A template that cannot be read.
    pub(super) fn reading(text: &str, error: &TemplateError) -> Self {
        let (line, column) = error.pos().unwrap_or_default();
        let slip = |message: String, help: Option<String>| Self {
            template: String::new(),
            message: format!("not a template: {message}"),
            help,
            line,
            column,
            word: None,
        };
        match error.reason() {
            TemplateErrorReason::MismatchingClosedHelper(open, close)
            | TemplateErrorReason::MismatchingClosedDecorator(open, close) => slip(
                format!("`{{{{#{open}}}}}` is closed by `{{{{/{close}}}}}`"),
                Some(format!("write `{{{{/{open}}}}}` where it ends")),
            ),
            TemplateErrorReason::InvalidSyntax(_) => match unclosed(text) {
                Some((at, name)) => Self {
                    line: Span::at(text, at, 0).line,
                    column: Span::at(text, at, 0).column,
                    word: Some(format!("{{{{#{name}")),
                    ..slip(
                        format!("`{{{{#{name}}}}}` is never closed"),
                        Some(format!("write `{{{{/{name}}}}}` where it ends")),
                    )
                },
                None => slip(
                    "from here on it cannot be read".to_owned(),
                    Some("each `{{` needs its `}}`, and each `{{#if}}` its `{{/if}}`".to_owned()),
                ),
            },
            other => {
                let told = other.to_string();
                let first = told.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                slip(first.to_owned(), None)
            }
        }
    }

    /// A template that does not fit the facts that it is told.
    pub(super) fn rendering(template: &str, error: &RenderError, facts: &Value) -> Self {
        let (message, word) = match error.reason() {
            RenderErrorReason::MissingVariable(Some(path)) => {
                (format!("nothing is called `{path}` here"), Some(path.clone()))
            }
            RenderErrorReason::MissingVariable(None) => {
                ("something is named that is not there".to_owned(), None)
            }
            RenderErrorReason::PartialNotFound(name)
            | RenderErrorReason::TemplateNotFound(name) => {
                (format!("there is no template `{name}`"), Some(name.clone()))
            }
            RenderErrorReason::HelperNotFound(name) => {
                (format!("there is no helper `{name}`"), Some(name.clone()))
            }
            other => (other.to_string(), None),
        };
        let known = facts.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let near = word.as_deref().and_then(|word| nearest(word, known));
        Self {
            template: error.template_name.clone().unwrap_or_else(|| template.to_owned()),
            message,
            help: near.map(|near| format!("did you mean `{near}`?")),
            line: error.line_no.unwrap_or_default(),
            column: error.column_no.unwrap_or_default(),
            word,
        }
    }

    /// Where it stands in the text of the template.
    pub(super) fn span(&self, text: &str) -> Span {
        span_at(text, self.line, self.column, self.word.as_deref())
    }
}

/// A place in a text as the library tells it, lines and columns from 1, and of `word` where it
/// comes next on that line.
pub(super) fn span_at(text: &str, line: usize, column: usize, word: Option<&str>) -> Span {
    if line == 0 {
        return Span::default();
    }
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(line - 1).unwrap_or_default();
    let skipped = line.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
    let rest = line.get(skipped..).unwrap_or_default();
    let word = word.and_then(|word| Some((rest.find(word)?, word.len())));
    let (at, len) = word.unwrap_or((0, 1));
    Span::at(text, before + skipped + at, len)
}

/// The innermost block that is opened and not closed: where, and its name.
fn unclosed(text: &str) -> Option<(usize, String)> {
    static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{~?\s*([#/])\s*([\w-]+)").expect("a constant that a test compiles")
    });
    let mut open: Vec<(usize, String)> = Vec::new();
    for found in BLOCK.captures_iter(text) {
        let at = found.get(0).map_or(0, |whole| whole.start());
        match &found[1] {
            "#" => open.push((at, found[2].to_owned())),
            _ => {
                let last = open.iter().rposition(|(_, name)| *name == found[2]);
                open.truncate(last.unwrap_or(open.len()));
            }
        }
    }
    open.pop()
}

#[cfg(test)]
mod tests {
    use handlebars::Template;

    use super::*;

    fn told(text: &str) -> (String, usize, usize) {
        let error = Template::compile(text).expect_err("no template");
        let slip = Slip::reading(text, &error);
        let span = slip.span(text);
        (slip.message, span.line, span.column)
    }

    #[test]
    fn a_block_that_is_left_open_is_told_where_it_opens() {
        let text = "Hello\n{{#each xs}}{{#if a}}x{{/if}}\n";
        assert_eq!(told(text), ("not a template: `{{#each}}` is never closed".into(), 2, 1));
    }

    #[test]
    fn a_block_that_is_closed_by_another_is_told() {
        let (message, line, _) = told("{{#if a}}x\n{{/each}}");
        assert_eq!(message, "not a template: `{{#if}}` is closed by `{{/each}}`");
        assert!(line > 0);
    }

    #[test]
    fn what_cannot_be_read_is_told_without_the_grammar() {
        let (message, line, column) = told("fine\n{{ a b c ]}}");
        assert_eq!(message, "not a template: from here on it cannot be read");
        assert_eq!(line, 2);
        assert!(column > 0);
    }
}
