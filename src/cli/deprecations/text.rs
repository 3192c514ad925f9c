//! What is wrong with entries, for people.

use std::fmt::Write;

use super::{finding, summary, unused};
use crate::{
    cli::out::counted,
    evidence::deprecations::{Report, Told},
    lint,
    pack::Pack,
    policy::{Finding, Severity},
    terminal::{DIM, Look, hanging, plain},
};

/// Everything, without the last line's end.
pub(super) fn told(report: &Report<'_>, pack: &Pack, all: bool, look: Look) -> String {
    let mut open: Vec<Finding> =
        report.open().filter(|told| all || told.severity != Severity::Note).map(finding).collect();
    open.extend(unused(report, pack));
    let mut out = lint::text(&open, look);
    if all {
        for told in &report.findings {
            granted(&mut out, told, pack, look);
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    sums(&mut out, report, look);
    out.trim_end().to_owned()
}

/// What somebody answered for, with the reason.
fn granted(out: &mut String, told: &Told<'_>, pack: &Pack, look: Look) {
    let Some(exception) = told.exception else { return };
    let _ = writeln!(
        out,
        "{}  {}:{}",
        look.paint(DIM, "granted"),
        plain(&told.file),
        told.finding.at.line
    );
    let file = pack.places.shown(&exception.cite.file);
    let reason = format!("{} [{file}:{}]", exception.reason, exception.cite.line);
    for line in [&told.finding.message, &reason] {
        let _ = writeln!(out, "{}", hanging(&" ".repeat(9), 9, &plain(line), look.width));
    }
}

fn sums(out: &mut String, report: &Report<'_>, look: Look) {
    let sums = summary::of(report);
    for (kind, count) in &sums.kinds {
        let granted = match count.granted {
            0 => String::new(),
            some => format!(", {some} granted"),
        };
        let _ = writeln!(out, "{kind:<21} {:>4} open{granted}", count.open);
    }
    if !sums.kinds.is_empty() {
        out.push('\n');
    }
    let entries = format!(
        "{}: {} with both milestones, {} pending, {} cancelled; {} breaking, {} do not say so.",
        counted(sums.entries, "entry", "entries"),
        sums.dated,
        sums.pending,
        sums.cancelled,
        sums.breaking,
        sums.unsaid,
    );
    let findings = format!(
        "{}, {}, {}; {} granted.",
        counted(sums.mistakes, "mistake", "mistakes"),
        counted(sums.warnings, "warning", "warnings"),
        counted(sums.notes, "note", "notes"),
        sums.granted,
    );
    for line in [entries, findings] {
        let _ = writeln!(out, "{}", hanging("", 2, &line, look.width));
    }
}
