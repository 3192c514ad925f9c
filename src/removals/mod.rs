//! The removal ledger: what leaves the product, what its files at a commit prove of it, what is due
//! and what stands against it. [`look`] reads, `rules::lifecycle` decides, [`Report`] is told.

mod asker;
mod code;
mod gate;
mod report;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::{
    checkout::{CheckoutError, Told, Tree, merge_request},
    model::{
        AddedLines, ChangedFile, Changes, Facet, FacetValue, FileStatus, Ledger, Person,
        RemovalRecord, Snapshot, Standing, StandingOf,
    },
    pack::Pack,
    rules::{
        View,
        lifecycle::{self, Leaving},
    },
};

pub use asker::{Asked, Asker};
pub use code::Code;
pub use gate::{Gate, gate};
pub use report::Report;

/// More rounds than any checklist needs: each reads all that was asked for.
const ROUNDS: usize = 16;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RemovalsError {
    /// The repository cannot be read.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// The policies have no calendar.
    #[error(
        "the policies have no calendar, and removals are held against one; write `calendar.yml` (see \
         docs/lifecycle.md)"
    )]
    NoCalendar,
    /// The policies have no removals.
    #[error("no removal is recorded; they stand in `removals.yml` (see docs/lifecycle.md)")]
    Nothing,
    /// A checklist asks for what a commit does not have.
    #[error("the checklists ask for {}, which a commit does not have", .0.join(", "))]
    NotThere(Vec<String>),
}

/// Looks at a commit, as on a day. `records` are what people recorded on tracking issues, `asked` what
/// the forge told of those whom it was asked about.
///
/// # Errors
/// When git fails, or the policies know no calendar, or nothing leaves.
pub fn look(
    tree: &Tree,
    pack: &Pack,
    records: Vec<RemovalRecord>,
    today: NaiveDate,
    asked: Asked,
) -> Result<Report, RemovalsError> {
    if pack.removals.all.is_empty() && records.iter().all(|record| record.cancelled.is_some()) {
        return Err(RemovalsError::Nothing);
    }
    look_for(tree, pack, records, today, None, asked)
}

/// Looks at a commit for one integration, as on a day.
///
/// # Errors
/// As [`look`]; [`RemovalsError::Nothing`] when it does not leave.
pub fn standing(
    tree: &Tree,
    pack: &Pack,
    of: &StandingOf,
    today: NaiveDate,
    asked: Asked,
) -> Result<Standing, RemovalsError> {
    let records = of.record.iter().cloned().collect();
    let mut report = look_for(tree, pack, records, today, Some(&of.integration), asked)?;
    report.removals.pop().ok_or(RemovalsError::Nothing)
}

fn look_for(
    tree: &Tree,
    pack: &Pack,
    records: Vec<RemovalRecord>,
    today: NaiveDate,
    only: Option<&str>,
    told: Asked,
) -> Result<Report, RemovalsError> {
    let calendar = &pack.calendar.as_ref().ok_or(RemovalsError::NoCalendar)?.releases;
    let now = today.and_time(NaiveTime::MIN).and_utc();
    let mut snapshot = snapshot(tree, pack, now);
    snapshot.facets.removals = Some(records);
    snapshot.facets.on_forge = told.clone();
    // Nobody: there is no account here, and nothing was ever done.
    let me = Person { id: 0, username: String::new(), name: String::new() };
    let ledger = Ledger { known: true, ..Ledger::default() };
    let mut asked = BTreeSet::new();
    for _ in 0..ROUNDS {
        let view = View::new(&snapshot, &ledger, pack, &me, now);
        let leaving: Vec<Leaving<'_>> = lifecycle::ledger(&view, calendar, today, only);
        asked = view.needs();
        if asked.is_empty() {
            return Ok(Report::new(pack, calendar, tree.commit(), today, &leaving, &told));
        }
        let paths = asked.iter().filter_map(|facet| match facet {
            Facet::File(at) => Some(at.path.as_str()),
            _ => None,
        });
        let found = tree.read(paths)?;
        for facet in &asked {
            if let Facet::File(at) = facet
                && let Some(content) = found.get(&at.path)
            {
                snapshot.fill(facet, FacetValue::File(content.clone()));
            }
        }
        if asked.iter().all(|facet| !matches!(facet, Facet::File(_))) {
            break;
        }
    }
    Err(RemovalsError::NotThere(asked.iter().map(Facet::to_string).collect()))
}

/// The commit as a change of all the files that patterns may mean, so that the rows of checklists find
/// on it what they find on a merge request.
fn snapshot(tree: &Tree, pack: &Pack, now: DateTime<Utc>) -> Snapshot {
    let looked_for = lifecycle::looked_for(pack);
    let mut paths: Vec<&str> = tree.paths().filter(|path| looked_for.is_match(path)).collect();
    paths.sort_unstable();
    let file = |path: &str| ChangedFile {
        path: path.to_owned(),
        previous_path: None,
        status: FileStatus::Modified,
        added: AddedLines::default(),
    };
    let files = paths.into_iter().map(file).collect();
    merge_request(&Told::default(), tree.commit(), now, Changes { files, complete: true })
}
