//! Makes other people's text harmless inside Steward's comments.
//!
//! A comment of a bot is a place where a stranger's title could act with the bot's rights: a line
//! that starts with `/` is a quick action on GitLab, `@name` notifies, `#12` leaves a
//! cross-reference on another item, `<!-- -->` hides text or forges a marker. So text that came
//! from a user reaches a template only through [`markdown`] or [`code`].

use std::fmt::Write;

/// The most characters of one user's text that a comment shows.
const LONGEST: usize = 160;

/// U+2060, invisible and without width. After a sigil it stops the forge from seeing a reference,
/// which a backslash does not: the forges look for references in the text after Markdown.
const WORD_JOINER: char = '\u{2060}';

/// Text for running Markdown: shown as typed, on one line, without any effect.
pub fn markdown(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::with_capacity(line.len() + 16);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            _ if is_sigil(c) => {
                out.push('\\');
                out.push(c);
                if rest.peek().is_some_and(|next| !next.is_whitespace()) {
                    out.push(WORD_JOINER);
                }
            }
            '\\' | '`' | '_' | ']' | '(' | ')' | '<' | '>' | '|' | '/' | '-' | '+' | '=' | '{'
            | '}' | '"' | '\'' => {
                out.push('\\');
                out.push(c);
            }
            // The forges turn bare addresses into links.
            ':' if rest.peek() == Some(&'/') => {
                out.push(c);
                out.push(WORD_JOINER);
            }
            _ => out.push(c),
        }
    }
    out
}

/// Text as a code span: nothing in it is Markdown, a reference or a mention. The fence is one
/// backtick longer than the longest run inside.
pub fn code(text: &str) -> String {
    // A bare `|` would end a table cell even inside a code span, and a backslash before it would
    // be shown outside tables: a look-alike is right in both.
    let line = one_line(text).replace('|', "\u{2223}");
    let mut longest = 0;
    let mut run = 0;
    for c in line.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let pad =
        if line.starts_with('`') || line.ends_with('`') || line.is_empty() { " " } else { "" };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// Whether a text would act when it is written as it is: a line in it begins as GitLab's quick actions
/// do, such as `/close`.
pub fn acts_as_quick_action(text: &str) -> bool {
    let acts = |line: &str| {
        line.strip_prefix('/')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    text.lines().any(acts)
}

/// Text between HTML tags on one line, where Markdown has no effect: it neither ends nor opens one.
pub fn html(text: &str) -> String {
    one_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text as a block of code, indented as an item of a list. Its fence is longer than any run of
/// backticks inside, and control characters are left out.
pub fn fence(text: &str, language: &str) -> String {
    let (mut longest, mut run) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    let mut out = format!("  {fence}{language}\n");
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        out.push_str(format!("  {line}").trim_end());
        out.push('\n');
    }
    out.push_str("  ");
    out.push_str(&fence);
    out
}

/// A label as GitLab shows it with its colour: `~"group::import"`. Names come from the forge or
/// the policies; one that could end the quotes, or in which GitLab would see a mention or another
/// reference (it looks for them before it looks for labels), is shown as code instead.
pub fn label(name: &str) -> String {
    let ends_quotes =
        name.chars().any(|c| matches!(c, '"' | '`' | '\\' | '<' | '>' | '|') || c.is_control());
    let emphasises = name.contains(['[', ']', '*']) || starts_or_ends_with_underscore(name);
    let mut rest = name.chars().peekable();
    let mut refers = false;
    while let Some(c) = rest.next() {
        refers |= is_sigil(c) && rest.peek().is_some_and(|next| !next.is_whitespace());
    }
    if ends_quotes || emphasises || refers || name.contains("://") {
        code(name)
    } else {
        format!("~\"{name}\"")
    }
}

/// An underscore inside a word is no emphasis, at its edge it is.
fn starts_or_ends_with_underscore(name: &str) -> bool {
    let mut words = name.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| word.starts_with('_') || word.ends_with('_'))
}

/// Starts of references: mention, issue, merge request, label, epic, milestone, snippet, alert,
/// iteration, vulnerability.
fn is_sigil(c: char) -> bool {
    matches!(c, '@' | '#' | '!' | '~' | '&' | '%' | '$' | '^' | '*' | '[')
}

/// One line, without control and bidirectional characters, cut to a readable length.
fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST * 4));
    let mut shown = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if shown > 0 {
            out.push(' ');
            shown += 1;
        }
        for c in word.chars() {
            if shown >= LONGEST {
                let _ = out.write_char('…');
                return out;
            }
            out.push(c);
            shown += 1;
        }
    }
    out
}

/// Characters with which a text can hide or reorder what a reader sees.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_act_is_only_shown() {
        for (typed, safe) in [
            ("/close", "\\/close"),
            ("@all", "\\@\u{2060}all"),
            ("see #12", "see \\#\u{2060}12"),
            ("a\n/close\nb", "a \\/close b"),
            (
                "<!-- steward:routing {} -->",
                "\\<\\!\u{2060}\\-\\- steward:routing \\{\\} \\-\\-\\>",
            ),
        ] {
            assert_eq!(markdown(typed), safe);
        }
    }

    #[test]
    fn a_code_span_holds_any_backticks() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a `b` c"), "``a `b` c``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code(""), "`  `");
        assert_eq!(code("a\n\n/close"), "`a /close`");
    }

    #[test]
    fn a_label_that_could_break_out_is_code() {
        assert_eq!(label("group::import"), "~\"group::import\"");
        assert_eq!(label("x\" @all"), "`x\" @all`");
        assert_eq!(label("Integration::@carla now"), "`Integration::@carla now`");
        assert_eq!(label("Create & Verify"), "~\"Create & Verify\"");
    }

    proptest! {
        /// Rendered by a real Markdown parser, escaped text is one paragraph of plain text that
        /// shows what was typed.
        #[test]
        fn escaped_text_is_plain_text(typed in "[ -~\\n]{0,60}") {
            let arena = comrak::Arena::new();
            let mut options = comrak::Options::default();
            options.extension.table = true;
            options.extension.strikethrough = true;
            options.extension.autolink = true;
            let escaped = markdown(&typed);
            let root = comrak::parse_document(&arena, &format!("x {escaped}"), &options);
            let mut shown = String::new();
            for node in root.descendants() {
                match &node.data.borrow().value {
                    comrak::nodes::NodeValue::Text(text) => shown.push_str(text),
                    comrak::nodes::NodeValue::Document | comrak::nodes::NodeValue::Paragraph => {}
                    comrak::nodes::NodeValue::Escaped => {}
                    other => prop_assert!(false, "{other:?} from {escaped:?}"),
                }
            }
            let typed_line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
            let shown = shown.replace(WORD_JOINER, "");
            let expected = format!("x {typed_line}");
            prop_assert_eq!(shown.trim_end(), expected.trim_end());
        }

        #[test]
        fn no_line_of_escaped_text_starts_a_quick_action(typed in any::<String>()) {
            for out in [markdown(&typed), code(&typed), label(&typed)] {
                prop_assert!(out.lines().count() <= 1, "{out:?}");
                prop_assert!(!out.starts_with('/'));
                prop_assert!(!out.contains("<!--") || out.starts_with('`'));
            }
        }
    }
}
