//! Text that people type must not come through a template as they typed it: a title could call
//! people, act as Steward by a quick action, or hide in a comment. When policies are taken, every
//! text is made with [`TYPED`] in the place of what people type, and must not show it.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

/// What nobody types, since titles, names and labels have one line. What makes a text harmless
/// puts all of it into one line; only as it is does a line begin with what would be a quick action.
pub(crate) const TYPED: &str = "typed\n/steward_typed @steward_typed <!-- steward_typed";

const ACTS: &str = "/steward_typed";

/// Whether typed text came through as it is.
pub(super) fn comes_through(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(ACTS))
}

/// Where a template shows a fact that people type with three braces: its offset, and the name.
pub(super) fn shown<'a>(template: &'a str, facts: &Value) -> Option<(usize, &'a str)> {
    static RAW: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{~?[{&]~?\s*(?:[\w-]+\s+)*?(?:[\w@.]+[./])?([\w-]+)\s*~?\}")
            .expect("a constant that a test compiles")
    });
    let mut names = BTreeSet::new();
    collect(facts, None, &mut names);
    RAW.captures_iter(template)
        .filter_map(|found| found.get(1))
        .find(|name| names.contains(name.as_str()))
        .map(|name| (name.start(), name.as_str()))
}

/// The names of the facts that people type.
fn collect<'a>(facts: &'a Value, name: Option<&'a str>, names: &mut BTreeSet<&'a str>) {
    match facts {
        Value::String(text) if text.contains(ACTS) => names.extend(name),
        Value::Array(all) => {
            all.iter().for_each(|one| collect(one, name, names));
            // In a loop over it, each is `this`.
            if name.is_some_and(|name| names.contains(name)) {
                names.insert("this");
            }
        }
        Value::Object(all) => {
            all.iter().for_each(|(name, one)| collect(one, Some(name), names));
        }
        _ => {}
    }
}

/// Facts with [`TYPED`] in the place of what people type, by the names that the built-in templates
/// know these facts by.
pub(crate) fn typed(facts: &Value) -> Value {
    const BY_PEOPLE: [&str; 10] =
        ["author", "by", "error", "label", "path", "saw", "sign", "title", "unknown", "value"];
    match facts {
        Value::Array(all) => all.iter().map(typed).collect(),
        Value::Object(all) => {
            let one = |(name, value): (&String, &Value)| {
                let by_people = value.is_string() && BY_PEOPLE.contains(&name.as_str());
                (name.clone(), if by_people { TYPED.into() } else { typed(value) })
            };
            Value::Object(all.iter().map(one).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::words::escape;

    #[test]
    fn only_what_is_shown_as_it_is_comes_through() {
        for show in [escape::markdown, escape::code, escape::label] {
            assert!(!comes_through(&show(TYPED)), "{}", show(TYPED));
        }
        assert!(comes_through(&format!("- {TYPED}")));
    }

    #[test]
    fn three_braces_are_found_where_the_fact_is_shown() {
        let facts =
            json!({ "title": TYPED, "mention": "@a", "near": [TYPED], "one": { "by": TYPED } });
        for (template, found) in [
            ("{{{mention}}} {{title}} {{{title}}}", Some((27, "title"))),
            ("{{& title}}", Some((4, "title"))),
            ("{{~{ title }~}}", Some((5, "title"))),
            ("{{{one.by}}}", Some((7, "by"))),
            ("{{{../title}}}", Some((6, "title"))),
            ("{{#each near}}{{{this}}}{{/each}}", Some((17, "this"))),
            ("{{title}}", None),
        ] {
            assert_eq!(shown(template, &facts), found, "{template}");
        }
    }
}
