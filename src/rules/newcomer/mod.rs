//! What a change must come with: the checklists of the policies (`checklists/*.yml`), proven from
//! the files of a merge request.
//!
//! [`find`] says which integrations a change is about, [`sheet`] fills in a checklist for one of
//! them: [`files`] and [`sets`] look into the files, [`check`] asks them, [`ready`] writes what is
//! missing, and [`says`] tells it all in one comment and one status.

mod check;
mod entry;
mod files;
mod find;
mod leaves;
mod notes;
mod ready;
mod says;
mod sets;
mod sheet;
mod ticks;
mod values;

#[cfg(test)]
mod cases_tests;
#[cfg(test)]
mod tests;

pub(in crate::rules) use check::Answer;
pub(in crate::rules) use files::{Files, is_pattern, proof};
pub use find::Newcomer;
pub(crate) use says::{REPORT, SETTLED, SHEETS, samples};
pub(in crate::rules) use sheet::fill;

use super::{View, Wanted};
use crate::{
    catalog::Group,
    model::{Shadow, Sheet, State, SubjectKind},
    pack::{checklists::Checklist, rules::Mode},
};

/// So many sheets of one checklist are filled in for one change.
const MOST_SHEETS: usize = 3;

/// Asks all checklists what they want on a subject.
pub fn ask<'a>(view: &View<'a>, wanted: &mut Wanted<'a>) {
    for checklist in view.pack.checklists.iter().filter(|one| one.mode != Mode::Off) {
        if view.snapshot.subject.kind != SubjectKind::MergeRequest {
            continue;
        }
        if view.snapshot.state != State::Open {
            wanted.keep_rules.add(&checklist.rule());
            continue;
        }
        let found = match find::find(view, checklist) {
            find::Found::Newcomers(found) => found,
            // Nobody can tell: what was said stays.
            find::Found::CannotTell => {
                wanted.keep_rules.add(&checklist.rule());
                continue;
            }
        };
        if found.is_empty() {
            says::settled(view, checklist, wanted);
            continue;
        }
        let sheets = sheets(view, checklist, &found);
        match checklist.mode {
            Mode::On => says::says(view, checklist, sheets, found.len(), wanted),
            _ => wanted.shadow.extend(sheets.iter().map(|sheet| Shadow {
                would: format!("{}: sheet for {}", checklist.key, sheet.title),
                reason: says::reason(checklist, sheet),
            })),
        }
    }
}

/// The sheets of a checklist for the integrations that a change is about.
pub fn sheets(view: &View<'_>, checklist: &Checklist, found: &[Newcomer]) -> Vec<Sheet> {
    let files = files::Files::new(view);
    let found = found.iter().take(MOST_SHEETS);
    found.map(|newcomer| sheet::fill(view, checklist, newcomer, &files)).collect()
}

/// The checklists that act and concern the subject, each with its integrations.
pub(crate) fn found<'a>(view: &View<'a>) -> Vec<(&'a Checklist, Vec<Newcomer>)> {
    if view.snapshot.subject.kind != SubjectKind::MergeRequest {
        return Vec::new();
    }
    let lists = view.pack.checklists.iter().filter(|one| one.mode == Mode::On);
    let found = lists.map(|checklist| match find::find(view, checklist) {
        find::Found::Newcomers(found) => (checklist, found),
        find::Found::CannotTell => (checklist, Vec::new()),
    });
    found.filter(|(_, found)| !found.is_empty()).collect()
}

/// Whether a checklist is for the subject's change, whatever its mode; `None` where nobody can tell.
pub(in crate::rules) fn concerns(view: &View<'_>, checklist: &Checklist) -> Option<bool> {
    match find::find(view, checklist) {
        find::Found::Newcomers(found) => Some(!found.is_empty()),
        find::Found::CannotTell => None,
    }
}

/// The groups that own what the subject is about: by the catalog, and by the groups' labels on it.
pub(crate) fn owners<'a>(view: &View<'a>) -> Vec<&'a Group> {
    let on = |label: &str| view.snapshot.labels.iter().any(|on| on.as_str() == label);
    let by_label = view.pack.catalog.groups();
    let by_label = by_label.filter(|group| group.label.as_deref().is_some_and(on));
    let mut owners: Vec<&Group> = view.about().found.iter().map(|one| one.owner).collect();
    owners.extend(by_label);
    let mut had = std::collections::BTreeSet::new();
    owners.retain(|group| had.insert(group.key.as_str()));
    owners
}

/// How many integrations of a change have no sheet, since it adds more than are looked at.
pub fn without_sheet(view: &View<'_>) -> usize {
    let lists = view.pack.checklists.iter().filter(|one| one.mode != Mode::Off);
    let more = lists.map(|checklist| match find::find(view, checklist) {
        find::Found::Newcomers(found) => found.len().saturating_sub(MOST_SHEETS),
        find::Found::CannotTell => 0,
    });
    more.sum()
}

/// All sheets of all checklists that are not switched off, whatever their mode. What was not read
/// is noted in the view as needed.
pub fn all_sheets(view: &View<'_>) -> Vec<Sheet> {
    let lists = view.pack.checklists.iter().filter(|one| one.mode != Mode::Off);
    lists
        .flat_map(|checklist| match find::find(view, checklist) {
            find::Found::Newcomers(found) => sheets(view, checklist, &found),
            find::Found::CannotTell => Vec::new(),
        })
        .collect()
}
