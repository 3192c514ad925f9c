//! The section of a Markdown page that is about one thing, found by a text in it: what its heading
//! says cannot be told from a name.

use super::{
    Found,
    markdown::{Take, ask},
};
use crate::model::LineSpan;

/// Of what was found on a page only what stands in the sections of level 2, heading and all, that
/// hold a text. The text begins a line, and no letter, digit, `-`, `_` or `/` follows it; one in a
/// comment does not count.
pub fn only(mut found: Found, page: &str, wanted: &str) -> Found {
    let headings = ask(page, Take::Headings, None);
    if let Some(open) = headings.open.first() {
        return Found { entries: Vec::new(), open: vec![open.clone()] };
    }
    let opens: Vec<(u32, bool)> = headings
        .entries
        .iter()
        .filter_map(|heading| match heading.value.as_deref() {
            Some("1") => Some((heading.line, false)),
            Some("2") => Some((heading.line, true)),
            _ => None,
        })
        .collect();
    let section = |line: u32| -> Option<LineSpan> {
        let behind = opens.partition_point(|(first, _)| *first <= line);
        let (first, is_section) = opens.get(behind.checked_sub(1)?)?;
        let last = opens.get(behind).map_or(u32::MAX, |(next, _)| next - 1);
        is_section.then_some(LineSpan { first: *first, last })
    };
    let spans: Vec<LineSpan> = lines_with(page, wanted).filter_map(section).collect();
    let inside = |line: u32| spans.iter().any(|span| (span.first..=span.last).contains(&line));
    found.entries.retain(|entry| inside(entry.line));
    found
}

/// The lines that a text begins, from 1, without those in comments.
fn lines_with<'p>(page: &'p str, wanted: &'p str) -> impl Iterator<Item = u32> + 'p {
    let mut is_comment = false;
    (1_u32..).zip(page.lines()).filter_map(move |(number, line)| {
        let was_comment = is_comment;
        let last = |sign: &str| line.rfind(sign);
        match (last("<!--"), last("-->")) {
            (Some(open), close) if close.is_none_or(|close| close < open) => is_comment = true,
            (_, Some(_)) => is_comment = false,
            _ => {}
        }
        let rest = line.trim_start().strip_prefix(wanted).filter(|_| !was_comment)?;
        let goes_on = |c: char| c.is_alphanumeric() || "-_/".contains(c);
        (!rest.starts_with(goes_on)).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PAGE: &str = "\
# API

PUT /x/foo

| A |
|---|
| none |

## Foo Bar

### Set up

```plaintext
PUT /x/foo-bar
```

| Attribute |
|-----------|
| `token` |

## Foo (deprecated)

```plaintext
PUT /x/foo
```

| Attribute |
|-----------|
| `url` |

<!-- a
PUT /x/bar
-->
# Other

| Attribute |
|-----------|
| `other` |
";

    fn cells(wanted: &str) -> Vec<(String, u32)> {
        let found = only(ask(PAGE, Take::Cells, None), PAGE, wanted);
        assert_eq!(found.open, []);
        found.entries.into_iter().map(|entry| (entry.key, entry.line)).collect()
    }

    #[test]
    fn a_section_is_found_by_a_line_in_it() {
        assert_eq!(cells("PUT /x/foo-bar"), [("token".to_owned(), 19)]);
        assert_eq!(cells("PUT /x/foo"), [("url".to_owned(), 29)], "and not `foo-bar`");
        for nothing in ["PUT /x/bar", "PUT /x", "x/foo", "PUT /y"] {
            assert_eq!(cells(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn the_heading_is_in_its_section() {
        let found = only(ask(PAGE, Take::Headings, None), PAGE, "PUT /x/foo-bar");
        let headings: Vec<_> = found.entries.iter().map(|one| (&*one.key, one.line)).collect();
        assert_eq!(headings, [("Foo Bar", 9), ("Set up", 11)]);
    }

    #[test]
    fn a_page_that_cannot_be_looked_into_says_so() {
        let deep = "> ".repeat(101);
        let found = only(ask(&deep, Take::Cells, None), &deep, "a");
        assert_eq!((found.entries.len(), found.open.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(page in "(#{1,3} a\n|a|\n|<!--|-->|\\PC){0,30}", wanted in "a?|\\PC{0,2}") {
            only(ask(&page, Take::Headings, None), &page, &wanted);
        }
    }
}
