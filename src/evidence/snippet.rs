//! A piece of a file, short enough to be shown.

/// Longer pieces are cut, in characters.
const LONGEST: usize = 80;

/// A text on one line and of [`LONGEST`] characters at the most.
pub(super) fn snippet(text: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut space = false;
    for c in text.trim_start().chars() {
        // Control characters would move what is written around them.
        if c.is_whitespace() || c.is_control() {
            space = true;
            continue;
        }
        let needed = if space { 2 } else { 1 };
        if length + needed > LONGEST {
            let kept = out.char_indices().nth(LONGEST - 1).map_or(out.len(), |(at, _)| at);
            out.truncate(kept);
            out.push('…');
            return out;
        }
        if space {
            out.push(' ');
        }
        out.push(c);
        length += needed;
        space = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_one_short_line() {
        assert_eq!(snippet("  a\n\tb\u{7}  c "), "a b c");
        assert_eq!(snippet(""), "");
        let whole = "ä".repeat(LONGEST);
        assert_eq!(snippet(&whole), whole);
        let cut = snippet(&"ä".repeat(LONGEST + 1));
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with('…'));
    }
}
