//! Values in `calendar.yml`, checked when they are read.

use chrono::{Datelike, Months, NaiveDate, Weekday};
use schemars::JsonSchema;
use serde::Deserialize;

/// A month of a year: `2021-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Month(
    /// Its first day.
    NaiveDate,
);

impl TryFrom<String> for Month {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        day(&format!("{text}-01"))
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no month; expected something like `2021-06`"))
    }
}

impl Month {
    /// So many months later; `None` behind the end of all calendars.
    pub(super) fn later(self, months: u32) -> Option<Self> {
        self.0.checked_add_months(Months::new(months)).map(Self)
    }

    /// The first month with this number in the year, from 1 to 12, that comes after this one.
    pub(super) fn next_in_year(self, month: u32) -> Option<Self> {
        let between = (month + 12).checked_sub(self.0.month())? % 12;
        self.later(if between == 0 { 12 } else { between })
    }

    /// The day with this number, from 1.
    pub(super) fn day(self, day: u32) -> Option<NaiveDate> {
        self.0.with_day(day)
    }

    /// The first, second ... of these weekdays.
    pub(super) fn weekday(self, week: u8, day: DayOfWeek) -> Option<NaiveDate> {
        NaiveDate::from_weekday_of_month_opt(self.0.year(), self.0.month(), day.into(), week)
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

/// A day: `2021-06-22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(
    /// The day.
    pub NaiveDate,
);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        day(&text)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no day; expected something like `2021-06-22`"))
    }
}

/// Four digits, two and two: there is one way to write a day.
fn day(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
    shape.then(|| text.parse().ok()).flatten()
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum DayOfWeek {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<DayOfWeek> for Weekday {
    fn from(day: DayOfWeek) -> Self {
        match day {
            DayOfWeek::Monday => Weekday::Mon,
            DayOfWeek::Tuesday => Weekday::Tue,
            DayOfWeek::Wednesday => Weekday::Wed,
            DayOfWeek::Thursday => Weekday::Thu,
            DayOfWeek::Friday => Weekday::Fri,
            DayOfWeek::Saturday => Weekday::Sat,
            DayOfWeek::Sunday => Weekday::Sun,
        }
    }
}

macro_rules! schema {
    ($($type:ident: $pattern:literal, $about:literal);* $(;)?) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string", "pattern": $pattern, "description": $about,
                })
            }
        }
    )*};
}

schema! {
    Month: "^\\d{4}-\\d{2}$", "A month, such as `2021-06`";
    Day: "^\\d{4}-\\d{2}-\\d{2}$", "A day, such as `2021-06-22`";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::try_from(text.to_owned()).expect(text)
    }

    #[test]
    fn days_of_a_month() {
        let november = month("2023-11");
        let third = november.weekday(3, DayOfWeek::Thursday).expect("there");
        assert_eq!(third.to_string(), "2023-11-16");
        assert_eq!(november.day(22).expect("there").to_string(), "2023-11-22");
        assert_eq!(november.day(31), None);
    }

    #[test]
    fn the_next_may_is_never_this_one() {
        let next = |text: &str| month(text).next_in_year(5).expect("there").to_string();
        assert_eq!(next("2022-04"), "2022-05");
        assert_eq!(next("2022-05"), "2023-05");
        assert_eq!(next("2022-06"), "2023-05");
        assert_eq!(month("2021-12").later(2).expect("there").to_string(), "2022-02");
    }

    #[rstest::rstest]
    #[case("2021-6")]
    #[case("2021-13")]
    #[case("June 2021")]
    #[case("2021-06-01")]
    #[case("")]
    fn what_is_no_month_is_told(#[case] text: &str) {
        let told = Month::try_from(text.to_owned()).expect_err(text);
        assert_eq!(told, format!("`{text}` is no month; expected something like `2021-06`"));
        assert!(Day::try_from(text.to_owned()).is_err() || text == "2021-06-01");
    }
}
