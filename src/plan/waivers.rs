//! `waive` and `unwaive`: who may is policy, and membership is asked of the forge at that moment.
//!
//! A waiver is noted in the ledger and in the marker of the checklist's comment, from which it is
//! read again should the database be lost.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    catalog::Group,
    commands::Question,
    model::{Applied, Ledger, Membership, Waiver},
    pack::checklists::Checklist,
    policy::nearest,
    rules::{
        View,
        newcomer::{self, Newcomer},
    },
};

/// Why a command about a row is refused. Each has its sentence in `templates/answers/refused.hbs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub(super) enum Refusal {
    /// No checklist concerns the item.
    NoSheet,
    /// The checklist has no such row.
    NoRow {
        /// What was written.
        row: String,
        /// The row that may be meant.
        near: Option<String>,
    },
    /// The change is about several integrations.
    Which {
        /// The row.
        row: String,
        /// What to write for each.
        names: Vec<String>,
    },
    /// No reason was given.
    NoReason {
        /// The row.
        row: String,
    },
    /// The asker may not.
    MayNot {
        /// The row.
        row: String,
        /// Paths of the groups whose members may.
        groups: Vec<String>,
    },
    /// There is no waiver to take back.
    NotWaived {
        /// The row.
        row: String,
    },
}

/// Notes a waiver.
pub(super) fn waive(
    view: &View<'_>,
    ledger: &mut Ledger,
    question: &Question,
    (row, why): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let target = target(view, question, row)?;
    if why.is_empty() {
        return Err(Refusal::NoReason { row: row.to_owned() });
    }
    target.note(ledger, question, why, now);
    Ok(())
}

/// Takes a waiver back.
pub(super) fn unwaive(
    view: &View<'_>,
    ledger: &mut Ledger,
    question: &Question,
    row: &str,
) -> Result<(), Refusal> {
    match target(view, question, row)?.forget(ledger) {
        true => Ok(()),
        false => Err(Refusal::NotWaived { row: row.to_owned() }),
    }
}

/// A row of a sheet.
struct Target {
    checklist: String,
    name: String,
    row: String,
}

impl Target {
    fn is(&self, applied: &Applied) -> bool {
        matches!(applied, Applied::Waived { waiver }
            if waiver.checklist == self.checklist
                && waiver.name == self.name
                && waiver.row == self.row)
    }

    /// Takes a waiver away; whether there was one.
    fn forget(&self, ledger: &mut Ledger) -> bool {
        let before = ledger.applied.len();
        ledger.applied.retain(|applied| !self.is(applied));
        ledger.applied.len() < before
    }

    fn note(&self, ledger: &mut Ledger, question: &Question, why: &str, now: DateTime<Utc>) {
        // Twice the same is no news: the first one stands.
        let same = |applied: &Applied| {
            self.is(applied)
                && matches!(applied, Applied::Waived { waiver }
                    if waiver.by_id == question.by_id && waiver.why == why)
        };
        if ledger.applied.iter().any(same) {
            return;
        }
        self.forget(ledger);
        ledger.applied.push(Applied::Waived {
            waiver: Waiver {
                checklist: self.checklist.clone(),
                name: self.name.clone(),
                row: self.row.clone(),
                by_id: question.by_id,
                by: question.by.clone(),
                why: why.to_owned(),
                at: now,
            },
        });
    }
}

/// The row that is meant, if the asker may say something about it.
fn target(view: &View<'_>, question: &Question, row: &str) -> Result<Target, Refusal> {
    let (integration, row) = match row.split_once('/') {
        Some((integration, row)) => (Some(integration), row),
        None => (None, row),
    };
    let sheets: Vec<(&Checklist, Vec<Newcomer>)> = newcomer::found(view);
    if sheets.is_empty() {
        return Err(Refusal::NoSheet);
    }
    let Some((checklist, found)) =
        sheets.iter().find(|(checklist, _)| checklist.row_keys().any(|key| key == row))
    else {
        let keys: Vec<String> =
            sheets.iter().flat_map(|(checklist, _)| checklist.row_keys()).collect();
        let near = nearest(row, keys.iter().map(String::as_str)).map(str::to_owned);
        return Err(Refusal::NoRow { row: row.to_owned(), near });
    };
    let names = || found.iter().map(|one| format!("{}/{row}", one.names.name)).collect();
    let mut meant = found.iter().filter(|one| {
        integration.is_none_or(|name| one.names.name == name || one.names.slug == name)
    });
    let (Some(one), None) = (meant.next(), meant.next()) else {
        return Err(Refusal::Which { row: row.to_owned(), names: names() });
    };
    let groups = entitled(view, checklist);
    match is_in_one_of(view, question.by_id, &groups) {
        true => Ok(Target {
            checklist: checklist.key.clone(),
            name: one.names.name.clone(),
            row: row.to_owned(),
        }),
        false => Err(Refusal::MayNot { row: row.to_owned(), groups }),
    }
}

/// Paths of the groups whose members may waive a row.
fn entitled(view: &View<'_>, checklist: &Checklist) -> Vec<String> {
    let Some(waive) = &checklist.waive else { return Vec::new() };
    let mut groups: Vec<String> = waive.groups.iter().map(|group| group.value.clone()).collect();
    if waive.owners {
        for owner in newcomer::owners(view) {
            for path in forge_groups(owner) {
                if !groups.contains(&path) {
                    groups.push(path);
                }
            }
        }
    }
    groups
}

/// Whether an account belongs to one of these groups now.
pub(super) fn is_in_one_of(view: &View<'_>, person: u64, groups: &[String]) -> bool {
    let belongs = |group: &String| {
        let of = Membership { group: group.clone(), person };
        view.belongs(&of).unwrap_or(false)
    };
    // All are asked for at once: one more call in place of one more round.
    let belongs: Vec<bool> = groups.iter().map(belongs).collect();
    belongs.contains(&true)
}

/// The groups of the forge that a group's mention calls. One without a slash may be a person or a
/// top-level group: asking for its members tells.
pub(super) fn forge_groups(group: &Group) -> impl Iterator<Item = String> + '_ {
    let mention = group.mention.as_deref().unwrap_or_default();
    let words = mention.split(|c: char| c.is_whitespace() || c == ',');
    let handles = words.filter_map(|word| word.strip_prefix('@'));
    handles.filter(|path| !path.is_empty()).map(str::to_owned)
}
