//! Labels and their scopes.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// The name of a label as the forge spells it. People and tools disagree about case, so names
/// are compared with [`LabelName::same`], never with `==` where a human's spelling is involved.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelName(String);

impl LabelName {
    /// Takes the name as it stands.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as the forge spells it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name the same label, without regard to case.
    pub fn same(&self, other: &LabelName) -> bool {
        same_text(&self.0, &other.0)
    }

    /// The scope within which a scoped label excludes others: all before the last `::`, so that
    /// `Integration::Foo::Bar` has the scope `Integration::Foo` (GitLab, "Scoped labels").
    pub fn scope(&self) -> Option<&str> {
        self.0.rsplit_once("::").map(|(scope, _)| scope).filter(|scope| !scope.is_empty())
    }

    /// Whether both are values of one scope, without regard to case.
    pub fn shares_scope(&self, other: &LabelName) -> bool {
        match (self.scope(), other.scope()) {
            (Some(a), Some(b)) => same_text(a, b),
            _ => false,
        }
    }
}

/// Whether two texts differ in nothing but case. Labels are compared at every turn, and most are
/// plain ASCII, which takes no copies.
fn same_text(a: &str, b: &str) -> bool {
    match a.is_ascii() && b.is_ascii() {
        true => a.eq_ignore_ascii_case(b),
        // Letters that are not ASCII can be ASCII in lower case, such as the Kelvin sign.
        false => a.to_lowercase() == b.to_lowercase(),
    }
}

impl fmt::Display for LabelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for LabelName {
    fn from(name: &str) -> Self {
        Self(name.to_owned())
    }
}

/// A text in lower case, borrowed if it is so already: most labels are.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    match text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_ends_at_the_last_pair_of_colons() {
        assert_eq!(LabelName::from("group::import").scope(), Some("group"));
        assert_eq!(LabelName::from("Integration::Foo::Bar").scope(), Some("Integration::Foo"));
        assert_eq!(LabelName::from("bug").scope(), None);
        assert_eq!(LabelName::from("::x").scope(), None);
    }

    #[test]
    fn case_does_not_tell_labels_apart() {
        assert!(LabelName::from("Group::Import").same(&"group::import".into()));
        assert!(LabelName::from("Group::A").shares_scope(&"group::B".into()));
        assert!(!LabelName::from("group::a").shares_scope(&"Integration::a".into()));
        assert!(!LabelName::from("bug").shares_scope(&"bug".into()));
        assert!(LabelName::from("Ärger").same(&"ärger".into()));
        assert!(LabelName::from("\u{212a}elvin").same(&"kelvin".into()));
        assert!(!LabelName::from("bug").same(&"bugs".into()));
    }
}
