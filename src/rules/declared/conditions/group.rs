//! `group`: one of these groups owns an integration that the item is about.

use super::{At, Predicate, Truth, few};

pub(super) struct Owns<'c>(pub(super) &'c [String]);

impl Predicate for Owns<'_> {
    fn name(&self) -> &'static str {
        "group"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let Some(about) = at.about() else { return Truth::CannotTell };
        if about.cut {
            return Truth::CannotTell;
        }
        let mut owners = about.found.iter().map(|one| one.owner.key.as_str());
        owners.any(|key| self.0.iter().any(|one| one == key)).into()
    }

    fn asked(&self) -> String {
        few(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match at.about() {
            Some(about) => few(about.found.iter().map(|one| &one.owner.key)),
            None => "nobody knows".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("group: project_management", &["Integration::Jira"], Yes, "project_management")]
    #[case("group: [import, container_registry]", &["Integration::Jira"], No, "project_management")]
    #[case("group: import", &[], No, "none")]
    fn the_owner_is_tested(
        #[case] when: &str,
        #[case] labels: &[&str],
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        assert_eq!(asks(when, &Made::issue().labels(labels)), (truth, saw.to_owned()));
    }
}
