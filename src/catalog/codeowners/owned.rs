//! Who owns a path: the last line of each section that fits has the say.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::parse::Line;
use crate::policy::{PolicyError, PolicyErrors, SourceFile};

/// The lines of a file, ready to be asked. Plain paths are looked up, so that the time for one
/// answer does not grow with their number.
pub(super) struct Owned<'a> {
    lines: &'a [Line],
    /// Paths from the root, without slashes at their ends.
    rooted: HashMap<String, Vec<Fits>>,
    /// Names without a slash, which fit at any depth.
    names: HashMap<String, Vec<usize>>,
    globs: GlobSet,
    /// The line of each glob.
    of_glob: Vec<usize>,
}

/// A line about a plain path.
struct Fits {
    line: usize,
    /// It ends with `/*`: what lies in the folder, and nothing deeper.
    only_within: bool,
}

impl<'a> Owned<'a> {
    /// Prepares the lines.
    ///
    /// # Errors
    /// Patterns that are none, each with its place.
    pub(super) fn new(file: &SourceFile, lines: &'a [Line]) -> Result<Self, PolicyErrors> {
        let mut errors = PolicyErrors::default();
        let (mut rooted, mut names) = (HashMap::<String, Vec<Fits>>::new(), HashMap::new());
        let (mut globs, mut of_glob) = (GlobSetBuilder::new(), Vec::new());
        for (index, line) in lines.iter().enumerate() {
            match plain_path(&line.pattern) {
                Some(Plain { path, rooted: false, .. }) => {
                    names.entry(path.to_owned()).or_insert_with(Vec::new).push(index);
                }
                Some(Plain { path, only_within, .. }) => {
                    let fits = Fits { line: index, only_within };
                    rooted.entry(path.to_owned()).or_default().push(fits);
                }
                None => {
                    for text in as_globs(&line.pattern) {
                        match GlobBuilder::new(&text).literal_separator(true).build() {
                            Ok(glob) => {
                                globs.add(glob);
                                of_glob.push(index);
                            }
                            Err(error) => {
                                let message = format!("not a pattern for paths: {}", error.kind());
                                errors.push(PolicyError::new(file, line.at, message));
                                break;
                            }
                        }
                    }
                }
            }
        }
        let globs = globs.build().unwrap_or_else(|error| {
            let message = format!("the patterns cannot be used: {error}");
            errors.push(PolicyError::whole_file(file.display_name(), message));
            GlobSet::empty()
        });
        errors.or(Self { lines, rooted, names, globs, of_glob })
    }

    /// The owners of a file by its path, each once, and the line that names the first of them, or
    /// else the last that fits.
    pub(super) fn of(&self, path: &str) -> (Vec<String>, Option<&'a Line>) {
        let mut last: Vec<(usize, usize)> = Vec::new();
        for index in self.fitting(path) {
            let Some(line) = self.lines.get(index) else { continue };
            match last.iter_mut().find(|(section, _)| *section == line.section) {
                Some((_, had)) => *had = index.max(*had),
                None => last.push((line.section, index)),
            }
        }
        last.sort_unstable();
        let deciding: Vec<&Line> =
            last.iter().filter_map(|(_, index)| self.lines.get(*index)).collect();
        let mut owners: Vec<String> = Vec::new();
        for owner in deciding.iter().flat_map(|line| &line.owners) {
            if !owners.iter().any(|had| had.eq_ignore_ascii_case(owner)) {
                owners.push(owner.clone());
            }
        }
        let named = deciding.iter().find(|line| !line.owners.is_empty());
        (owners, named.or(deciding.last()).copied())
    }

    fn fitting(&self, path: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self
            .globs
            .matches(path)
            .iter()
            .filter_map(|at| self.of_glob.get(*at).copied())
            .collect();
        let mut start = 0;
        for name in path.split('/') {
            let end = start + name.len();
            found.extend(self.names.get(name).into_iter().flatten());
            let within = path.get(end + 1..);
            for fits in self.rooted.get(path.get(..end).unwrap_or_default()).into_iter().flatten() {
                let fine = within.is_some_and(|rest| !rest.contains('/'));
                if !fits.only_within || fine {
                    found.push(fits.line);
                }
            }
            start = end + 1;
        }
        found
    }
}

/// A pattern without wildcards, but for one at its end.
pub(super) struct Plain<'a> {
    /// Without slashes at its ends.
    pub(super) path: &'a str,
    /// It counts from the root.
    rooted: bool,
    only_within: bool,
}

/// The pattern as a plain path, if it is one. One with a slash in it counts from the root.
pub(super) fn plain_path(pattern: &str) -> Option<Plain<'_>> {
    let (rest, only_within) = match pattern.strip_suffix("/*") {
        Some(rest) => (rest, true),
        None => (pattern.strip_suffix("/**").unwrap_or(pattern), false),
    };
    let path = rest.trim_matches('/');
    let rooted = pattern.trim_end_matches('/').contains('/');
    (!path.is_empty() && !path.contains(['*', '?', '[', '\\'])).then_some(Plain {
        path,
        rooted,
        only_within,
    })
}

/// What the forges mean by a pattern, in globs.
fn as_globs(pattern: &str) -> Vec<String> {
    let rooted = pattern.trim_end_matches('/').contains('/');
    // Braces are nothing special to the forges.
    let text = pattern.trim_start_matches('/').replace('{', "\\{").replace('}', "\\}");
    let text = if rooted { text } else { format!("**/{text}") };
    if text.is_empty() {
        // The root itself.
        vec!["**".to_owned()]
    } else if text.ends_with('/') {
        vec![format!("{text}**")]
    } else if text.ends_with('*') {
        vec![text]
    } else {
        vec![format!("{text}/**"), text]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog::codeowners::parse::parse, policy::Origin};

    fn owners(text: &str, path: &str) -> String {
        let file = SourceFile::new("CODEOWNERS", Origin::BuiltIn, text);
        let lines = parse(&file).unwrap_or_else(|errors| panic!("{errors}"));
        let owned = Owned::new(&file, &lines).unwrap_or_else(|errors| panic!("{errors}"));
        owned.of(path).0.join(" ")
    }

    #[test]
    fn the_last_line_that_fits_has_the_say() {
        let text = "* @all\n/lib/ @lib\n/lib/hue/ @ana\n/lib/hue/ @bo @cy\n*.md @writers\n";
        assert_eq!(owners(text, "lib/hue/light.py"), "@bo @cy");
        assert_eq!(owners(text, "lib/hue/notes.md"), "@writers");
        assert_eq!(owners(text, "lib/zha/light.py"), "@lib");
        assert_eq!(owners(text, "elsewhere"), "@all");
        assert_eq!(owners("/lib/ @lib\n/lib/hue/\n", "lib/hue/a"), "", "nobody is an answer");
    }

    #[test]
    fn patterns_fit_as_on_the_forges() {
        for (pattern, path, fits) in [
            ("/lib", "lib/a/b", true),
            ("/lib/", "library/a", false),
            ("/lib/*", "lib/a", true),
            ("/lib/*", "lib/a/b", false),
            ("/lib/**", "lib/a/b", true),
            ("lib/hue", "lib/hue/a", true),
            ("hue", "lib/hue/a", true),
            ("hue/", "lib/hue/a", true),
            ("/hue", "lib/hue/a", false),
            ("/lib/*/a", "lib/hue/a", true),
            ("/lib/**/b", "lib/x/y/b", true),
            ("*.py", "lib/hue/a.py", true),
            ("/*.py", "lib/a.py", false),
            ("/lib/{a}", "lib/{a}", true),
            ("/", "lib/a", true),
        ] {
            let found = owners(&format!("{pattern} @ana\n"), path);
            assert_eq!(!found.is_empty(), fits, "{pattern} and {path}");
        }
    }

    #[test]
    fn each_section_has_a_say() {
        let text =
            "/lib/ @lib\n[Docs] @writers\n/lib/hue/\n/lib/hue/ @ana\n[Safe]\n/lib/ @LIB @safe\n";
        assert_eq!(owners(text, "lib/hue/a"), "@lib @ana @safe");
    }

    #[test]
    fn a_pattern_that_is_none_is_told() {
        let file = SourceFile::new("CODEOWNERS", Origin::BuiltIn, "/a @ana\n/lib/[z @ana\n");
        let lines = parse(&file).expect("lines");
        let errors = Owned::new(&file, &lines).err().expect("bad").to_string();
        assert!(errors.starts_with("policies/CODEOWNERS:2:1: not a pattern"), "{errors}");
    }
}
