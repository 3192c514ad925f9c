//! YAML for people: short lists and mappings on one line, long ones below each other.

use std::fmt::Write;

/// The widest line with a list or mapping in it.
const WIDTH: usize = 88;

/// Something to write.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    /// A text of other people, in quotes where YAML needs them.
    Text(String),
    /// A word or number of Steward's own.
    Word(String),
    List(Vec<Yaml>),
    /// A list of which each item has a line of its own.
    Rows(Vec<Yaml>),
    Map(Vec<(&'static str, Yaml)>),
    /// Lines of text.
    Lines(String),
}

impl Yaml {
    pub(super) fn word(word: impl ToString) -> Self {
        Self::Word(word.to_string())
    }

    pub(super) fn one(key: &'static str, value: Self) -> Self {
        Self::Map(vec![(key, value)])
    }

    /// One text as it is, several as a list.
    pub(super) fn one_or_many(texts: impl IntoIterator<Item = String>) -> Self {
        let mut texts: Vec<Self> = texts.into_iter().map(Self::Text).collect();
        match texts.len() {
            1 => texts.remove(0),
            _ => Self::List(texts),
        }
    }

    /// On one line, if it can be.
    fn flow(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => scalar(text),
            Self::Word(word) => word.clone(),
            Self::Lines(_) | Self::Rows(_) => return None,
            Self::List(list) => {
                let items: Vec<String> = list.iter().map(Self::flow).collect::<Option<_>>()?;
                format!("[{}]", items.join(", "))
            }
            Self::Map(map) => {
                let items: Vec<String> = map
                    .iter()
                    .map(|(key, value)| Some(format!("{key}: {}", value.flow()?)))
                    .collect::<Option<_>>()?;
                format!("{{{}}}", items.join(", "))
            }
        })
    }

    /// Writes `lead` and the value; further lines stand `indent` columns from the left.
    fn write(&self, out: &mut String, lead: &str, indent: usize) {
        let pad = " ".repeat(indent);
        let fits = |text: &String| lead.chars().count() + 1 + text.chars().count() <= WIDTH;
        match (self, self.flow()) {
            (Self::Lines(text), _) => {
                let _ = writeln!(out, "{lead} {}", block_or_quoted(text, &pad));
            }
            (Self::Text(_) | Self::Word(_), Some(text)) => {
                let _ = writeln!(out, "{lead} {text}");
            }
            (_, Some(text)) if fits(&text) => {
                let _ = writeln!(out, "{lead} {text}");
            }
            (Self::List(list) | Self::Rows(list), _) => {
                let _ = writeln!(out, "{lead}");
                for item in list {
                    item.item(out, indent);
                }
            }
            (Self::Map(map), _) => {
                let _ = writeln!(out, "{lead}");
                fields(out, map, indent);
            }
            (Self::Text(_) | Self::Word(_), None) => {}
        }
    }

    /// Writes an item of a list. A mapping with one key stands behind the dash.
    fn item(&self, out: &mut String, indent: usize) {
        let pad = " ".repeat(indent);
        match self {
            Self::Map(map) if map.len() == 1 => {
                for (key, value) in map {
                    value.write(out, &format!("{pad}- {key}:"), indent + 4);
                }
            }
            _ => self.write(out, &format!("{pad}-"), indent + 2),
        }
    }
}

/// Writes the fields of a mapping, each on a line of its own.
pub(super) fn fields(out: &mut String, map: &[(&'static str, Yaml)], indent: usize) {
    let pad = " ".repeat(indent);
    for (key, value) in map {
        value.write(out, &format!("{pad}{key}:"), indent + 2);
    }
}

/// Lines below a `|`, if YAML gives them back as they are.
fn block_or_quoted(text: &str, pad: &str) -> String {
    let plain = !text.is_empty()
        && !text.starts_with([' ', '\n'])
        && !text.ends_with('\n')
        && text.chars().all(|c| c == '\n' || !odd(c));
    if !plain {
        return quoted(text);
    }
    let lines: Vec<String> = text
        .lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("{pad}{line}") })
        .collect();
    format!("|-\n{}", lines.join("\n"))
}

/// A text on one line.
fn scalar(text: &str) -> String {
    let mut chars = text.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
    let inside = |c: char| c.is_ascii_alphanumeric() || " _-./".contains(c);
    // Scoped labels, `type::bug`, are common; YAML minds a colon before a blank only.
    let colons = text.replace("::", "");
    let plain = starts
        && colons.chars().all(inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(":: ")
        && !text.contains("  ");
    let word = text.to_ascii_lowercase();
    let reserved =
        ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&word.as_str());
    if plain && !reserved { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if odd(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that YAML would not give back from a plain line.
fn odd(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{LocatedMap, Origin, SourceFile, parse};

    fn back(yaml: Yaml) -> (String, Vec<String>) {
        let mut out = String::new();
        fields(&mut out, &[("a", yaml)], 0);
        let file = SourceFile::new("a.yml", Origin::BuiltIn, out.as_str());
        let read: LocatedMap<crate::policy::OneOrMany<String>> = parse(&file).expect(&out);
        let texts = read.0.into_iter().flat_map(|(_, texts)| texts.0).collect();
        (out, texts)
    }

    proptest! {
        /// Whatever people wrote is read back as they wrote it.
        #[test]
        fn texts_come_back(texts in prop::collection::vec(r"(\PC|[ :#\n\t\\'-]){1,40}", 1..4)) {
            let list = Yaml::List(texts.iter().cloned().map(Yaml::Text).collect());
            let (out, read) = back(list);
            prop_assert_eq!(&read, &texts, "{}", out);
            for text in texts {
                let (out, read) = back(Yaml::Lines(text.clone()));
                prop_assert_eq!(&read, &vec![text], "{}", out);
            }
        }
    }

    #[test]
    fn what_fits_stands_on_a_line() {
        let labels = |count: usize| {
            Yaml::one(
                "not",
                Yaml::one("label", Yaml::one_or_many((0..count).map(|n| format!("a::{n}")))),
            )
        };
        let mut out = String::new();
        fields(&mut out, &[("all", Yaml::List(vec![labels(1), labels(12), labels(20)]))], 0);
        insta::assert_snapshot!(out);
    }
}
