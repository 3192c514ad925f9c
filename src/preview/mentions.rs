//! Who is called by name in a comment.

use std::collections::BTreeSet;

/// The handles that a text calls, without the `@`. Code is no call, and neither is a sigil that
/// was made harmless: an invisible character stands behind it.
pub(super) fn of(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, part) in text.split('`').enumerate() {
        if at % 2 == 0 {
            in_plain(part, &mut found);
        }
    }
    found
}

fn in_plain(text: &str, found: &mut BTreeSet<String>) {
    let mut before = ' ';
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        before = rest[..at].chars().next_back().unwrap_or(before);
        rest = &rest[at + 1..];
        let in_handle = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
        let end = rest.find(|c| !in_handle(c)).unwrap_or(rest.len());
        let handle = rest[..end].trim_end_matches(['.', '/', '-']);
        if !handle.is_empty() && !before.is_alphanumeric() && before != '\\' {
            found.insert(handle.to_owned());
        }
        before = '@';
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_forge_takes_for_a_call_is_one() {
        let all = |text: &str| of(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(all("FYI @a/b-c, and @d. (@e)"), "a/b-c d e");
        assert_eq!(all("`@a` mail@b.c \\@d @\u{2060}e @ f"), "");
        assert_eq!(all("@a @a"), "a");
    }
}
