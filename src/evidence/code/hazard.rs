//! Texts that the parser must not be given.
//!
//! The scanner of tree-sitter-ruby 0.23 writes its state, the open strings and heredocs, into 1,024
//! bytes. The name of a heredoc may have 255 characters there, and the check against the end of the
//! bytes is off by two for heredocs. What goes beyond ends the process or writes past the end. Any
//! contributor could send such a file, so that what might reach the limit is not parsed.

/// Longer names of heredocs are refused, in characters.
const LONGEST_NAME: usize = 64;
/// Bytes of the scanner's state that the heredocs and interpolations of a file may take. The rest
/// is for the strings that the scanner opens where a file does not parse.
const MOST_STATE: usize = 500;

/// What the parser's state may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hazard {
    /// No heredoc: the scanner guards itself.
    None,
    /// Harmless as long as the file parses; to be given up on the first error.
    UntilError,
    /// Not to be parsed; the line on which it became too much.
    Refuse(u32),
}

/// Looks at a text. Counts too much rather than too little: neither a heredoc that has ended nor
/// a `<<` that begins none is told apart.
pub(super) fn of(text: &str) -> Hazard {
    let mut state = 0;
    let mut heredocs = 0;
    let line = |at: usize| text[..at].matches('\n').count() as u32 + 1;
    let starts = text.as_bytes().windows(2).enumerate().filter(|(_, pair)| *pair == b"<<");
    for (at, _) in starts {
        let length = name_length(&text[at + 2..]);
        if length > LONGEST_NAME {
            return Hazard::Refuse(line(at));
        }
        if length > 0 {
            heredocs += 1;
            state += 4 + length;
        }
    }
    if heredocs == 0 {
        return Hazard::None;
    }
    for (at, _) in text.match_indices("#{") {
        if !is_plain_interpolation(&text[at + 2..]) {
            state += 5;
        }
        if state > MOST_STATE {
            return Hazard::Refuse(line(at));
        }
    }
    if state > MOST_STATE { Hazard::Refuse(1) } else { Hazard::UntilError }
}

/// How long the name of the heredoc is that begins with this text, 0 if none does. Stops counting
/// where it is too long.
fn name_length(text: &str) -> usize {
    let text = text.strip_prefix(['-', '~']).unwrap_or(text);
    let quote = text.chars().next().filter(|c| ['"', '\'', '`'].contains(c));
    let most = LONGEST_NAME + 1;
    match quote {
        Some(quote) => text[1..].chars().take_while(|c| *c != quote).take(most).count(),
        None => text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').take(most).count(),
    }
}

/// Whether an interpolation surely ends on its line: nothing in it opens another literal.
fn is_plain_interpolation(text: &str) -> bool {
    let end = text.find(|c: char| "\n}{\"'`#%/?<\\".contains(c));
    end.is_some_and(|at| text[at..].starts_with('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_code_is_harmless() {
        assert_eq!(of("class << self\n  a << b\n  \"#{x[\"y\"]}\"\nend"), Hazard::None);
        assert_eq!(of("x = <<~SQL\n #{table}\nSQL\n"), Hazard::UntilError);
        let many = "x <<~SQL\n  #{a.b(1)}\nSQL\n".repeat(70);
        assert_eq!(of(&many), Hazard::UntilError);
    }

    #[test]
    fn what_could_reach_the_limit_is_refused() {
        assert_eq!(of(&format!("x\n<<{}", "A".repeat(65))), Hazard::Refuse(2));
        assert_eq!(of(&format!("<<-'{}'", "a b\n".repeat(20))), Hazard::Refuse(1));
        assert_eq!(of(&format!("<<<<<~{}", "é".repeat(300))), Hazard::Refuse(1));
        assert_eq!(of(&"<<A ".repeat(101)), Hazard::Refuse(1));
        let nested = format!("<<A\n{}", "\"#{\n".repeat(100));
        assert_eq!(of(&nested), Hazard::Refuse(101));
        assert_eq!(of(&"\"#{\n".repeat(1_000)), Hazard::None);
    }
}
