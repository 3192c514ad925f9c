//! The report for a terminal.

use std::fmt::Write;

use super::{Report, calls, caveats, comments, counted, effects, number, other_effects};
use crate::{
    preview::Counted,
    terminal::{BOLD, DIM, GREEN, Look, YELLOW, hanging, plain, wrap},
};

/// The columns of the headings.
const INDENT: usize = 10;
/// So many of a list are shown; the rest is counted.
const SHOWN: usize = 10;

/// The report as lines of at most `width` columns, with colours where they are welcome.
pub fn text(report: &Report, colour: bool, width: usize) -> String {
    let look = Look { colour, width };
    let mut out = String::new();
    let mut row = |head: &str, text: &str| {
        let lead = look.paint(DIM, &format!("{head:<INDENT$}"));
        let _ = writeln!(out, "{}", hanging(&lead, INDENT, text, look.width));
    };
    for (head, side) in [("old", &report.old), ("new", &report.new)] {
        row(head, &format!("{} ({})", plain(&side.place), side.version));
    }
    out.push('\n');
    let headline = format!(
        "{}, {}.",
        counted(report.items, "open item", "open items"),
        match report.changed {
            0 => "and none of them changes".to_owned(),
            1 => "of which 1 changes".to_owned(),
            changed => format!("of which {} change", number(changed)),
        }
    );
    let _ = writeln!(out, "{}", look.paint(BOLD, &headline));
    if report.changed > 0 {
        out.push('\n');
        effects_of_all(&mut out, report, look);
    }
    if !report.first.is_empty() {
        out.push('\n');
        items(&mut out, report, look);
    }
    let caveats = caveats(report, &plain);
    if !caveats.is_empty() {
        out.push('\n');
        for caveat in caveats {
            let _ = writeln!(out, "{}", hanging("! ", 2, &caveat, look.width));
        }
    }
    out.push_str("\nNothing was written.\n");
    out
}

fn effects_of_all(out: &mut String, report: &Report, look: Look) {
    let labels = [
        ("set", '+', GREEN, &report.labels_added),
        ("taken off", '-', YELLOW, &report.labels_removed),
    ];
    for (head, sign, colour, labels) in labels {
        let shown: Vec<&Counted> = labels.iter().take(SHOWN).collect();
        let width = shown.iter().map(|one| plain(&one.name).chars().count()).max().unwrap_or(0);
        let width = width.min(look.width.saturating_sub(INDENT + 12));
        for (at, one) in shown.iter().enumerate() {
            let head = if at == 0 { head } else { "" };
            let name = format!("{sign} {:<width$}", plain(&one.name));
            let _ = writeln!(
                out,
                "{}{} {:>9}",
                look.paint(DIM, &format!("{head:<INDENT$}")),
                look.paint(colour, &name),
                number(one.times)
            );
        }
        if labels.len() > SHOWN {
            let _ =
                writeln!(out, "{:INDENT$}and {} more", "", number((labels.len() - SHOWN) as u64));
        }
    }
    let mut row = |head: &str, text: &str| {
        let lead = look.paint(DIM, &format!("{head:<INDENT$}"));
        let _ = writeln!(out, "{}", hanging(&lead, INDENT, text, look.width));
    };
    if let Some(comments) = comments(report) {
        row("comments", &comments);
    }
    for (head, what, people) in [
        ("notified", "by new comments", &report.notified),
        ("to-dos", "by edited comments, without an e-mail", &report.todos),
    ] {
        if !people.is_empty() {
            row(head, &format!("{}, {what}: {}", handles(people), list(people)));
        }
    }
    let others = other_effects(report);
    if !others.is_empty() {
        row("besides", &others.join(", "));
    }
    row("cost", &calls(report));
}

fn handles(people: &[Counted]) -> String {
    let times: u64 = people.iter().map(|one| one.times).sum();
    format!(
        "{} called {}",
        counted(people.len() as u64, "handle", "handles"),
        counted(times, "time", "times")
    )
}

fn list(people: &[Counted]) -> String {
    let mut all: Vec<String> = people
        .iter()
        .take(SHOWN)
        .map(|one| format!("@{} {}", plain(&one.name), number(one.times)))
        .collect();
    if people.len() > SHOWN {
        all.push(format!("and {} more", number((people.len() - SHOWN) as u64)));
    }
    all.join(", ")
}

fn items(out: &mut String, report: &Report, look: Look) {
    let shown = report.first.len() as u64;
    let head = match report.changed > shown {
        true => format!("The first {}:", number(shown)),
        false => "The items:".to_owned(),
    };
    let _ = writeln!(out, "{head}");
    for change in &report.first {
        let title = format!("{} {}", plain(&change.item), plain(&change.title));
        let line = wrap(&title, look.width).into_iter().next().unwrap_or_default();
        let _ = writeln!(out, "{}", look.paint(BOLD, &line));
        let effects = effects(change, &|label| plain(label.as_str()));
        let _ = writeln!(out, "{}", hanging("  ", 2, &effects.join(", "), look.width));
        let _ = writeln!(out, "  {}", look.paint(DIM, &plain(&change.url)));
    }
}
