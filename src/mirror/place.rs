//! Which forge a project is on: the same path may stand on several.

use std::fmt;

use url::Url;

use crate::model::ForgeKind;

/// A forge, by its kind and the root of its pages, such as `github https://github.com/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(String);

impl Place {
    /// A forge whose pages lie below an address. User name, password and query count for nothing.
    pub fn new(kind: ForgeKind, root: &Url) -> Self {
        let (origin, path) = (root.origin().ascii_serialization(), root.path());
        Self(format!("{kind} {origin}{}/", path.trim_end_matches('/')))
    }

    /// One that nobody can call.
    pub fn made_up(kind: ForgeKind) -> Self {
        Self(format!("{kind} made up"))
    }

    /// As it stands in the mirror.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn read(text: String) -> Self {
        Self(text)
    }

    /// The kind of forge; `None` for one that this Steward does not know.
    pub fn kind(&self) -> Option<ForgeKind> {
        let kind = self.0.split(' ').next().unwrap_or_default();
        [ForgeKind::Gitlab, ForgeKind::Github].into_iter().find(|one| one.to_string() == kind)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forge_is_known_by_kind_and_address_however_that_is_written() {
        let place = |kind, url: &str| Place::new(kind, &Url::parse(url).expect("an address"));
        let here = place(ForgeKind::Github, "https://github.com");
        assert_eq!(here.as_str(), "github https://github.com/");
        assert_eq!(here, place(ForgeKind::Github, "https://me:secret@GitHub.com:443/?a=b"));
        assert_ne!(here, place(ForgeKind::Gitlab, "https://github.com"));
        let below = place(ForgeKind::Gitlab, "https://example.com/gitlab");
        assert_eq!(below.as_str(), "gitlab https://example.com/gitlab/");
        assert_eq!((below.kind(), here.kind()), (Some(ForgeKind::Gitlab), Some(ForgeKind::Github)));
        assert_eq!(Place::read("svn x".to_owned()).kind(), None);
    }
}
