//! What a machine can write, as one patch that `git apply` takes.

use std::collections::BTreeMap;

use crate::model::{Piece, PiecePlace};

/// Lines that are shown before and behind what is put in, as git does.
const AROUND: usize = 3;
const NO_NEWLINE: &str = "\\ No newline at end of file\n";

/// A patch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Patch {
    /// In the unified format; empty when nothing is ready.
    pub(super) text: String,
    /// New files for which there is another piece that did not go in, since a file is new once.
    pub(super) left: Vec<String>,
}

/// The pieces for one file.
#[derive(Debug, Default)]
struct OfFile<'p> {
    new: Option<&'p str>,
    /// Before the line with this number, from 0, in their order.
    inserts: BTreeMap<usize, Vec<&'p str>>,
}

/// Puts pieces together. `text` says what stands in a file now.
pub(super) fn patch<'p, 't>(
    pieces: impl Iterator<Item = &'p Piece>,
    text: impl Fn(&str) -> Option<&'t str>,
) -> Patch {
    let mut patch = Patch::default();
    let mut files: BTreeMap<&str, OfFile<'p>> = BTreeMap::new();
    for piece in pieces {
        let file = files.entry(&piece.path).or_default();
        match piece.place {
            PiecePlace::NewFile if file.new.is_some_and(|new| new != piece.text) => {
                if !patch.left.contains(&piece.path) {
                    patch.left.push(piece.path.clone());
                }
            }
            PiecePlace::NewFile => file.new = Some(&piece.text),
            PiecePlace::Before(line) => {
                let line = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
                let there = file.inserts.entry(line).or_default();
                // Rows of two integrations may want the same line.
                if !there.contains(&piece.text.as_str()) {
                    there.push(&piece.text);
                }
            }
        }
    }
    for (path, file) in files {
        let made = match (file.new, text(path)) {
            (Some(new), _) => Some(new_file(path, new)),
            (None, Some(text)) => Some(changed_file(path, text, &file.inserts)),
            (None, None) => None,
        };
        patch.text.extend(made);
    }
    patch
}

fn new_file(path: &str, text: &str) -> String {
    let (old, new) = (quoted("a/", path), quoted("b/", path));
    let mut out = format!("diff --git {old} {new}\nnew file mode 100644\n");
    let lines = lines(text, "\n");
    if !lines.is_empty() {
        let head = format!("--- /dev/null\n+++ {}\n@@ -0,0 +1,{} @@\n", named(&new), lines.len());
        out.push_str(&head);
        lines.iter().for_each(|line| out.push_str(&format!("+{line}")));
    }
    out
}

fn changed_file(path: &str, text: &str, inserts: &BTreeMap<usize, Vec<&str>>) -> String {
    let (old, new) = (quoted("a/", path), quoted("b/", path));
    let mut out = format!("diff --git {old} {new}\n--- {}\n+++ {}\n", named(&old), named(&new));
    let there: Vec<&str> = text.split_inclusive('\n').collect();
    let mut wanted: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (at, texts) in inserts {
        let at = (*at).min(there.len());
        // As the line before which it stands, or the one behind which.
        let near = there.get(at).or(there.last());
        let end = if near.is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
        wanted.entry(at).or_default().extend(texts.iter().flat_map(|text| lines(text, end)));
    }
    // Those whose surroundings touch go into one hunk.
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    for at in wanted.keys() {
        let (start, end) = (at.saturating_sub(AROUND), (at + AROUND).min(there.len()));
        match hunks.last_mut() {
            Some(last) if start <= last.1 => last.1 = end,
            _ => hunks.push((start, end)),
        }
    }
    let mut before = 0;
    let mut from = 0;
    for (start, end) in hunks {
        let added: usize = wanted.range(start.max(from)..=end).map(|(_, lines)| lines.len()).sum();
        from = end + 1;
        let count = end - start;
        // Of no line git names the one before (diff(1), "Detailed Unified").
        let first = |before: usize, count: usize| start + before + usize::from(count > 0);
        out.push_str(&format!(
            "@@ -{},{count} +{},{} @@\n",
            first(0, count),
            first(before, count + added),
            count + added
        ));
        before += added;
        for at in start..=end {
            let new = wanted.get(&at).map(Vec::as_slice).unwrap_or_default();
            // Behind the last line there may be no newline, which the new ones need.
            let open = at == there.len() && there.last().is_some_and(|line| !line.ends_with('\n'));
            if open && !new.is_empty() {
                let last = there.last().copied().unwrap_or_default();
                let context = format!(" {last}\n{NO_NEWLINE}");
                out.truncate(out.len() - context.len());
                out.push_str(&format!("-{last}\n{NO_NEWLINE}+{last}\n"));
            }
            new.iter().for_each(|line| out.push_str(&format!("+{line}")));
            if let Some(line) = there.get(at).filter(|_| at < end) {
                out.push_str(&format!(" {line}"));
                if !line.ends_with('\n') {
                    out.push_str(&format!("\n{NO_NEWLINE}"));
                }
            }
        }
    }
    out
}

/// The lines of a piece, each with its end.
fn lines(text: &str, end: &str) -> Vec<String> {
    text.lines().map(|line| format!("{line}{end}")).collect()
}

/// A path as git writes it: in quotes when it holds what would end it (git-config(1),
/// `core.quotePath`).
fn quoted(side: &str, path: &str) -> String {
    if !path.chars().any(|c| c.is_control() || matches!(c, '"' | '\\')) {
        return format!("{side}{path}");
    }
    let mut out = format!("\"{side}");
    for c in path.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_control() => out.push_str(&format!("\\{:03o}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A path behind `---` and `+++`: a tab ends one with a blank, as git does.
fn named(quoted: &str) -> String {
    let tab = if quoted.contains(' ') && !quoted.starts_with('"') { "\t" } else { "" };
    format!("{quoted}{tab}")
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path, process::Command};

    use super::*;

    fn new(path: &str, text: &str) -> Piece {
        Piece { path: path.into(), place: PiecePlace::NewFile, text: text.into() }
    }

    fn before(path: &str, line: u32, text: &str) -> Piece {
        Piece { path: path.into(), place: PiecePlace::Before(line), text: text.into() }
    }

    /// What git makes of a file with these pieces.
    fn applied(there: &[(&str, &str)], pieces: &[Piece]) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, text).expect("written");
        };
        there.iter().for_each(|(path, text)| write(path, text));
        let text = |path: &str| there.iter().find(|one| one.0 == path).map(|one| one.1);
        let made = patch(pieces.iter(), text);
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), &made.text).expect("written");
        let done = Command::new("git")
            .current_dir(folder.path())
            .env("GIT_CEILING_DIRECTORIES", folder.path().parent().expect("a parent"))
            .args(["apply", "--whitespace=error-all", "--verbose"])
            .arg(file.path())
            .output()
            .expect("git");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}\n{}", made.text);
        let mut paths: Vec<&str> = pieces.iter().map(|piece| piece.path.as_str()).collect();
        paths.dedup();
        let read = |path: &str| fs::read_to_string(Path::new(folder.path()).join(path));
        paths.iter().map(|path| ((*path).to_owned(), read(path).expect("there"))).collect()
    }

    #[test]
    fn new_files_are_made_with_their_folders_whatever_their_name() {
        for path in ["doc/a/b.md", "a name/with blanks.md", "quote\"d.md", "t\u{e4}st.md", "-x"] {
            let made = applied(&[], &[new(path, "one\ntwo\n")]);
            assert_eq!(made, [(path.to_owned(), "one\ntwo\n".to_owned())]);
        }
        let made = applied(&[], &[new("empty", "")]);
        assert_eq!(made[0].1, "");
    }

    #[test]
    fn pieces_go_before_their_line_several_into_one_file() {
        let text: String = (1..=30).map(|line| format!("{line}\n")).collect();
        let pieces = [
            before("a b", 12, "b\nc\n"),
            before("a b", 1, "a\n"),
            before("a b", 12, "d"),
            before("a b", 12, "d"),
            before("a b", 18, "e\n"),
            before("a b", 30, "f\n"),
        ];
        let made = applied(&[("a b", &text)], &pieces);
        let wanted = text
            .replacen("1\n", "a\n1\n", 1)
            .replacen("12\n", "b\nc\nd\n12\n", 1)
            .replacen("18\n", "e\n18\n", 1)
            .replacen("30\n", "f\n30\n", 1);
        assert_eq!(made[0].1, wanted);
    }

    #[test]
    fn every_place_of_every_small_file_works() {
        for text in ["", "1\n", "1", "1\n2", "1\n2\n3\n4\n5", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"] {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            for first in 1..=lines.len() + 1 {
                for second in first..=lines.len() + 1 {
                    let at = |line: usize| u32::try_from(line).expect("small");
                    let pieces = [before("f", at(first), "x\n"), before("f", at(second), "y\n")];
                    let mut wanted = String::new();
                    for line in 1..=lines.len() + 1 {
                        let is_new = [(first, "x\n"), (second, "y\n")];
                        for (_, new) in is_new.iter().filter(|(at, _)| *at == line) {
                            if !wanted.is_empty() && !wanted.ends_with('\n') {
                                wanted.push('\n');
                            }
                            wanted.push_str(new);
                        }
                        wanted.push_str(lines.get(line - 1).unwrap_or(&""));
                    }
                    let made = applied(&[("f", text)], &pieces);
                    assert_eq!(made[0].1, wanted, "{text:?} {first} {second}");
                }
            }
        }
    }

    #[test]
    fn lines_end_as_those_around_them() {
        let made = applied(&[("f", "a\r\nb\r\n")], &[before("f", 2, "x\ny\n")]);
        assert_eq!(made[0].1, "a\r\nx\r\ny\r\nb\r\n");
    }

    #[test]
    fn a_file_is_new_once_and_the_rest_is_named() {
        let pieces = [new("f", "a\n"), new("f", "a\n"), new("f", "b\n"), before("gone", 1, "x\n")];
        let made = patch(pieces.iter(), |_| None);
        assert_eq!(made.left, ["f"]);
        assert_eq!(made.text.matches("diff --git").count(), 1);
        assert!(made.text.contains("+a\n") && !made.text.contains("+b\n"), "{}", made.text);
        assert_eq!(patch([].iter(), |_| None), Patch::default());
    }
}
