//! What is due when, as a calendar (RFC 5545) of whole days: one entry for each step that is not done.

use std::fmt::Write;

use crate::{
    model::{Standing, StepStanding, StepState},
    removals::Report,
};

/// The longest line, in bytes without its end (RFC 5545, 3.1).
const LONGEST: usize = 75;

pub(super) fn told(report: &Report) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Steward//Removals//EN".to_owned(),
    ];
    let stamp = report.today.format("%Y%m%dT000000Z").to_string();
    for entry in &report.removals {
        for step in &entry.steps {
            if !matches!(step.state, StepState::Done | StepState::Early | StepState::InCode) {
                lines.extend(event(entry, step, &stamp).into_iter().flatten());
            }
        }
    }
    lines.push("END:VCALENDAR".to_owned());
    let mut out = String::new();
    for line in lines {
        fold(&mut out, &line);
    }
    out.trim_end().to_owned()
}

fn event(entry: &Standing, step: &StepStanding, stamp: &str) -> Option<Vec<String>> {
    let (due, by) = (step.due?, step.by?);
    let until = by.succ_opt()?;
    let summary = format!("{}: {} ({due})", entry.title, step.title);
    let missing: Vec<&str> = step.missing.iter().map(|row| row.title.as_str()).collect();
    Some(vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}-{}@steward", entry.integration, step.key),
        format!("DTSTAMP:{stamp}"),
        format!("DTSTART;VALUE=DATE:{}", by.format("%Y%m%d")),
        format!("DTEND;VALUE=DATE:{}", until.format("%Y%m%d")),
        format!("SUMMARY:{}", escaped(&summary)),
        format!("DESCRIPTION:{}", escaped(&missing.join("\n"))),
        "END:VEVENT".to_owned(),
    ])
}

/// A text as a value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A line, in parts of at most 75 bytes.
fn fold(out: &mut String, line: &str) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LONGEST {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    let _ = write!(out, "\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_texts_escaped() {
        let mut out = String::new();
        fold(&mut out, &"ä".repeat(50));
        assert!(out.ends_with("\r\n"));
        assert!(out.lines().all(|line| line.len() <= LONGEST), "{out}");
        assert_eq!(out.replace("\r\n ", "").trim_end(), "ä".repeat(50));
        assert_eq!(escaped("a,b;c\\d\ne"), "a\\,b\\;c\\\\d\\ne");
    }
}
