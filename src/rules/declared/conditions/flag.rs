//! `assigned`, `draft` and `confidential`: what an item is or is not.

use super::{At, Predicate, Truth, few, yes_no};

pub(super) struct Assigned(pub(super) bool);
pub(super) struct Draft(pub(super) bool);
pub(super) struct Confidential(pub(super) bool);

impl Predicate for Assigned {
    fn name(&self) -> &'static str {
        "assigned"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        (at.view.snapshot.assignees.is_empty() != self.0).into()
    }

    fn asked(&self) -> String {
        yes_no(self.0).into()
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match at.view.snapshot.assignees.as_slice() {
            [] => "nobody".into(),
            people => few(people.iter().map(|person| &person.username)),
        }
    }
}

impl Predicate for Draft {
    fn name(&self) -> &'static str {
        "draft"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        (at.view.snapshot.draft == self.0).into()
    }

    fn asked(&self) -> String {
        yes_no(self.0).into()
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        yes_no(at.view.snapshot.draft).into()
    }
}

impl Predicate for Confidential {
    fn name(&self) -> &'static str {
        "confidential"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        (at.view.snapshot.confidential == self.0).into()
    }

    fn asked(&self) -> String {
        yes_no(self.0).into()
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        yes_no(at.view.snapshot.confidential).into()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("assigned: true", No, "nobody", Yes, "carla")]
    #[case("assigned: false", Yes, "nobody", No, "carla")]
    #[case("draft: true", No, "no", Yes, "yes")]
    #[case("draft: false", Yes, "no", No, "yes")]
    #[case("confidential: true", No, "no", Yes, "yes")]
    #[case("confidential: false", Yes, "no", No, "yes")]
    fn an_item_is_or_is_not(
        #[case] when: &str,
        #[case] plain: Truth,
        #[case] saw_plain: &str,
        #[case] other: Truth,
        #[case] saw_other: &str,
    ) {
        let item = Made::merge_request();
        assert_eq!(asks(when, &item), (plain, saw_plain.to_owned()));
        assert_eq!(
            asks(when, &item.assigned().draft().confidential()),
            (other, saw_other.to_owned())
        );
    }
}
