//! Which integrations a change is about: by the files that it adds or changes, else by a label.

use super::{files::Files, sets::Sets, values::Values};
use crate::{
    evidence::names::Names,
    model::{ChangedFile, Changes, FileStatus},
    pack::{
        checklists::{Checklist, Dropped, Find},
        removals::Removal,
        rules::Mode,
    },
    rules::View,
};

/// An integration that a sheet is filled in for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// Its names, from the path of its file or from a label.
    pub names: Names,
    /// Its file, if the change has one.
    pub file: Option<String>,
}

/// What was found.
pub(super) enum Found {
    /// These, in the order of the files; a change that is about none is not the checklist's.
    Newcomers(Vec<Newcomer>),
    /// The list of files is not read, or the forge cut it and nothing was found in the rest.
    CannotTell,
}

pub(super) fn find(view: &View<'_>, checklist: &Checklist) -> Found {
    let Some(changes) = view.changes() else { return Found::CannotTell };
    if let Some(other) = &checklist.find.unless_checklist
        && let Some(other) = view.pack.checklists.get(other)
        && other.mode != Mode::Off
    {
        match find(view, other) {
            Found::Newcomers(found) if found.is_empty() => {}
            Found::Newcomers(_) => return Found::Newcomers(Vec::new()),
            Found::CannotTell => return Found::CannotTell,
        }
    }
    let mut found: Vec<Newcomer> = Vec::new();
    for file in &changes.files {
        if let Some(path) = named(&checklist.find, file)
            && is_code_name(path)
            && !found.iter().any(|had| had.names.path == path)
        {
            let own = (file.status != FileStatus::Deleted).then(|| file.path.clone());
            found.push(Newcomer { names: Names::of(path), file: own });
        }
    }
    if checklist.find.announcements {
        let announced = announced_by(view, changes).iter().filter(|one| {
            let file = one.entry.as_deref().and_then(|path| changes.file(path));
            file.is_some_and(|file| file.status != FileStatus::Deleted)
        });
        for one in announced {
            if !found.iter().any(|had| had.names.path == one.name) {
                found.push(Newcomer { names: Names::of(&one.name), file: one.entry.clone() });
            }
        }
    }
    if let Some(dropped) = &checklist.find.dropped {
        match names_dropped(view, checklist, dropped) {
            Some(names) => {
                for name in names {
                    if !found.iter().any(|had| had.names.name == name) {
                        found.push(Newcomer { names: Names::of(&name), file: None });
                    }
                }
            }
            None => return Found::CannotTell,
        }
    }
    if found.is_empty() {
        found.extend(by_label(view, &checklist.find, changes));
    }
    match found.is_empty() && !changes.complete {
        true => Found::CannotTell,
        false => Found::Newcomers(found),
    }
}

/// The removals that a change may announce: none where it leaves the folder of entries alone, so that
/// most changes need not ask.
fn announced_by<'v>(view: &'v View<'_>, changes: &Changes) -> &'v [Removal] {
    let folder = view.pack.lifecycle.deprecations.as_ref().map(|one| one.folder.as_str());
    let touches = |folder: &str| changes.files.iter().any(|file| file.path.starts_with(folder));
    match folder.is_none_or(touches) {
        true => view.removals(),
        false => &[],
    }
}

/// The names that are in one set and not in another one; `None` where nobody can tell. What the
/// change does not touch is not read.
fn names_dropped(view: &View<'_>, checklist: &Checklist, dropped: &Dropped) -> Option<Vec<String>> {
    let files = Files::new(view);
    let nobody = Names::of("");
    let values = Values::new(view, checklist, &nobody, &files);
    let sets = Sets::new(checklist, &values, &files);
    if !sets.is_touched(&dropped.is) {
        return Some(Vec::new());
    }
    let (was, is) = (sets.get(&dropped.was), sets.get(&dropped.is));
    if view.lacks_something() || !was.open.is_empty() || !is.open.is_empty() {
        return None;
    }
    let gone = was.entries.iter().filter(|entry| !is.has(&entry.key) && is_code_name(&entry.key));
    Some(gone.map(|entry| entry.key.clone()).collect())
}

/// The part of a file's path that names the integration.
fn named<'f>(find: &Find, file: &'f ChangedFile) -> Option<&'f str> {
    if find.except.iter().any(|glob| glob.fits(&file.path)) {
        return None;
    }
    let by = |patterns: &[crate::pack::PathPattern], path: &'f str| {
        patterns.iter().find_map(|pattern| pattern.named(path))
    };
    let was_there =
        file.previous_path.as_deref().is_some_and(|path| by(&find.added, path).is_some());
    match file.status {
        FileStatus::Added => by(&find.added, &file.path),
        // Under another name it was there before.
        FileStatus::Renamed if !was_there => {
            by(&find.added, &file.path).or_else(|| by(&find.changed, &file.path))
        }
        FileStatus::Modified | FileStatus::Renamed => by(&find.changed, &file.path),
        FileStatus::Deleted => by(&find.removed, &file.path),
    }
}

/// Whether a part of a path is a name in snake case, perhaps in folders: anything else is no name
/// of a model, and must not become part of a path.
fn is_code_name(path: &str) -> bool {
    path.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    })
}

/// The integration that a label says the change adds.
fn by_label(view: &View<'_>, find: &Find, changes: &Changes) -> Option<Newcomer> {
    let routing = &view.pack.routing;
    let about = view.about();
    let unknown = about.unknown.iter().filter(|_| find.unknown);
    let named = unknown
        .filter_map(|label| routing.value_of(label.as_str()))
        .map(snake_case)
        .find(|name| is_code_name(name));
    if let Some(name) = named {
        return Some(Newcomer { names: Names::of(&name), file: None });
    }
    let is_new = view
        .labels_lower()
        .iter()
        .any(|on| find.labels.iter().any(|pattern| pattern.fits_lower(on)));
    // Which one it is, a path may still tell.
    let first = changes.files.iter().find_map(|file| named_anywhere(find, file)).filter(|_| is_new);
    first.map(|path| Newcomer { names: Names::of(path), file: None })
}

/// The name in a path, whatever happened to the file.
fn named_anywhere<'f>(find: &Find, file: &'f ChangedFile) -> Option<&'f str> {
    let patterns = find.added.iter().chain(&find.changed);
    let fits = !find.except.iter().any(|glob| glob.fits(&file.path));
    let mut names = patterns.filter_map(|pattern| pattern.named(&file.path)).filter(|_| fits);
    names.find(|name| is_code_name(name))
}

/// `FooBar`, `Foo Bar` and `foo-bar` as `foo_bar`.
fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && was_lower {
            out.push('_');
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
        match c.is_alphanumeric() {
            true => out.extend(c.to_lowercase()),
            false if !out.ends_with('_') && !out.is_empty() => out.push('_'),
            false => {}
        }
    }
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_snake_case_and_nothing_that_leads_elsewhere() {
        assert!(is_code_name("foo_bar2") && is_code_name("platform/foo_bar"));
        for bad in ["", "../x", "Foo", "a b", "a/", "/a", "a//b", "é", "a.b", "1a"] {
            assert!(!is_code_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_label_in_any_spelling_is_a_code_name() {
        for (label, name) in [
            ("FooBar", "foo_bar"),
            ("Google Chat (Hangouts)", "google_chat_hangouts"),
            ("drone-ci", "drone_ci"),
            ("EWM", "ewm"),
        ] {
            assert_eq!(snake_case(label), name);
        }
    }
}
