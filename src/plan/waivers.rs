//! `waive` and `unwaive`: who may is policy, and membership is asked of the forge at that moment.
//!
//! A waiver is noted in the ledger and in the marker of the checklist's comment, from which it is
//! read again should the database be lost.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    catalog::Group,
    commands::{Command, Question, read},
    model::{Applied, Ledger, Membership, Waiver},
    pack::checklists::Checklist,
    policy::nearest,
    rules::{
        View,
        newcomer::{self, Newcomer},
    },
};

/// What came of a command about a row. Each refusal has its sentence in
/// `templates/answers/refused.hbs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub(super) enum Verdict {
    /// It is done.
    Done,
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

/// The commands about rows, in the order in which they were given, and what the ledger says then.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    /// The question's number, the place of the command in it, and the verdict.
    given: Vec<(i64, usize, Verdict)>,
    /// The ledger with what was noted, if that makes a difference.
    pub(super) ledger: Option<Ledger>,
}

impl Verdicts {
    /// What came of one command of a question.
    pub(super) fn of(&self, question: i64, place: usize) -> Option<&Verdict> {
        self.given.iter().find(|(id, at, _)| *id == question && *at == place).map(|(.., it)| it)
    }
}

/// Judges the commands. What has to be read for that is noted in the view.
pub(super) fn judge(view: &View<'_>, questions: &[Question], now: DateTime<Utc>) -> Verdicts {
    let mut verdicts = Verdicts::default();
    let mut ledger = view.ledger.clone();
    for question in questions.iter().filter(|question| question.by_id != view.me.id) {
        let lines = question.lines.iter();
        let commands = lines.filter_map(|line| read(line, view.me.handle()));
        for (place, command) in commands.enumerate() {
            let verdict = match &command {
                Command::Waive { row, why } => match target(view, question, row) {
                    Ok(_) if why.is_empty() => Verdict::NoReason { row: row.clone() },
                    Ok(target) => {
                        target.note(&mut ledger, question, why, now);
                        Verdict::Done
                    }
                    Err(refused) => refused,
                },
                Command::Unwaive { row } => match target(view, question, row) {
                    Ok(target) if target.forget(&mut ledger) => Verdict::Done,
                    Ok(_) => Verdict::NotWaived { row: row.clone() },
                    Err(refused) => refused,
                },
                // Who approves is asked when the cleanup is run: that it was seen is all there is to say.
                Command::Recheck | Command::ApproveCleanup { .. } => Verdict::Done,
                _ => continue,
            };
            verdicts.given.push((question.id, place, verdict));
        }
    }
    verdicts.ledger = (ledger != *view.ledger).then_some(ledger);
    verdicts
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
fn target(view: &View<'_>, question: &Question, row: &str) -> Result<Target, Verdict> {
    let (integration, row) = match row.split_once('/') {
        Some((integration, row)) => (Some(integration), row),
        None => (None, row),
    };
    let sheets: Vec<(&Checklist, Vec<Newcomer>)> = newcomer::found(view);
    if sheets.is_empty() {
        return Err(Verdict::NoSheet);
    }
    let Some((checklist, found)) =
        sheets.iter().find(|(checklist, _)| checklist.row_keys().any(|key| key == row))
    else {
        let keys: Vec<String> =
            sheets.iter().flat_map(|(checklist, _)| checklist.row_keys()).collect();
        let near = nearest(row, keys.iter().map(String::as_str)).map(str::to_owned);
        return Err(Verdict::NoRow { row: row.to_owned(), near });
    };
    let names = || found.iter().map(|one| format!("{}/{row}", one.names.name)).collect();
    let mut meant = found.iter().filter(|one| {
        integration.is_none_or(|name| one.names.name == name || one.names.slug == name)
    });
    let (Some(one), None) = (meant.next(), meant.next()) else {
        return Err(Verdict::Which { row: row.to_owned(), names: names() });
    };
    let groups = entitled(view, checklist);
    let belongs = |group: &String| {
        let of = Membership { group: group.clone(), person: question.by_id };
        view.belongs(&of).unwrap_or(false)
    };
    // All are asked for at once: one more call in place of one more round.
    let may: Vec<bool> = groups.iter().map(belongs).collect();
    match may.contains(&true) {
        true => Ok(Target {
            checklist: checklist.key.clone(),
            name: one.names.name.clone(),
            row: row.to_owned(),
        }),
        false => Err(Verdict::MayNot { row: row.to_owned(), groups }),
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

/// The groups of the forge that a group's mention calls. One without a slash may be a person or a
/// top-level group: asking for its members tells.
fn forge_groups(group: &Group) -> impl Iterator<Item = String> + '_ {
    let mention = group.mention.as_deref().unwrap_or_default();
    let words = mention.split(|c: char| c.is_whitespace() || c == ',');
    let handles = words.filter_map(|word| word.strip_prefix('@'));
    handles.filter(|path| !path.is_empty()).map(str::to_owned)
}
