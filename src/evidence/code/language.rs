//! The languages that can be parsed.

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Ruby.
    Ruby,
}

impl Language {
    /// By a file's name: what it ends with, or the whole name where that is a convention.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        match (name, ending) {
            ("Gemfile" | "Rakefile", _) | (_, Some("rb" | "rake" | "gemspec")) => Some(Self::Ruby),
            _ => None,
        }
    }

    pub(super) fn grammar(self) -> tree_sitter::Language {
        match self {
            Self::Ruby => tree_sitter_ruby::LANGUAGE.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_the_name_of_the_file() {
        for path in ["a/b.rb", "lib/tasks/x.rake", "Gemfile", "gems/a/Gemfile", "a.gemspec"] {
            assert_eq!(Language::of_path(path), Some(Language::Ruby), "{path}");
        }
        for path in ["a.rbx", "rb", "", "a.rb/b", "Gemfile.lock", "x.yml", "a/Gemfile/"] {
            assert_eq!(Language::of_path(path), None, "{path}");
        }
    }
}
