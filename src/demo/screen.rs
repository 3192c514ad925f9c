//! What the terminal shows.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::world::{BOT, News, Sum, World};
use crate::{forgesim::example::PROJECT, store::AuditState};

/// Where the demo is told.
pub struct Screen<'a> {
    out: &'a mut dyn Write,
    colour: bool,
    width: usize,
    scene: usize,
    seen_ending: bool,
}

impl std::fmt::Debug for Screen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("scene", &self.scene).finish_non_exhaustive()
    }
}

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const CYAN: &str = "36";

impl<'a> Screen<'a> {
    /// A screen of so many columns.
    pub fn new(out: &'a mut dyn Write, colour: bool, width: usize) -> Self {
        Self { out, colour, width: width.clamp(60, 120), scene: 0, seen_ending: false }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn opening(&mut self, world: &World) -> io::Result<()> {
        let title = self.paint(BOLD, "Steward, on a simulated GitLab");
        writeln!(self.out, "{title}")?;
        writeln!(self.out, "  GitLab   {}  ({PROJECT})", world.sim.url())?;
        writeln!(self.out, "  Steward  http://{}/hooks/gitlab", world.app.address())
    }

    /// Begins a scene: what people do.
    pub(super) fn scene(&mut self, what: &str) -> io::Result<()> {
        self.scene += 1;
        let number = self.scene;
        writeln!(self.out)?;
        for (index, line) in wrap(what, self.width - 4).into_iter().enumerate() {
            let lead = if index == 0 { format!("{number:>2}.") } else { "   ".to_owned() };
            let line = self.paint(BOLD, &line);
            writeln!(self.out, "{lead} {line}")?;
        }
        Ok(())
    }

    /// What came of it.
    pub(super) fn news(&mut self, news: &News) -> io::Result<()> {
        let why = |name: &str, state: AuditState| {
            news.audit
                .iter()
                .rfind(|row| row.target.as_deref() == Some(name) && row.state == state)
                .map(|row| row.reason_text.clone())
                .unwrap_or_default()
        };
        for (sign, code, labels) in [("+", GREEN, &news.added), ("-", YELLOW, &news.removed)] {
            // What people did comes first: the rest is the answer to it.
            let (bot, people): (Vec<_>, Vec<_>) =
                labels.iter().partition(|touched| touched.by == BOT);
            for touched in people {
                let line = format!("{sign} {}   by {}", plain(&touched.label), touched.by);
                self.remark(&line)?;
            }
            for touched in bot {
                let head = self.paint(code, &format!("{sign} {}", plain(&touched.label)));
                writeln!(self.out, "    {head}")?;
                self.because(&why(&touched.label, AuditState::Applied))?;
            }
        }
        for row in news.audit.iter().filter(|row| row.state == AuditState::Held) {
            let what = row.target.clone().unwrap_or_else(|| "comment".into());
            let head = self.paint(YELLOW, &format!("= {what} is left alone"));
            writeln!(self.out, "    {head}")?;
            self.because(&row.reason_text)?;
        }
        for (new, body) in &news.comments {
            let what = if *new { "comment posted" } else { "comment edited in place" };
            let what = self.paint(CYAN, what);
            writeln!(self.out, "    {what}")?;
            self.comment(body)?;
        }
        if news.added.is_empty() && news.removed.is_empty() && news.comments.is_empty() {
            self.remark("nothing changes")?;
        }
        Ok(())
    }

    /// A remark of the teller.
    pub(super) fn remark(&mut self, text: &str) -> io::Result<()> {
        for line in wrap(text, self.width - 4) {
            let line = self.paint(DIM, &line);
            writeln!(self.out, "    {line}")?;
        }
        Ok(())
    }

    fn because(&mut self, reason: &str) -> io::Result<()> {
        if reason.is_empty() {
            return Ok(());
        }
        for line in wrap(&format!("because {reason}"), self.width - 8) {
            let line = self.paint(DIM, &line);
            writeln!(self.out, "        {line}")?;
        }
        Ok(())
    }

    /// A comment as it was written. Its last lines, alike in all of them, are shown once.
    fn comment(&mut self, body: &str) -> io::Result<()> {
        let again = std::mem::replace(&mut self.seen_ending, true);
        let ending = |line: &str| line.starts_with("<sub>") || line.starts_with("<!--");
        let shown: Vec<&str> = body.lines().filter(|line| !(again && ending(line))).collect();
        for line in shown.join("\n").trim_end().lines() {
            self.commented(line)?;
        }
        Ok(())
    }

    fn commented(&mut self, line: &str) -> io::Result<()> {
        for part in wrap(line, self.width - 6) {
            let bar = self.paint(DIM, "│");
            writeln!(self.out, "    {bar} {part}")?;
        }
        Ok(())
    }

    pub(super) fn ending(&mut self, sum: &Sum, took: Duration) -> io::Result<()> {
        let title = self.paint(BOLD, "The end.");
        writeln!(
            self.out,
            "\n{title} {} deliveries kept, {} calls to GitLab, {} items, {} comments: one on each \
             item that needed one. {:.1} s.",
            sum.deliveries,
            sum.calls,
            sum.items,
            sum.comments,
            took.as_secs_f64()
        )
    }
}

/// A name on one line: people put anything into names.
fn plain(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Breaks a line at blanks. A word that is longer than the line stays whole.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let indent: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut line = indent.clone();
    for word in text.split_whitespace() {
        let room = line.chars().count() + 1 + word.chars().count();
        if line.len() > indent.len() && room > width {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        if line.len() > indent.len() {
            line.push(' ');
        }
        line.push_str(word);
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
        assert_eq!(wrap("", 4), [""]);
    }
}
