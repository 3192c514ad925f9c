//! Where the entries of a block-style YAML text begin and end, told by indentation alone.

use std::ops::Range;

/// An entry: a key with everything deeper, or a list's item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Column of its first character, in bytes from 0.
    column: usize,
    /// A list's item, which begins with its dash.
    item: bool,
    /// The bytes that it covers, the last line's end not among them.
    pub(super) range: Range<usize>,
}

/// A line: where it starts, and its text without the line's end.
fn lines(text: &str) -> impl DoubleEndedIterator<Item = (usize, &str)> {
    let start = |line: &str| line.as_ptr() as usize - text.as_ptr() as usize;
    text.split('\n').map(move |line| (start(line), line))
}

fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Columns at which entries start on a line, outermost first: those of its dashes, and of what
/// stands behind them, if anything does.
fn starts(line: &str) -> Vec<(usize, bool)> {
    let mut column = indent(line);
    let mut found = Vec::new();
    loop {
        let rest = &line[column..];
        let behind = match rest.strip_prefix('-') {
            Some(behind) if behind.is_empty() || behind.starts_with(' ') => behind,
            _ if is_blank(rest) => return found,
            _ => {
                found.push((column, false));
                return found;
            }
        };
        found.push((column, true));
        column += 1 + indent(behind);
    }
}

/// The entry that starts at a column of the line at `from`, to its last line with anything in it.
fn entry(text: &str, from: usize, column: usize, item: bool) -> Entry {
    let mut end = from;
    for (start, line) in lines(&text[from..]) {
        let first = start == 0;
        if !first && is_blank(line) {
            continue;
        }
        // A list may stand as far left as its key.
        let own_list = !item && starts(line).first() == Some(&(column, true));
        if !first && indent(line) <= column && !own_list {
            break;
        }
        end = from + start + line.len();
    }
    Entry { column, item, range: from + column..end }
}

/// The smallest entry around a place; `None` where nothing stands.
pub(super) fn around(text: &str, offset: usize) -> Option<Entry> {
    let (from, line) = lines(text).take_while(|(start, _)| *start <= offset).last()?;
    let at = starts(line);
    let (column, item) =
        at.iter().rev().find(|(column, _)| from + column <= offset).or(at.first()).copied()?;
    Some(entry(text, from, column, item))
}

/// The entry that an entry stands in; `None` for those on the outermost level.
pub(super) fn parent(text: &str, of: &Entry) -> Option<Entry> {
    let own = text[..of.range.start].rfind('\n').map_or(0, |at| at + 1);
    let mut before = lines(text).rev().skip_while(|(start, _)| *start > own);
    before.find_map(|(from, line)| {
        let found = starts(line).into_iter().rev().find(|(column, item)| {
            // A list may stand as far left as its key.
            *column < of.column || (from < own && of.item && !item && *column == of.column)
        })?;
        Some(entry(text, from, found.0, found.1))
    })
}

/// Whether nothing is left in an entry but its key or its dash.
pub(super) fn is_hollow(text: &str, entry: &Entry) -> bool {
    let mut lines = text[entry.range.clone()].lines();
    let first = lines.next().unwrap_or_default();
    let bare = match entry.item {
        true => is_blank(first.trim_start_matches('-')),
        false => first.split_once(':').is_some_and(|(_, value)| is_blank(value)),
    };
    bare && lines.all(is_blank)
}

/// Puts blanks where the bytes stood: every other place stays where it was.
pub(super) fn blank(text: &mut String, range: &Range<usize>) {
    let blanks: String =
        text[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(range.clone(), &blanks);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
a:
  b: 1
  # a note

  c:
  - d: 2
    e: |
      f: 3
  - - 4
g: 5
";

    fn at(token: &str) -> Entry {
        around(TEXT, TEXT.find(token).expect(token)).expect(token)
    }

    #[test]
    fn an_entry_is_its_key_and_everything_deeper() {
        let of = |token| &TEXT[at(token).range];
        assert_eq!(of("b: 1"), "b: 1");
        assert_eq!(of("c:"), "c:\n  - d: 2\n    e: |\n      f: 3\n  - - 4");
        assert_eq!(of("2"), "d: 2");
        assert_eq!(of("- d"), "- d: 2\n    e: |\n      f: 3");
        assert_eq!(of("e:"), "e: |\n      f: 3");
        assert_eq!(of("4"), "4");
        assert_eq!(of("g"), "g: 5");
        assert_eq!(around("\n", 0), None);
    }

    #[test]
    fn an_entry_knows_what_it_stands_in() {
        let of = |token| parent(TEXT, &at(token)).map(|entry| TEXT[entry.range].to_owned());
        assert_eq!(of("e:").as_deref(), Some("- d: 2\n    e: |\n      f: 3"));
        assert!(of("- d").is_some_and(|entry| entry.starts_with("c:")));
        assert!(of("c:").is_some_and(|entry| entry.starts_with("a:")));
        assert_eq!(of("4").as_deref(), Some("- 4"));
        assert_eq!(of("g"), None);
    }

    #[test]
    fn an_entry_without_a_value_is_hollow() {
        let mut text = TEXT.to_owned();
        assert!(!is_hollow(&text, &at("a:")));
        for token in ["b: 1", "c:"] {
            blank(&mut text, &at(token).range);
        }
        assert!(is_hollow(&text, &around(&text, 0).expect("a")));
        assert_eq!(text.len(), TEXT.len());
        assert_eq!(text.lines().count(), TEXT.lines().count());
    }
}
