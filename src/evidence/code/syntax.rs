//! The text of a query as its author wrote it, for what the library does not check itself.

/// A word of a query and where it begins, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// `(` or `[`.
    Open,
    /// `)` or `]`.
    Close,
    /// `@name`, without the sign.
    Capture(&'t str),
    /// `#name?`, without the sign.
    Predicate(&'t str),
}

/// The words that matter, in order. Strings and comments are passed over.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, Token<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let first = rest.chars().next()?;
            let start = at;
            match first {
                '"' => at += string(rest),
                ';' => at += rest.find('\n').unwrap_or(rest.len()),
                '@' | '#' => {
                    let name = &rest[1..];
                    let is_end = |c: char| !(c.is_alphanumeric() || "_-.?!".contains(c));
                    let name = &name[..name.find(is_end).unwrap_or(name.len())];
                    at += 1 + name.len();
                    let token = if first == '@' { Token::Capture } else { Token::Predicate };
                    return Some((start, token(name)));
                }
                '(' | '[' => {
                    at += 1;
                    return Some((start, Token::Open));
                }
                ')' | ']' => {
                    at += 1;
                    return Some((start, Token::Close));
                }
                other => at += other.len_utf8(),
            }
        }
    })
}

/// The length of the string with which a text begins, in bytes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_passed_over() {
        let text = r#"(a "(@x\"" @k) ; (@y
[#eq? @_m]"#;
        let found: Vec<_> = tokens(text).map(|(_, token)| token).collect();
        assert_eq!(
            found,
            [
                Token::Open,
                Token::Capture("k"),
                Token::Close,
                Token::Open,
                Token::Predicate("eq?"),
                Token::Capture("_m"),
                Token::Close,
            ]
        );
        assert_eq!(tokens("ä@ü \"").collect::<Vec<_>>(), [(2, Token::Capture("ü"))]);
    }
}
