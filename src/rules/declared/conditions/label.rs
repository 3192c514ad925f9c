//! `label`: a label is on the item that fits one of the patterns.

use super::{At, Predicate, Truth, few};
use crate::pack::rules::Pattern;

pub(super) struct Label<'c>(pub(super) &'c [Pattern]);

impl Predicate for Label<'_> {
    fn name(&self) -> &'static str {
        "label"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        at.labels().any(|(_, lower)| self.0.iter().any(|one| one.fits_lower(lower))).into()
    }

    fn asked(&self) -> String {
        few(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        let fit = at.labels().filter(|(_, lower)| self.0.iter().any(|one| one.fits_lower(lower)));
        few(fit.map(|(label, _)| label))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("label: Bug", &["bug"], Yes, "bug")]
    #[case("label: bug", &["bugs"], No, "none")]
    #[case("label: 'type::*'", &["Type::Bug", "a"], Yes, "Type::Bug")]
    #[case("label: [a, b]", &["b"], Yes, "b")]
    #[case("label: '*'", &[], No, "none")]
    fn a_label_fits(
        #[case] when: &str,
        #[case] labels: &[&str],
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        assert_eq!(asks(when, &Made::issue().labels(labels)), (truth, saw.to_owned()));
    }

    #[test]
    fn a_rule_does_not_see_the_label_that_it_has_set() {
        let by = |rule: Option<&str>| Made::issue().labels(&["bug"]).set_by_steward("bug", rule);
        assert_eq!(asks("label: bug", &by(Some("rules.example"))).0, No);
        assert_eq!(asks("label: bug", &by(Some("rules.other"))).0, Yes);
        // From a marker: the rule adds `bug`, so it is taken for its own.
        assert_eq!(asks("label: bug", &by(None)).0, No);
    }
}
