//! `state`: whether the item is open, closed or merged.

use super::{At, Predicate, Truth, few, written};
use crate::model::State;

pub(super) struct In<'c>(pub(super) &'c [State]);

impl Predicate for In<'_> {
    fn name(&self) -> &'static str {
        "state"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        self.0.contains(&at.view.snapshot.state).into()
    }

    fn asked(&self) -> String {
        few(self.0.iter().map(written))
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        written(&at.view.snapshot.state)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::{
        model::State,
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("state: open", State::Open, Yes, "open")]
    #[case("state: [closed, merged]", State::Open, No, "open")]
    #[case("state: [closed, merged]", State::Merged, Yes, "merged")]
    #[case("not: { state: closed }", State::Closed, No, "")]
    // Without `state` a rule looks at open items only.
    #[case("labels: { at_least: 0 }", State::Closed, No, "0")]
    fn the_state_is_asked(
        #[case] when: &str,
        #[case] state: State,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        assert_eq!(asks(when, &Made::merge_request().state(state)), (truth, saw.to_owned()));
    }
}
