//! The group that a cell of the ownership page means.
//!
//! The page is written by many hands: `group Project Management`, `group Plan:Project
//! Management`, `under group Plan:Project Management` and `~"group::project management"` are one
//! group.

use crate::catalog::lookup::squash;
use crate::catalog::{Catalog, Group};
use crate::policy::nearest;

/// Words that may stand before or after a group's name and mean nothing.
const NOISE: &[&str] = &["under", "the", "group", "groups", "team", "dri"];

/// A cell that names no known group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no group `{name}`")]
pub struct UnknownGroup {
    /// The name that was understood.
    pub name: String,
    /// The nearest name of a known group.
    pub nearest: Option<String>,
}

/// Finds the group that a cell names.
///
/// A stage before the name (`Plan:`) only decides between groups of the same name: pages keep the
/// stage of a group that has moved.
///
/// # Errors
/// The name that was understood, with the nearest known one.
pub fn group_of_cell<'a>(cell: &str, catalog: &'a Catalog) -> Result<&'a Group, UnknownGroup> {
    let (stage, name) = split(cell);
    let wanted = squash(&name);
    let named: Vec<&Group> = match wanted.is_empty() {
        true => Vec::new(),
        false => catalog.groups().filter(|group| answers_to(group, &wanted)).collect(),
    };
    let in_stage = |group: &&&Group| {
        catalog.stage_of(&group.key).is_some_and(|s| {
            [s.name.as_str(), s.key.as_str()].iter().any(|name| squash(name) == squash(&stage))
        })
    };
    match named.as_slice() {
        [only] => Ok(only),
        several => several.iter().find(in_stage).copied().ok_or_else(|| UnknownGroup {
            nearest: nearest(&name, catalog.groups().map(|group| group.name.as_str()))
                .map(str::to_owned),
            name,
        }),
    }
}

fn answers_to(group: &Group, squashed: &str) -> bool {
    let label = group.label.as_deref().and_then(|label| label.rsplit("::").next());
    let names = [group.name.as_str(), group.key.as_str()].into_iter().chain(label);
    names.map(squash).any(|name| name == squashed)
}

/// Stage (maybe empty) and name, without the words around them.
fn split(cell: &str) -> (String, String) {
    let bare = cell.replace(['~', '"', '`', '*', '\u{201c}', '\u{201d}'], " ");
    let mut parts: Vec<String> =
        bare.split(':').map(without_noise).filter(|part| !part.is_empty()).collect();
    let name = parts.pop().unwrap_or_default();
    (parts.pop().unwrap_or_default(), name)
}

fn without_noise(part: &str) -> String {
    let is_noise = |word: &&str| NOISE.contains(&word.to_lowercase().as_str());
    let words: Vec<&str> = part.split_whitespace().collect();
    let start = words.iter().take_while(|word| is_noise(word)).count();
    let rest = words.get(start..).unwrap_or_default();
    let end = rest.len() - rest.iter().rev().take_while(|word| is_noise(word)).count();
    rest.get(..end).unwrap_or_default().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use crate::policy::PolicySource;

    fn catalog() -> &'static Catalog {
        static CATALOG: std::sync::OnceLock<Catalog> = std::sync::OnceLock::new();
        CATALOG.get_or_init(|| {
            Catalog::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"))
        })
    }

    #[rstest]
    #[case("group Pipeline Execution", "pipeline_execution")]
    #[case("group Verify:Pipeline Execution", "pipeline_execution")]
    #[case("under group Plan:Project Management", "project_management")]
    #[case("Plan:Project Management", "project_management")]
    #[case("Plan: project  management group", "project_management")]
    #[case("~\"group::project management\"", "project_management")]
    #[case("`mobile_devops`", "mobile_devops")]
    #[case("group Create:Import", "import")]
    #[case("Manage:Import", "import")]
    fn one_group_has_many_spellings(#[case] cell: &str, #[case] key: &str) {
        assert_eq!(group_of_cell(cell, catalog()).map(|group| group.key.as_str()), Ok(key));
    }

    #[test]
    fn an_unknown_group_comes_with_the_nearest_one() {
        let error = group_of_cell("group Plan:Project Managment", catalog()).expect_err("typo");
        assert_eq!(error.nearest.as_deref(), Some("Project Management"));
        for nothing in ["", "group", ":", "under group", "?!"] {
            group_of_cell(nothing, catalog()).expect_err("names nothing");
        }
    }

    proptest! {
        #[test]
        fn any_cell_is_taken(cell in any::<String>()) {
            let _ = group_of_cell(&cell, catalog());
        }

        #[test]
        fn any_mix_of_separators_and_noise_is_taken(cell in "(group|under|Plan|:| |~|\"|é|Import){0,12}") {
            let _ = group_of_cell(&cell, catalog());
        }
    }
}
