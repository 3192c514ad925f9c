//! `age`: how old the item is, or for how long it was left alone.

use super::{At, Predicate, Truth};
use crate::pack::rules::{Age, Clock};

pub(super) struct Since<'c>(pub(super) &'c Age);

impl Since<'_> {
    fn moment(&self, at: &At<'_, '_>) -> chrono::DateTime<chrono::Utc> {
        match self.0.since {
            Clock::Created => at.view.snapshot.created_at,
            Clock::Updated => at.view.active_at(),
        }
    }
}

impl Predicate for Since<'_> {
    fn name(&self) -> &'static str {
        "age"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let (moment, now) = (self.moment(at), at.view.now);
        let least = self.0.at_least.is_none_or(|span| moment <= span.before(now));
        let less = self.0.less_than.is_none_or(|span| moment > span.before(now));
        (least && less).into()
    }

    fn asked(&self) -> String {
        let since = match self.0.since {
            Clock::Created => "created",
            Clock::Updated => "updated",
        };
        let least = self.0.at_least.map(|span| format!("at least {span}"));
        let less = self.0.less_than.map(|span| format!("less than {span}"));
        let bounds: Vec<String> = [least, less].into_iter().flatten().collect();
        format!("{since} {} ago", bounds.join(" and "))
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        let ago = at.view.now - self.moment(at);
        match ago.num_days() {
            0 => format!("{} hours", ago.num_hours().max(0)),
            1 => "1 day".into(),
            days => format!("{days} days"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("{ since: created, at_least: 40 days }", Yes, "40 days")]
    #[case("{ since: created, at_least: 41 days }", No, "40 days")]
    #[case("{ since: created, less_than: 41 days }", Yes, "40 days")]
    #[case("{ since: created, less_than: 40 days }", No, "40 days")]
    #[case("{ since: created, at_least: 1 month, less_than: 2 months }", Yes, "40 days")]
    #[case("{ since: updated, at_least: 1 day }", Yes, "1 day")]
    #[case("{ since: updated, at_least: 25 hours }", No, "1 day")]
    fn time_is_counted(#[case] test: &str, #[case] truth: Truth, #[case] saw: &str) {
        assert_eq!(asks(&format!("age: {test}"), &Made::issue()), (truth, saw.to_owned()));
    }
}
