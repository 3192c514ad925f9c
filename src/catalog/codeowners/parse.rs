//! A CODEOWNERS file, line by line, as GitHub and GitLab write it.

use crate::policy::{PolicyError, PolicyErrors, SourceFile, Span};

/// One line that says who owns a path.
#[derive(Debug)]
pub(super) struct Line {
    /// The path or pattern as it is written, escaped blanks undone.
    pub(super) pattern: String,
    /// Where the pattern stands.
    pub(super) at: Span,
    /// The number of its section; all lines before the first section have number 0.
    pub(super) section: usize,
    /// Handles with `@` and e-mail addresses, as they are written. Empty: nobody.
    pub(super) owners: Vec<String>,
}

/// Reads a file. Of a GitLab section the default owners stand in for those of a line without any,
/// and two sections of one name are one.
///
/// # Errors
/// Every line that is none, with its place.
pub(super) fn parse(file: &SourceFile) -> Result<Vec<Line>, PolicyErrors> {
    let mut errors = PolicyErrors::default();
    let mut lines = Vec::new();
    let mut sections = vec![String::new()];
    let (mut section, mut defaults) = (0, Vec::new());
    let mut offset = 0;
    for (index, whole) in file.text.split_inclusive('\n').enumerate() {
        let row = Row { file, line: index + 1, offset, text: whole };
        offset += whole.len();
        let text = whole.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if text.strip_prefix('^').unwrap_or(text).starts_with('[') && text.contains(']') {
            let (name, rest) = section_of(text);
            section = sections.iter().position(|had| *had == name).unwrap_or_else(|| {
                sections.push(name);
                sections.len() - 1
            });
            defaults = row.owners(rest, &mut errors);
            continue;
        }
        if text.starts_with('[') || text.starts_with("^[") {
            let error = PolicyError::new(file, row.span(text), "the section's name does not end");
            errors.push(error.with_help("write `[Name]`, and its owners behind it".to_owned()));
            continue;
        }
        let (token, rest) = first_word(text);
        let pattern = unescape(token);
        // GitLab: what follows `!` is exempt within its section.
        let (pattern, exempt) = match pattern.strip_prefix('!') {
            Some(rest) => (rest.to_owned(), true),
            None => (pattern, false),
        };
        let mut owners = row.owners(rest, &mut errors);
        if exempt {
            owners.clear();
        } else if owners.is_empty() {
            owners.clone_from(&defaults);
        }
        lines.push(Line { pattern, at: row.span(token), section, owners });
    }
    errors.or(lines)
}

/// A line and where it stands.
struct Row<'a> {
    file: &'a SourceFile,
    line: usize,
    offset: usize,
    text: &'a str,
}

impl Row<'_> {
    /// The place of a part of the line.
    fn span(&self, part: &str) -> Span {
        let start = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.text.get(..start).unwrap_or_default();
        Span {
            line: self.line,
            column: before.chars().count() + 1,
            offset: self.offset + before.len(),
            len: part.len(),
        }
    }

    fn owners(&self, text: &str, errors: &mut PolicyErrors) -> Vec<String> {
        let mut owners: Vec<String> = Vec::new();
        for word in text.split_whitespace().take_while(|word| !word.starts_with('#')) {
            if !is_owner(word) {
                let message = format!("`{word}` is neither a handle nor an e-mail address");
                errors
                    .push(PolicyError::new(self.file, self.span(word), message).with_help(
                        "write `@name`, `@group/team` or `name@example.com`".to_owned(),
                    ));
            } else if !owners.iter().any(|had| had.eq_ignore_ascii_case(word)) {
                owners.push(word.to_owned());
            }
        }
        owners
    }
}

/// A section's name in lower case and what stands behind it: `^[Name][2] @owner`.
fn section_of(text: &str) -> (String, &str) {
    let text = text.trim_start_matches('^').trim_start_matches('[');
    let (name, rest) = text.split_once(']').unwrap_or((text, ""));
    // How many must approve is the forge's business.
    let count = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    (name.trim().to_lowercase(), count.map_or(rest, |(_, rest)| rest))
}

/// The text up to the first blank without a backslash before it, and what follows.
fn first_word(text: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && !escaped {
            return text.split_at(at);
        }
        escaped = c == '\\' && !escaped;
    }
    (text, "")
}

fn unescape(token: &str) -> String {
    token.replace("\\ ", " ").replace("\\#", "#")
}

fn is_owner(word: &str) -> bool {
    let plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+'))
    };
    match word.split_once('@') {
        // `@@maintainer` is a role of GitLab.
        Some(("", handle)) => plain(handle.strip_prefix('@').unwrap_or(handle)),
        Some((name, host)) => plain(name) && plain(host) && host.contains('.'),
        None => false,
    }
}

/// Whether an owner can be called in a comment: neither an address nor a role.
pub(super) fn can_be_called(owner: &str) -> bool {
    owner.starts_with('@') && !owner.starts_with("@@")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    fn read(text: &str) -> Result<Vec<Line>, PolicyErrors> {
        parse(&SourceFile::new("CODEOWNERS", Origin::BuiltIn, text))
    }

    fn told(text: &str) -> Vec<String> {
        let lines = read(text).unwrap_or_else(|errors| panic!("{errors}"));
        let one = |line: &Line| {
            format!("{}:{} {} {}", line.section, line.at.line, line.pattern, line.owners.join(" "))
        };
        lines.iter().map(one).collect()
    }

    #[test]
    fn comments_and_blank_lines_say_nothing() {
        let text =
            "# who owns what\n\n/hue/ @ana @org/team # not @bo\n  /empty/\n/mail a@b.example\n";
        assert_eq!(
            told(text),
            ["0:3 /hue/ @ana @org/team", "0:4 /empty/ ", "0:5 /mail a@b.example"]
        );
        assert_eq!(told("/my\\ docs/ @ana\n\\#x @bo"), ["0:1 /my docs/ @ana", "0:2 #x @bo"]);
        assert_eq!(told("/hue @ana @ANA\r\n"), ["0:1 /hue @ana"]);
    }

    #[test]
    fn a_section_has_owners_for_lines_without() {
        let text = "/a @ana\n[Docs] @bo @cy\n/b\n/c @ana\n!/d @ana\n^[Other][2]\n/e\n[docs]\n/f\n";
        assert_eq!(
            told(text),
            ["0:1 /a @ana", "1:3 /b @bo @cy", "1:4 /c @ana", "1:5 /d ", "2:7 /e ", "1:9 /f "]
        );
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let errors = read("/a ana\n[Docs @bo\n/b @bo @\n/ü @@maintainer x@y\n").expect_err("bad");
        insta::assert_snapshot!(errors.to_string(), @r"
        policies/CODEOWNERS:1:4: `ana` is neither a handle nor an e-mail address
        policies/CODEOWNERS:2:1: the section's name does not end
        policies/CODEOWNERS:3:8: `@` is neither a handle nor an e-mail address
        policies/CODEOWNERS:4:17: `x@y` is neither a handle nor an e-mail address
        ");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_fall(text in "[ -~ü\\n\\[\\]@#!^]{0,80}") {
            let _ = read(&text);
        }
    }
}
