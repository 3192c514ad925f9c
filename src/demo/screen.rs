//! What the terminal shows.

use std::{
    borrow::Cow,
    io::{self, Write},
    time::Duration,
};

use super::world::{BOT, News, Sum, World};
use crate::{
    forgesim::example::PROJECT,
    model::ForgeKind,
    store::AuditState,
    terminal::{BOLD, CYAN, DIM, GREEN, Look, YELLOW, plain, wrap},
};

/// So many lines of a comment are shown, if it is much longer.
const LONGEST: usize = 40;

/// Where the demo is told.
pub struct Screen<'a> {
    out: &'a mut dyn Write,
    look: Look,
    scene: usize,
    seen_ending: bool,
}

impl std::fmt::Debug for Screen<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Screen").field("scene", &self.scene).finish_non_exhaustive()
    }
}

impl<'a> Screen<'a> {
    /// A screen of so many columns.
    pub fn new(out: &'a mut dyn Write, colour: bool, width: usize) -> Self {
        let look = Look { colour, width: width.clamp(60, 120) };
        Self { out, look, scene: 0, seen_ending: false }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        self.look.paint(code, text)
    }

    pub(super) fn opening(&mut self, world: &World) -> io::Result<()> {
        let (forge, name) = (world.forge, world.forge.name());
        let title = self.paint(BOLD, &format!("Steward, on a simulated {name}"));
        writeln!(self.out, "{title}")?;
        writeln!(self.out, "  {name}   {}  ({PROJECT})", world.sim.url())?;
        writeln!(self.out, "  Steward  http://{}/hooks/{forge}", world.app.address())
    }

    /// Begins a scene: what people do.
    pub(super) fn scene(&mut self, what: &str) -> io::Result<()> {
        self.scene += 1;
        let number = self.scene;
        writeln!(self.out)?;
        for (index, line) in wrap(what, self.look.width - 4).into_iter().enumerate() {
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
        for line in wrap(text, self.look.width - 4) {
            let line = self.paint(DIM, &line);
            writeln!(self.out, "    {line}")?;
        }
        Ok(())
    }

    fn because(&mut self, reason: &str) -> io::Result<()> {
        if reason.is_empty() {
            return Ok(());
        }
        for line in wrap(&format!("because {reason}"), self.look.width - 8) {
            let line = self.paint(DIM, &line);
            writeln!(self.out, "        {line}")?;
        }
        Ok(())
    }

    /// A comment as its readers see it: what is folded there is folded here. Its last lines, alike in all
    /// of them, are shown once.
    fn comment(&mut self, body: &str) -> io::Result<()> {
        let again = std::mem::replace(&mut self.seen_ending, true);
        let ending =
            |line: &str| line.starts_with("<sub>") || line.trim_start().starts_with("<!--");
        let mut folded = 0_usize;
        let mut shown: Vec<Cow<'_, str>> = Vec::new();
        for line in body.lines().filter(|line| !(again && ending(line))) {
            let opens = line.contains("<details");
            if folded == 0 && opens {
                let title = line.rsplit_once("<summary>").map_or(line, |(_, title)| title);
                shown.push(format!("▸ {}", bare(title)).into());
            } else if folded == 0 {
                shown.push(line.into());
            }
            folded = (folded + usize::from(opens))
                .saturating_sub(usize::from(line.contains("</details>")));
        }
        let shown = shown.join("\n");
        let lines: Vec<&str> = shown.trim_end().lines().collect();
        let most = if lines.len() > LONGEST + LONGEST / 4 { LONGEST } else { lines.len() };
        for line in &lines[..most] {
            self.commented(line)?;
        }
        match lines.len() - most {
            0 => Ok(()),
            more => self.remark(&format!("… and {more} lines more")),
        }
    }

    fn commented(&mut self, line: &str) -> io::Result<()> {
        for part in wrap(line, self.look.width - 6) {
            let bar = self.paint(DIM, "│");
            writeln!(self.out, "    {bar} {part}")?;
        }
        Ok(())
    }

    pub(super) fn ending(&mut self, forge: ForgeKind, sum: &Sum, took: Duration) -> io::Result<()> {
        let title = self.paint(BOLD, "The end.");
        writeln!(
            self.out,
            "\n{title} {} deliveries kept, {} calls to {}, {} items, {} comments: none twice. {:.1} s.",
            sum.deliveries,
            sum.calls,
            forge.name(),
            sum.items,
            sum.comments,
            took.as_secs_f64()
        )
    }
}

/// A title without its tags.
fn bare(html: &str) -> String {
    let parts = html.split('<').enumerate();
    let text = parts.map(|(nth, part)| match part.split_once('>') {
        Some((_, text)) if nth > 0 => text,
        _ => part,
    });
    text.collect()
}
