//! The ledger as a table in Markdown.

use std::fmt::Write;

use crate::{
    model::{Standing, StepStanding, StepState},
    removals::Report,
};

pub(super) fn told(report: &Report) -> String {
    let mut out = String::from(
        "| Integration | Owner | Announced in | Removed in | Reached | Next | By | What is missing |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for entry in &report.removals {
        let next = entry.steps.iter().find(|step| entry.next.as_deref() == Some(&step.key));
        let by = next.map(|step| match (step.due, step.by) {
            (Some(due), Some(by)) => format!("{due}, {by}"),
            _ => "not in the calendar".to_owned(),
        });
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&entry.title),
            cell(&entry.owner),
            entry.announced,
            entry.removal,
            cell(entry.reached.as_deref().unwrap_or("nothing")),
            cell(next.map_or("nothing", |step| step.title.as_str())),
            by.unwrap_or_default(),
            missing(entry),
        );
    }
    let in_work = report.in_work.map(|version| format!(", {version} in work")).unwrap_or_default();
    let _ = write!(out, "\n{}{in_work}, commit {}.", report.today, report.commit);
    out
}

fn missing(entry: &Standing) -> String {
    let pressing = |state| !matches!(state, StepState::Done | StepState::Ahead | StepState::InCode);
    let steps = entry.steps.iter().filter(|step| pressing(step.state));
    let told = |step: &StepStanding| {
        let told = step.missing.iter().filter(|row| !step.untold.contains(&row.key));
        told.cloned().collect::<Vec<_>>()
    };
    let rows = entry.against.iter().cloned().chain(steps.flat_map(told));
    rows.map(|row| cell(&row.title)).collect::<Vec<_>>().join("; ")
}

/// A text in a cell: titles are Markdown by the policies' authors.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
