//! When something runs by the clock: a cron expression of five fields in a time zone.
//!
//! This is the one place that knows the `cron` crate, which reads another dialect: it wants seconds,
//! takes 1 for Sunday, joins the two fields for days by *and*, loses what daylight saving skips and
//! runs twice what it repeats. So the fields are read here, as crontab(5) has them, and the crate is
//! asked only which dates and times of a calendar without a zone they name. A time that a zone does
//! not have on some day runs at the next moment that there is; one that it has twice, the first time.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::field::{Asked, DAYS, FIELDS, Field};
use crate::policy::nearest;

/// No zone has ever skipped more: a whole day, at the date line.
const LONGEST_GAP_MINUTES: i64 = 25 * 60;
/// The times of the longest hour that a zone has ever repeated, a whole day, and some.
const MOST_REPEATED: usize = 26 * 60;
/// Between two moments of a schedule lie eight years at the most: 29 February around 2100.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(9 * 366);

/// What is wrong with an expression or a zone. The message says which field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// What is wrong.
    pub message: String,
    /// What was expected.
    pub help: Option<String>,
}

/// The moments at which something runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    expression: String,
    zone: Tz,
    /// It runs when one of these says so: two where both fields for days are bound (crontab(5):
    /// "the command will be run when either field matches").
    any_of: Vec<cron::Schedule>,
}

impl Schedule {
    /// A schedule of an expression such as `30 4 * * mon-fri`, by the clocks of a zone.
    ///
    /// # Errors
    /// What is wrong with the expression, with the name of the field; also one that never comes,
    /// such as 31 February.
    pub fn new(expression: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let words: Vec<&str> = expression.split_whitespace().collect();
        let [minute, hour, day, month, week] = words[..] else {
            return Err(ScheduleError {
                message: format!("`{expression}` has {} fields", words.len()),
                help: Some(
                    "expected five: minute, hour, day of the month, month, day of the week, as in \
                     `30 4 * * mon-fri`"
                        .to_owned(),
                ),
            });
        };
        let [of_minute, of_hour, of_day, of_month, of_week] = &FIELDS;
        let minutes = list(of_minute, &of_minute.read(minute)?);
        let hours = list(of_hour, &of_hour.read(hour)?);
        let days = of_day.read(day)?;
        let months = list(of_month, &of_month.read(month)?);
        let weeks = of_week.read(week)?;
        let (day, week) = (list(of_day, &days), week_list(of_week, &weeks));
        let days = match days.star || weeks.star {
            true => vec![(day, week)],
            false => vec![(day, "*".to_owned()), ("*".to_owned(), week)],
        };
        let any_of = days
            .into_iter()
            .map(|(day, week)| format!("0 {minutes} {hours} {day} {months} {week}").parse())
            .collect::<Result<Vec<cron::Schedule>, cron::error::Error>>()
            .map_err(|error| ScheduleError {
                message: format!("`{expression}` is not understood: {error}"),
                help: None,
            })?;
        let schedule = Self { expression: words.join(" "), zone, any_of };
        // Any time will do: the calendar repeats itself.
        let some_time = DateTime::from_timestamp(1_700_000_000, 0).unwrap_or_default();
        match schedule.next_after(some_time) {
            Some(_) => Ok(schedule),
            None => Err(ScheduleError {
                message: format!("`{expression}` never comes: those months have no such day"),
                help: None,
            }),
        }
    }

    /// Its zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The first moment after a time; `None` when there is none before 2100.
    pub fn next_after(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = self.local(at)?.and_utc();
        let next = |one: &cron::Schedule| {
            // More than one only while the zone repeats a time.
            let mut local = one.after(&local).take(MOST_REPEATED);
            local.find_map(|local| self.instant(local.naive_utc()).filter(|found| *found > at))
        };
        self.any_of.iter().filter_map(next).min()
    }

    /// The last moment before a time, or at it.
    pub fn last_until(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut back = TimeDelta::minutes(1);
        while back < LONGEST_WAIT * 2 {
            let found = |moment: &DateTime<Utc>| *moment <= at;
            let mut last =
                at.checked_sub_signed(back).and_then(|from| self.next_after(from)).filter(found);
            while let Some(moment) = last {
                match self.next_after(moment).filter(found) {
                    Some(next) => last = Some(next),
                    None => return last,
                }
            }
            back = back * 2;
        }
        None
    }

    /// The next moments after a time, the soonest first.
    pub fn upcoming(&self, at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + '_ {
        std::iter::successors(self.next_after(at), |last| self.next_after(*last))
    }

    /// What the zone's clocks show; `None` far outside of what calendars know.
    fn local(&self, at: DateTime<Utc>) -> Option<NaiveDateTime> {
        let known = (0..=4_102_444_800).contains(&at.timestamp());
        known.then(|| at.with_timezone(&self.zone).naive_local())
    }

    /// When the zone's clocks show this time for the first time, or have gone past it.
    fn instant(&self, local: NaiveDateTime) -> Option<DateTime<Utc>> {
        (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
            let local = local.checked_add_signed(TimeDelta::minutes(minutes))?;
            Some(self.zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc))
        })
    }
}

/// Tells schedules with other moments apart: the expression and the zone.
impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.expression, self.zone)
    }
}

/// A zone by its IANA name, such as `Europe/Berlin`.
///
/// # Errors
/// When there is none of the name; then with the nearest one.
pub fn zone(name: &str) -> Result<Tz, ScheduleError> {
    name.parse().map_err(|_| {
        let near = nearest(name, TZ_VARIANTS.iter().map(|zone| zone.name()));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        ScheduleError {
            message: format!("`{name}` is no time zone"),
            help: Some(format!(
                "{near}expected a name of the IANA database, such as Europe/Berlin or Etc/UTC"
            )),
        }
    })
}

fn list(field: &Field, asked: &Asked) -> String {
    joined(field, asked, |value| value.to_string())
}

/// By names: the crate counts the days of the week from another one.
fn week_list(field: &Field, asked: &Asked) -> String {
    let name = |value: u32| usize::try_from(value).ok().and_then(|at| DAYS.get(at));
    joined(field, asked, |value| name(value).copied().unwrap_or_default().to_owned())
}

fn joined(field: &Field, asked: &Asked, told: impl Fn(u32) -> String) -> String {
    match field.is_all(asked) {
        true => "*".to_owned(),
        false => asked.values.iter().map(|value| told(*value)).collect::<Vec<_>>().join(","),
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
