//! `labels`: how many labels are on the item.

use super::{At, Predicate, Truth};
use crate::pack::rules::Range;

pub(super) struct Labels(pub(super) Range);

impl Predicate for Labels {
    fn name(&self) -> &'static str {
        "labels"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        self.0.holds(at.labels().count() as u64).into()
    }

    fn asked(&self) -> String {
        self.0.to_string()
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        at.labels().count().to_string()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("labels: { at_most: 0 }", &[], Yes, "0")]
    #[case("labels: { at_most: 0 }", &["a"], No, "1")]
    #[case("labels: { at_least: 2 }", &["a", "b"], Yes, "2")]
    #[case("labels: { at_least: 1, at_most: 1 }", &["a", "b"], No, "2")]
    fn labels_are_counted(
        #[case] when: &str,
        #[case] labels: &[&str],
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        assert_eq!(asks(when, &Made::issue().labels(labels)), (truth, saw.to_owned()));
    }

    #[test]
    fn the_rules_own_label_does_not_count() {
        let item = Made::issue().labels(&["bug"]).set_by_steward("bug", Some("rules.example"));
        assert_eq!(asks("labels: { at_most: 0 }", &item).0, Yes);
    }
}
