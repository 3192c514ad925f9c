//! The report for a merge request: short, with the items folded away. It calls nobody.

use std::fmt::Write;

use super::{Report, calls, caveats, comments, counted, effects, number, other_effects};
use crate::{preview::Counted, words::escape};

/// So many of a list are shown; the rest is counted.
const SHOWN: usize = 10;

/// The report as Markdown.
pub fn markdown(report: &Report) -> String {
    let mut out = String::from("## What this change of the policies would do\n\n");
    let _ = writeln!(
        out,
        "Of **{}**, **{}** would change. Policies {} → {}.\n",
        counted(report.items, "open item", "open items"),
        number(report.changed),
        escape::code(&report.old.version),
        escape::code(&report.new.version),
    );
    if report.changed > 0 {
        table(&mut out, report);
    }
    for caveat in caveats(report, &escape::markdown) {
        let _ = writeln!(out, "- {caveat}");
    }
    if !report.first.is_empty() {
        items(&mut out, report);
    }
    out
}

fn table(out: &mut String, report: &Report) {
    out.push_str("| effect | how often |\n| --- | --- |\n");
    let mut row = |what: &str, times: &str| {
        let _ = writeln!(out, "| {what} | {times} |");
    };
    for (what, labels) in [("set", &report.labels_added), ("taken off", &report.labels_removed)] {
        for one in labels.iter().take(SHOWN) {
            row(&format!("{} {what}", escape::code(&one.name)), &number(one.times));
        }
        if let Some(rest) = labels.get(SHOWN..).filter(|rest| !rest.is_empty()) {
            let times = rest.iter().map(|one| one.times).sum();
            row(&format!("{} other labels {what}", rest.len()), &number(times));
        }
    }
    if let Some(comments) = comments(report) {
        row("comments", &comments);
    }
    for (what, people) in
        [("notified", &report.notified), ("to-dos, without an e-mail", &report.todos)]
    {
        if !people.is_empty() {
            row(what, &handles(people));
        }
    }
    for effect in other_effects(report) {
        row("besides", &effect);
    }
    row("cost", &calls(report));
    out.push('\n');
}

fn handles(people: &[Counted]) -> String {
    // As code: a report must not call those whom it counts.
    let mut all: Vec<String> = people
        .iter()
        .take(SHOWN)
        .map(|one| format!("{} {}", escape::code(&format!("@{}", one.name)), number(one.times)))
        .collect();
    if people.len() > SHOWN {
        all.push(format!("and {} more", number((people.len() - SHOWN) as u64)));
    }
    all.join(", ")
}

fn items(out: &mut String, report: &Report) {
    let shown = report.first.len() as u64;
    let head = match report.changed > shown {
        true => format!("The first {} of {}", number(shown), number(report.changed)),
        false => counted(shown, "item", "items"),
    };
    let _ = writeln!(out, "\n<details><summary>{head}</summary>\n");
    for change in &report.first {
        let effects = effects(change, &|label| escape::code(label.as_str()));
        let _ = writeln!(
            out,
            "- [{}](<{}>) {}: {}",
            escape::markdown(&change.item),
            address(&change.url),
            escape::markdown(&change.title),
            effects.join(", ")
        );
    }
    out.push_str("\n</details>\n");
}

/// An address between `<` and `>`: it cannot end there. What is no address is left out.
fn address(url: &str) -> String {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let harmless = |c: &char| !c.is_whitespace() && !c.is_control() && !"<>\\".contains(*c);
    if web { url.chars().filter(harmless).collect() } else { String::new() }
}
