//! What the library's parser says of an expression, in words for its author.

use super::read::Mistake;

/// The mistake that the parser's message tells, at a line and column of the source, from 1; 0 where
/// it tells none.
pub(super) fn mistake(source: &str, message: &str, (line, column): (isize, isize)) -> Mistake {
    let at = offset(source, line, column);
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    // There it ended in the middle of something, which the parser calls by names of its own.
    let message = match message.starts_with("Incomplete ") {
        true => "no input '<EOF>'",
        false => message,
    };
    let (found, expected) = match message.split_once(" expecting ") {
        Some((found, expected)) => (quoted(found), Some(expected)),
        None => (quoted(message), None),
    };
    let wrong = match found {
        Some("<EOF>") => "it ends too early".to_owned(),
        Some(found) if message.starts_with("token recognition") => {
            format!("`{found}` is no sign that it knows")
        }
        Some(found) if message.starts_with("no viable") => {
            format!("it cannot be read from `{}` on", found.trim_end_matches("<EOF>"))
        }
        Some(found) if message.starts_with("missing ") => {
            let sign = message["missing ".len()..].split(' ').next().unwrap_or_default();
            let sign = sign.trim_matches('\'');
            match found {
                "<EOF>" => format!("`{sign}` is missing at its end"),
                found => format!("`{sign}` is missing before `{found}`"),
            }
        }
        Some(found) => format!("`{found}` does not belong here"),
        None => message.to_owned(),
    };
    let expected = expected.map(in_words);
    let message = match &expected {
        Some(expected) => format!("not an expression in CEL: {wrong}; expected {expected}"),
        None => format!("not an expression in CEL: {wrong}"),
    };
    let word_before = at.and_then(|at| source[..at].split_whitespace().next_back());
    let help = match found {
        Some("<EOF>") => open_bracket(source),
        Some(found) => instead(found).or_else(|| instead(word_before?)),
        None => None,
    };
    Mistake { at, help, ..Mistake::new(message) }
}

/// The text in the first quotes of a message behind ` input ` or ` at `.
fn quoted(message: &str) -> Option<&str> {
    let from =
        message.find(" at '").map(|at| at + 5).or_else(|| message.find(" at: '").map(|at| at + 6));
    let from = message.find(" input '").map(|at| at + 8).or(from)?;
    let found = message[from..].strip_suffix('\'').unwrap_or(&message[from..]);
    Some(found.trim_end())
}

/// What the parser's grammar expected.
fn in_words(expected: &str) -> String {
    let expected = expected.trim_end();
    if expected.contains("IDENTIFIER") && expected.contains("STRING") {
        return "a value, such as a name, a number, a text in quotes or something in brackets"
            .into();
    }
    if expected.contains("'&&'") {
        return "an operator, such as `&&` or `==`, or the end".into();
    }
    let inner = expected.trim_start_matches('{').trim_end_matches('}');
    let one = |token: &str| match token.trim() {
        "<EOF>" => "an operator or the end".to_owned(),
        "IDENTIFIER" => "a name".to_owned(),
        token => format!("`{}`", token.trim_matches('\'')),
    };
    inner.split("', ").map(one).collect::<Vec<_>>().join(" or ")
}

/// Brackets that are left open.
fn open_bracket(source: &str) -> Option<String> {
    [('(', ')'), ('[', ']'), ('{', '}')]
        .into_iter()
        .find(|(open, close)| source.matches(*open).count() > source.matches(*close).count())
        .map(|(open, close)| format!("a `{open}` has no `{close}`"))
}

/// What to write instead of what people know from elsewhere.
fn instead(found: &str) -> Option<String> {
    let (wrong, right) = match found {
        "and" | "AND" | "&" => ("and", "&&"),
        "or" | "OR" | "|" => ("or", "||"),
        "not" | "NOT" => ("not", "!"),
        "=" => ("is equal to", "=="),
        "<>" => ("is not", "!="),
        quote if quote.starts_with(['\'', '"']) => {
            return Some("a text ends with the quote that it starts with".into());
        }
        _ => return None,
    };
    Some(format!("`{right}` says \"{wrong}\""))
}

/// The byte of the source at a line and column.
fn offset(source: &str, line: isize, column: isize) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let before: usize = source.split_inclusive('\n').take(line).map(str::len).sum();
    let text = source.split_inclusive('\n').nth(line).unwrap_or_default();
    let within: usize = text.chars().take(column).map(char::len_utf8).sum();
    Some((before + within).min(source.len()))
}

#[cfg(test)]
mod tests {
    use super::super::read::read;

    #[test]
    fn mistakes_are_told_in_plain_words_at_their_place() {
        let mut told = String::new();
        for source in [
            "item.votes.up >",
            "item.draft and item.votes.up > 3",
            "item.votes.up = 3",
            "item.draft && (item.votes.up > 3",
            "item.draft && item.votes.up > 3)",
            "item.title.contains('x)",
            "item.labels.exists(l, l == 'x'",
            "not item.draft",
            "item.draft & item.draft",
            "item.",
            "a b",
            "3 4",
            "item.votes[",
            "#",
            "item.draft &&\n  item.votes.up >>> 3",
        ] {
            let wrong = read(source).err().expect(source);
            let from = wrong.at.map_or("(no place)", |at| &source[at..]);
            told.push_str(&format!("{source:?}\n  {}\n  at {from:?}\n", wrong.message));
            told.extend(wrong.help.map(|help| format!("  help: {help}\n")));
        }
        insta::assert_snapshot!(told);
    }
}
