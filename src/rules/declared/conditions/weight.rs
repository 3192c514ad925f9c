//! `weight`: the weight that people gave the item.

use super::{At, Predicate, Truth};
use crate::pack::rules::Range;

pub(super) struct Weight(pub(super) Range);

impl Predicate for Weight {
    fn name(&self) -> &'static str {
        "weight"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        at.view.snapshot.weight.is_some_and(|weight| self.0.holds(weight)).into()
    }

    fn asked(&self) -> String {
        self.0.to_string()
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        at.view.snapshot.weight.map_or_else(|| "none".into(), |weight| weight.to_string())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("{ at_least: 3 }", Some(3), Yes, "3")]
    #[case("{ at_most: 2 }", Some(3), No, "3")]
    #[case("{ at_most: 2 }", None, No, "none")]
    fn the_weight_lies_in_the_range(
        #[case] range: &str,
        #[case] weight: Option<u64>,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        let item = Made::issue().weight(weight);
        assert_eq!(asks(&format!("weight: {range}"), &item), (truth, saw.to_owned()));
    }
}
