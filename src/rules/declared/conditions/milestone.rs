//! `milestone`: the item has such a milestone.

use super::{At, Predicate, Truth, few};
use crate::{model::Version, pack::rules::MilestoneIs, rules::view::lower};

pub(super) struct Is<'c>(pub(super) &'c MilestoneIs);

impl Predicate for Is<'_> {
    fn name(&self) -> &'static str {
        "milestone"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let test = self.0;
        let Some(milestone) = &at.view.snapshot.milestone else {
            // Of a milestone that is not there nothing else holds.
            let others = test.title.is_some()
                || test.version.is_some()
                || test.major.is_some()
                || test.overdue.is_some();
            return (test.set == Some(false) && !others).into();
        };
        let version = || milestone.title.parse::<Version>().ok();
        let title = || {
            let title = lower(&milestone.title);
            test.title.as_ref().is_none_or(|any| any.iter().any(|one| one.fits_lower(&title)))
        };
        let in_range = || {
            let range = test.version.as_ref();
            range.is_none_or(|range| version().is_some_and(|version| range.holds(version)))
        };
        let major = || {
            test.major
                .is_none_or(|major| version().is_some_and(|version| version.is_major() == major))
        };
        let overdue = || {
            let today = at.view.now.date_naive();
            let late = milestone.due.is_some_and(|due| due < today);
            test.overdue.is_none_or(|overdue| late == overdue)
        };
        (test.set != Some(false) && title() && in_range() && major() && overdue()).into()
    }

    fn asked(&self) -> String {
        let test = self.0;
        let mut asked = Vec::new();
        let mut flag = |is: Option<bool>, yes: &str, no: &str| {
            asked.extend(is.map(|is| if is { yes.to_owned() } else { no.to_owned() }));
        };
        flag(test.set, "any", "none");
        flag(test.major, "a first of its major", "no first of its major");
        flag(test.overdue, "overdue", "not overdue");
        asked.extend(test.title.as_ref().map(|title| few(title.iter())));
        asked.extend(test.version.as_ref().map(|version| version.as_str().to_owned()));
        asked.join(", ")
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match &at.view.snapshot.milestone {
            None => "none".into(),
            Some(milestone) => match (self.0.overdue, milestone.due) {
                (Some(_), Some(due)) => format!("{}, due {due}", milestone.title),
                (Some(_), None) => format!("{}, no last day", milestone.title),
                (None, _) => milestone.title.clone(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("{ set: true }", Some("18.10"), Yes)]
    #[case("{ set: true }", None, No)]
    #[case("{ set: false }", None, Yes)]
    #[case("{ set: false }", Some("18.10"), No)]
    #[case("{ title: backlog }", Some("Backlog"), Yes)]
    #[case("{ title: 'back*' }", None, No)]
    #[case("{ version: '>= 18.9, < 19.0' }", Some("18.10"), Yes)]
    #[case("{ version: '>= 18.9' }", Some("18.8"), No)]
    #[case("{ version: '>= 18.9' }", Some("Backlog"), No)]
    #[case("{ major: true }", Some("19.0"), Yes)]
    #[case("{ major: true }", Some("19.10"), No)]
    #[case("{ major: false }", Some("19.1"), Yes)]
    #[case("{ major: false }", Some("Backlog"), No)]
    #[case("{ overdue: true }", None, No)]
    #[case("{ overdue: false }", None, No)]
    fn a_milestone_is_tested(
        #[case] test: &str,
        #[case] title: Option<&str>,
        #[case] truth: Truth,
    ) {
        let item = Made::issue().milestone(title, None);
        let saw = title.unwrap_or("none").to_owned();
        let (found, seen) = asks(&format!("milestone: {test}"), &item);
        assert_eq!(found, truth);
        assert!(seen.starts_with(&saw), "{seen}");
    }

    #[rstest]
    #[case(Some(-1), Yes, No, "18.10, due 2024-10-03")]
    #[case(Some(0), No, Yes, "18.10, due 2024-10-04")]
    #[case(None, No, Yes, "18.10, no last day")]
    fn a_milestone_is_overdue_after_its_last_day(
        #[case] due_in_days: Option<i64>,
        #[case] overdue: Truth,
        #[case] not: Truth,
        #[case] saw: &str,
    ) {
        let item = Made::issue().milestone(Some("18.10"), due_in_days);
        assert_eq!(asks("milestone: { overdue: true }", &item), (overdue, saw.to_owned()));
        assert_eq!(asks("milestone: { overdue: false }", &item), (not, saw.to_owned()));
    }
}
