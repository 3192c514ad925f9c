//! What is different from the base: committed, staged, in the working tree, or not tracked yet.

use std::{collections::BTreeSet, path::Path, thread};

use super::CheckoutError;
use crate::{
    git,
    model::{AddedLines, ChangedFile, Changes, FileStatus, LineSpan},
};

/// So many bytes of names and patches are read; the lines of files behind that are not known.
const MOST_PATCH: u64 = 64 * 1024 * 1024;
/// So many bytes of names of files that are not tracked are read.
const MOST_NAMES: u64 = 16 * 1024 * 1024;

/// What stands in a patch for one file: without lines around a change, the names of all changed
/// files first. Everything that a configuration could change is said.
const DIFF: [&str; 18] = [
    "diff",
    "--raw",
    "--patch",
    "-z",
    "-U0",
    "--inter-hunk-context=0",
    "--abbrev=40",
    "--find-renames=50%",
    "-l1000",
    "--irreversible-delete",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--diff-algorithm=default",
    "-O/dev/null",
    "--ignore-submodules=dirty",
    "--submodule=short",
];

/// All changed files, with the lines that were added.
pub(super) fn read(root: &Path, base: &str) -> Result<Changes, CheckoutError> {
    let untracked = ["ls-files", "--others", "--exclude-standard", "-z"];
    let mut diff = DIFF.to_vec();
    diff.extend([base, "--"]);
    // Each looks at every file of the checkout: side by side they take half the time.
    let (untracked, diff) = thread::scope(|scope| {
        let untracked = scope.spawn(|| git::bounded(root, &untracked, MOST_NAMES));
        let diff = git::bounded(root, &diff, MOST_PATCH);
        let died = || Err("git: nobody read it".to_owned());
        (untracked.join().unwrap_or_else(|_| died()), diff)
    });
    let what = "the changed files";
    let diff = diff.map_err(|said| CheckoutError::Git { what, said })?;
    let mut files =
        parse(&diff.bytes, diff.cut).ok_or(CheckoutError::TooMuch { what, most: MOST_PATCH })?;
    let what = "the files that are not tracked";
    let untracked = untracked.map_err(|said| CheckoutError::Git { what, said })?;
    if untracked.cut {
        return Err(CheckoutError::TooMuch { what, most: MOST_NAMES });
    }
    let names = untracked.bytes.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    // With a slash behind its name it is a repository of its own.
    let names = names.filter(|name| !name.ends_with(b"/")).map(text).collect();
    add(&mut files, names);
    Ok(Changes { files, complete: true })
}

/// Adds the files that are not tracked. One that git was told to forget, and that is still there,
/// is the same file.
fn add(files: &mut Vec<ChangedFile>, mut names: BTreeSet<String>) {
    for file in files.iter_mut().filter(|file| file.status == FileStatus::Deleted) {
        if names.remove(&file.path) {
            (file.status, file.added) = (FileStatus::Modified, AddedLines::NotShown);
        }
    }
    files.extend(names.into_iter().map(|path| ChangedFile {
        path,
        previous_path: None,
        status: FileStatus::Added,
        added: all(),
    }));
}

/// Every line, however many there are.
fn all() -> AddedLines {
    AddedLines::Lines(vec![LineSpan { first: 1, last: u32::MAX }])
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// Reads what `git diff --raw --patch -z` prints (git-diff(1), "Raw output format"): for each file
/// `:<modes> <ids> <status>`, its name and, for a rename, its new one, each closed by a zero; then
/// one more zero and the patches, in the same order. `None` when the names are cut off.
fn parse(bytes: &[u8], cut: bool) -> Option<Vec<ChangedFile>> {
    let mut files: Vec<ChangedFile> = Vec::new();
    // For each patch, which file it belongs to.
    let mut owners: Vec<usize> = Vec::new();
    let mut rest = bytes;
    let next = |rest: &mut &[u8]| {
        let at = rest.iter().position(|byte| *byte == 0)?;
        let (token, behind) = rest.split_at(at);
        *rest = &behind[1..];
        Some(token.to_vec())
    };
    while rest.first() == Some(&b':') {
        let facts = next(&mut rest)?;
        let status = facts.rsplit(|byte| *byte == b' ').next()?.first().copied()?;
        let path = text(&next(&mut rest)?);
        let (path, previous_path) = match status {
            b'R' | b'C' => (text(&next(&mut rest)?), Some(path)),
            _ => (path, None),
        };
        let status = match status {
            b'A' | b'C' => FileStatus::Added,
            b'D' => FileStatus::Deleted,
            b'R' => FileStatus::Renamed,
            // Two sides of a merge that is under way: git lists the file once more as modified.
            b'U' => continue,
            b'T' => {
                // Of another kind than before, such as a link: as two patches.
                owners.push(files.len());
                FileStatus::Modified
            }
            _ => FileStatus::Modified,
        };
        owners.push(files.len());
        let previous_path = previous_path.filter(|_| status == FileStatus::Renamed);
        files.push(ChangedFile { path, previous_path, status, added: AddedLines::NotShown });
    }
    if cut && rest.is_empty() {
        return None;
    }
    let patches = patches(rest, cut);
    // Patches that cannot be told apart prove nothing about any line.
    if patches.len() == owners.len() || cut {
        for (owner, lines) in owners.into_iter().zip(patches) {
            files[owner].added = lines;
        }
    }
    for file in &mut files {
        match file.status {
            FileStatus::Added => file.added = all(),
            FileStatus::Deleted => file.added = AddedLines::Lines(Vec::new()),
            FileStatus::Modified | FileStatus::Renamed => {}
        }
    }
    Some(files)
}

/// The added lines of each patch. Of those that are cut off in the middle nothing is known.
fn patches(bytes: &[u8], cut: bool) -> Vec<AddedLines> {
    let mut found: Vec<AddedLines> = Vec::new();
    let mut lines = bytes.split(|byte| *byte == b'\n');
    while let Some(line) = lines.next() {
        // Before the first patch stands a zero.
        let line = line.strip_prefix(b"\0").unwrap_or(line);
        if line.starts_with(b"diff --git ") {
            found.push(AddedLines::Lines(Vec::new()));
        } else if line.starts_with(b"Binary files ")
            && let Some(last) = found.last_mut()
        {
            *last = AddedLines::NotShown;
        } else if line.starts_with(b"@@ ")
            && let Some((removed, span)) = hunk(line)
        {
            if let (Some(AddedLines::Lines(spans)), Some(span)) = (found.last_mut(), span) {
                spans.push(span);
            }
            // A line of the file may look like a head: they are counted and passed over.
            let added = span.map_or(0, |span| span.last - span.first + 1);
            let mut left = u64::from(removed) + u64::from(added);
            while left > 0 {
                match lines.next() {
                    Some(line) if line.starts_with(b"\\") => {}
                    Some(_) => left -= 1,
                    None => break,
                }
            }
        }
    }
    if cut && let Some(last) = found.last_mut() {
        *last = AddedLines::NotShown;
    }
    found
}

/// `@@ -3,2 +3,0 @@`: how many lines go, and which come.
fn hunk(line: &[u8]) -> Option<(u32, Option<LineSpan>)> {
    let line = std::str::from_utf8(line.split(|byte| *byte == b'@').nth(2)?).ok()?;
    let mut parts = line.split_ascii_whitespace();
    let removed = parts.next()?.strip_prefix('-')?;
    let added = parts.next()?.strip_prefix('+')?;
    let span = |part: &str| -> Option<(u32, u32)> {
        match part.split_once(',') {
            Some((first, count)) => Some((first.parse().ok()?, count.parse().ok()?)),
            None => Some((part.parse().ok()?, 1)),
        }
    };
    let (_, removed) = span(removed)?;
    let (first, count) = span(added)?;
    let last = count.checked_sub(1).and_then(|more| first.checked_add(more));
    Some((removed, last.map(|last| LineSpan { first, last })))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = ":100644 100644 1 2 M\0Gemfile\0:100644 100644 1 2 R090\0old name\0new\0\
        :000000 100644 0 2 A\0add\0:100644 000000 1 0 D\0gone\0:100644 120000 1 2 T\0link\0\
        :100644 100644 1 2 M\0logo.png\0\0\
        diff --git a/Gemfile b/Gemfile\nindex 1..2 100644\n--- a/Gemfile\n+++ b/Gemfile\n\
        @@ -2 +2,2 @@ diff --git a/x\n-old\n\\ No newline at end of file\n+@@ -1 +1 @@\n\
        +diff --git a/no b/no\n\\ No newline at end of file\n@@ -9,3 +10,0 @@\n-a\n-b\n-c\n\
        diff --git a/old name b/new\nsimilarity index 90%\n@@ -0,0 +4 @@\n+x\n\
        diff --git a/add b/add\n@@ -0,0 +1 @@\n+x\n\
        diff --git a/gone b/gone\ndeleted file mode 100644\n\
        diff --git a/link b/link\ndeleted file mode 100644\n\
        diff --git a/link b/link\nnew file mode 120000\n@@ -0,0 +1 @@\n+target\n\
        diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ\n";

    fn lines(spans: &[(u32, u32)]) -> AddedLines {
        AddedLines::Lines(spans.iter().map(|&(first, last)| LineSpan { first, last }).collect())
    }

    #[test]
    fn files_and_their_added_lines_are_read() {
        let files = parse(PRINTED.as_bytes(), false).expect("whole");
        let told: Vec<_> =
            files.iter().map(|one| (one.path.as_str(), one.status, one.added.clone())).collect();
        let wanted = [
            ("Gemfile", FileStatus::Modified, lines(&[(2, 3)])),
            ("new", FileStatus::Renamed, lines(&[(4, 4)])),
            ("add", FileStatus::Added, all()),
            ("gone", FileStatus::Deleted, lines(&[])),
            ("link", FileStatus::Modified, lines(&[(1, 1)])),
            ("logo.png", FileStatus::Modified, AddedLines::NotShown),
        ];
        assert_eq!(told, wanted);
        assert_eq!(files[1].previous_path.as_deref(), Some("old name"));
    }

    #[test]
    fn what_is_cut_off_is_not_known() {
        let whole = parse(PRINTED.as_bytes(), false).expect("whole");
        for end in 0..PRINTED.len() {
            let Some(files) = parse(&PRINTED.as_bytes()[..end], true) else { continue };
            assert_eq!(files.len(), whole.len(), "the names are whole, or nothing is said");
            for (cut, whole) in files.iter().zip(&whole) {
                assert!(cut.added == whole.added || cut.added == AddedLines::NotShown, "{end}");
            }
        }
        assert_eq!(parse(b":100644 100644 1 2 M\0a\0", true), None);
        assert_eq!(parse(b":100644 100644 1 2 M\0a", false), None, "no zero");
        assert_eq!(parse(b"", false), Some(Vec::new()));
    }

    #[test]
    fn patches_that_do_not_fit_the_names_prove_nothing() {
        let files = parse(b":100644 100644 1 2 M\0a\0\0diff --git\n@@ -1 +1 @@\n", false);
        assert_eq!(files.expect("names")[0].added, AddedLines::NotShown);
    }
}
