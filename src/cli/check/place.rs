//! Where a row is shown: formats for editors and forges want a file and a line of the change.

use std::fmt::Write;

use super::sheets::Checked;
use crate::{
    model::{Need, Proof, Row, RowStatus, Sheet},
    words::Style,
};

/// A file of the checkout, with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place<'c> {
    pub(super) file: &'c str,
    /// From 1; 1 where the whole file is meant.
    pub(super) line: u32,
}

/// How a row weighs for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// Required and not there.
    Missing,
    /// Required, and nobody can tell.
    CannotTell,
    /// Good to have.
    Advice,
}

/// How a row weighs; `None` for one that nobody has to look at.
pub(super) fn weight(row: &Row) -> Option<Weight> {
    match (row.status, row.need) {
        (RowStatus::Missing, Need::Required) => Some(Weight::Missing),
        (RowStatus::CannotTell, Need::Required) => Some(Weight::CannotTell),
        (RowStatus::Missing | RowStatus::CannotTell, Need::Advice) => Some(Weight::Advice),
        _ => None,
    }
}

/// The places of a row's proofs, each once; if there is none, the integration's own file, else the
/// first changed one.
pub(super) fn places<'c>(
    checked: &'c Checked<'_>,
    sheet: &'c Sheet,
    row: &'c Row,
) -> Vec<Place<'c>> {
    let mut places: Vec<Place<'c>> = Vec::new();
    for proof in &row.proofs {
        // A proof may name a file that is missing, or a pattern that no file fits.
        let file = proof.file.as_deref().filter(|file| checked.has(file));
        let place = file.map(|file| Place { file, line: proof.line.unwrap_or(1).max(1) });
        if let Some(place) = place.filter(|place| !places.contains(place)) {
            places.push(place);
        }
    }
    if places.is_empty() {
        let changes = checked.snapshot.facets.changes.as_ref();
        let first = || Some(changes?.files.first()?.path.as_str());
        places.extend(sheet.file.as_deref().or_else(first).map(|file| Place { file, line: 1 }));
    }
    places
}

/// What is wrong with a row, in one line of plain text.
pub(super) fn message(checked: &Checked<'_>, sheet: &Sheet, row: &Row) -> String {
    let mut out = format!("{}: {}", sheet.title, row.title);
    if row.status == RowStatus::CannotTell {
        out.push_str(" (cannot be told)");
    }
    for (index, proof) in row.proofs.iter().enumerate() {
        let _ = write!(out, "{} {}", if index == 0 { ":" } else { ";" }, says(checked, proof));
    }
    out
}

/// A proof in words, with its file where that is not a place of the checkout.
pub(super) fn says(checked: &Checked<'_>, proof: &Proof) -> String {
    checked.pack.words.proof(proof, Style::Plain)
}

/// The name of a row among those of all checklists.
pub(super) fn rule_id(sheet: &Sheet, row: &Row) -> String {
    format!("{}.{}", sheet.checklist, row.key)
}
