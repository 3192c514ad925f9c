//! What a template calls, and what it may not do: name what it calls only while it is rendered,
//! define templates inside itself, or nest without end. Each could overflow the stack, which ends
//! the process.

use std::sync::LazyLock;

use handlebars::{
    Template,
    template::{DecoratorTemplate, Parameter, TemplateElement},
};
use regex::Regex;

use super::wrong::span_at;
use crate::policy::{PolicyError, SourceFile, Span};

/// So deep blocks stand in each other, and what is called in what calls it, together. People
/// stop at five; the stack of a thread holds some hundreds.
pub(super) const DEEPEST: usize = 48;

/// What a template calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// In the order of the text, as often as it is called.
    pub(super) calls: Vec<Call>,
    /// How deep its blocks stand in each other, itself counted.
    pub(super) depth: usize,
    /// What it may not do, where, and what to do instead.
    refused: Vec<(Span, String, &'static str)>,
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    /// The template that is called.
    pub(super) name: String,
    /// Where, in the text of the one that calls.
    pub(super) place: Span,
    /// How deep in blocks it stands.
    pub(super) depth: usize,
}

/// The names of the templates that a template calls; none of one that cannot be read.
pub(crate) fn of(text: &str) -> Vec<String> {
    Calls::of(text).calls.into_iter().map(|call| call.name).collect()
}

impl Calls {
    /// Reads a template. One that cannot be read calls nothing: that it cannot is told elsewhere.
    pub(super) fn of(text: &str) -> Self {
        let mut calls = Self::default();
        if let Some(at) = too_deep(text) {
            let message = format!("it is nested more than {DEEPEST} levels deep");
            let help = "put what stands inside into a template of its own, or leave it out";
            calls.refused.push((Span::at(text, at, 2), message, help));
        } else if let Ok(template) = Template::compile(text) {
            calls.walk(&template, text, 1);
        }
        calls
    }

    /// What the template may not do, as mistakes in its file. `at` is where it stands in the file,
    /// unless it is all of it.
    pub(super) fn mistakes(&self, file: &SourceFile, at: Span) -> Vec<PolicyError> {
        let place = |found: Span| if at.is_known() { at } else { found };
        let told = self.refused.iter().map(|(found, message, help)| {
            PolicyError::new(file, place(*found), message).with_help((*help).to_owned())
        });
        told.collect()
    }

    fn walk(&mut self, template: &Template, text: &str, depth: usize) {
        self.depth = self.depth.max(depth);
        for (nth, element) in template.elements.iter().enumerate() {
            let (line, column) = template.mapping.get(nth).map_or((0, 0), |at| (at.0, at.1));
            match element {
                TemplateElement::HelperBlock(block) => {
                    for inner in [&block.template, &block.inverse].into_iter().flatten() {
                        self.walk(inner, text, depth + 1);
                    }
                }
                TemplateElement::PartialExpression(call) => match name(call) {
                    Some(name) => {
                        let place = span_at(text, line, column, Some(name));
                        self.calls.push(Call { name: name.to_owned(), place, depth });
                    }
                    None => self.refuse(
                        span_at(text, line, column, Some(">")),
                        "it calls a template whose name is only known when it is rendered",
                        "call each by its name, as in `{{#if a}}{{> team/a}}{{/if}}`",
                    ),
                },
                // The library knows of a block where it ends.
                TemplateElement::PartialBlock(_) => self.refuse(
                    opening(text, '>'),
                    "a call that hands over a block is not known here",
                    "write `{{> name}}`, and hand over facts: `{{> name fact=value}}`",
                ),
                TemplateElement::DecoratorExpression(_) => {
                    self.refuse(span_at(text, line, column, Some("*")), INSIDE, INSTEAD);
                }
                TemplateElement::DecoratorBlock(_) => {
                    self.refuse(opening(text, '*'), INSIDE, INSTEAD);
                }
                // Texts, facts and comments call nothing.
                _ => {}
            }
        }
    }

    fn refuse(&mut self, place: Span, message: &str, help: &'static str) {
        if self.refused.iter().all(|(told, ..)| *told != place) {
            self.refused.push((place, message.to_owned(), help));
        }
    }
}

const INSIDE: &str = "a template cannot be defined inside another";
const INSTEAD: &str =
    "put it into a file of its own under `templates/`, and call it with `{{> name}}`";

/// Where a template first opens a block of a kind: `{{#*` or `{{#>`.
fn opening(text: &str, kind: char) -> Span {
    let mut tags = text.match_indices("{{").map(|(at, _)| at);
    let opens = |at: &usize| {
        let tag = text[*at..].trim_start_matches(['{', '~']).trim_start();
        tag.strip_prefix('#').is_some_and(|tag| tag.trim_start().starts_with(kind))
    };
    tags.find(opens).map_or_else(Span::default, |at| Span::at(text, at, 2))
}

fn name(call: &DecoratorTemplate) -> Option<&str> {
    match &call.name {
        Parameter::Name(name) => Some(name),
        other => other.as_name(),
    }
}

/// Where a template is nested deeper than [`DEEPEST`]. Looked for in the text: reading it would
/// already use up the stack.
fn too_deep(text: &str) -> Option<usize> {
    static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?s)\{\{!--.*?--\}\}|\{\{!.*?\}\}|\{\{~?\s*(#|/|else\b|\^)?[^}]*")
            .expect("a constant that a test compiles")
    });
    // Of each open block how deep it is: `{{else if}}` opens one more inside it.
    let mut open: Vec<usize> = Vec::new();
    let mut depth: usize = 0;
    for found in TAG.captures_iter(text) {
        let Some(tag) = found.get(0).filter(|tag| !tag.as_str().starts_with("{{!")) else {
            continue;
        };
        match found.get(1).map(|kind| kind.as_str()) {
            Some("#") => {
                open.push(1);
                depth += 1;
            }
            Some("/") => depth = depth.saturating_sub(open.pop().unwrap_or_default()),
            Some(_) => {
                if let Some(block) = open.last_mut() {
                    *block += 1;
                    depth += 1;
                }
            }
            None => {}
        }
        // Brackets inside brackets of one tag.
        let (mut inside, mut most): (usize, usize) = (0, 0);
        for c in tag.as_str().chars() {
            match c {
                '(' | '[' | '{' => inside += 1,
                ')' | ']' => inside = inside.saturating_sub(1),
                _ => {}
            }
            most = most.max(inside);
        }
        if depth.max(most) > DEEPEST {
            return Some(tag.start());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Vec<String> {
        let calls = Calls::of(text);
        let told = calls.refused.into_iter();
        told.map(|(at, message, _)| format!("{}:{} {message}", at.line, at.column)).collect()
    }

    #[test]
    fn what_is_called_is_found_however_it_is_written() {
        let text = "{{> a}}{{~> b/c ~}}{{#if x}}{{>d}}{{else}}{{> e-f f=1}}{{/if}}\n{{> a}}";
        assert_eq!(of(text), ["a", "b/c", "d", "e-f", "a"]);
        let calls = Calls::of("Hello\n  {{> footer}}");
        assert_eq!((calls.calls[0].place.line, calls.calls[0].place.column), (2, 7));
        assert!(of("{{#if}}").is_empty());
        assert!(of("{{! {{> a}} }}").is_empty());
    }

    #[test]
    fn what_could_go_on_without_end_is_refused() {
        for (text, place, what) in [
            ("{{#*inline \"a\"}}x{{/inline}}", "1:1", "defined inside another"),
            ("x\n{{> (lookup names 'a')}}", "2:3", "only known when it is rendered"),
            ("{{#if x}}{{#> a}}x{{/a}}{{/if}}", "1:10", "hands over a block"),
            ("{{* a b}}", "1:3", "defined inside another"),
        ] {
            let told = refused(text);
            let [told] = told.as_slice() else { panic!("{text}: {told:?}") };
            assert!(told.starts_with(place) && told.contains(what), "{text}: {told}");
        }
    }

    /// None of these may reach the library's reader.
    #[test]
    fn what_is_nested_too_deep_is_refused_unread() {
        let blocks = "{{#if a}}".repeat(100_000);
        let chain = format!("{{{{#if a}}}}{}{{{{/if}}}}", "{{else if a}}".repeat(100_000));
        let brackets = format!("{{{{a {}", "(b ".repeat(100_000));
        let list = format!("{{{{a {}", "[".repeat(100_000));
        for text in [blocks, chain, brackets, list] {
            let told = refused(&text);
            assert!(told.iter().any(|told| told.contains("levels deep")), "{told:?}");
        }
        let deep = format!("{}{}", "{{#if a}}".repeat(DEEPEST), "{{/if}}".repeat(DEEPEST));
        assert_eq!(refused(&deep), Vec::<String>::new());
        let many = "{{#if a}}x{{else if b}}y{{else}}z{{/if}}{{! {{#if}} }}".repeat(500);
        assert_eq!(refused(&many), Vec::<String>::new());
    }
}
