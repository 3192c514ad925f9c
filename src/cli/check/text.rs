//! A check for people: what is missing first, each with its place and what to do.

use std::fmt::Write;

use super::{
    place::{self, Weight, weight},
    sheets::Checked,
};
use crate::{
    cli::out::counted,
    model::{Proof, Row, RowStatus, Sheet},
    terminal::{BOLD, CYAN, DIM, GREEN, Look, RED, YELLOW, hanging, plain},
};

/// Columns before a row's text: what came of it and two blanks.
const INDENT: usize = 10;

/// Everything, without the last line's end.
pub(super) fn told(checked: &Checked<'_>, all: bool, look: Look) -> String {
    let mut out = String::new();
    for sheet in &checked.sheets {
        tell_sheet(&mut out, checked, sheet, all, look);
    }
    if checked.sheets.is_empty() {
        out.push_str("No checklist concerns this change.\n");
    }
    if checked.without_sheet > 0 {
        let more = counted(checked.without_sheet, "integration", "integrations");
        let text =
            format!("{more} more in this change, which no sheet was filled in for: split it.");
        let _ = writeln!(out, "{}", look.paint(RED, &hanging("", 0, &text, look.width)));
    }
    let ready: usize =
        checked.sheets.iter().flat_map(|sheet| &sheet.rows).map(|row| row.ready.len()).sum();
    if ready > 0 {
        let (ready, are) =
            (counted(ready, "piece", "pieces"), if ready == 1 { "is" } else { "are" });
        let text = format!("{ready} {are} ready to be put in: steward check --patch | git apply");
        let _ = writeln!(out, "{}", hanging("", 2, &text, look.width));
    }
    let against = format!(
        "Compared {} with {} ({}), by the policies {}.",
        counted(checked.changed(), "changed file", "changed files"),
        checked.base.get(..12).unwrap_or(&checked.base),
        plain(&checked.base_name),
        checked.pack.version,
    );
    let _ = write!(out, "{}", look.paint(DIM, &hanging("", 2, &against, look.width)));
    out
}

fn tell_sheet(out: &mut String, checked: &Checked<'_>, sheet: &Sheet, all: bool, look: Look) {
    let of = sheet.file.as_deref().map(|file| format!(" ({})", plain(file))).unwrap_or_default();
    let head = format!("{}{of}, checklist {}", plain(&sheet.title), sheet.checklist);
    for line in hanging("", 0, &head, look.width).lines() {
        let _ = writeln!(out, "{}", look.paint(BOLD, line));
    }
    let about = hanging("", 0, &plain(&sheet.about), look.width);
    let _ = writeln!(out, "{about}\n");
    for wanted in [Weight::Missing, Weight::CannotTell, Weight::Advice] {
        for row in sheet.rows.iter().filter(|row| weight(row) == Some(wanted)) {
            let (sign, code) = match wanted {
                Weight::Missing => ("MISSING", RED),
                Weight::CannotTell => ("UNSURE", YELLOW),
                Weight::Advice => ("advice", CYAN),
            };
            tell_row(out, checked, row, (sign, code), look);
        }
    }
    if all {
        for row in sheet.rows.iter().filter(|row| weight(row).is_none()) {
            let sign = match row.status {
                RowStatus::NotApplicable => ("n/a", DIM),
                RowStatus::Waived => ("waived", DIM),
                RowStatus::Claimed => ("claimed", DIM),
                _ => ("ok", GREEN),
            };
            tell_row(out, checked, row, sign, look);
        }
    }
    if all || sheet.rows.iter().any(|row| weight(row).is_some()) {
        out.push('\n');
    }
    let _ = writeln!(out, "{}\n", hanging("", 2, &summary(sheet), look.width));
}

fn tell_row(
    out: &mut String,
    checked: &Checked<'_>,
    row: &Row,
    (sign, code): (&str, &str),
    look: Look,
) {
    let blank = " ".repeat(INDENT);
    let lead = format!("{}  ", look.paint(code, &format!("{sign:<8}")));
    let _ = writeln!(out, "{}", hanging(&lead, INDENT, &plain(&row.title), look.width));
    for proof in &row.proofs {
        let text = hanging(&blank, INDENT + 2, &proven(checked, proof), look.width);
        let _ = writeln!(out, "{text}");
    }
    if let Some(hint) = &row.hint {
        let lead = format!("{blank}-> ");
        let _ = writeln!(out, "{}", hanging(&lead, INDENT + 3, &plain(hint), look.width));
    }
    let page = row.cites.as_deref().map(|page| format!(" enforces {}", plain(page)));
    let from = format!("[{} at {}{}]", row.key, row.cite, page.unwrap_or_default());
    for line in hanging("", 0, &from, look.width.saturating_sub(INDENT)).lines() {
        let _ = writeln!(out, "{blank}{}", look.paint(DIM, line));
    }
}

/// `app/x.rb:3: no field`, so that a terminal makes a link of it.
fn proven(checked: &Checked<'_>, proof: &Proof) -> String {
    let says = place::says(checked, proof);
    let text = match (&proof.file, proof.line) {
        (Some(file), Some(line)) => format!("{file}:{line}: {says}"),
        (Some(file), None) => format!("{file}: {says}"),
        (None, _) => says,
    };
    plain(&text)
}

/// `Foo Bar: 2 rows are missing; 12 pass, 3 do not concern it.`
fn summary(sheet: &Sheet) -> String {
    let of = |wanted| sheet.rows.iter().filter(|row| weight(row) == Some(wanted)).count();
    let (missing, unsure, advice) =
        (of(Weight::Missing), of(Weight::CannotTell), of(Weight::Advice));
    let open = [(missing, "missing"), (unsure, "unsure"), (advice, "to consider")];
    let done = [
        (sheet.count(RowStatus::Pass), "passed"),
        (sheet.count(RowStatus::Claimed), "claimed"),
        (sheet.count(RowStatus::Waived), "waived"),
        (sheet.count(RowStatus::NotApplicable), "not needed here"),
    ];
    let list = |parts: &[(usize, &str)]| {
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        parts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
    };
    let start = match (missing + unsure == 0, list(&open)) {
        (true, open) if open.is_empty() => "complete".to_owned(),
        (true, open) => format!("complete, {open}"),
        (false, open) => open,
    };
    let done = Some(list(&done)).filter(|done| !done.is_empty());
    let done = done.map(|done| format!("; {done}")).unwrap_or_default();
    format!("{}: {start}{done}.", plain(&sheet.title))
}
