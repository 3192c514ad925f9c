//! Changes to the catalog's YAML files, made on their text so that comments, order and hand-made
//! fields stay as they are.
//!
//! Text is cut and pasted only where its shape is the expected one (one field a line, in block
//! style), and the result is read again and compared with the page before anything is written:
//! a file of another style gives an error that names the line, never a broken file.

use std::collections::BTreeMap;

use super::derive::{self, DeriveError};
use super::diff::{Changed, Difference, Field, FieldChange, compare};
use super::page::Page;
use super::scalar::scalar;
use crate::catalog::file::{IntegrationEntry, IntegrationsFile};
use crate::catalog::load::INTEGRATIONS;
use crate::catalog::{Catalog, IntegrationKey};
use crate::policy::{
    Located, Origin, PolicyError, PolicyErrors, PolicySource, SourceFile, Span, parse,
};

/// Texts of the files that change, by path inside the pack.
pub type Edits = BTreeMap<String, String>;

/// Works out the new texts that carry the page's facts into the catalog.
///
/// Integrations that the page does not list stay, unless `prune` is set.
///
/// # Errors
/// Every place that cannot be edited automatically; then nothing should be written.
pub fn plan(
    source: &PolicySource,
    catalog: &Catalog,
    page: &Page,
    difference: &Difference,
    prune: bool,
) -> Result<Edits, PolicyErrors> {
    let mut desk = Desk { source: source.clone(), edits: Edits::new() };
    let mut errors = PolicyErrors::default();
    for changed in &difference.changed {
        if let Err(error) = desk.change(changed) {
            errors.push(error);
        }
    }
    if prune {
        for removed in &difference.removed {
            if let Err(error) = desk.cut(&removed.key) {
                errors.push(error);
            }
        }
    }
    for row in &difference.added {
        // Keys and labels must also differ from those of rows added just before.
        let now = desk.catalog().unwrap_or_else(|_| catalog.clone());
        let added = derive::entry(row, &now, 2)
            .map_err(|error: DeriveError| PolicyError::new(&page.file, row.span, error.to_string()))
            .and_then(|block| desk.append(&row.category, &block));
        if let Err(error) = added {
            errors.push(error);
        }
    }
    errors.or(())?;
    desk.verify(page, prune)?;
    Ok(desk.edits)
}

/// The policies as they will be.
struct Desk {
    source: PolicySource,
    edits: Edits,
}

/// An entry found in a file.
struct Found {
    file: SourceFile,
    key: Located<String>,
    entry: IntegrationEntry,
    /// Bytes of the whole entry, with the comment lines that lead it.
    start: usize,
    end: usize,
}

impl Desk {
    fn catalog(&self) -> Result<Catalog, PolicyErrors> {
        Catalog::load(&self.source)
    }

    fn put(&mut self, path: &str, origin: Origin, text: String) {
        self.source.insert(SourceFile::new(path, origin, text.as_str()));
        self.edits.insert(path.to_owned(), text);
    }

    fn splice(&mut self, file: &SourceFile, range: std::ops::Range<usize>, with: &str) {
        let mut text = file.text.to_string();
        // Spans come from this very text; if one did not fit, the check at the end would tell.
        if text.get(range.clone()).is_some() {
            text.replace_range(range, with);
        }
        self.put(&file.path, file.origin.clone(), text);
    }

    fn find(&self, key: &IntegrationKey) -> Result<Found, PolicyError> {
        for file in self.source.files(INTEGRATIONS) {
            let parsed: IntegrationsFile = parse(file)?;
            let starts: Vec<usize> = parsed
                .integrations
                .0
                .iter()
                .map(|(key, _)| entry_start(&file.text, key.span.offset))
                .collect();
            for (index, (found, entry)) in parsed.integrations.0.into_iter().enumerate() {
                if found.value == key.as_str() {
                    return Ok(Found {
                        start: starts.get(index).copied().unwrap_or_default(),
                        end: starts.get(index + 1).copied().unwrap_or(file.text.len()),
                        file: file.clone(),
                        key: found,
                        entry,
                    });
                }
            }
        }
        Err(PolicyError::whole_file(INTEGRATIONS, format!("the integration `{key}` is gone")))
    }

    fn change(&mut self, changed: &Changed) -> Result<(), PolicyError> {
        let mut moved_to = None;
        for change in &changed.fields {
            if change.field == Field::Category {
                moved_to = change.new.clone();
            } else {
                // Read anew for each field: an edit moves what follows.
                let found = self.find(&changed.key)?;
                self.field(&found, change)?;
            }
        }
        match moved_to {
            Some(category) => {
                let block = self.cut(&changed.key)?;
                self.append(&category, &block)
            }
            None => Ok(()),
        }
    }

    fn field(&mut self, found: &Found, change: &FieldChange) -> Result<(), PolicyError> {
        let entry = &found.entry;
        let span = match change.field {
            Field::Name => Some(entry.name.span),
            Field::Group => Some(entry.group.span),
            Field::Rationale => Some(entry.rationale.span),
            Field::Docs => entry.docs.as_ref().map(|docs| docs.span),
            Field::Lifecycle => entry.lifecycle.as_ref().map(|lifecycle| lifecycle.span),
            Field::Category => None,
        };
        let name = change.field.as_str();
        let file = &found.file;
        let by_hand = |span: Span| {
            PolicyError::new(file, span, format!("`{name}` cannot be edited automatically here"))
                .with_help(Some(format!(
                    "write `{name}: {}` by hand",
                    change.new.as_deref().map(scalar).unwrap_or_default()
                )))
        };
        match (span, &change.new) {
            (Some(span), new) => {
                let line = own_line(&file.text, span, name).ok_or_else(|| by_hand(span))?;
                match new {
                    Some(new) => {
                        self.splice(file, span.offset..span.offset + span.len, &scalar(new));
                    }
                    None => self.splice(file, line, ""),
                }
            }
            (None, Some(new)) => {
                // Docs stand after the rationale; the lifecycle after the label.
                let (after, after_name) = match change.field {
                    Field::Docs => (entry.rationale.span, "rationale"),
                    _ => (entry.label.span, "label"),
                };
                let line = own_line(&file.text, after, after_name).ok_or_else(|| by_hand(after))?;
                let text = &file.text[line.clone()];
                let indent = &text[..text.len() - text.trim_start_matches(' ').len()];
                let open = if text.ends_with('\n') { "" } else { "\n" };
                let added = format!("{open}{indent}{name}: {}\n", scalar(new));
                self.splice(file, line.end..line.end, &added);
            }
            (None, None) => {}
        }
        Ok(())
    }

    /// Takes an entry out of its file and returns its text, ending in one line break.
    fn cut(&mut self, key: &IntegrationKey) -> Result<String, PolicyError> {
        let found = self.find(key)?;
        let file = &found.file;
        let (Some(before), Some(block), Some(after)) = (
            file.text.get(..found.start),
            file.text.get(found.start..found.end),
            file.text.get(found.end..),
        ) else {
            return Err(found.key.error(file, "the entry cannot be taken out automatically"));
        };
        let block = format!("{}\n", block.trim_end());
        let mut text = match after.is_empty() {
            true => format!("{}\n", before.trim_end()),
            false => format!("{before}{after}"),
        };
        // A key without a value would be null, which is not a mapping.
        if let Some(head) = text.trim_end().strip_suffix("integrations:") {
            text = format!("{head}integrations: {{}}\n");
        }
        if block.lines().next().is_none_or(|line| !line.starts_with(' ')) {
            return Err(found.key.error(file, "the entry cannot be taken out automatically"));
        }
        self.put(&file.path, file.origin.clone(), text);
        Ok(block)
    }

    /// Adds an entry (indented by two) at the end of the category's file, or in a new one.
    fn append(&mut self, category: &str, block: &str) -> Result<(), PolicyError> {
        let files: Vec<SourceFile> = self.source.files(INTEGRATIONS).cloned().collect();
        for file in files {
            let parsed: IntegrationsFile = parse(&file)?;
            if parsed.category.value != category {
                continue;
            }
            let head = file.text.trim_end();
            let text = match head.strip_suffix("integrations: {}") {
                Some(head) => format!("{head}integrations:\n{block}"),
                None if parsed.integrations.0.is_empty() => format!("{head}\n{block}"),
                None => format!("{head}\n\n{block}"),
            };
            self.put(&file.path, file.origin.clone(), text);
            return Ok(());
        }
        let text = format!("category: {}\nintegrations:\n{block}", scalar(category));
        let path = self.free_path(category);
        self.put(&path, Origin::BuiltIn, text);
        Ok(())
    }

    /// `CI/CD Integrations` gives `catalog/integrations/ci_cd.yml`.
    fn free_path(&self, category: &str) -> String {
        let lower = category.to_lowercase();
        let bare = lower.strip_suffix("integrations").unwrap_or(&lower);
        let words: Vec<&str> = bare
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let stem = if words.is_empty() { "category".to_owned() } else { words.join("_") };
        let path = |suffix: &str| format!("{INTEGRATIONS}{stem}{suffix}.yml");
        let mut found = path("");
        let mut n = 2;
        while self.source.file(&found).is_some() {
            found = path(&format!("_{n}"));
            n += 1;
        }
        found
    }

    /// Reads the result and compares it with the page: only what was left on purpose may differ.
    fn verify(&self, page: &Page, prune: bool) -> Result<(), PolicyErrors> {
        let left = compare(page, &self.catalog()?);
        let mut errors = PolicyErrors::default();
        for changed in &left.changed {
            for change in &changed.fields {
                let message = format!(
                    "`{}` of `{}` cannot be edited automatically",
                    change.field.as_str(),
                    changed.key
                );
                errors.push(PolicyError::whole_file(changed.place.clone(), message));
            }
        }
        for row in &left.added {
            let message = format!("`{}` could not be added", row.name);
            errors.push(PolicyError::new(&page.file, row.span, message));
        }
        if prune {
            for removed in &left.removed {
                let message = format!("`{}` could not be removed", removed.key);
                errors.push(PolicyError::whole_file(removed.place.clone(), message));
            }
        }
        errors.or(())
    }
}

/// The bytes of the line `  name: value`, line break included, if the value stands on it alone.
fn own_line(text: &str, value: Span, name: &str) -> Option<std::ops::Range<usize>> {
    let before = text.get(..value.offset)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let head = before.get(start..)?.trim_start_matches(' ');
    if head.strip_prefix(name)?.strip_prefix(':')?.trim() != "" {
        return None;
    }
    let token = text.get(value.offset..value.offset + value.len)?;
    if token.is_empty() || token.contains('\n') || token.starts_with(['|', '>', '&', '*', '!']) {
        return None;
    }
    let rest = text.get(value.offset + value.len..)?;
    let (tail, len) = match rest.find('\n') {
        Some(at) => (rest.get(..at)?, at + 1),
        None => (rest, rest.len()),
    };
    let tail = tail.trim();
    (tail.is_empty() || tail.starts_with('#')).then(|| start..value.offset + value.len + len)
}

/// Where an entry begins: at its key's line, or at the comment lines right above it.
fn entry_start(text: &str, key: usize) -> usize {
    let before = text.get(..key).unwrap_or("");
    let mut start = before.rfind('\n').map_or(0, |at| at + 1);
    while let Some(above) = before.get(..start.saturating_sub(1)) {
        let line_start = above.rfind('\n').map_or(0, |at| at + 1);
        let line = above.get(line_start..).unwrap_or("");
        if start == 0 || !line.starts_with(' ') || !line.trim_start().starts_with('#') {
            break;
        }
        start = line_start;
    }
    start
}
