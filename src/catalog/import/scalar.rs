//! Texts as YAML scalars.

/// `text` as a scalar in a block mapping: plain where that is certainly safe, quoted elsewhere.
pub(super) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // YAML breaks lines at these too.
            '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => push_escape(&mut quoted, c),
            c if c.is_control() => push_escape(&mut quoted, c),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn push_escape(out: &mut String, c: char) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}

fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let safe = |c: char| c.is_alphanumeric() || " _-./:()&+,'#?=%@".contains(c);
    text.starts_with(|c: char| c.is_alphabetic())
        && !text.ends_with([' ', ':'])
        && text.chars().all(safe)
        && !text.contains(": ")
        && !text.contains(" #")
        && !WORDS.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{Origin, SourceFile, parse};

    #[test]
    fn plain_where_it_is_safe() {
        assert_eq!(scalar("Jira issue integration"), "Jira issue integration");
        assert_eq!(scalar("https://x.test/a#b"), "https://x.test/a#b");
        assert_eq!(scalar("a: b"), "\"a: b\"");
        assert_eq!(scalar("18.10"), "\"18.10\"");
        assert_eq!(scalar("No"), "\"No\"");
        assert_eq!(scalar(""), "\"\"");
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>()) {
            let file = SourceFile::new("t.yml", Origin::BuiltIn, format!("k: {}\n", scalar(&text)));
            let read: std::collections::BTreeMap<String, String> = parse(&file)
                .map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&read["k"], &text);
        }
    }
}
