//! The ledger on a terminal: each integration with its steps, and what is missing where it presses.

use std::fmt::Write;

use crate::{
    cli::out::counted,
    model::{LabelState, MissingRow, OnForge, Standing, StepStanding, StepState},
    removals::{Gate, Report},
    terminal::{BOLD, CYAN, DIM, GREEN, Look, RED, YELLOW, hanging, plain},
};

/// Columns before what is said of a row.
const INDENT: usize = 6;

pub(super) fn told(report: &Report, look: Look) -> String {
    let mut out = String::new();
    for entry in &report.removals {
        tell(&mut out, entry, look);
        out.push('\n');
    }
    if report.removals.is_empty() {
        out.push_str("Nothing leaves in this milestone.\n\n");
    }
    let pressing = |state| {
        let steps = report.removals.iter().flat_map(|one| &one.steps);
        steps.filter(|step| step.state == state).count()
    };
    let in_work = report.in_work.map(|version| format!(", {version} in work"));
    let last = format!(
        "{} leaving on {}{}: {} overdue, {} due now, {} too early. Looked at {} by the policies {}.",
        counted(report.removals.len(), "integration", "integrations"),
        report.today,
        in_work.unwrap_or_default(),
        counted(pressing(StepState::Overdue), "step", "steps"),
        pressing(StepState::Due),
        pressing(StepState::Early),
        report.commit.get(..12).unwrap_or(&report.commit),
        report.policies,
    );
    out + &look.paint(DIM, &hanging("", 0, &last, look.width))
}

fn tell(out: &mut String, entry: &Standing, look: Look) {
    let _ = writeln!(out, "{}", look.paint(BOLD, &plain(&entry.title)));
    let date = entry.removal_date.map(|date| format!(" ({date})")).unwrap_or_default();
    let distance = match entry.distance {
        Some(distance) => {
            format!(
                ", {} apart",
                counted(usize::try_from(distance).unwrap_or(0), "release", "releases")
            )
        }
        None => String::new(),
    };
    let mut head = format!(
        "announced in {}, removed in {}{date}{distance}; {}",
        entry.announced,
        entry.removal,
        plain(&entry.owner)
    );
    for from in &entry.slipped {
        let _ = write!(head, "; slipped from {from}");
    }
    let _ = writeln!(out, "{}", hanging("  ", 2, &head, look.width));
    if let Some(told) = &entry.forge {
        tell_forge(out, told, look);
    }
    for row in &entry.against {
        let lead = format!("  {} ", look.paint(RED, "against "));
        tell_row(out, &lead, row, look);
    }
    for step in &entry.steps {
        tell_step(out, step, look);
    }
}

fn tell_step(out: &mut String, step: &StepStanding, look: Look) {
    let (sign, code) = match step.state {
        StepState::Done => ("done", GREEN),
        StepState::Early => ("EARLY", RED),
        StepState::InCode => ("in code", CYAN),
        StepState::Ahead => ("ahead", DIM),
        StepState::Due => ("DUE", YELLOW),
        StepState::Overdue => ("OVERDUE", RED),
        StepState::Unknown => ("unknown", CYAN),
    };
    let due = match (step.due, step.by) {
        (Some(due), Some(by)) => format!("{due} by {by}"),
        _ => "not in the calendar".to_owned(),
    };
    let lead = format!("  {} ", look.paint(code, &format!("{sign:<8}")));
    let text =
        format!("{:<14} {due:<22} {} of {} proven", plain(&step.title), step.proven, step.rows);
    let _ = writeln!(out, "{}{text}", lead);
    if matches!(step.state, StepState::Due | StepState::Overdue | StepState::Unknown) {
        for row in step.missing.iter().filter(|row| !step.untold.contains(&row.key)) {
            tell_row(out, &" ".repeat(INDENT), row, look);
        }
    }
    let blank = " ".repeat(INDENT);
    for row in &step.remarks {
        tell_row(out, &format!("{blank}{} ", look.paint(YELLOW, "remark")), row, look);
    }
    if !step.under_way.is_empty() {
        let named: Vec<&str> = step.under_way.iter().map(|one| one.reference.as_str()).collect();
        let told = format!("under way: {}", named.join(", "));
        let _ = writeln!(out, "{}", hanging(&blank, INDENT + 2, &plain(&told), look.width));
    }
    let presses = !matches!(step.state, StepState::Ahead | StepState::Done | StepState::Early);
    if presses && !step.untold.is_empty() {
        let rows = step.missing.iter().filter(|row| step.untold.contains(&row.key));
        let mut why: Vec<&str> = rows.flat_map(|row| &row.seen).map(String::as_str).collect();
        why.dedup();
        let keys = step.untold.join(", ");
        let told = format!("nobody can tell {keys}: {}", why.join("; "));
        let told = hanging(&blank, INDENT + 2, &plain(&told), look.width);
        let _ = writeln!(out, "{}", look.paint(DIM, &told));
    }
}

/// What the forge tells of the label.
fn tell_forge(out: &mut String, told: &OnForge, look: Look) {
    let state = match (told.state, told.archives) {
        (LabelState::There, true) => "not archived",
        (LabelState::There, false) => "there",
        (LabelState::Archived, _) => "archived",
        (LabelState::Gone, _) => "gone",
    };
    let requests = told.forge.merge_request();
    let mut line = format!(
        "on {}: the label is {state}; open issues with it: {}, open {requests}s: {}",
        told.forge.name(),
        told.issues,
        told.merge_requests
    );
    let named: Vec<&str> = told.open.iter().map(|one| one.reference.as_str()).collect();
    if !named.is_empty() {
        let _ = write!(line, " ({})", named.join(", "));
    }
    let _ = writeln!(out, "{}", hanging("  ", 4, &plain(&line), look.width));
}

fn tell_row(out: &mut String, lead: &str, row: &MissingRow, look: Look) {
    let title = format!("{} [{}]", plain(&row.title), row.key);
    let _ = writeln!(out, "{}", hanging(lead, INDENT + 2, &title, look.width));
    let blank = " ".repeat(INDENT + 2);
    for seen in &row.seen {
        let seen = hanging(&blank, INDENT + 4, &plain(seen), look.width);
        let _ = writeln!(out, "{}", look.paint(DIM, &seen));
    }
}

pub(super) fn gate(gate: &Gate, look: Look) -> String {
    let mut out = match gate.open {
        true => look.paint(GREEN, &format!("{} may be released", gate.milestone)),
        false => look.paint(RED, &format!("{} may not be released", gate.milestone)),
    };
    let _ = write!(
        out,
        ", as far as removals go; {} in it.",
        match gate.removals {
            1 => "1 has a step".to_owned(),
            many => format!("{many} have a step"),
        }
    );
    for reason in &gate.reasons {
        let _ = write!(out, "\n{}", hanging("  - ", 4, &plain(reason), look.width));
    }
    for untold in &gate.untold {
        let _ = write!(out, "\n{}", hanging("  ? ", 4, &plain(untold), look.width));
    }
    out
}
