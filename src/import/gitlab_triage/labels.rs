//! The names of labels: braces, and words that are no label.

use std::collections::BTreeSet;

use crate::policy::Located;

/// One name stands for no more labels than this; nobody means more.
const MOST: usize = 200;

/// What an entry of `labels` stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// One of these labels; more than one where there were braces.
    OneOf(Vec<String>),
    /// No label at all.
    Nothing,
    /// Any label.
    Anything,
    /// More labels than anybody means.
    TooMany,
}

/// Reads an entry as the gem and then GitLab do.
pub(super) fn entry(text: &Located<String>) -> Entry {
    match text.trim().to_lowercase().as_str() {
        "none" | "no label" => return Entry::Nothing,
        "any" | "any label" => return Entry::Anything,
        _ => {}
    }
    match expand(text.trim()) {
        Some(names) => {
            let mut had = BTreeSet::new();
            Entry::OneOf(names.into_iter().filter(|name| had.insert(name.clone())).collect())
        }
        None => Entry::TooMany,
    }
}

/// Whether `*` in a name means more in Steward than in GitLab, which knows it at the end of a
/// scope only: `type::*`.
pub(super) fn is_wider_here(name: &str) -> bool {
    name.strip_suffix("::*").unwrap_or(name).contains('*')
}

/// Expands lists, `{a, b}`, and then sequences, `{1..4}`; `None` when it is too much.
fn expand(text: &str) -> Option<Vec<String>> {
    let lists = each(vec![text.to_owned()], |inner| {
        inner.contains(',').then(|| inner.split(',').map(|part| part.trim().to_owned()).collect())
    })?;
    each(lists, |inner| {
        let (from, to) = inner.split_once("..")?;
        let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        // A sequence that runs backwards is empty in Ruby, and so is one that nobody can hold.
        Some((from..=to).take(MOST + 1).map(|number| number.to_string()).collect())
    })
}

/// Replaces each `{...}` that `values` understands by each of its values.
fn each(texts: Vec<String>, values: impl Fn(&str) -> Option<Vec<String>>) -> Option<Vec<String>> {
    let mut done = Vec::new();
    for text in texts {
        let mut whole = vec![String::new()];
        let mut rest = text.as_str();
        while let Some((before, inner, after)) = braces(rest) {
            let values = values(inner).unwrap_or_else(|| vec![format!("{{{inner}}}")]);
            whole = whole
                .iter()
                .flat_map(|start| values.iter().map(move |v| format!("{start}{before}{v}")))
                .take(MOST + 1)
                .collect();
            rest = after;
        }
        done.extend(whole.into_iter().map(|start| start + rest));
        if done.len() > MOST {
            return None;
        }
    }
    Some(done)
}

/// What stands before, in and after the first pair of braces.
fn braces(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (inner, after) = rest.split_once('}')?;
    Some((before, inner, after))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bug", &["bug"])]
    #[case("{ bug, feature }", &["bug", "feature"])]
    #[case("priority::{1..3}", &["priority::1", "priority::2", "priority::3"])]
    #[case("v{10..11}.{0..1}", &["v10.0", "v10.1", "v11.0", "v11.1"])]
    #[case("{a,b}-{1..2}", &["a-1", "a-2", "b-1", "b-2"])]
    #[case("{a, a}", &["a"])]
    #[case("{single}", &["{single}"])]
    #[case("open {", &["open {"])]
    fn braces_stand_for_several_labels(#[case] text: &str, #[case] names: &[&str]) {
        let text = Located { value: text.to_owned(), span: Default::default() };
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(entry(&text), Entry::OneOf(names));
    }

    #[test]
    fn some_words_are_no_labels() {
        let entry =
            |text: &str| super::entry(&Located { value: text.into(), span: Default::default() });
        assert_eq!(entry("None"), Entry::Nothing);
        assert_eq!(entry("No Label"), Entry::Nothing);
        assert_eq!(entry("any"), Entry::Anything);
        assert_eq!(entry("p{1..100000}"), Entry::TooMany);
        assert_eq!(entry("{1..20}{1..20}"), Entry::TooMany);
        assert!(is_wider_here("a*") && !is_wider_here("type::*") && is_wider_here("*::*"));
    }
}
