//! The report in three forms: for a terminal, for a merge request, for machines.

mod markdown;
mod text;

use super::{Assumed, Change, Ledgers, Report};
use crate::model::LabelName;

pub use markdown::markdown;
pub use text::text;

/// Everything, for machines.
///
/// # Errors
/// Never in practice: a report always has a JSON form.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report)
}

/// A number as people read it: `100,000`.
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 item`, `2,000 items`.
fn counted(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// How long, as far as people care.
fn hours(hours: f64) -> String {
    let minutes = hours * 60.0;
    if minutes < 1.0 {
        "less than a minute".to_owned()
    } else if minutes < 90.0 {
        counted(minutes.ceil() as u64, "minute", "minutes")
    } else {
        format!("{hours:.1} hours")
    }
}

/// What is done besides labels, comments and calls by name, each as a sentence's part.
fn other_effects(report: &Report) -> Vec<String> {
    [
        (report.blocked, "merge request newly blocked", "merge requests newly blocked"),
        (report.closed, "item closed", "items closed"),
        (report.assigned, "item assigned", "items assigned"),
        (report.milestones, "milestone set", "milestones set"),
        (report.statuses, "status set", "statuses set"),
        (report.reactions, "reaction to a comment", "reactions to comments"),
        (report.opened, "issue opened", "issues opened"),
    ]
    .into_iter()
    .filter(|(times, ..)| *times > 0)
    .map(|(times, one, many)| counted(times, one, many))
    .collect()
}

/// Comments, in words.
fn comments(report: &Report) -> Option<String> {
    let parts: Vec<String> =
        [(report.comments, "new"), (report.edits, "edited"), (report.deletions, "deleted")]
            .into_iter()
            .filter(|(times, _)| *times > 0)
            .map(|(times, what)| format!("{} {what}", number(times)))
            .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What it would cost, in words.
fn calls(report: &Report) -> String {
    let calls = &report.calls;
    format!(
        "{}, of which {}: {} at {} comments and {} other calls a minute",
        counted(calls.comments + calls.others, "call", "calls"),
        counted(calls.comments, "posts a comment", "post a comment"),
        hours(calls.hours),
        number(calls.budget.comments_per_minute.into()),
        number(calls.budget.calls_per_minute.into()),
    )
}

/// What was assumed and what is not known, each as a sentence.
/// What stands in it from outside goes through `harmless`.
fn caveats(report: &Report, harmless: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut told = Vec::new();
    if report.cannot_tell > 0 {
        told.push(format!(
            "Of {} nothing can be told: their changed files are not in the mirror \
             (`steward sync --files` reads them).",
            counted(report.cannot_tell, "merge request", "merge requests")
        ));
    }
    if report.broken > 0 {
        told.push(format!(
            "{} could not be decided; the first: {}",
            counted(report.broken, "item", "items"),
            harmless(report.first_broken.as_deref().unwrap_or("no reason given")),
        ));
    }
    if report.ledgers == Ledgers::Assumed {
        told.push(
            "Without the database it is not known what Steward did: labels and comments that the \
             old policies ask for count as its own."
                .to_owned(),
        );
    }
    let Assumed { histories, contents, labels, authors, milestones, accounts, .. } =
        &report.assumed;
    if *histories > 0 {
        told.push(format!(
            "The label history of {} was taken to be empty: which labels people put on or took \
             off is not known there.",
            counted(*histories, "item", "items")
        ));
    }
    if *contents > 0 {
        told.push(format!(
            "{} not read: what the rules make of their content is not told.",
            counted(*contents, "file was", "files were")
        ));
    }
    for (times, one, many) in [
        (
            labels.len() as u64,
            "label was taken to exist, since the project's are not known",
            "labels were taken to exist, since the project's are not known",
        ),
        (
            *authors,
            "time an author was taken to be no member",
            "times an author was taken to be no member",
        ),
        (milestones.len() as u64, "milestone was taken to exist", "milestones were taken to exist"),
        (accounts.len() as u64, "account was taken to exist", "accounts were taken to exist"),
    ] {
        if times > 0 {
            told.push(format!("{}.", counted(times, one, many)));
        }
    }
    told
}

/// What would be done to one item, shortly: where a label takes another one's place in a scope,
/// both sides of it.
fn effects(change: &Change, label: &dyn Fn(&LabelName) -> String) -> Vec<String> {
    let mut told = Vec::new();
    let mut added: Vec<&LabelName> = change.added.iter().collect();
    for gone in &change.removed {
        match added.iter().position(|new| new.shares_scope(gone)) {
            Some(at) => told.push(format!("{} → {}", label(gone), label(added.remove(at)))),
            None => told.push(format!("- {}", label(gone))),
        }
    }
    told.extend(added.into_iter().map(|new| format!("+ {}", label(new))));
    for (times, one, many) in [
        (change.comments, "comment", "comments"),
        (change.edits, "comment edited", "comments edited"),
        (change.deletions, "comment deleted", "comments deleted"),
        (change.statuses, "status", "statuses"),
        (change.reactions, "reaction", "reactions"),
        (change.opened, "issue opened", "issues opened"),
    ] {
        if times == 1 {
            told.push(one.to_owned());
        } else if times > 1 {
            told.push(format!("{times} {many}"));
        }
    }
    if !change.assigned.is_empty() {
        told.push("assigned".to_owned());
    }
    if change.milestone.is_some() {
        told.push("milestone".to_owned());
    }
    if change.blocked {
        told.push("blocked".to_owned());
    }
    if change.closed {
        told.push("closed".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (value, shown) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(number(value), shown);
        }
        assert_eq!(hours(0.01), "less than a minute");
        assert_eq!(hours(0.5), "30 minutes");
        assert_eq!(hours(3.04), "3.0 hours");
    }
}
