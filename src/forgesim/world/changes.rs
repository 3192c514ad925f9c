//! The changed files of a merge request, as a test writes them down.

/// The most changed files that a merge request lists; GitLab leaves out the others.
pub(crate) const MOST_CHANGES: usize = 1000;
/// The longest diff of one file that is shown, in bytes (GitLab, "Diff limits", maximum diff patch
/// size).
const LONGEST_DIFF: usize = 200 * 1024;

/// One changed file of a merge request.
///
/// Built with [`added`](Self::added), [`edited`](Self::edited), [`renamed`](Self::renamed),
/// [`moved`](Self::moved) or [`deleted`](Self::deleted), or with [`file`](Self::file) from a
/// whole file before and after; the diff is computed from the contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path before the change (the same as `new_path` unless renamed).
    pub old_path: String,
    /// Path after the change.
    pub new_path: String,
    /// Whether the file is new.
    pub new_file: bool,
    /// Whether the file was renamed.
    pub renamed_file: bool,
    /// Whether the file was deleted.
    pub deleted_file: bool,
    /// Unified diff without file headers, as GitLab's API shows it.
    pub diff: String,
    /// Whole content before the change; absent for a new file.
    pub previous: Option<String>,
    /// Whole content after the change; absent for a deleted file.
    pub content: Option<String>,
    /// GitLab left the diff out because a page of diffs grew too big.
    pub collapsed: bool,
    /// GitLab left the diff out because the file is too big.
    pub too_large: bool,
    /// GitLab takes the file for generated.
    pub generated_file: bool,
}

impl Change {
    /// A new file.
    pub fn added(path: impl Into<String>, content: impl Into<String>) -> Self {
        let path = path.into();
        Self::between(path.clone(), path, None, Some(content.into()))
    }

    /// A file whose content changes from `old` to `new`.
    pub fn edited(path: impl Into<String>, old: &str, new: impl Into<String>) -> Self {
        let path = path.into();
        Self::between(path.clone(), path, Some(old), Some(new.into()))
    }

    /// A file by what stands in it before and after: new, edited or deleted.
    pub fn file(path: impl Into<String>, old: Option<&str>, new: Option<&str>) -> Self {
        let path = path.into();
        Self::between(path.clone(), path, old, new.map(str::to_owned))
    }

    /// A file that moves, with unchanged content.
    pub fn renamed(
        old_path: impl Into<String>,
        new_path: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        let content = content.into();
        Self::moved(old_path, new_path, &content.clone(), content)
    }

    /// A file that moves and changes.
    pub fn moved(
        old_path: impl Into<String>,
        new_path: impl Into<String>,
        old: &str,
        new: impl Into<String>,
    ) -> Self {
        let change = Self::between(old_path.into(), new_path.into(), Some(old), Some(new.into()));
        Self { renamed_file: true, ..change }
    }

    /// A file that goes; `old` was its content.
    pub fn deleted(path: impl Into<String>, old: &str) -> Self {
        let path = path.into();
        Self::between(path.clone(), path, Some(old), None)
    }

    /// The same change, with its diff left out as GitLab does past a page's limits.
    #[must_use]
    pub fn collapsed(mut self) -> Self {
        self.collapsed = true;
        self.diff.clear();
        self
    }

    /// The same change, with its diff left out as GitLab does for a huge file.
    #[must_use]
    pub fn too_large(mut self) -> Self {
        self.too_large = true;
        self.diff.clear();
        self
    }

    fn between(old_path: String, new_path: String, old: Option<&str>, new: Option<String>) -> Self {
        let text = |side: Option<&str>| side.unwrap_or_default().to_owned();
        let is_binary = [old, new.as_deref()].iter().flatten().any(|side| side.contains('\0'));
        let diff = match is_binary && old != new.as_deref() {
            true => {
                let side = |sign, path: &str, is: bool| match is {
                    true => format!("{sign}/{path}"),
                    false => "/dev/null".to_owned(),
                };
                let before = side('a', &old_path, old.is_some());
                let after = side('b', &new_path, new.is_some());
                format!("Binary files {before} and {after} differ\n")
            }
            false => unified_diff(&text(old), &text(new.as_deref())),
        };
        let change = Self {
            old_path,
            new_path,
            new_file: old.is_none(),
            renamed_file: false,
            deleted_file: new.is_none(),
            diff,
            previous: old.map(str::to_owned),
            content: new,
            collapsed: false,
            too_large: false,
            generated_file: false,
        };
        match change.diff.len() > LONGEST_DIFF {
            true => change.too_large(),
            false => change,
        }
    }
}

/// Lines shown around a changed region.
const CONTEXT: usize = 3;

/// A unified diff with a single hunk: everything between the common beginning and
/// the common end counts as replaced. Larger than `git diff`'s, but never wrong.
fn unified_diff(old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
    let (old, new) = (lines(old), lines(new));
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(same).count();
    let start = head.saturating_sub(CONTEXT);
    let old_end = (old.len() - tail + CONTEXT).min(old.len());
    let new_end = (new.len() - tail + CONTEXT).min(new.len());

    let range = |start: usize, end: usize| match end - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        length => format!("{},{length}", start + 1),
    };
    let mut diff = format!("@@ -{} +{} @@\n", range(start, old_end), range(start, new_end));
    let sections = [
        (' ', &old[start..head]),
        ('-', &old[head..old.len() - tail]),
        ('+', &new[head..new.len() - tail]),
        (' ', &old[old.len() - tail..old_end]),
    ];
    for (sign, lines) in sections {
        for line in lines {
            diff.push(sign);
            diff.push_str(line);
            if !line.ends_with('\n') {
                diff.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    diff
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn diffs_read_like_git() {
        assert_eq!(Change::added("a", "x\ny\n").diff, "@@ -0,0 +1,2 @@\n+x\n+y\n");
        assert_eq!(Change::deleted("a", "x\n").diff, "@@ -1 +0,0 @@\n-x\n");
        let edited = Change::edited("a", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6\n");
        assert_eq!(edited.diff, "@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n");
        assert_eq!(Change::renamed("a", "b", "x\n").diff, "");
        let ended = Change::edited("a", "x", "x\n");
        assert_eq!(ended.diff, "@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
        assert_eq!(
            Change::added("a.png", "\0").diff,
            "Binary files /dev/null and b/a.png differ\n"
        );
    }

    #[test]
    fn a_change_says_what_it_is() {
        let file = |old, new| Change::file("a", old, new);
        assert_eq!(file(None, Some("x\n")), Change::added("a", "x\n"));
        assert_eq!(file(Some("x\n"), Some("y\n")), Change::edited("a", "x\n", "y\n"));
        assert_eq!(file(Some("x\n"), None), Change::deleted("a", "x\n"));
        let moved = Change::moved("a", "b", "x\n", "y\n");
        assert!(moved.renamed_file && !moved.new_file && !moved.deleted_file);
        assert_eq!(moved.diff, "@@ -1 +1 @@\n-x\n+y\n");
        let large = Change::added("a", "line\n".repeat(50_000));
        assert!(large.too_large && large.diff.is_empty());
    }
}
