//! Which lines a change adds, from the hunks that a forge shows of it.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

use crate::model::LineSpan;

/// What the `diff` of a changed file tells. The text itself is dropped as soon as it is read:
/// a merge request can have some hundred megabytes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::forge) enum Hunks {
    /// There is none: the contents are the same, or the forge leaves them out.
    #[default]
    Empty,
    /// The lines at head that are added or rewritten.
    Added(Vec<LineSpan>),
    /// It is no list of hunks, such as the sentence that stands there for a binary file.
    Unclear,
}

impl Hunks {
    pub(in crate::forge) fn read(diff: &str) -> Self {
        match diff {
            "" => Self::Empty,
            diff => added(diff).map_or(Self::Unclear, Self::Added),
        }
    }
}

/// Reads a `diff` without keeping its text; `null` is as good as absent.
pub(in crate::forge) fn hunks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Hunks, D::Error> {
    struct Diff;

    impl Visitor<'_> for Diff {
        type Value = Hunks;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a diff as a text")
        }

        fn visit_str<E: Error>(self, diff: &str) -> Result<Hunks, E> {
            Ok(Hunks::read(diff))
        }

        fn visit_unit<E: Error>(self) -> Result<Hunks, E> {
            Ok(Hunks::Empty)
        }
    }

    deserializer.deserialize_any(Diff)
}

/// The added lines of hunks in the unified format, without what may stand before the first one
/// (older GitLabs show `---` and `+++` there); `None` when the text is not one hunk after the
/// other, each as long as its header says.
fn added(diff: &str) -> Option<Vec<LineSpan>> {
    let mut spans: Vec<LineSpan> = Vec::new();
    let mut lines = diff.strip_suffix('\n').unwrap_or(diff).split('\n').peekable();
    while lines.next_if(|line| line.starts_with("--- ") || line.starts_with("+++ ")).is_some() {}
    // The line at head that comes next, and those of the hunk that are still to come.
    let (mut at, mut old, mut new) = (1_u32, 0_u32, 0_u32);
    let mut hunks = 0_usize;
    for line in lines {
        // What ends without a line break has this said below it.
        if line.starts_with('\\') && hunks > 0 {
            continue;
        }
        if (old, new) == (0, 0) {
            let header = header(line)?;
            // A hunk that adds nothing names the line before it.
            let first = if header.new == 0 { header.first.checked_add(1)? } else { header.first };
            if first < at || (header.old, header.new) == (0, 0) {
                return None;
            }
            (at, old, new) = (first, header.old, header.new);
            hunks += 1;
            continue;
        }
        match line.bytes().next() {
            // Some tools cut the blank of an empty line.
            Some(b' ') | None => {
                (old, new) = (old.checked_sub(1)?, new.checked_sub(1)?);
                at = at.checked_add(1)?;
            }
            Some(b'-') => old = old.checked_sub(1)?,
            Some(b'+') => {
                new = new.checked_sub(1)?;
                match spans.last_mut() {
                    Some(span) if span.last.checked_add(1) == Some(at) => span.last = at,
                    _ => spans.push(LineSpan { first: at, last: at }),
                }
                at = at.checked_add(1)?;
            }
            _ => return None,
        }
    }
    (hunks > 0 && (old, new) == (0, 0)).then_some(spans)
}

/// `@@ -3,4 +5,6 @@ what it is in`; a length of 1 is left out.
struct Header {
    old: u32,
    first: u32,
    new: u32,
}

fn header(line: &str) -> Option<Header> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |text: &str| match text.split_once(',') {
        Some((first, length)) => Some((number(first)?, number(length)?)),
        None => Some((number(text)?, 1)),
    };
    let ((_, old), (first, new)) = (range(old)?, range(new)?);
    // Only nothing stands before the first line.
    (new == 0 || first > 0).then_some(Header { old, first, new })
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(diff: &str) -> Option<Vec<(u32, u32)>> {
        Some(added(diff)?.into_iter().map(|span| (span.first, span.last)).collect())
    }

    #[test]
    fn added_lines_are_found() {
        for (diff, expected) in [
            ("@@ -0,0 +1,2 @@\n+x\n+y\n", vec![(1, 2)]),
            ("@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n", vec![(1, 1)]),
            ("@@ -1 +1 @@\n-x\n+y", vec![(1, 1)]),
            ("@@ -1,2 +0,0 @@\n-x\n-y\n", vec![]),
            ("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-x\n+y\n", vec![(1, 1)]),
            ("@@ -2,5 +2,6 @@ class A\n a\n b\n-c\n+d\n+e\n f\n\n", vec![(4, 5)]),
            ("@@ -3,3 +3,5 @@\n a\n+b\n c\n+d\n e\n", vec![(4, 4), (6, 6)]),
            (
                "@@ -1,2 +1,3 @@\n+a\n b\n c\n@@ -9 +10,2 @@ x @@ y\n j\n+k\n",
                vec![(1, 1), (11, 11)],
            ),
            // What looks like a header inside a hunk is a line like all others.
            ("@@ -1,2 +1,2 @@\n--- a\n-x\n+++ b\n+@@ -1 +1 @@\n", vec![(1, 2)]),
            ("@@ -4 +3,0 @@\n-x\n@@ -9,0 +9,1 @@\n+y\n", vec![(9, 9)]),
            ("@@ -1 +1 @@\n-a\r\n+b\r\n", vec![(1, 1)]),
            (
                "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
                vec![(1, 1)],
            ),
        ] {
            assert_eq!(lines(diff), Some(expected), "{diff}");
        }
    }

    /// All texts of up to four lines that are `a` or `b`, ended and not.
    fn texts() -> Vec<String> {
        let mut all = vec![String::new()];
        for count in 1..=4 {
            for bits in 0..1 << count {
                let line = |at: i32| if bits >> at & 1 == 0 { "a\n" } else { "b\n" };
                let text: String = (0..count).map(line).collect();
                all.push(text.trim_end().to_owned());
                all.push(text);
            }
        }
        all
    }

    #[test]
    fn what_is_not_added_was_there_before() {
        for old in texts() {
            for new in texts() {
                let diff = crate::forgesim::Change::edited("a", &old, new.clone()).diff;
                let spans = match Hunks::read(&diff) {
                    Hunks::Added(spans) => spans,
                    other => {
                        assert_eq!((other, &old), (Hunks::Empty, &new), "{diff}");
                        continue;
                    }
                };
                let kept: Vec<&str> = (1..)
                    .zip(new.split_inclusive('\n'))
                    .filter(|(line, _)| !spans.iter().any(|span| span.has(*line)))
                    .map(|(_, text)| text)
                    .collect();
                let old: Vec<&str> = old.split_inclusive('\n').collect();
                let from_both_ends = |from_start: usize| {
                    let (start, end) = kept.split_at(from_start);
                    old.starts_with(start) && old.ends_with(end)
                };
                assert!(kept.len() <= old.len(), "{diff}");
                assert!((0..=kept.len()).any(from_both_ends), "{old:?} {new:?} {diff}");
            }
        }
    }

    #[test]
    fn what_is_no_hunk_tells_nothing() {
        for diff in [
            "@@",
            "Binary files a/x.png and b/x.png differ\n",
            "+x\n",
            "--- a/f\n+++ b/f\n",
            "@@ -1,2 +1,2 @@\n a\n",
            "@@ -1 +1 @@\n-a\n+b\n+c\n",
            "@@ -1 +1 @@\n-a\nb\n",
            "@@ -1 +1 @@\n-a\n-b\n",
            "@@ -1 +0 @@\n-a\n+b\n",
            "@@ -0,0 +0,0 @@\n",
            "@@ -0,0 +1,+1 @@\n+a\n",
            "@@ -0,0 +4294967295,2 @@\n+a\n+b\n",
            "@@ -0,0 +1,99999999999 @@\n+a\n",
            "@@ -5 +5 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n",
            "\\ No newline at end of file\n",
            "@@ -1 +1 @@ \u{0}\n",
        ] {
            assert_eq!(lines(diff), None, "{diff:?}");
            assert_eq!(Hunks::read(diff), Hunks::Unclear);
        }
        assert_eq!(Hunks::read(""), Hunks::Empty);
    }
}
