//! Questions to Markdown.

use std::cell::Cell;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, try_parse_document};
use schemars::JsonSchema;
use serde::Deserialize;

use super::yaml::Document;
use super::{Entry, Found, MOST_BYTES, MOST_ENTRIES, Open};
use crate::model::ProofKind;

/// Blocks that may begin on one line, inside each other.
const MOST_MARKERS: usize = 100;
/// How much work a page may be, in the library's steps (256 lines, inlines or nodes each).
const MOST_STEPS: u32 = 10_000;

/// What is taken from a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Headings: the plain text; the value is the level, `1` to `6`.
    Headings,
    /// Targets of links, without anchor and query. Links within the page and images are none.
    Links,
    /// Inline code.
    Codes,
    /// Keys of the front matter; the value is the key's, if it is a text, number or boolean.
    FrontMatter,
    /// The plain text of the first column of tables, without their heads.
    Cells,
}

/// Takes what is asked for from a page, in its order. With `under`, only from below headings with
/// that plain text, up to the next heading of the same or a higher level; the case of letters and
/// a parenthesis at the end of the page's heading, such as `(deprecated)`, do not count.
pub fn ask(text: &str, take: Take, under: Option<&str>) -> Found {
    if text.len() > MOST_BYTES {
        return Found::nothing(ProofKind::TooLarge, MOST_BYTES.to_string());
    }
    if text.lines().any(is_nested_too_deep) {
        return Found::nothing(ProofKind::TooLarge, MOST_MARKERS.to_string());
    }
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    let steps = Cell::new(0);
    let took_too_long = || {
        steps.set(steps.get() + 1);
        steps.get() > MOST_STEPS
    };
    let Ok(root) = try_parse_document(&arena, text, &options, &took_too_long) else {
        return Found::nothing(ProofKind::TookTooLong, MOST_STEPS.to_string());
    };
    let mut found = Found::default();
    // The level of the heading that opened the section; everything is inside without `under`.
    let mut section: Option<u8> = None;
    for block in root.children() {
        if let (Some(wanted), Some(level)) = (under, level(block))
            && section.is_none_or(|open| level <= open)
        {
            section = is_called(&plain_text(block), wanted).then_some(level);
            // The heading itself does not stand below it.
            continue;
        }
        if under.is_none() || section.is_some() {
            block.descendants().for_each(|node| collect(node, take, &mut found));
        }
    }
    finish(found)
}

fn collect<'a>(node: &'a AstNode<'a>, take: Take, found: &mut Found) {
    let data = node.data();
    let line = u32::try_from(data.sourcepos.start.line).unwrap_or(u32::MAX).max(1);
    let mut entry = |key: String, value| found.entries.push(Entry { key, value, line });
    match (take, &data.value) {
        (Take::Headings, NodeValue::Heading(heading)) => {
            entry(plain_text(node), Some(heading.level.to_string()));
        }
        (Take::Links, NodeValue::Link(link)) => {
            let target = link.url.split(['#', '?']).next().unwrap_or_default();
            if !target.is_empty() {
                entry(target.to_owned(), None);
            }
        }
        (Take::Codes, NodeValue::Code(code)) => entry(code.literal.clone(), None),
        (Take::Cells, NodeValue::TableRow(false)) => {
            if let Some(cell) = node.first_child() {
                entry(plain_text(cell), None);
            }
        }
        (Take::FrontMatter, NodeValue::FrontMatter(text)) => {
            // Both fences stand in the text, and the second would begin another document.
            let text = text.trim_end().trim_end_matches('-');
            match Document::read(text) {
                Ok(document) if is_mapping(&document) => {
                    let keys = document.ask("");
                    found.open.extend(keys.open);
                    found.entries.extend(keys.entries);
                }
                Ok(_) => {}
                Err(open) => found.open.push(open),
            }
        }
        _ => {}
    }
}

fn is_mapping(document: &Document) -> bool {
    document.at("").is_some_and(|(value, _)| value.is_object())
}

fn finish(mut found: Found) -> Found {
    let mut seen = std::collections::BTreeSet::new();
    found.entries.retain(|entry| seen.insert(entry.clone()));
    if found.entries.len() > MOST_ENTRIES {
        found.entries.truncate(MOST_ENTRIES);
        let (why, what) = (ProofKind::TooMany, MOST_ENTRIES.to_string());
        found.open.insert(0, Open { why, what, line: None });
    }
    found
}

/// A line that opens so many blocks that the library would work on each for every line. Counts the
/// signs with which quotations, lists and tables begin, up to the first letter.
fn is_nested_too_deep(line: &str) -> bool {
    let is_marker = |c: &char| c.is_ascii_digit() || " \t>-+*.)".contains(*c);
    let markers = line.chars().take_while(is_marker).filter(|c| ">-+*.)".contains(*c));
    let is_rule =
        |line: &str| ['-', '*'].iter().any(|sign| line.trim().trim_matches(*sign).is_empty());
    markers.take(MOST_MARKERS + 1).count() > MOST_MARKERS && !is_rule(line)
}

fn level<'a>(block: &'a AstNode<'a>) -> Option<u8> {
    match &block.data().value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    }
}

/// Whether a heading of the page is the one that is wanted.
fn is_called(heading: &str, wanted: &str) -> bool {
    let wanted = wanted.trim().to_lowercase();
    let heading = heading.to_lowercase();
    let bare = heading.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    heading == wanted || bare.is_some_and(|(name, _)| name.trim_end() == wanted)
}

fn plain_text<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(words) => text.push_str(words),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = "\
---
stage: Create
title: 'Foo: Bar'
tags: [a]
---

# Integrations

| Name | Text |
|------|------|
| [Asana](asana.md#x) | `a` |
| **Foo** `bar` | [b](b.md) |

## Foo Bar (deprecated)

See [this](../foo_bar.md?ref=1), [here](#anchor) and ![image](x.png).
Set `token`, and `token`.

### Set up

<https://example.com/a#b> [ref]

[ref]: ref.md

> #### Quoted
> `quoted`

## Other

`other`
";

    fn keys(take: Take, under: Option<&str>) -> Vec<(String, u32)> {
        let found = ask(PAGE, take, under);
        assert_eq!(found.open, []);
        found.entries.into_iter().map(|entry| (entry.key, entry.line)).collect()
    }

    fn named(list: &[(&str, u32)]) -> Vec<(String, u32)> {
        list.iter().map(|(key, line)| ((*key).to_owned(), *line)).collect()
    }

    #[test]
    fn what_stands_on_a_page() {
        let headings = ask(PAGE, Take::Headings, None).entries;
        let shown: Vec<_> = headings
            .iter()
            .map(|one| format!("{} {} {}", one.line, one.value.as_deref().expect("valid"), one.key))
            .collect();
        assert_eq!(
            shown,
            [
                "7 1 Integrations",
                "14 2 Foo Bar (deprecated)",
                "19 3 Set up",
                "25 4 Quoted",
                "28 2 Other"
            ]
        );
        assert_eq!(
            keys(Take::Links, None),
            named(&[
                ("asana.md", 11),
                ("b.md", 12),
                ("../foo_bar.md", 16),
                ("https://example.com/a", 21),
                ("ref.md", 21)
            ])
        );
        assert_eq!(keys(Take::Cells, None), named(&[("Asana", 11), ("Foo bar", 12)]));
        let front = ask(PAGE, Take::FrontMatter, None);
        assert_eq!(front.open, []);
        let values: Vec<_> = front
            .entries
            .iter()
            .map(|one| (one.key.as_str(), one.value.as_deref(), one.line))
            .collect();
        assert_eq!(
            values,
            [("stage", Some("Create"), 2), ("title", Some("Foo: Bar"), 3), ("tags", None, 4)]
        );
    }

    #[test]
    fn only_what_stands_under_a_heading() {
        let under = Some("foo bar");
        assert_eq!(keys(Take::Headings, under), named(&[("Set up", 19), ("Quoted", 25)]));
        assert_eq!(keys(Take::Codes, under), named(&[("token", 17), ("quoted", 26)]));
        assert_eq!(keys(Take::Codes, Some("Foo Bar (Deprecated)")).len(), 2);
        assert_eq!(keys(Take::Codes, Some("set UP")), named(&[("quoted", 26)]));
        assert_eq!(keys(Take::Codes, Some("Foo Bar (removed)")), []);
        assert_eq!(keys(Take::Codes, Some("Quoted")), []);
        assert_eq!(keys(Take::FrontMatter, under), []);
        assert_eq!(ask(PAGE, Take::Codes, Some("Nothing")), Found::default());
    }

    #[test]
    fn two_sections_of_one_name_count_both() {
        let found = ask("# A\n`x`\n# B\n`y`\n# a\n`z`\n", Take::Codes, Some("A"));
        assert_eq!(
            found.entries.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(),
            ["x", "z"]
        );
    }

    #[test]
    fn front_matter_that_is_no_yaml_is_told() {
        let found = ask("---\na: [\n---\n", Take::FrontMatter, None);
        assert_eq!(found.entries, []);
        assert_eq!(found.open[0].why, ProofKind::DoesNotParse);
        assert_eq!(ask("---\n- a\n---\n", Take::FrontMatter, None), Found::default());
        assert_eq!(ask("a\n---\nb: 1\n---\n", Take::FrontMatter, None), Found::default());
        assert_eq!(ask("", Take::Headings, None), Found::default());
    }

    #[rstest::rstest]
    #[case::quotes(">")]
    #[case::spaced_quotes("> ")]
    #[case::brackets("[")]
    #[case::links("[a](")]
    #[case::stars("*")]
    #[case::words("*a **")]
    #[case::lists("- ")]
    #[case::numbers("1. ")]
    #[case::codes("`a``")]
    #[case::images("![")]
    #[case::pipes("|")]
    #[case::deeper_lists("* - ")]
    fn hostile_pages_end_nothing(#[case] piece: &str) {
        let text = piece.repeat(100_000);
        let text = text.get(..MOST_BYTES).unwrap_or(&text);
        let found = ask(
            &format!(
                "# A
{text}
"
            ),
            Take::Links,
            None,
        );
        assert!(found.entries.len() <= MOST_ENTRIES);
    }

    #[test]
    fn too_large_and_too_many_are_told() {
        let found = ask(&"a\n".repeat(MOST_BYTES), Take::Links, None);
        assert_eq!(found.open[0].why, ProofKind::TooLarge);
        let found = ask(&"> ".repeat(101), Take::Links, None);
        assert_eq!(found.open[0].why, ProofKind::TooLarge);
        let found = ask(&format!("{}\n\n# A\n", "-".repeat(200)), Take::Headings, None);
        assert_eq!(found.entries.len(), 1);
        let found = ask(&"# a\n".repeat(MOST_ENTRIES + 1), Take::Headings, None);
        assert_eq!(found.entries.len(), MOST_ENTRIES);
        assert_eq!(found.open[0].why, ProofKind::TooMany);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(---\n|# A\n|[`*_\\[\\](){}<>|:!#&;.-]|a|\n| |\\PC){0,40}") {
            for take in [Take::Headings, Take::Links, Take::Codes, Take::FrontMatter, Take::Cells] {
                ask(&text, take, None);
                ask(&text, take, Some("A"));
            }
        }
    }
}
