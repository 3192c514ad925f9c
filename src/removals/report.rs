//! The ledger as plain values, for people and programs.

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    model::{Calendar, Row, RowStatus, Version},
    pack::Pack,
    rules::lifecycle::{Leaving, Stride, StrideState},
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
    pub removals: Vec<Entry>,
}

/// An integration that leaves.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its key in the catalog.
    pub integration: String,
    /// What people call it.
    pub title: String,
    /// The key of the group that owns it, and has to act.
    pub owner: String,
    /// When its removal was announced.
    pub announced: Version,
    /// When it is removed.
    pub removal: Version,
    /// The day of that release.
    pub removal_date: Option<NaiveDate>,
    /// Releases between the two.
    pub distance: Option<i64>,
    /// The last step that is done with all before it; `None` where there is none.
    pub reached: Option<String>,
    /// The first step that is not done; `None` where all are.
    pub next: Option<String>,
    /// What milestones stand against: announced late, in a minor, too early.
    pub against: Vec<Missing>,
    /// Earlier milestones that did not hold.
    pub slipped: Vec<Version>,
    /// Where people talk about it.
    pub issue: Option<String>,
    /// Where it is recorded, as file and line.
    pub recorded: String,
    /// The steps, in order.
    pub steps: Vec<StepEntry>,
}

/// A step on the way out.
#[derive(Debug, Clone, Serialize)]
pub struct StepEntry {
    /// Its key.
    pub key: String,
    /// What is done.
    pub title: String,
    /// The milestone that it is due in.
    pub due: Option<Version>,
    /// The day of that release: until then it can be done.
    pub by: Option<NaiveDate>,
    /// How it stands.
    pub state: StrideState,
    /// How many rows pass, of those that files prove.
    pub proven: usize,
    /// Of how many.
    pub rows: usize,
    /// What is missing, or what nobody can tell.
    pub missing: Vec<Missing>,
}

/// A row that does not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The key of its step and of the row: `removed.metrics_projects`.
    pub key: String,
    /// What is asked.
    pub title: String,
    /// What came of it.
    pub status: RowStatus,
    /// What was seen, each with file and line.
    pub seen: Vec<String>,
}

impl Report {
    /// From the ledger.
    pub(super) fn new(
        pack: &Pack,
        calendar: &Calendar,
        commit: &str,
        today: NaiveDate,
        leaving: &[Leaving<'_>],
    ) -> Self {
        let mut removals: Vec<Entry> =
            leaving.iter().map(|one| Entry::new(pack, calendar, one)).collect();
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

impl Entry {
    fn new(pack: &Pack, calendar: &Calendar, leaving: &Leaving<'_>) -> Self {
        let removal = leaving.removal;
        let mut against: Vec<Missing> = Vec::new();
        for stride in &leaving.steps {
            for row in stride.against() {
                let missing = Missing::new(pack, stride, row);
                // Several steps ask for the same.
                if !against.iter().any(|had| had.seen == missing.seen) {
                    against.push(missing);
                }
            }
        }
        Self {
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
            recorded: format!("{}:{}", removal.cite.file, removal.cite.line),
            steps: leaving.steps.iter().map(|stride| StepEntry::new(pack, stride)).collect(),
        }
    }
}

impl StepEntry {
    fn new(pack: &Pack, stride: &Stride<'_>) -> Self {
        let (proven, rows) = stride.proven();
        Self {
            key: stride.step.key.clone(),
            title: stride.step.title.clone(),
            due: stride.due.map(|release| release.version),
            by: stride.due.map(|release| release.date),
            state: stride.state,
            proven,
            rows,
            missing: stride.missing().map(|row| Missing::new(pack, stride, row)).collect(),
        }
    }
}

impl Missing {
    fn new(pack: &Pack, stride: &Stride<'_>, row: &Row) -> Self {
        let seen = row.proofs.iter().map(|proof| {
            let says = pack.words.proof(proof, Style::Plain);
            match (&proof.file, proof.line) {
                (Some(file), Some(line)) => format!("{file}:{line}: {says}"),
                (Some(file), None) => format!("{file}: {says}"),
                (None, _) => says,
            }
        });
        Self {
            key: format!("{}.{}", stride.step.key, row.key),
            title: row.title.clone(),
            status: row.status,
            seen: seen.collect(),
        }
    }
}
