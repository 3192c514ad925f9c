//! Schedules on days that are odd, and compared with going through every minute.

use chrono::{Datelike, Duration, Timelike};
use proptest::prelude::*;

use super::*;

fn schedule(expression: &str, zone: &str) -> Schedule {
    let zone = super::zone(zone).unwrap_or_else(|error| panic!("{error}"));
    Schedule::new(expression, zone).unwrap_or_else(|error| panic!("{error}"))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// The next moments as the zone's clocks show them, with their distance from UTC.
fn next(expression: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
    let schedule = schedule(expression, zone);
    let told = |moment: DateTime<Utc>| {
        moment.with_timezone(&schedule.zone()).format("%a %d %b %H:%M %z").to_string()
    };
    schedule.upcoming(at(from)).take(count).map(told).collect()
}

#[test]
fn one_is_monday() {
    let mondays = ["Mon 04 Jan 09:00 +0000", "Mon 11 Jan 09:00 +0000"];
    for week in ["1", "mon", "Mon"] {
        assert_eq!(next(&format!("0 9 * * {week}"), "Etc/UTC", "2027-01-01T00:00:00Z", 2), mondays);
    }
    for week in ["0", "7", "sun"] {
        let found = next(&format!("0 9 * * {week}"), "Etc/UTC", "2027-01-01T00:00:00Z", 1);
        assert_eq!(found, ["Sun 03 Jan 09:00 +0000"]);
    }
}

#[test]
fn a_time_that_daylight_saving_skips_runs_at_the_next_that_there_is() {
    let found = next("30 2 * * *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3);
    let wanted = ["Sat 27 Mar 02:30 +0100", "Sun 28 Mar 03:00 +0200", "Mon 29 Mar 02:30 +0200"];
    assert_eq!(found, wanted);
    // Several that are skipped are one run, also with one that is there.
    let found = next("*/20 2-3 28 3 *", "Europe/Berlin", "2027-03-27T00:00:00Z", 3);
    assert_eq!(
        found,
        ["Sun 28 Mar 03:00 +0200", "Sun 28 Mar 03:20 +0200", "Sun 28 Mar 03:40 +0200"]
    );
    // Half an hour is skipped on Lord Howe, and a whole day was on Samoa.
    let found = next("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 1);
    assert_eq!(found, ["Sun 04 Oct 02:30 +1100"]);
    let found = next("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1);
    assert_eq!(found, ["Sat 31 Dec 00:00 +1400"]);
}

#[test]
fn a_time_that_occurs_twice_runs_once() {
    let found = next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2);
    assert_eq!(found, ["Sun 25 Oct 02:30 +0200", "Mon 26 Oct 02:30 +0100"]);
    let berlin = schedule("30 2 * * *", "Europe/Berlin");
    // Also for somebody who asks in the second half of the hour that comes twice.
    for second in ["2026-10-25T01:00:00Z", "2026-10-25T01:29:00Z", "2026-10-25T01:30:00Z"] {
        assert_eq!(berlin.next_after(at(second)), Some(at("2026-10-26T01:30:00Z")), "{second}");
        assert_eq!(berlin.last_until(at(second)), Some(at("2026-10-25T00:30:00Z")), "{second}");
    }
}

#[test]
fn either_of_two_bound_days_will_do() {
    let found = next("0 0 13 * fri", "Etc/UTC", "2027-01-10T00:00:00Z", 3);
    let wanted = ["Wed 13 Jan 00:00 +0000", "Fri 15 Jan 00:00 +0000", "Fri 22 Jan 00:00 +0000"];
    assert_eq!(found, wanted);
    let found = next("0 0 */2 * fri", "Etc/UTC", "2027-01-10T00:00:00Z", 2);
    assert_eq!(found, ["Fri 15 Jan 00:00 +0000", "Fri 29 Jan 00:00 +0000"]);
}

#[test]
fn leap_days_come_and_others_never() {
    let found = next("0 0 29 2 *", "Etc/UTC", "2027-01-01T00:00:00Z", 1);
    assert_eq!(found, ["Tue 29 Feb 00:00 +0000"]);
    let leap = schedule("0 0 29 2 *", "Etc/UTC");
    assert_eq!(leap.last_until(at("2027-06-01T00:00:00Z")), Some(at("2024-02-29T00:00:00Z")));
    for never in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
        let error = Schedule::new(never, Tz::UTC).expect_err(never).to_string();
        assert!(error.contains("never comes"), "{error}");
    }
}

#[test]
fn mistakes_say_what_was_expected() {
    let wrong = |text: &str| Schedule::new(text, Tz::UTC).expect_err(text);
    for (text, count) in [("", 0), ("* * * *", 4), ("0 0 9 * * 1", 6), ("@daily", 1)] {
        let error = wrong(text);
        assert_eq!(error.message, format!("`{text}` has {count} fields"));
        assert!(error.help.expect("help").starts_with("expected five: minute, hour"));
    }
    assert!(wrong("0 25 * * *").message.contains("the field for the hour, `25`"));
    let error = zone("Europe/Berln").expect_err("no zone");
    assert_eq!(error.message, "`Europe/Berln` is no time zone");
    assert!(error.help.expect("help").starts_with("did you mean `Europe/Berlin`?"));
    assert!(zone("").is_err() && zone("CEST").is_err());
}

#[test]
fn times_that_no_calendar_knows_have_no_next() {
    let daily = schedule("0 4 * * *", "Asia/Kathmandu");
    for odd in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        assert_eq!(daily.next_after(odd), None);
        assert_eq!(daily.last_until(odd), None);
    }
}

const ZONES: [&str; 8] = [
    "Etc/UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
];

fn expressions() -> impl Strategy<Value = String> {
    let minute = prop_oneof!["[0-5]?[0-9]", Just("*/15".to_owned()), Just("0,30".to_owned())];
    let hour = prop_oneof![Just("*".to_owned()), "1?[0-9]", Just("0-3".to_owned())];
    let week = prop_oneof![Just("*".to_owned()), "[0-7]", Just("mon-fri".to_owned())];
    let day = prop_oneof![3 => Just("*".to_owned()), 1 => "[1-9]"];
    (minute, hour, day, week).prop_map(|(m, h, d, w)| format!("{m} {h} {d} * {w}"))
}

/// A time between 2010 and 2035, more often than not within two days of a change of the clocks.
fn times() -> impl Strategy<Value = (&'static str, DateTime<Utc>)> {
    (proptest::sample::select(&ZONES[..]), 0_i64..788_918_400, any::<bool>()).prop_map(
        |(name, seconds, near)| {
            let zone: Tz = name.parse().expect("a zone");
            let mut time = at("2010-01-01T00:00:00Z") + Duration::seconds(seconds);
            let offset = |at: DateTime<Utc>| {
                use chrono::Offset;
                zone.offset_from_utc_datetime(&at.naive_utc()).fix()
            };
            if near {
                let changes = |at: &DateTime<Utc>| offset(*at) != offset(*at + Duration::days(1));
                let days = (0..370).map(|days| time + Duration::days(days));
                time = days.into_iter().find(changes).unwrap_or(time);
            }
            (name, time)
        },
    )
}

/// Whether the clocks' time is one that the expression names, told by its own parts.
fn names(expression: &str, local: NaiveDateTime) -> bool {
    let words: Vec<&str> = expression.split(' ').collect();
    let asked = |at: usize| FIELDS[at].read(words[at]).expect("a field");
    let (day, week) = (asked(2), asked(4));
    let by_day = day.values.contains(&local.day());
    let by_week = week.values.contains(&local.weekday().num_days_from_sunday());
    let days = match day.star || week.star {
        true => by_day && by_week,
        false => by_day || by_week,
    };
    asked(0).values.contains(&local.minute()) && asked(1).values.contains(&local.hour()) && days
}

/// The moments of three days, by going through all minutes that clocks show, and those that they
/// skip.
fn by_minutes(expression: &str, zone: Tz, from: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let until = from + Duration::days(3);
    // From a day before, to know which times were there already.
    let mut latest = local(from - Duration::days(2));
    let mut minute = from - Duration::days(2);
    let mut found = Vec::new();
    while minute <= until {
        let now = local(minute);
        let mut due = false;
        while latest < now {
            latest += Duration::minutes(1);
            due |= names(expression, latest);
        }
        if due && minute > from {
            found.push(minute);
        }
        minute += Duration::minutes(1);
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn each_local_time_runs_once_at_its_first_moment_or_the_next_there_is(
        expression in expressions(), (name, time) in times(),
    ) {
        let zone: Tz = name.parse().expect("a zone");
        // On a whole minute of UTC, as all these zones' clocks go.
        let from = time - Duration::seconds(i64::from(time.second()));
        let Ok(schedule) = Schedule::new(&expression, zone) else { return Ok(()) };
        let until = from + Duration::days(3);
        let found: Vec<_> = schedule.upcoming(from).take_while(|at| *at <= until).collect();
        prop_assert_eq!(&found, &by_minutes(&expression, zone, from), "{} {}", expression, name);
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        // Around a change of the clocks or not: looking back is the same search.
        for pair in found.windows(2).step_by(1 + found.len() / 8) {
            let before = pair[1] - Duration::seconds(1);
            prop_assert_eq!(schedule.last_until(before), Some(pair[0]));
            prop_assert_eq!(schedule.last_until(pair[1]), Some(pair[1]));
        }
    }

    #[test]
    fn no_text_breaks_it(expression in "[*/,0-9a-z@#? -]{0,30}", name in "[A-Za-z/_]{0,20}") {
        if let Ok(schedule) = Schedule::new(&expression, zone(&name).unwrap_or(Tz::UTC)) {
            let told = schedule.to_string();
            prop_assert!(told.ends_with(schedule.zone().name()), "{}", told);
        }
    }
}
