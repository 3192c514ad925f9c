//! Values in conditions, checked and prepared when they are read.

use std::fmt;

use chrono::{DateTime, Months, TimeDelta, Utc};
use globset::{GlobBuilder, GlobMatcher};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Version;

/// A text in which `*` stands for any text, compared without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    text: String,
    /// In lower case, between the stars.
    parts: Vec<String>,
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("the pattern is empty".into());
        }
        let parts = text.to_lowercase().split('*').map(str::to_owned).collect();
        Ok(Self { text, parts })
    }
}

impl Pattern {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The one text that fits, if there is no star.
    pub fn exact(&self) -> Option<&str> {
        (self.parts.len() == 1).then_some(self.text.as_str())
    }

    /// Whether a text in lower case fits.
    pub fn fits_lower(&self, text: &str) -> bool {
        let [first, middle @ .., last] = self.parts.as_slice() else {
            return self.parts.first().is_some_and(|only| only == text);
        };
        let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
        for part in middle {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last.as_str())
    }

    /// Whether a text fits, whatever its case.
    pub fn fits(&self, text: &str) -> bool {
        self.fits_lower(&text.to_lowercase())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A regular expression (syntax of Rust's `regex`: no look-around, linear time).
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Regexp(Regex);

/// Compiled, a regular expression takes no more than this many bytes.
const REGEX_BYTES: usize = 1 << 20;

impl TryFrom<String> for Regexp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        regex::RegexBuilder::new(&text).size_limit(REGEX_BYTES).build().map(Self).map_err(|error| {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default();
            format!("not a regular expression: {}", last.trim_start_matches("error: "))
        })
    }
}

impl Regexp {
    /// The expression, compiled.
    pub(super) fn into_inner(self) -> Regex {
        self.0
    }
}

impl std::ops::Deref for Regexp {
    type Target = Regex;
    fn deref(&self) -> &Regex {
        &self.0
    }
}

/// A pattern for paths: `*` stops at `/`, `**` does not, `{a,b}` is one of several.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct PathGlob(GlobMatcher);

impl TryFrom<String> for PathGlob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let glob = GlobBuilder::new(&text).literal_separator(true).build();
        glob.map(|glob| Self(glob.compile_matcher()))
            .map_err(|error| format!("not a pattern for paths: {}", error.kind()))
    }
}

impl PathGlob {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.0.glob().glob()
    }

    /// Whether a path fits.
    pub fn fits(&self, path: &str) -> bool {
        self.0.is_match(path)
    }

    /// The pattern, compiled.
    pub(in crate::pack) fn matcher(&self) -> &GlobMatcher {
        &self.0
    }
}

/// Whole numbers from `at_least` to `at_most`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least; 0, if left out.
    #[serde(default)]
    pub at_least: Option<u64>,
    /// The most; no limit, if left out.
    #[serde(default)]
    pub at_most: Option<u64>,
}

impl Range {
    /// Whether a number lies in the range.
    pub fn holds(&self, number: u64) -> bool {
        self.at_least.is_none_or(|least| number >= least)
            && self.at_most.is_none_or(|most| number <= most)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => write!(f, "{least}"),
            (Some(least), Some(most)) => write!(f, "{least} to {most}"),
            (Some(least), None) => write!(f, "at least {least}"),
            (None, Some(most)) => write!(f, "at most {most}"),
            (None, None) => f.write_str("any number"),
        }
    }
}

/// A stretch of time: `36 hours`, `30 days`, `2 weeks`, `6 months`, `1 year`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum TimeSpan {
    /// A fixed time.
    Fixed(TimeDelta),
    /// Months of the calendar.
    Months(u32),
}

impl TryFrom<String> for TimeSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a time; expected a number and hours, days, weeks, months or \
                     years, such as `30 days`"
            )
        };
        let (number, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong())?;
        let fixed = |hours: i64| {
            TimeDelta::try_hours(i64::from(number) * hours).map(Self::Fixed).ok_or_else(wrong)
        };
        if number > 12_000 {
            return Err(wrong());
        }
        match unit.trim().trim_end_matches('s') {
            "hour" => fixed(1),
            "day" => fixed(24),
            "week" => fixed(24 * 7),
            "month" => Ok(Self::Months(number)),
            "year" => Ok(Self::Months(number * 12)),
            _ => Err(wrong()),
        }
    }
}

impl TimeSpan {
    /// The moment that lies so long before another one.
    pub fn before(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Fixed(delta) => now.checked_sub_signed(*delta),
            Self::Months(months) => now.checked_sub_months(Months::new(*months)),
        }
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match self {
            Self::Fixed(delta) if delta.num_hours() % 24 == 0 => (delta.num_days(), "day"),
            Self::Fixed(delta) => (delta.num_hours(), "hour"),
            Self::Months(months) => (i64::from(*months), "month"),
        };
        write!(f, "{number} {unit}{}", if number == 1 { "" } else { "s" })
    }
}

/// A range of versions: `>= 18.0, < 19.0`. Each part must hold.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Versions {
    text: String,
    parts: Vec<(Order, Version)>,
}

/// How a version compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Least,
    More,
    Most,
    Less,
    Equal,
}

impl TryFrom<String> for Versions {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = Vec::new();
        for part in text.split(',').map(str::trim) {
            let signs = [
                (">=", Order::Least),
                (">", Order::More),
                ("<=", Order::Most),
                ("<", Order::Less),
                ("=", Order::Equal),
            ];
            let (order, rest) = signs
                .iter()
                .find_map(|(sign, order)| Some((*order, part.strip_prefix(sign)?)))
                .ok_or_else(|| {
                    format!(
                        "`{part}` compares nothing; expected `>=`, `>`, `<=`, `<` or `=` and a \
                             version, such as `>= 18.0`"
                    )
                })?;
            let version = rest.trim().parse::<Version>().map_err(|error| error.to_string())?;
            parts.push((order, version));
        }
        Ok(Self { text, parts })
    }
}

impl Versions {
    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a version lies in the range.
    pub fn holds(&self, version: Version) -> bool {
        self.parts.iter().all(|(order, bound)| match order {
            Order::Least => version >= *bound,
            Order::More => version > *bound,
            Order::Most => version <= *bound,
            Order::Less => version < *bound,
            Order::Equal => version == *bound,
        })
    }

    /// The versions that the range names: its edges, for whoever looks for an example.
    pub fn bounds(&self) -> impl Iterator<Item = Version> {
        self.parts.iter().map(|(_, version)| *version)
    }
}

/// These are texts in the file, and in the schema.
macro_rules! text_schema {
    ($($type:ident: $about:literal),* $(,)?) => {$(
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "minLength": 1, "description": $about })
            }
        }
    )*};
}

text_schema! {
    Pattern: "A text in which `*` stands for any text; case makes no difference",
    Regexp: "A regular expression",
    PathGlob: "A pattern for paths: `*` stops at `/`, `**` does not",
    TimeSpan: "A stretch of time, such as `30 days`, `2 weeks` or `6 months`",
    Versions: "A range of versions, such as `>= 18.0, < 19.0`",
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("bug", "Bug", true)]
    #[case("bug", "bugs", false)]
    #[case("type::*", "type::bug", true)]
    #[case("type::*", "type:", false)]
    #[case("*::bug", "type::bug", true)]
    #[case("a*b*c", "a-b-c", true)]
    #[case("a*b*c", "acb", false)]
    #[case("ab*ba", "aba", false)]
    #[case("*", "", true)]
    fn a_pattern_fits(#[case] pattern: &str, #[case] text: &str, #[case] fits: bool) {
        let pattern = Pattern::try_from(pattern.to_owned()).expect(pattern);
        assert_eq!(pattern.fits(text), fits);
    }

    #[test]
    fn a_range_of_versions_holds_between_its_bounds() {
        let version = |text: &str| text.parse::<Version>().expect(text);
        let range = Versions::try_from(">= 18.0, < 19.0".to_owned()).expect("a range");
        assert!(range.holds(version("18.11")) && !range.holds(version("19.0")));
        let error = Versions::try_from("18.0".to_owned()).expect_err("no sign");
        assert!(error.contains(">="), "{error}");
        let error = Versions::try_from(">= 18".to_owned()).expect_err("no version");
        assert_eq!(error, "`18` is not a version such as `18.10`");
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let now = "2026-03-31T00:00:00Z".parse::<DateTime<Utc>>().expect("a time");
        let before = |text: &str| {
            TimeSpan::try_from(text.to_owned()).expect(text).before(now).date_naive().to_string()
        };
        assert_eq!(before("1 month"), "2026-02-28");
        assert_eq!(before("30 days"), "2026-03-01");
        assert_eq!(before("1 year"), "2025-03-31");
        for text in ["30", "days", "-1 days", "1 fortnight", "999999999 days"] {
            assert!(TimeSpan::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
