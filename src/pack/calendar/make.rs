//! The releases, worked out from `calendar.yml`: one a month, majors in their month, each on the
//! day that the rule for its version says.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{CalendarFile, DayRule, Month};
use crate::{
    model::{Calendar, CalendarError, Release, Version},
    policy::{Located, LocatedMap, PolicyError, PolicyErrors, SourceFile, Span},
};

/// So many majors are worked out at the most: further ones would be years of a slip of a pen.
const MOST_MAJORS: u32 = 100;
/// The highest number that a last minor can have.
const MOST_MINORS: u32 = 99;

/// The releases that the file describes.
///
/// # Errors
/// Everything that it says and that cannot be.
pub(super) fn releases(file: &CalendarFile, source: &SourceFile) -> Result<Calendar, PolicyErrors> {
    let mut maker = Maker { source, errors: PolicyErrors::default() };
    let plan = maker.plan(file);
    let calendar = plan.and_then(|plan| maker.work_out(file, &plan));
    match calendar {
        Some(calendar) if maker.errors.is_empty() => Ok(calendar),
        Some(_) => Err(maker.errors),
        None => {
            if maker.errors.is_empty() {
                let span = file.last_major.span;
                maker.wrong(span, "there are no days for so many releases".to_owned(), "");
            }
            Err(maker.errors)
        }
    }
}

/// What the file says, by numbers.
struct Plan {
    majors: BTreeMap<u32, Located<Month>>,
    minors: BTreeMap<u32, u32>,
    dates: BTreeMap<Version, Located<NaiveDate>>,
}

struct Maker<'s> {
    source: &'s SourceFile,
    errors: PolicyErrors,
}

impl Maker<'_> {
    fn wrong(&mut self, span: Span, message: String, help: &str) {
        let error = PolicyError::new(self.source, span, message);
        self.errors.push(error.with_help((!help.is_empty()).then(|| help.to_owned())));
    }

    fn within(&mut self, number: &Located<u32>, least: u32, most: u32, what: &str) -> bool {
        let holds = (least..=most).contains(&number.value);
        if !holds {
            let message = format!("{what} is a number from {least} to {most}, not {}", **number);
            self.wrong(number.span, message, "");
        }
        holds
    }

    /// The exceptions by their keys, and whether all numbers are such as can be counted with.
    fn plan(&mut self, file: &CalendarFile) -> Option<Plan> {
        let first = file.first.version.major;
        let numbers = [
            self.within(&file.last_major, first, first.saturating_add(MOST_MAJORS), "`last_major`"),
            self.within(&file.majors.month, 1, 12, "a month"),
            self.within(&file.last_minor.usual, 0, MOST_MINORS, "a last minor"),
            self.day_rules(file),
        ];
        let majors = self.by_major(&file.majors.except, file);
        let minors = self.by_major(&file.last_minor.except, file);
        let mut last = BTreeMap::new();
        for (major, minor) in minors {
            if self.within(minor, 0, MOST_MINORS, "a last minor") {
                last.insert(major, minor.value);
            }
        }
        let mut dates = BTreeMap::new();
        for (key, date) in &file.dates.0 {
            match key.parse::<Version>() {
                Ok(version) => {
                    let date = Located { value: date.value.0, span: key.span };
                    dates.insert(version, date);
                }
                Err(error) => self.wrong(key.span, error.to_string(), ""),
            }
        }
        let majors = majors.into_iter().map(|(major, month)| (major, month.clone())).collect();
        numbers.iter().all(|holds| *holds).then_some(Plan { majors, minors: last, dates })
    }

    /// Entries by the number of their major, which must be one that is worked out.
    fn by_major<'f, T>(
        &mut self,
        entries: &'f LocatedMap<T>,
        file: &CalendarFile,
    ) -> Vec<(u32, &'f T)> {
        let (first, last) = (file.first.version.major, *file.last_major);
        let mut found = Vec::new();
        for (key, value) in &entries.0 {
            match key.parse::<u32>() {
                Ok(major) if (first..=last).contains(&major) => found.push((major, value)),
                _ => {
                    let message = format!("`{}` is no major of this calendar", key.value);
                    let help = format!("expected a whole number from {first} to {last}");
                    self.wrong(key.span, message, &help);
                }
            }
        }
        found
    }

    fn day_rules(&mut self, file: &CalendarFile) -> bool {
        let before = self.errors.iter().count();
        let first = *file.first.version;
        if file.days.first().is_none_or(|rule| *rule.from > first) {
            let message = format!("no rule says on which day {first} came out");
            self.wrong(file.days.span, message, "let the first entry begin at the first release");
        }
        for (rule, next) in file.days.iter().zip(file.days.iter().skip(1)) {
            if rule.from >= next.from {
                let message = format!("{} does not come after {}", *next.from, *rule.from);
                self.wrong(next.from.span, message, "put the rules in the order of their versions");
            }
        }
        for rule in file.days.iter() {
            match (&rule.day, &rule.week, &rule.weekday) {
                (Some(day), None, None) => {
                    self.within(day, 1, 28, "a day of every month");
                }
                (None, Some(week), Some(_)) => {
                    self.within(week, 1, 4, "a week of every month");
                }
                _ => self.wrong(
                    rule.from.span,
                    format!("the rule from {} on does not name one day", *rule.from),
                    "write either `day: 22`, or `week: 3` and `weekday: thursday`",
                ),
            }
        }
        self.errors.iter().count() == before
    }

    fn work_out(&mut self, file: &CalendarFile, plan: &Plan) -> Option<Calendar> {
        let first = *file.first.version;
        let mut month = *file.first.month;
        let mut releases = Vec::new();
        for major in first.major..=*file.last_major {
            let start = if major == first.major { first.minor } else { 0 };
            let last = plan.minors.get(&major).copied().unwrap_or(*file.last_minor.usual);
            if major > first.major {
                month = self.month_of(major, month, file, plan)?;
            }
            for minor in start..=last {
                if minor > start {
                    month = month.later(1)?;
                }
                let version = Version::new(major, minor);
                let date = match plan.dates.get(&version) {
                    Some(date) => date.value,
                    None => day_of(version, month, &file.days)?,
                };
                releases.push(Release { version, date });
            }
            if last < start {
                let message = format!("{first} is no release: {major}.{last} is the last one");
                self.wrong(file.first.version.span, message, "");
            }
        }
        let calendar = self.ordered(releases, file, plan)?;
        for (version, date) in &plan.dates {
            if calendar.index(*version).is_none() {
                let message = format!("{version} is no release of this calendar");
                self.wrong(date.span, message, "correct the version, or `last_minor`");
            }
        }
        Some(calendar)
    }

    /// The month of a major whose predecessor ended with `before`.
    fn month_of(
        &mut self,
        major: u32,
        before: Month,
        file: &CalendarFile,
        plan: &Plan,
    ) -> Option<Month> {
        match plan.majors.get(&major) {
            Some(month) if **month > before => Some(**month),
            Some(month) => {
                let message = format!("{major}.0 cannot come in {}", **month);
                let help = format!("the last minor before it comes in {before}");
                self.wrong(month.span, message, &help);
                None
            }
            None => before.next_in_year(*file.majors.month),
        }
    }

    fn ordered(
        &mut self,
        releases: Vec<Release>,
        file: &CalendarFile,
        plan: &Plan,
    ) -> Option<Calendar> {
        Calendar::new(releases)
            .map_err(|error| {
                let CalendarError::OutOfOrder { earlier, later } = error else { return };
                // Only a day of its own, or where one rule ends and another begins, can do that.
                let own = |release: Release| Some(plan.dates.get(&release.version)?.span);
                let span = own(later).or_else(|| own(earlier)).unwrap_or(file.days.span);
                self.wrong(span, error.to_string(), "");
            })
            .ok()
    }
}

/// The day on which a version comes out in its month.
fn day_of(version: Version, month: Month, rules: &[DayRule]) -> Option<NaiveDate> {
    let rule = rules.iter().rfind(|rule| *rule.from <= version)?;
    match (&rule.day, &rule.week, &rule.weekday) {
        (Some(day), _, _) => month.day(**day),
        (None, Some(week), Some(day)) => month.weekday(u8::try_from(**week).ok()?, **day),
        _ => None,
    }
}
