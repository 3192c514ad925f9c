//! What became of a file: for people, and as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::terminal::{BOLD, GREEN, Look, RED, YELLOW, hanging, plain};

/// What became of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The file's name.
    pub file: String,
    /// Rules that do what they did.
    pub whole: usize,
    /// Rules of which something is missing; they are written with `mode: off`.
    pub in_part: usize,
    /// Rules and summaries that are not written.
    pub not_at_all: usize,
    /// Each rule and summary, in the order of the file.
    pub rules: Vec<RuleReport>,
    /// What was left out elsewhere in the file.
    pub left_out: Vec<Left>,
    /// What is not lost, and yet worth knowing.
    pub notes: Vec<Note>,
}

/// What became of a rule or a summary.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// Where it starts.
    pub line: usize,
    /// Its name in the file.
    pub name: String,
    /// Its key among Steward's rules; `None` if it is not written.
    pub key: Option<String>,
    /// How much of it was carried.
    pub carried: Carried,
    /// What was left out, by line.
    pub left_out: Vec<Left>,
    /// What is not lost, and yet worth knowing.
    pub notes: Vec<Note>,
}

/// How much of a rule was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// All.
    Whole,
    /// Something is missing.
    InPart,
    /// Nothing.
    NotAtAll,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Where it stands.
    pub line: usize,
    /// The field that it is about.
    pub field: String,
    /// Why it was left out.
    pub why: String,
    /// What to do instead.
    pub instead: String,
}

/// Something worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Where it stands.
    pub line: usize,
    /// In a sentence.
    pub text: String,
}

/// What is left out and noted while something is carried.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) left: Vec<Left>,
    pub(super) notes: Vec<Note>,
}

impl Log {
    pub(super) fn left(&mut self, line: usize, field: &str, why: &str, instead: &str) {
        let left = Left { line, field: plain(field), why: plain(why), instead: plain(instead) };
        // An alias brings the same line more than once.
        if !self.left.contains(&left) {
            self.left.push(left);
        }
    }

    pub(super) fn note(&mut self, line: usize, text: &str) {
        let note = Note { line, text: plain(text) };
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        self.left.sort_by_key(|left| left.line);
        self.notes.sort_by_key(|note| note.line);
        self
    }
}

impl Report {
    /// Whether nothing was left out.
    pub fn is_whole(&self) -> bool {
        self.in_part == 0 && self.not_at_all == 0 && self.left_out.is_empty()
    }

    /// For a terminal: the counts, then what became of each rule, line by line.
    pub(crate) fn told(&self, look: Look) -> String {
        let mut out = String::new();
        let all = self.rules.len();
        let counts = format!(
            "{}: {all} {}; {} carried whole, {} in part, {} not at all",
            plain(&self.file),
            if all == 1 { "rule" } else { "rules" },
            self.whole,
            self.in_part,
            self.not_at_all
        );
        let _ = writeln!(out, "{}", hanging("", 2, &counts, look.width));
        let digits = self.last_line().to_string().len();
        for left in &self.left_out {
            out.push('\n');
            self.left(&mut out, left, digits, look);
        }
        for note in &self.notes {
            out.push('\n');
            told_note(&mut out, note, digits, look);
        }
        for rule in &self.rules {
            let (code, how) = match rule.carried {
                Carried::Whole => (GREEN, "whole"),
                Carried::InPart => (YELLOW, "in part, and off"),
                Carried::NotAtAll => (RED, "not at all"),
            };
            let name = match &rule.key {
                Some(key) => format!("{} ({key})", plain(&rule.name)),
                None => plain(&rule.name),
            };
            let lead = look.paint(BOLD, &format!("{:>digits$}", rule.line));
            let text = format!("{name}: {}", look.paint(code, how));
            let _ =
                write!(out, "\n{}\n", hanging(&format!("{lead}  "), digits + 2, &text, look.width));
            for left in &rule.left_out {
                self.left(&mut out, left, digits, look);
            }
            for note in &rule.notes {
                told_note(&mut out, note, digits, look);
            }
        }
        if self.in_part > 0 {
            let text = "A rule in part is written with `mode: off`, and a comment above it says \
                        what is missing: without that it could act on more items than before.";
            let _ = write!(out, "\n{}\n", hanging("", 0, text, look.width));
        }
        out
    }

    fn left(&self, out: &mut String, left: &Left, digits: usize, look: Look) {
        let text = format!("`{}`: {}. {}.", left.field, left.why, upper(&left.instead));
        let _ = writeln!(out, "{}", lined(left.line, &text, digits, look));
    }

    /// The width of line numbers.
    fn last_line(&self) -> usize {
        let lines = |left: &[Left], notes: &[Note]| {
            let left = left.iter().map(|left| left.line).max();
            left.max(notes.iter().map(|note| note.line).max()).unwrap_or_default()
        };
        let rules = self.rules.iter().map(|one| one.line.max(lines(&one.left_out, &one.notes)));
        rules.max().unwrap_or_default().max(lines(&self.left_out, &self.notes))
    }
}

fn told_note(out: &mut String, note: &Note, digits: usize, look: Look) {
    let text = format!("note: {}.", note.text);
    let _ = writeln!(out, "{}", lined(note.line, &text, digits, look));
}

fn lined(line: usize, text: &str, digits: usize, look: Look) -> String {
    let indent = digits * 2 + 4;
    hanging(&format!("{:digits$}  {line:>digits$}  ", ""), indent, text, look.width)
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
