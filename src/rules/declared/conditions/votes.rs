//! `votes`: how many thumbs people gave.

use super::{At, Predicate, Truth};
use crate::pack::rules::Voted;

pub(super) struct Counted<'c>(pub(super) &'c Voted);

impl Predicate for Counted<'_> {
    fn name(&self) -> &'static str {
        "votes"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let Some(votes) = at.votes() else { return Truth::CannotTell };
        let up = self.0.up.is_none_or(|range| range.holds(votes.up));
        (up && self.0.down.is_none_or(|range| range.holds(votes.down))).into()
    }

    fn asked(&self) -> String {
        let up = self.0.up.map(|range| format!("{range} up"));
        let down = self.0.down.map(|range| format!("{range} down"));
        [up, down].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match at.votes() {
            Some(votes) => format!("{} up, {} down", votes.up, votes.down),
            None => "not read".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks, asks_expr};
    use crate::{
        model::Facet,
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("{ up: { at_least: 3 } }", Yes)]
    #[case("{ up: { at_least: 4 } }", No)]
    #[case("{ down: { at_most: 1 } }", Yes)]
    #[case("{ up: { at_least: 3 }, down: { at_most: 0 } }", No)]
    fn thumbs_are_counted(#[case] test: &str, #[case] truth: Truth) {
        let item = Made::issue().votes(3, 1);
        assert_eq!(asks(&format!("votes: {test}"), &item), (truth, "3 up, 1 down".to_owned()));
    }

    #[test]
    fn where_the_item_does_not_tell_they_are_read() {
        let item = Made::merge_request().untold_votes();
        let when = "votes: { up: { at_most: 3 } }";
        assert_eq!(item.needs(when), [Facet::Votes]);
        assert_eq!(asks(when, &item), (CannotTell, "not read".to_owned()));
        assert_eq!(item.needs_expr("item.votes.up > 3"), [Facet::Votes]);
        assert_eq!(item.needs_expr("item.draft"), []);
        assert_eq!(asks_expr("item.votes.up <= 3", &item), CannotTell);
    }
}
