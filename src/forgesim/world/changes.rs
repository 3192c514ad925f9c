//! The changed files of a merge request, as a test writes them down.

/// The most changed files that a merge request lists; GitLab leaves out the others.
pub(crate) const MOST_CHANGES: usize = 1000;

/// One changed file of a merge request.
///
/// Built with [`added`](Self::added), [`edited`](Self::edited), [`renamed`](Self::renamed)
/// or [`deleted`](Self::deleted); the diff is computed from the contents.
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
        let mut change = Self::between(path.clone(), path, "", content.into());
        change.new_file = true;
        change
    }

    /// A file whose content changes from `old` to `new`.
    pub fn edited(path: impl Into<String>, old: &str, new: impl Into<String>) -> Self {
        let path = path.into();
        Self::between(path.clone(), path, old, new.into())
    }

    /// A file that moves, with unchanged content.
    pub fn renamed(
        old_path: impl Into<String>,
        new_path: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        let content = content.into();
        let mut change = Self::between(old_path.into(), new_path.into(), &content.clone(), content);
        change.renamed_file = true;
        change
    }

    /// A file that goes; `old` was its content.
    pub fn deleted(path: impl Into<String>, old: &str) -> Self {
        let path = path.into();
        let mut change = Self::between(path.clone(), path, old, String::new());
        change.deleted_file = true;
        change.content = None;
        change
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

    fn between(old_path: String, new_path: String, old: &str, new: String) -> Self {
        Self {
            old_path,
            new_path,
            new_file: false,
            renamed_file: false,
            deleted_file: false,
            diff: unified_diff(old, &new),
            content: Some(new),
            collapsed: false,
            too_large: false,
            generated_file: false,
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
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let same = |(a, b): &(&&str, &&str)| a == b;
    let head = old.iter().zip(&new).take_while(same).count();
    let shorter = old.len().min(new.len()) - head;
    let tail = old.iter().rev().zip(new.iter().rev()).take(shorter).take_while(same).count();
    let start = head.saturating_sub(CONTEXT);
    let old_end = (old.len() - tail + CONTEXT).min(old.len());
    let new_end = (new.len() - tail + CONTEXT).min(new.len());

    let range = |start: usize, end: usize| {
        let first = if end == start { start } else { start + 1 };
        format!("{first},{}", end - start)
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
            diff.push('\n');
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
        assert_eq!(Change::deleted("a", "x\n").diff, "@@ -1,1 +0,0 @@\n-x\n");
        let edited = Change::edited("a", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nfive\n6\n");
        assert_eq!(edited.diff, "@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+five\n 6\n");
        assert_eq!(Change::renamed("a", "b", "x\n").diff, "");
    }
}
