//! What the doctor tells: one row for each thing that was looked at.

use crate::{
    cli::out::say,
    terminal::{GREEN, Look, RED, YELLOW, hanging, plain},
};

/// Columns before a row's text: the verdict and two blanks.
const INDENT: usize = 7;

/// One thing that was looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) verdict: Verdict,
    pub(super) what: String,
    /// What it is about, one a line.
    list: Vec<String>,
    /// What to do about it.
    remedy: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    Note,
    Wrong,
}

impl Check {
    pub(super) fn fine(what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fine, what: what.into(), list: Vec::new(), remedy: None }
    }

    pub(super) fn note(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Note, remedy: Some(remedy.into()), ..Self::fine(what) }
    }

    pub(super) fn wrong(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { verdict: Verdict::Wrong, remedy: Some(remedy.into()), ..Self::fine(what) }
    }

    /// Names what it is about.
    pub(super) fn listing(self, list: Vec<String>) -> Self {
        Self { list, ..self }
    }
}

/// Tells the rows and counts what is wrong.
#[derive(Debug)]
pub(super) struct Report {
    look: Look,
    pub(super) wrong: usize,
}

impl Report {
    pub(super) fn new(look: Look) -> Self {
        Self { look, wrong: 0 }
    }

    pub(super) fn tell(&mut self, check: Check) {
        self.wrong += usize::from(check.verdict == Verdict::Wrong);
        say!("{}", row(&check, self.look));
    }

    pub(super) fn tell_all(&mut self, checks: impl IntoIterator<Item = Check>) {
        checks.into_iter().for_each(|check| self.tell(check));
    }
}

fn row(check: &Check, look: Look) -> String {
    let (sign, code) = match check.verdict {
        Verdict::Fine => ("ok   ", GREEN),
        Verdict::Note => ("note ", YELLOW),
        Verdict::Wrong => ("WRONG", RED),
    };
    let lead = format!("{}  ", look.paint(code, sign));
    let mut text = hanging(&lead, INDENT, &plain(&check.what), look.width);
    let blank = " ".repeat(INDENT);
    for one in &check.list {
        text.push_str(&format!("\n{blank}   {}", plain(one)));
    }
    if let Some(remedy) = &check.remedy {
        text.push('\n');
        text.push_str(&hanging(&format!("{blank}-> "), INDENT + 3, remedy, look.width));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_fits_the_screen_and_lists_line_by_line() {
        let check = Check::wrong("a/b: 2 labels are missing", "create them in the group, or not")
            .listing(vec!["devops::plan".into(), "group::import".into()]);
        let look = Look { colour: false, width: 32 };
        let rows = "WRONG  a/b: 2 labels are missing\n          devops::plan\n          \
                    group::import\n       -> create them in the\n          group, or not";
        assert_eq!(row(&check, look), rows);
        let look = Look { colour: true, ..look };
        assert!(row(&check, look).starts_with("\u{1b}[31mWRONG\u{1b}[0m  a/b"));
        assert!(row(&Check::fine("x"), look).starts_with("\u{1b}[32mok"));
    }
}
