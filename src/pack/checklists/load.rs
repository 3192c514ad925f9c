//! `checklists/*.yml` of all layers to checked checklists. Every mistake is found in one go.

use std::collections::BTreeMap;

use super::{
    checklist::{Checklist, Checklists, ReadyPiece, RowRule},
    examine::Examiner,
    file::{ChecklistFile, RowFile},
    pieces::{PieceFacts, Pieces},
};
use crate::{
    evidence::names::Names,
    model::{Cite, Topic},
    pack::rules::{Mode, is_key},
    policy::{
        Located, LocatedMap, PolicyError, PolicyErrors, PolicySource, SourceFile, nearest,
        parse_all,
    },
};

/// Files that hold checklists, as [`PolicySource::unread`] wants them.
pub(in crate::pack) const FILES: &str = "checklists/*.yml";
const FOLDER: &str = "checklists/";
/// A made-up integration, to try templates on.
const SAMPLE: &str = "foo_bar";

/// Something of a checklist, and the file that says so.
pub(super) struct Part<'s, T> {
    pub(super) file: &'s SourceFile,
    pub(super) key: &'s Located<String>,
    pub(super) value: &'s T,
}

impl<T> Clone for Part<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Part<'_, T> {}

/// Reads and checks all checklists. The texts of ready pieces become templates.
///
/// # Errors
/// Every mistake with its place.
pub(in crate::pack) fn load(source: &PolicySource) -> Result<Checklists, PolicyErrors> {
    let mut pieces = Pieces::default();
    let mut errors = PolicyErrors::default();
    let mut checklists = Vec::new();
    for file in source.files(FOLDER) {
        let Some(key) = key_of(&file.path) else { continue };
        let mut layers = Vec::new();
        for file in source.beneath(&file.path).into_iter().chain([file]) {
            match parse_all::<ChecklistFile>(file) {
                Ok(read) => layers.push((file, read)),
                Err(found) => errors.extend(found),
            }
        }
        if layers.iter().any(|(of, _)| std::ptr::eq(*of, file)) {
            let layers = Layers(&layers);
            checklists.extend(layers.checklist(key, &mut pieces, &mut errors));
        }
    }
    for checklist in &checklists {
        if let Some(named) = &checklist.find.unless_checklist {
            errors.extend(others(source, checklist, named, &checklists));
        }
    }
    errors.or(Checklists { all: checklists, pieces })
}

/// What is wrong with the name of another checklist, which must not ask for one in turn.
fn others(
    source: &PolicySource,
    checklist: &Checklist,
    named: &Located<String>,
    all: &[Checklist],
) -> Option<PolicyError> {
    let path = format!("{FOLDER}{}.yml", checklist.key);
    let file = source.file(&path)?;
    // In a file that is laid over another one it may stand in the lower one.
    let at = |message: String| match file.text.contains(named.as_str()) {
        true => named.error(file, message),
        false => PolicyError::whole_file(file.display_name(), message),
    };
    match all.iter().find(|one| one.key == **named) {
        // Its own mistakes are told already.
        None if source.file(&format!("{FOLDER}{}.yml", **named)).is_some() => None,
        None => {
            let near = nearest(named, all.iter().map(|one| one.key.as_str()));
            let help = near.map(|near| format!("did you mean `{near}`?"));
            Some(at(format!("there is no checklist `{}`", **named)).with_help(help))
        }
        Some(other) if other.find.unless_checklist.is_some() => {
            let help = "name one that has no `unless_checklist`".to_owned();
            Some(at(format!("`{}` has `unless_checklist` itself", **named)).with_help(help))
        }
        Some(_) => None,
    }
}

/// The key of the checklist in a file: its name, which also is the topic of the comment.
fn key_of(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_suffix(".yml").filter(|key| !key.contains('/'))
}

/// A checklist as the files have it, the one beneath first.
pub(super) struct Layers<'s>(&'s [(&'s SourceFile, ChecklistFile)]);

impl<'s> Layers<'s> {
    /// A field, and the file that it is from: the uppermost that has it.
    fn field<T>(
        &self,
        of: impl Fn(&'s ChecklistFile) -> Option<&'s T>,
    ) -> Option<(&'s T, &'s SourceFile)> {
        self.0.iter().rev().find_map(|(file, read)| Some((of(read)?, *file)))
    }

    /// Entries of a mapping, by keys: what the upper file has stands in the lower one's place.
    fn map<T>(&self, of: impl Fn(&'s ChecklistFile) -> &'s LocatedMap<T>) -> Vec<Part<'s, T>> {
        let mut parts: Vec<Part<'s, T>> = Vec::new();
        for (file, read) in self.0 {
            for (key, value) in &of(read).0 {
                let part = Part { file, key, value };
                match parts.iter_mut().find(|had| **had.key == **key) {
                    Some(had) => *had = part,
                    None => parts.push(part),
                }
            }
        }
        parts
    }

    fn checklist(
        &self,
        key: &str,
        pieces: &mut Pieces,
        errors: &mut PolicyErrors,
    ) -> Option<Checklist> {
        let (top, _) = self.0.last()?;
        let before = errors.0.len();
        // These comments are others'.
        let taken = |topic: &Topic| {
            *topic == Topic::RULES || topic.is_reserved() || topic.as_str().starts_with("answer")
        };
        let Some(topic) = key.parse().ok().filter(|topic| !taken(topic)) else {
            errors.push(PolicyError::whole_file(
                top.display_name(),
                format!("`{key}` cannot name a checklist; expected a-z, 0-9, `_` and `-`"),
            ));
            return None;
        };
        let (values, lists) = (self.map(|file| &file.values), self.map(|file| &file.lists));
        let (maps, sets) = (self.map(|file| &file.maps), self.map(|file| &file.sets));
        let rows = self.map(|file| &file.rows);
        let rows: Vec<_> = rows.into_iter().filter(|row| !row.value.off).collect();
        let mut examiner = Examiner::new(&values, &lists, &maps, &sets, errors);
        let sets = examiner.sets();
        let about = examiner.required(top, self.field(|file| file.about.as_ref()), "about");
        let find = examiner.required(top, self.field(|file| file.find.as_ref()), "find");
        if let Some((find, file)) = self.field(|file| file.find.as_ref()) {
            examiner.find(file, find);
        }
        examiner.head(
            self.field(|file| file.mode.as_ref()),
            self.field(|file| file.waive.as_ref()),
            self.field(|file| file.cites.as_ref()),
        );
        for row in &rows {
            examiner.row(*row);
        }
        if rows.is_empty() {
            examiner.whole(top, "the checklist has no row");
        }
        let samples = values.iter().map(|part| (part.key.value.clone(), SAMPLE.to_owned()));
        let sample = PieceFacts {
            values: samples.chain(Names::of(SAMPLE).pairs()).collect(),
            sets: sets.keys().map(|name| (name.clone(), vec![SAMPLE.to_owned()])).collect(),
        };
        let rows = made(key, &rows, &sample, pieces, errors);
        if errors.0.len() > before {
            return None;
        }
        Some(Checklist {
            key: key.to_owned(),
            about: about?.value.clone(),
            mode: self.field(|file| file.mode.as_ref()).map_or(Mode::On, |(mode, _)| mode.value),
            cites: self.field(|file| file.cites.as_ref()).map(|(cites, _)| cites.clone()),
            find: find?.value.clone(),
            quiet: self.field(|file| file.quiet.as_ref()).is_some_and(|(quiet, _)| *quiet),
            status: self.field(|file| file.status.as_ref()).map(|(status, _)| status.clone()),
            waive: self.field(|file| file.waive.as_ref()).map(|(waive, _)| waive.value.clone()),
            values: values
                .iter()
                .map(|part| (part.key.value.clone(), part.value.clone()))
                .collect::<BTreeMap<_, _>>(),
            sets,
            rows,
            cite: Cite { file: top.display_name(), line: 1 },
            topic,
        })
    }
}

/// The rows as they are asked. A row without a section stands in that of the row above.
fn made(
    checklist: &str,
    rows: &[Part<'_, RowFile>],
    sample: &PieceFacts,
    pieces: &mut Pieces,
    errors: &mut PolicyErrors,
) -> Vec<RowRule> {
    let mut section = String::new();
    let mut made = Vec::new();
    for row in rows {
        let Part { file, key, value } = *row;
        if let Some(named) = &value.section {
            section.clone_from(named);
        }
        if !is_key(key) {
            let message = format!("`{}` is not a key", key.value);
            errors.push(key.error(file, message).with_help(
                "keys are written in snake_case: a-z, 0-9 and _, first a letter".to_owned(),
            ));
        }
        let mut ready = Vec::new();
        for (at, piece) in value.ready.iter().enumerate() {
            let template = format!("checklists/{checklist}/{}/{at}", key.value);
            let mut sample = sample.clone();
            sample.values.extend(item_values(
                value.for_each.iter().flat_map(|each| each.0.iter()).map(owned).next().as_ref(),
            ));
            errors.extend(pieces.add(&template, &piece.text, file, &sample).err());
            let (file, before) = (piece.file.value.clone(), piece.before.clone());
            let named =
                sample.sets.keys().filter(|name| piece.text.contains(&format!("sets.{name}")));
            let sets = named.cloned().collect();
            ready.push(ReadyPiece { file, before, template, sets });
        }
        made.push(RowRule {
            key: key.value.clone(),
            title: value.title.value.clone(),
            section: section.clone(),
            need: value.need,
            for_each: value.for_each.iter().flat_map(|each| each.0.iter()).map(owned).collect(),
            when: value.when.as_ref().map(|when| when.value.clone()),
            check: value.check.as_ref().map(|check| check.value.clone()),
            tick: value.tick,
            a_person_decides: value.a_person_decides,
            hint: value.hint.clone(),
            cites: value.cites.clone(),
            ready,
            cite: Cite { file: file.display_name(), line: key.line() },
        });
    }
    made
}

/// What a row that there is several of is told of its own: `item`, and its values as `item_x`.
pub(crate) fn item_values(
    item: Option<&(String, BTreeMap<String, String>)>,
) -> impl Iterator<Item = (String, String)> + use<'_> {
    item.into_iter().flat_map(|(name, values)| {
        let own = values.iter().map(|(key, value)| (format!("item_{key}"), value.clone()));
        own.chain([("item".to_owned(), name.clone())])
    })
}

fn owned(
    (name, values): &(Located<String>, BTreeMap<String, String>),
) -> (String, BTreeMap<String, String>) {
    (name.value.clone(), values.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    /// What is wrong with checklists, by their keys.
    fn wrong(files: &[(&str, &str)]) -> Vec<String> {
        let mut source = PolicySource::default();
        for (key, text) in files {
            let text = format!("about: A.\n{text}\nrows:\n  a: {{ title: A, tick: true }}\n");
            source.insert(SourceFile::new(format!("checklists/{key}.yml"), Origin::BuiltIn, text));
        }
        match load(&source) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.0.iter().map(|error| error.to_string()).collect(),
        }
    }

    #[test]
    fn another_checklist_is_one_that_there_is_and_that_names_none() {
        let first = ("first", "find: { labels: [x] }");
        let named = |name: &str| format!("find: {{ labels: [y], unless_checklist: {name} }}");
        assert_eq!(wrong(&[first, ("second", &named("first"))]), [""; 0]);
        let unknown = wrong(&[first, ("second", &named("frist"))]);
        assert!(unknown[0].contains("there is no checklist `frist`"), "{unknown:?}");
        let chain = wrong(&[first, ("second", &named("first")), ("third", &named("second"))]);
        assert!(chain[0].contains("`second` has `unless_checklist` itself"), "{chain:?}");
        let itself = wrong(&[("second", &named("second"))]);
        assert!(itself[0].contains("has `unless_checklist` itself"), "{itself:?}");
    }

    #[test]
    fn a_part_of_a_page_is_asked_of_pages_alone() {
        let set = |ask: &str| {
            format!(
                "find: {{ labels: [x] }}\nsets: {{ s: {{ in: a.md, {ask}, around: 'x {{slug}}' }} }}"
            )
        };
        assert_eq!(wrong(&[("first", &set("markdown: cells"))]), [""; 0]);
        let pattern = wrong(&[("first", &set("pattern: x"))]);
        assert!(pattern[0].contains("`s` names a part of a page, and asks none"), "{pattern:?}");
        let unknown = set("markdown: cells").replace("slug", "slog");
        let unknown = wrong(&[("first", &unknown)]);
        assert!(unknown[0].contains("nothing says what `{slog}` is"), "{unknown:?}");
    }
}
