//! A check for programs. The form is described in `docs/checks.md`; a field may be added, none goes
//! or changes its meaning without a new `version`.

use serde_json::{Value, json};

use super::{place, sheets::Checked};
use crate::model::{Piece, PiecePlace, Row, RowStatus, Sheet};

/// The form of what is printed.
const VERSION: u32 = 1;

pub(super) fn told(checked: &Checked<'_>) -> Value {
    json!({
        "version": VERSION,
        "complete": checked.is_complete(),
        "head": checked.snapshot.head,
        "base": checked.base,
        "policies": checked.pack.version,
        "changed_files": checked.changed(),
        "without_sheet": checked.without_sheet,
        "missing": checked.count(RowStatus::Missing),
        "cannot_tell": checked.count(RowStatus::CannotTell),
        "sheets": checked.sheets.iter().map(|one| sheet(checked, one)).collect::<Vec<_>>(),
    })
}

/// That there is no check, and why.
pub(super) fn failed(why: &[String]) -> Value {
    json!({ "version": VERSION, "errors": why })
}

fn sheet(checked: &Checked<'_>, sheet: &Sheet) -> Value {
    json!({
        "checklist": sheet.checklist,
        "about": sheet.about,
        "name": sheet.name,
        "title": sheet.title,
        "file": sheet.file,
        "complete": sheet.is_complete(),
        "rows": sheet.rows.iter().map(|one| row(checked, one)).collect::<Vec<_>>(),
    })
}

fn row(checked: &Checked<'_>, row: &Row) -> Value {
    let proofs = row.proofs.iter().map(|proof| {
        json!({
            "kind": proof.kind,
            "what": proof.what,
            "found": proof.found,
            "file": proof.file,
            "line": proof.line,
            "says": place::says(checked, proof),
        })
    });
    json!({
        "key": row.key,
        "section": row.section,
        "title": row.title,
        "need": row.need,
        "status": row.status,
        "proofs": proofs.collect::<Vec<_>>(),
        "hint": row.hint,
        "ready": row.ready.iter().map(piece).collect::<Vec<_>>(),
        "page": row.cites,
        "policy": { "file": row.cite.file, "line": row.cite.line },
    })
}

fn piece(piece: &Piece) -> Value {
    let before = match piece.place {
        PiecePlace::NewFile => None,
        PiecePlace::Before(line) => Some(line),
    };
    json!({ "path": piece.path, "before_line": before, "text": piece.text })
}
