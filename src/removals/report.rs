//! The ledger as plain values, for people and programs.

use chrono::NaiveDate;
use serde::Serialize;

use super::Asked;
use crate::{
    model::{Calendar, MissingRow, OnForge, OpenRequest, Row, Standing, StepStanding, Version},
    pack::Pack,
    rules::lifecycle::{Leaving, Stride},
    words::Style,
};

/// What leaves the product, as of one commit and one day.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The day.
    pub today: NaiveDate,
    /// The milestone that is in work on it, where the calendar has it.
    pub in_work: Option<Version>,
    /// The commit whose files were looked at.
    pub commit: String,
    /// The version of the policies.
    pub policies: String,
    /// In the order of their removal, and then of their names.
    pub removals: Vec<Standing>,
}

impl Report {
    /// From the ledger.
    pub(super) fn new(
        pack: &Pack,
        calendar: &Calendar,
        commit: &str,
        today: NaiveDate,
        leaving: &[Leaving<'_>],
        asked: &Asked,
    ) -> Self {
        let mut removals: Vec<Standing> =
            leaving.iter().map(|one| standing(pack, calendar, one, asked)).collect();
        removals.sort_by(|one, other| {
            (one.removal, &one.integration).cmp(&(other.removal, &other.integration))
        });
        Self {
            today,
            in_work: calendar.in_work(today).map(|release| release.version),
            commit: commit.to_owned(),
            policies: pack.version.clone(),
            removals,
        }
    }

    /// Only what has a step that is due in a milestone, or is removed in it.
    pub fn of_milestone(mut self, milestone: Version) -> Self {
        self.removals.retain(|one| {
            one.removal == milestone || one.steps.iter().any(|step| step.due == Some(milestone))
        });
        self
    }
}

fn standing(pack: &Pack, calendar: &Calendar, leaving: &Leaving<'_>, asked: &Asked) -> Standing {
    let removal = leaving.removal;
    let told = asked.get(removal.integration.as_str()).and_then(|told| told.as_ref().ok());
    let mut against: Vec<MissingRow> = Vec::new();
    for stride in &leaving.steps {
        for row in stride.against() {
            let missing = missing_row(pack, stride, row);
            // Several steps ask for the same.
            if !against.iter().any(|had| had.seen == missing.seen) {
                against.push(missing);
            }
        }
    }
    Standing {
        integration: removal.integration.to_string(),
        title: removal.title.clone(),
        owner: removal.owner.to_string(),
        announced: removal.announced,
        removal: removal.removal,
        removal_date: calendar.release_date(removal.removal),
        distance: leaving.distance,
        reached: leaving.reached().map(|stride| stride.step.title.clone()),
        next: leaving.next().map(|stride| stride.step.key.clone()),
        against,
        slipped: removal.slipped.iter().map(|(from, _)| *from).collect(),
        issue: removal.issue.clone(),
        recorded: removal.recorded.clone(),
        forge: told.cloned(),
        steps: leaving.steps.iter().map(|stride| step_standing(pack, stride, told)).collect(),
    }
}

fn step_standing(pack: &Pack, stride: &Stride<'_>, told: Option<&OnForge>) -> StepStanding {
    let (proven, rows) = stride.proven();
    let untold = stride.missing().filter(|row| stride.is_untold(row));
    StepStanding {
        key: stride.step.key.clone(),
        title: stride.step.title.clone(),
        due: stride.due.map(|release| release.version),
        by: stride.due.map(|release| release.date),
        state: stride.state,
        proven,
        rows,
        missing: stride.missing().map(|row| missing_row(pack, stride, row)).collect(),
        remarks: stride.remarks().map(|row| missing_row(pack, stride, row)).collect(),
        untold: untold.map(|row| format!("{}.{}", stride.step.key, row.key)).collect(),
        under_way: if stride.state.is_done() { Vec::new() } else { under_way(pack, stride, told) },
    }
}

/// The open merge requests on which the step's checklist runs: those that carry its status, or its
/// comment where it sets none.
fn under_way(pack: &Pack, stride: &Stride<'_>, told: Option<&OnForge>) -> Vec<OpenRequest> {
    let Some(checklist) = pack.checklists.get(&stride.step.checklist) else { return Vec::new() };
    let sign = match &checklist.status {
        Some(status) => status.name.as_str(),
        None => checklist.topic.as_str(),
    };
    let open = told.into_iter().flat_map(|told| &told.open);
    let runs = open.filter(|one| one.sheets.iter().any(|sheet| sheet == sign));
    runs.cloned().collect()
}

fn missing_row(pack: &Pack, stride: &Stride<'_>, row: &Row) -> MissingRow {
    let seen = row.proofs.iter().map(|proof| {
        let says = pack.words.proof(proof, Style::Plain);
        match (&proof.file, proof.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: {says}"),
            (Some(file), None) => format!("{file}: {says}"),
            (None, _) => says,
        }
    });
    MissingRow {
        key: format!("{}.{}", stride.step.key, row.key),
        title: row.title.clone(),
        status: row.status,
        seen: seen.collect(),
    }
}
