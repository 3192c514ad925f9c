//! `project`: where the item lives.

use super::{At, Predicate, Truth, few};
use crate::{pack::rules::Pattern, rules::view::lower};

pub(super) struct Path<'c>(pub(super) &'c [Pattern]);

impl Predicate for Path<'_> {
    fn name(&self) -> &'static str {
        "project"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let path = lower(&at.view.snapshot.subject.project);
        self.0.iter().any(|one| one.fits_lower(&path)).into()
    }

    fn asked(&self) -> String {
        few(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        at.view.snapshot.subject.project.clone()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("project: example/product", Yes)]
    #[case("project: ['other/*', 'Example/*']", Yes)]
    #[case("project: example", No)]
    fn the_path_fits(#[case] when: &str, #[case] truth: Truth) {
        assert_eq!(asks(when, &Made::issue()), (truth, "example/product".to_owned()));
    }
}
