//! One small file a predicate.

mod age;
mod author;
mod changes;
pub(super) mod expr;
mod flag;
mod group;
mod integration;
mod label;
mod label_set;
mod labels;
mod link;
mod milestone;
mod project;
mod state;
mod text;
mod votes;
mod weight;

#[cfg(test)]
pub(super) mod testing;

use std::{borrow::Cow, fmt::Display};

use super::{At, Truth};
use crate::pack::rules::Condition;

/// A predicate with what it was given.
pub(super) trait Predicate {
    /// Its name in policies.
    fn name(&self) -> &'static str;

    /// Whether it holds.
    fn holds(&self, at: &At<'_, '_>) -> Truth;

    /// What it asks, shortly.
    fn asked(&self) -> String;

    /// What there is to see.
    fn saw(&self, at: &At<'_, '_>) -> String;
}

/// Hands the predicate of a leaf to `to`. `all`, `any` and `not` are no predicates: of them
/// nobody can tell anything here.
pub(super) fn with<R>(condition: &Condition, to: impl FnOnce(&dyn Predicate) -> R) -> R {
    match condition {
        Condition::Label(patterns) => to(&label::Label(patterns)),
        Condition::Labels(range) => to(&labels::Labels(*range)),
        Condition::LabelSet(set) => to(&label_set::Set(set)),
        Condition::Title(test) => to(&text::Title(test)),
        Condition::Description(test) => to(&text::Description(test)),
        Condition::Changes(files) => to(&changes::Files(files)),
        Condition::Author(author) => to(&author::ByAuthor(author)),
        Condition::Assigned(is) => to(&flag::Assigned(*is)),
        Condition::Milestone(test) => to(&milestone::Is(test)),
        Condition::Age(age) => to(&age::Since(age)),
        Condition::Link(patterns) => to(&link::Link(patterns)),
        Condition::State(states) => to(&state::In(states)),
        Condition::Draft(is) => to(&flag::Draft(*is)),
        Condition::Confidential(is) => to(&flag::Confidential(*is)),
        Condition::Integration(test) => to(&integration::About(test)),
        Condition::Group(groups) => to(&group::Owns(groups)),
        Condition::Votes(votes) => to(&votes::Counted(votes)),
        Condition::Weight(range) => to(&weight::Weight(*range)),
        Condition::Project(patterns) => to(&project::Path(patterns)),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => to(&Tree),
    }
}

/// A condition that is no predicate.
struct Tree;

impl Predicate for Tree {
    fn name(&self) -> &'static str {
        "tree"
    }

    fn holds(&self, _: &At<'_, '_>) -> Truth {
        Truth::CannotTell
    }

    fn asked(&self) -> String {
        String::new()
    }

    fn saw(&self, _: &At<'_, '_>) -> String {
        String::new()
    }
}

/// Some texts, the first few of them: what people read stays short.
fn few<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    const SHOWN: usize = 5;
    let mut items = items.into_iter();
    let mut out = String::new();
    for (index, item) in items.by_ref().take(SHOWN).enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        out.push_str(&shown(&item.to_string()));
    }
    match items.count() {
        0 if out.is_empty() => "none".to_owned(),
        0 => out,
        more => format!("{out} and {more} more"),
    }
}

/// A text of one line that people can take in.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    const LONGEST: usize = 100;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// "yes" or "no".
fn yes_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}

/// How a value is written in policies.
pub(super) fn written<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// How values are written in policies, with commas.
pub(super) fn all_written<T: serde::Serialize>(values: &[T]) -> String {
    few(values.iter().map(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read_stays_short() {
        assert_eq!(few(Vec::<String>::new()), "none");
        assert_eq!(few(["a", "b"]), "a, b");
        assert_eq!(few(1..=8), "1, 2, 3, 4, 5 and 3 more");
        assert_eq!(shown(&"é".repeat(200)).chars().count(), 101);
    }
}
