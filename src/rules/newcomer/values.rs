//! The values that paths and texts name in braces.

use std::{borrow::Cow, collections::BTreeMap};

use super::files::Files;
use crate::{
    evidence::{
        form::{Form, Unknown},
        names::Names,
    },
    model::{FileAt, FileContent, Proof, ProofKind, Version},
    pack::checklists::{Checklist, ItemValue, PieceFacts, RemovalValue, ValueSource, item_values},
    rules::View,
};

/// A row that there is several of: its name, and values of its own.
pub(super) type Item = (String, BTreeMap<String, String>);

/// What is known by name.
#[derive(Debug)]
pub(super) struct Values<'s> {
    names: &'s Names,
    known: BTreeMap<&'s str, String>,
}

impl<'s> Values<'s> {
    /// Looks up all values of a checklist.
    pub(super) fn new(
        view: &View<'_>,
        checklist: &'s Checklist,
        names: &'s Names,
        files: &Files<'_, '_>,
    ) -> Self {
        let mut known = BTreeMap::new();
        for (name, sources) in &checklist.values {
            let value = sources.iter().find_map(|source| value(view, source, files, names));
            known.extend(value.map(|value| (name.as_str(), value)));
        }
        Self { names, known }
    }

    /// The integration's names.
    pub(super) fn names(&self) -> &'s Names {
        self.names
    }

    /// A value, in a row that there may be several of.
    pub(super) fn get<'v>(&'v self, name: &str, item: Option<&'v Item>) -> Option<Cow<'v, str>> {
        let of_item = || {
            let (key, fields) = item?;
            match name.strip_prefix("item")? {
                "" => Some(key.as_str()),
                field => fields.get(field.strip_prefix('.')?).map(String::as_str),
            }
        };
        let own = self.known.get(name).map(String::as_str);
        self.names.get(name).or(own).or_else(of_item).map(Cow::Borrowed)
    }

    /// A form with its values.
    ///
    /// # Errors
    /// The value that is not known, as a proof that nobody can tell.
    pub(super) fn fill(&self, form: &Form, item: Option<&Item>) -> Result<String, Proof> {
        form.fill(|name| self.get(name, item)).map_err(unknown)
    }

    /// A form whose text is a pattern, in which values stand for themselves.
    ///
    /// # Errors
    /// As [`Values::fill`].
    pub(super) fn fill_with(
        &self,
        form: &Form,
        item: Option<&Item>,
        write: impl Fn(&str, &mut String),
    ) -> Result<String, Proof> {
        form.fill_with(|name| self.get(name, item), write).map_err(unknown)
    }

    /// What the template of a piece is told, but for the sets.
    pub(super) fn facts(&self, item: Option<&Item>) -> PieceFacts {
        let known = self.known.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let values = known.chain(self.names.pairs()).chain(item_values(item)).collect();
        PieceFacts { values, ..PieceFacts::default() }
    }
}

fn unknown(Unknown(name): Unknown) -> Proof {
    Proof { kind: ProofKind::ValueUnknown, what: name, found: None, file: None, line: None }
}

fn value(
    view: &View<'_>,
    source: &ValueSource,
    files: &Files<'_, '_>,
    names: &Names,
) -> Option<String> {
    let snapshot = view.snapshot;
    match source {
        ValueSource::Text(text) => text.fill(|name| names.get(name).map(Cow::Borrowed)).ok(),
        ValueSource::Removal(wanted) => {
            let removal = view.removal_of(&names.path)?;
            match wanted {
                RemovalValue::Announced => Some(removal.announced.to_string()),
                RemovalValue::Milestone => Some(removal.removal.to_string()),
                RemovalValue::Entry => removal.entry.clone(),
                RemovalValue::Page => removal.page.clone(),
            }
        }
        ValueSource::File { path, pattern } => {
            let Some(FileContent::Text(text)) = files.read(&FileAt::head(path.as_str())) else {
                return None;
            };
            let found = pattern.captures(&text)?;
            found.get(1).or(found.get(0)).map(|found| found.as_str().to_owned())
        }
        ValueSource::Item(ItemValue::Url) => {
            (!snapshot.url.is_empty()).then(|| snapshot.url.clone())
        }
        ValueSource::Item(ItemValue::Milestone) => {
            let title = &snapshot.milestone.as_ref()?.title;
            title.parse::<Version>().ok().map(|version| version.to_string())
        }
        ValueSource::Item(ItemValue::Stamp) => {
            Some(snapshot.created_at.format("%Y%m%d%H%M%S").to_string())
        }
        ValueSource::Item(ItemValue::Owner) => owner(view),
    }
}

/// The key of the group that owns the integration: by the catalog, else by the group's label on the
/// item.
pub(super) fn owner(view: &View<'_>) -> Option<String> {
    super::owners(view).first().map(|group| group.key.to_string())
}
