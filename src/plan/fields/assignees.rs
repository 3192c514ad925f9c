//! Who has the item: Steward assigns only what nobody has, and the same people only once.

use std::collections::BTreeSet;

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect, Person},
    rules::{AssigneesWanted, View},
};

pub(super) fn merge(view: &View<'_>, wanted: &[AssigneesWanted], merged: &mut MergedFields) {
    let Some((first, others)) = wanted.split_first() else { return };
    let now: BTreeSet<u64> = view.snapshot.assignees.iter().map(|person| person.id).collect();
    let records: Vec<BTreeSet<u64>> =
        view.ledger.applied.iter().filter_map(people_of).map(|ids| ids.collect()).collect();
    if !now.is_empty() && records.is_empty() && !view.ledger.uncertain {
        // Somebody has it already.
        return;
    }
    for other in others.iter().filter(|other| names(other) != names(first)) {
        let because =
            Because::AnotherRuleFirst { rule: first.reason.rule.clone(), what: told(other) };
        merged.hold(&other.reason, because);
    }
    match records.last() {
        // One that Steward set may be missing where the forge allows but one.
        Some(last) if !now.is_empty() && now.is_subset(last) => return,
        Some(_) if !now.is_empty() && !view.ledger.uncertain => {
            merged.hold(&first.reason, Because::PersonDecided { what: told(first) });
            return;
        }
        _ => {}
    }
    let people = found(view, first, merged);
    let ids: BTreeSet<u64> = people.iter().map(|person| person.id).collect();
    if ids.is_empty() {
        return;
    }
    let record = Applied::Assignees { people: ids.iter().copied().collect() };
    if !now.is_empty() {
        // What was written last, and nobody knew whether it went through: it did.
        if now.is_subset(&ids) {
            merged.remember(record);
        }
    } else if records.contains(&ids) {
        merged.hold(&first.reason, Because::PersonDecided { what: told(first) });
    } else {
        merged.actions.push(action(Effect::Assigned { people }, &first.reason));
        merged.remember(record);
    }
}

fn people_of(applied: &Applied) -> Option<impl Iterator<Item = u64>> {
    match applied {
        Applied::Assignees { people } => Some(people.iter().copied()),
        _ => None,
    }
}

/// The people that are meant, as far as the forge knows them; each once.
fn found(view: &View<'_>, wanted: &AssigneesWanted, merged: &mut MergedFields) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let mut add = |person: &Person| {
        if !people.iter().any(|had| had.id == person.id) {
            people.push(person.clone());
        }
    };
    wanted.people.iter().for_each(&mut add);
    for handle in &wanted.handles {
        match view.account_on_forge(handle) {
            Some(person) => add(person),
            None => {
                let what = format!("account {handle}");
                merged.hold(&wanted.reason, Because::NotOnForge { what });
            }
        }
    }
    people
}

/// The handles in lower case, as forges compare them.
fn names(wanted: &AssigneesWanted) -> BTreeSet<String> {
    let people = wanted.people.iter().map(|person| person.username.as_str());
    people.chain(wanted.handles.iter().map(String::as_str)).map(str::to_lowercase).collect()
}

fn told(wanted: &AssigneesWanted) -> String {
    let names: Vec<String> = names(wanted).into_iter().collect();
    format!("assignee {}", names.join(", "))
}
