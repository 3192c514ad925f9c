//! Questions to any text, by regular expression.

use regex::Regex;

use super::{Entry, Found, MOST_ENTRIES, Open};
use crate::model::ProofKind;

/// An entry for each match: its key is the group `key`, or the whole match where the pattern has
/// no such group, its value the group `value`, its line the key's. A match in which the group
/// `key` takes no part brings nothing.
pub fn ask(pattern: &Regex, text: &str) -> Found {
    let mut found = Found::default();
    let has_key = pattern.capture_names().flatten().any(|name| name == "key");
    let (mut line, mut counted) = (1_u32, 0);
    for captures in pattern.captures_iter(text) {
        let key = if has_key { captures.name("key") } else { captures.get(0) };
        let Some(key) = key else { continue };
        if found.entries.len() == MOST_ENTRIES {
            let (why, what) = (ProofKind::TooMany, MOST_ENTRIES.to_string());
            found.open.push(Open { why, what, line: None });
            break;
        }
        // Matches follow each other, and so do the keys inside them.
        let between = text.get(counted..key.start()).unwrap_or_default();
        line = line.saturating_add(between.bytes().filter(|byte| *byte == b'\n').count() as u32);
        counted = key.start();
        let value = captures.name("value").map(|value| value.as_str().to_owned());
        let entry = Entry { key: key.as_str().to_owned(), value, line };
        let mut on_line = found.entries.iter().rev().take_while(|had| had.line == line);
        if !on_line.any(|had| *had == entry) {
            found.entries.push(entry);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(key: &str, value: Option<&str>, line: u32) -> Entry {
        Entry { key: key.into(), value: value.map(Into::into), line }
    }

    #[test]
    fn groups_name_key_and_value() {
        let pattern = Regex::new(r"(?m)^(?P<value>\w+)\s*=\s*(?P<key>\w+)$|;").expect("valid");
        let found = ask(&pattern, "x\n1 = a\n;\n2 =\nb\n");
        assert_eq!(found.entries, [entry("a", Some("1"), 2), entry("b", Some("2"), 5)]);
        assert_eq!(found.open, []);
    }

    #[test]
    fn without_a_key_it_is_the_whole_match() {
        let found = ask(&Regex::new("[ax].").expect("valid"), "ab x. ab\r\naä");
        assert_eq!(
            found.entries,
            [entry("ab", None, 1), entry("x.", None, 1), entry("aä", None, 2)]
        );
    }

    #[test]
    fn too_many_are_told() {
        let text: String = (0..=MOST_ENTRIES).map(|number| format!("{number}\n")).collect();
        let found = ask(&Regex::new(r"\d+").expect("valid"), &text);
        assert_eq!(found.entries.len(), MOST_ENTRIES);
        assert_eq!(found.open[0].why, ProofKind::TooMany);
        assert_eq!(found.open[0].what, MOST_ENTRIES.to_string());
        let all: Vec<_> = text.lines().take(MOST_ENTRIES).collect();
        assert_eq!(ask(&Regex::new(r"\d+").expect("valid"), &all.join("\n")).open, []);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}(\n\\PC{0,40}){0,5}") {
            let lines = text.lines().count().max(1) as u32 + 1;
            for pattern in ["(?P<key>.)(?P<value>.)?", "", r"(?P<value>\n)(?P<key>)"] {
                for entry in ask(&Regex::new(pattern).expect("valid"), &text).entries {
                    prop_assert!((1..=lines).contains(&entry.line));
                }
            }
        }
    }
}
