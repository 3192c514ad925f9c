//! Which lines of a file a diff adds.

use crate::model::LineSpan;

/// The lines at head that the hunks of one file's diff add or rewrite. Headers of the file
/// (`---`, `+++`) before the first hunk are passed over.
///
/// `None` when the text is no diff, when a hunk is shorter or longer than its header says, or when
/// there is no hunk at all: forges also send an empty diff where they would not show it.
pub fn added(diff: &str) -> Option<Vec<LineSpan>> {
    let mut spans: Vec<LineSpan> = Vec::new();
    let mut lines = diff.strip_suffix('\n').unwrap_or(diff).split('\n').peekable();
    while lines.peek().is_some_and(|line| line.starts_with("--- ") || line.starts_with("+++ ")) {
        lines.next();
    }
    let mut hunks = 0;
    // Hunks stand in the order of the file, and none begins inside the one before.
    let mut after = 0;
    while let Some(header) = lines.next() {
        let mut hunk = Hunk::of(header)?;
        if hunk.added > 0 && hunk.next < after {
            return None;
        }
        hunks += 1;
        while hunk.removed > 0 || hunk.added > 0 {
            let line = lines.next()?;
            match line.bytes().next() {
                Some(b'+') => {
                    extend(&mut spans, hunk.next);
                    hunk.at_head()?;
                }
                Some(b'-') => hunk.at_base()?,
                // Some programs cut blanks at the ends of lines, and with them this one.
                Some(b' ') | None => {
                    hunk.at_base()?;
                    hunk.at_head()?;
                }
                Some(b'\\') => {}
                Some(_) => return None,
            }
        }
        after = hunk.next;
        while lines.peek().is_some_and(|line| line.starts_with('\\')) {
            lines.next();
        }
    }
    (hunks > 0).then_some(spans)
}

/// What is left of a hunk.
struct Hunk {
    /// Lines at base.
    removed: u32,
    /// Lines at head.
    added: u32,
    /// The number of the next line at head.
    next: u32,
}

impl Hunk {
    /// From `@@ -1,2 +3,4 @@ …`.
    fn of(header: &str) -> Option<Self> {
        let (ranges, _) = header.strip_prefix("@@ -")?.split_once(" @@")?;
        let (base, head) = ranges.split_once(" +")?;
        let (_, removed) = range(base)?;
        let (next, added) = range(head)?;
        next.checked_add(added)?;
        // Lines are counted from 1; an empty range names the line before it.
        (next > 0 || added == 0).then_some(Self { removed, added, next })
    }

    fn at_head(&mut self) -> Option<()> {
        self.added = self.added.checked_sub(1)?;
        self.next += 1;
        Some(())
    }

    fn at_base(&mut self) -> Option<()> {
        self.removed = self.removed.checked_sub(1)?;
        Some(())
    }
}

/// The first line and how many: `3,4`, or `3` for one.
fn range(text: &str) -> Option<(u32, u32)> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten()
    };
    match text.split_once(',') {
        Some((first, count)) => Some((number(first)?, number(count)?)),
        None => Some((number(text)?, 1)),
    }
}

fn extend(spans: &mut Vec<LineSpan>, line: u32) {
    match spans.last_mut() {
        Some(span) if span.last + 1 == line => span.last = line,
        _ => spans.push(LineSpan { first: line, last: line }),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(diff: &str) -> Option<Vec<(u32, u32)>> {
        Some(added(diff)?.iter().map(|span| (span.first, span.last)).collect())
    }

    #[test]
    fn lines_that_are_added_or_rewritten() {
        let diff = "@@ -1,4 +1,5 @@ class Foo\n a\n-b\n+B\n+C\n c\n d\n\
                    @@ -10 +11,2 @@\n-x\n\\ No newline at end of file\n+x\n+y\n\
                    \\ No newline at end of file\n";
        assert_eq!(spans(diff), Some(vec![(2, 3), (11, 12)]));
        assert_eq!(spans(&format!("--- a/x\n+++ b/x\n{diff}")), Some(vec![(2, 3), (11, 12)]));
    }

    #[test]
    fn a_new_file_a_deleted_one_and_lines_that_look_like_headers() {
        assert_eq!(spans("@@ -0,0 +1,2 @@\n+a\n+@@ b"), Some(vec![(1, 2)]));
        assert_eq!(spans("@@ -1,2 +0,0 @@\n--- a\n-b\n"), Some(vec![]));
        assert_eq!(spans("@@ -1,2 +1,3 @@\n a\n+++ b\n\n"), Some(vec![(2, 2)]));
        assert_eq!(spans("@@ -1 +1 @@\r\n-a\r\n+b\r\n"), Some(vec![(1, 1)]));
    }

    #[rstest::rstest]
    #[case::empty("")]
    #[case::no_hunk("Binary files differ\n")]
    #[case::headers_only("--- a/x\n+++ b/x\n")]
    #[case::too_short("@@ -1,2 +1,2 @@\n a\n")]
    #[case::too_long("@@ -1 +1 @@\n-a\n+b\n+c\n")]
    #[case::more_removed_than_told("@@ -1 +1,2 @@\n-a\n-b\n+c\n+d\n")]
    #[case::unknown_sign("@@ -1 +1 @@\n-a\n*b\n")]
    #[case::no_number("@@ -a +1 @@\n")]
    #[case::sign_in_number("@@ -1,+1 +1 @@\n a\n")]
    #[case::too_large_number("@@ -1 +4294967295,2 @@\n-a\n+b\n+c\n")]
    #[case::from_line_zero("@@ -1 +0 @@\n-a\n+b\n")]
    #[case::backwards("@@ -9 +9 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b\n")]
    fn what_is_no_diff_tells_nothing(#[case] diff: &str) {
        assert_eq!(added(diff), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(diff in "(@@ -[0-9]{1,10}(,[0-9])? \\+[0-9]{1,10}(,[0-9])? @@\n|[ +\\\\-][a-z]{0,3}\n|\\PC{0,5}\n){0,12}") {
            for span in added(&diff).unwrap_or_default() {
                prop_assert!(0 < span.first && span.first <= span.last);
            }
        }
    }
}
