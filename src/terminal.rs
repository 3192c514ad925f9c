//! What `steward` prints: how wide, in which colours, and broken at blanks.

use std::{io::IsTerminal, os::fd::AsFd};

use crate::policy::sanitize;

pub(crate) const BOLD: &str = "1";
pub(crate) const DIM: &str = "2";
pub(crate) const RED: &str = "31";
pub(crate) const GREEN: &str = "32";
pub(crate) const YELLOW: &str = "33";
pub(crate) const CYAN: &str = "36";

/// How a stream may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Whether colours are welcome (<https://no-color.org>).
    pub(crate) colour: bool,
    /// Columns.
    pub(crate) width: usize,
}

impl Look {
    pub(crate) fn of_stdout() -> Self {
        Self::of(&std::io::stdout())
    }

    pub(crate) fn of_stderr() -> Self {
        Self::of(&std::io::stderr())
    }

    fn of(stream: &(impl IsTerminal + AsFd)) -> Self {
        let columns = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
        let width = terminal_size::terminal_size_of(stream)
            .map(|(width, _)| usize::from(width.0))
            .or_else(columns)
            // Some terminals, those of build servers among them, say that they have none.
            .filter(|width| *width > 0)
            .unwrap_or(80);
        let colour = stream.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { colour, width }
    }

    /// The text in a colour, where colours are welcome.
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// A name on one line, harmless to a terminal: people put anything into names.
pub(crate) fn plain(name: &str) -> String {
    sanitize(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text behind `lead`, with further lines standing under the first one's text, `indent` columns
/// from the left. `lead` may be coloured, which is why its width is not counted.
pub(crate) fn hanging(lead: &str, indent: usize, text: &str, width: usize) -> String {
    let between = format!("\n{}", " ".repeat(indent));
    format!("{lead}{}", wrap(text, width.saturating_sub(indent)).join(&between))
}

/// Breaks a line at blanks; what follows a list's dash stands under it. A word that is longer than
/// the line stays whole.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let start = text.chars().take_while(|c| *c == ' ').count();
    let item = text[start..].starts_with("- ") || text[start..].starts_with("* ");
    let further = " ".repeat(start + if item { 2 } else { 0 });
    let mut lines = Vec::new();
    let mut line = " ".repeat(start);
    let mut words = 0;
    for word in text.split_whitespace() {
        let room = line.chars().count() + 1 + word.chars().count();
        if words > 0 && room > width {
            lines.push(std::mem::replace(&mut line, further.clone()));
            words = 0;
        }
        if words > 0 {
            line.push(' ');
        }
        line.push_str(word);
        words += 1;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks_and_keep_their_words() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("longerthanfour x", 4), ["longerthanfour", "x"]);
        assert_eq!(wrap("  a bb ccc", 6), ["  a bb", "  ccc"]);
        assert_eq!(wrap("- a bb ccc", 6), ["- a bb", "  ccc"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn further_lines_stand_under_the_first() {
        assert_eq!(hanging("ok  ", 4, "a bb ccc", 8), "ok  a bb\n    ccc");
    }

    #[test]
    fn a_name_does_not_act_on_the_terminal() {
        assert_eq!(plain("a\u{1b}[2J\n b"), "a?[2J b");
    }
}
