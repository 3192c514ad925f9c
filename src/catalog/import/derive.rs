//! A first entry for an integration that so far only stands on the page.

use super::page::Row;
use super::scalar::scalar;
use crate::catalog::{Catalog, Lifecycle};

/// Why no entry can be made for a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
    /// The name has no letters to make a key of.
    #[error("no key can be made of the name `{0}`; add the integration by hand")]
    NoKey(String),
    /// The label that the name suggests leads to another integration.
    #[error("the label `{label}` for `{name}` belongs to `{other}` already; add it by hand")]
    LabelTaken {
        /// Name on the page.
        name: String,
        /// Suggested label value.
        label: String,
        /// Key of its owner.
        other: String,
    },
}

/// The YAML entry for a row, key indented by `indent` spaces, ending in a line break.
///
/// Kind is `routing_only` because that promises least: rules for models would otherwise ask for
/// metrics that may never have existed.
///
/// # Errors
/// If name or label cannot be derived without a person's judgement.
pub(super) fn entry(row: &Row, catalog: &Catalog, indent: usize) -> Result<String, DeriveError> {
    let words = words(&row.name);
    let label: String = words.iter().map(|word| capitalised(word)).collect();
    let key = key(&words, catalog).ok_or_else(|| DeriveError::NoKey(row.name.clone()))?;
    let spaced = words.join(" ");
    for label in [&label, &spaced] {
        if let Some(other) = catalog.by_label_value(label) {
            return Err(DeriveError::LabelTaken {
                name: row.name.clone(),
                label: label.clone(),
                other: other.key.to_string(),
            });
        }
    }
    let (outer, inner) = (" ".repeat(indent), " ".repeat(indent + 2));
    let mut lines = vec![
        format!("{outer}# Taken from the ownership page: check label and kind."),
        format!("{outer}{key}:"),
        format!("{inner}name: {}", scalar(&row.name)),
        format!("{inner}group: {}", scalar(row.group.as_str())),
        format!("{inner}rationale: {}", scalar(&row.rationale)),
    ];
    if let Some(docs) = &row.docs {
        lines.push(format!("{inner}docs: {}", scalar(docs)));
    }
    lines.push(format!("{inner}kind: routing_only"));
    lines.push(format!("{inner}label: {}", scalar(&label)));
    if spaced.to_lowercase() != label.to_lowercase() {
        lines.push(format!("{inner}aliases:"));
        lines.push(format!("{inner}  - {}", scalar(&spaced)));
    }
    if row.status != Lifecycle::Active {
        lines.push(format!("{inner}lifecycle: {}", row.status.as_str()));
    }
    Ok(lines.join("\n") + "\n")
}

/// The words of a name, without a closing "integration", which labels leave out.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.len() > 1 && words.last().is_some_and(|w| w.eq_ignore_ascii_case("integration")) {
        words.pop();
    }
    words
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn key(words: &[String], catalog: &Catalog) -> Option<String> {
    let ascii = |word: &String| -> String {
        word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let parts: Vec<String> = words.iter().map(ascii).filter(|word| !word.is_empty()).collect();
    let mut key = parts.join("_");
    if key.is_empty() {
        return None;
    }
    if key.starts_with(|c: char| c.is_ascii_digit()) {
        key.insert_str(0, "integration_");
    }
    let free = |key: &String| catalog.integration(key).is_none();
    std::iter::once(key.clone()).chain((2..100).map(|n| format!("{key}_{n}"))).find(free)
}
