//! The fields of `calendar.yml`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{Day, DayOfWeek, Month};
use crate::{
    model::Version,
    policy::{Located, LocatedMap},
};

/// The release calendar; the fields are described in `policies/calendar.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// The first release that is known.
    pub first: FirstRelease,
    /// The last major that is worked out in advance, with its minors.
    pub last_major: Located<u32>,
    /// The months of the majors.
    pub majors: Majors,
    /// The last minor of each major.
    pub last_minor: LastMinor,
    /// The day in the month, from a version on; the last rule that begins at a version or before it
    /// counts.
    pub days: Located<Vec<DayRule>>,
    /// Single releases on another day, by version.
    #[serde(default)]
    pub dates: LocatedMap<Located<Day>>,
    /// A group of the forge, on GitHub a repository, whose milestones know the days better. Left out,
    /// no forge is asked.
    #[serde(default)]
    pub milestones_of: Option<Located<String>>,
}

/// The first release that is known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstRelease {
    /// Its version.
    pub version: Located<Version>,
    /// The month in which it came out.
    pub month: Located<Month>,
}

/// The months of the majors.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Majors {
    /// The month of the year, from 1. A major comes in the first such month after the last minor
    /// of the major before it.
    pub month: Located<u32>,
    /// Majors that came in another month: `14: 2021-06`.
    #[serde(default)]
    pub except: LocatedMap<Located<Month>>,
}

/// The last minor of each major; there is a release a month.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LastMinor {
    /// The number of the last minor, if nothing else is said: 11.
    pub usual: Located<u32>,
    /// Majors that ended with another minor: `14: 10`.
    #[serde(default)]
    pub except: LocatedMap<Located<u32>>,
}

/// A day in the month: either `day`, or `week` and `weekday`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DayRule {
    /// The first version that comes out on this day.
    pub from: Located<Version>,
    /// The day of the month, 1 to 28.
    #[serde(default)]
    pub day: Option<Located<u32>>,
    /// Which of the month's, 1 to 4: with 3 the third Thursday.
    #[serde(default)]
    pub week: Option<Located<u32>>,
    /// The day of the week.
    #[serde(default)]
    pub weekday: Option<Located<DayOfWeek>>,
}
