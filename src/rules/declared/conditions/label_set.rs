//! `label_set`: a label that is on the item was set by somebody of a kind, or long enough ago.

use super::{At, Predicate, Truth, few};
use crate::{
    model::LabelName,
    pack::rules::{LabelSet, Who},
};

pub(super) struct Set<'c>(pub(super) &'c LabelSet);

impl Set<'_> {
    fn fits(&self, lower: &str) -> bool {
        self.0.label.iter().any(|one| one.fits_lower(lower))
    }

    /// Whether a label that fits was set as is asked.
    fn one(&self, label: &LabelName, at: &At<'_, '_>) -> Truth {
        if self.0.by.is_none() && self.0.at_least.is_none() {
            return Truth::Yes;
        }
        // Without an event it was there from the beginning, or came with an import.
        let Some(Some(event)) = at.last_event(label).map(|last| last.filter(|event| event.added))
        else {
            return Truth::CannotTell;
        };
        let by = self.0.by.as_ref().is_none_or(|by| match by {
            Who::Steward => at.view.is_mine(event),
            Who::Person => !at.view.is_mine(event),
            Who::Author => event.by.as_ref().is_some_and(|by| by.id == at.view.snapshot.author.id),
        });
        let long = self.0.at_least.is_none_or(|span| event.at <= span.before(at.view.now));
        (by && long).into()
    }
}

impl Predicate for Set<'_> {
    fn name(&self) -> &'static str {
        "label_set"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let mut truth = Truth::No;
        for (label, lower) in at.labels() {
            if self.fits(lower) {
                truth = truth.or(self.one(label, at));
            }
            if truth == Truth::Yes {
                break;
            }
        }
        truth
    }

    fn asked(&self) -> String {
        let mut asked = few(self.0.label.iter());
        if let Some(by) = &self.0.by {
            let by = match by {
                Who::Steward => "Steward",
                Who::Person => "a person",
                Who::Author => "the author",
            };
            asked.push_str(&format!(" by {by}"));
        }
        if let Some(span) = &self.0.at_least {
            asked.push_str(&format!(" for {span} at least"));
        }
        asked
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        let fit = at.labels().filter(|(_, lower)| self.fits(lower));
        few(fit.map(|(label, _)| {
            let event = at.view.snapshot.last_label_event(label).filter(|event| event.added);
            match event {
                Some(event) => {
                    let by = event.by.as_ref().map_or("somebody", |by| by.username.as_str());
                    format!("{label} by {by} on {}", event.at.date_naive())
                }
                None => format!("{label}, set by nobody knows whom"),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::{
        model::Facet,
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("{ label: bug, by: person }", "anna", 3, Yes)]
    #[case("{ label: bug, by: person }", "steward", 3, No)]
    #[case("{ label: bug, by: steward }", "steward", 3, Yes)]
    #[case("{ label: bug, by: author }", "ben", 3, Yes)]
    #[case("{ label: bug, by: author }", "anna", 3, No)]
    #[case("{ label: bug, at_least: 3 days }", "anna", 3, Yes)]
    #[case("{ label: bug, at_least: 4 days }", "anna", 3, No)]
    #[case("{ label: bug, by: person, at_least: 4 days }", "anna", 5, Yes)]
    #[case("{ label: other, by: person }", "anna", 3, No)]
    fn who_set_it_and_when(
        #[case] set: &str,
        #[case] by: &str,
        #[case] days: i64,
        #[case] truth: Truth,
    ) {
        let item = Made::issue().labels(&["bug"]).history(&[("bug", by, days)]);
        assert_eq!(asks(&format!("label_set: {set}"), &item).0, truth);
    }

    #[test]
    fn the_history_is_read_only_when_the_label_is_there() {
        let when = "label_set: { label: bug, by: person }";
        let without = Made::issue().labels(&["other"]);
        assert_eq!((asks(when, &without).0, without.needs(when)), (No, vec![]));
        let with = Made::issue().labels(&["bug"]);
        assert_eq!(
            (asks(when, &with).0, with.needs(when)),
            (CannotTell, vec![Facet::LabelHistory])
        );
        // It was there from the beginning: nobody knows.
        assert_eq!(asks(when, &Made::issue().labels(&["bug"]).history(&[])).0, CannotTell);
    }
}
