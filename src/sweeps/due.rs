//! Whether a schedule's job is to be run now: from what is known of its last run. Pure.

use chrono::{DateTime, Utc};

use super::Schedule;

/// What is known of the last run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The schedule as it was then ([`Schedule`]'s `Display`).
    pub timetable: String,
    /// For which moment it was.
    pub moment: DateTime<Utc>,
    /// When it may be taken up, if it has not ended: when its lease runs out, or when it shall be
    /// tried again.
    pub unfinished: Option<DateTime<Utc>>,
}

/// What to do about a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// It is new, or has other moments than it had: it counts from now on, and nothing is caught up.
    Note,
    /// Its job is to be run for this moment: the last that has come, however many have been missed.
    Run(DateTime<Utc>),
    /// Nothing before then; never without one.
    Wait(Option<DateTime<Utc>>),
}

/// What to do about a schedule now.
pub fn due(schedule: &Schedule, last: Option<&Last>, now: DateTime<Utc>) -> Due {
    let Some(last) = last else { return Due::Note };
    let other = last.timetable != schedule.to_string();
    if let Some(again) = last.unfinished {
        // Another run of the schedule is under way or waits; one that has been overtaken by the
        // next moment is given up for it.
        if again > now {
            return Due::Wait(Some(again));
        }
        let later = schedule.last_until(now).filter(|moment| !other && *moment > last.moment);
        return Due::Run(later.unwrap_or(last.moment));
    }
    if other {
        return Due::Note;
    }
    match schedule.last_until(now) {
        Some(moment) if moment > last.moment => Due::Run(moment),
        // A clock that was put back does not make a moment come twice.
        _ => Due::Wait(schedule.next_after(now.max(last.moment))),
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2027-03-{text}:00Z").parse().expect("a time")
    }

    fn daily() -> Schedule {
        Schedule::new("0 4 * * *", Tz::UTC).expect("a schedule")
    }

    fn last(moment: &str, unfinished: Option<&str>) -> Last {
        Last { timetable: daily().to_string(), moment: at(moment), unfinished: unfinished.map(at) }
    }

    #[test]
    fn a_new_schedule_counts_from_now_on() {
        assert_eq!(due(&daily(), None, at("02T12:00")), Due::Note);
        let noted = last("02T12:00", None);
        let next = Due::Wait(Some(at("03T04:00")));
        assert_eq!(due(&daily(), Some(&noted), at("02T12:00")), next);
        assert_eq!(due(&daily(), Some(&noted), at("03T04:00")), Due::Run(at("03T04:00")));
    }

    #[test]
    fn a_moment_runs_once() {
        let next = Due::Wait(Some(at("04T04:00")));
        for now in ["03T04:00", "03T09:00"] {
            assert_eq!(due(&daily(), Some(&last("03T04:00", None)), at(now)), next);
        }
        // Somebody puts the clock back.
        assert_eq!(due(&daily(), Some(&last("03T04:00", None)), at("02T20:00")), next);
    }

    #[test]
    fn missed_moments_are_caught_up_once() {
        let long_ago = last("03T04:00", None);
        assert_eq!(due(&daily(), Some(&long_ago), at("20T12:00")), Due::Run(at("20T04:00")));
    }

    #[test]
    fn what_did_not_end_is_taken_up_when_nobody_holds_it() {
        let held = last("03T04:00", Some("03T04:02"));
        assert_eq!(due(&daily(), Some(&held), at("03T04:01")), Due::Wait(Some(at("03T04:02"))));
        assert_eq!(due(&daily(), Some(&held), at("03T04:02")), Due::Run(at("03T04:00")));
        assert_eq!(due(&daily(), Some(&held), at("05T12:00")), Due::Run(at("05T04:00")));
    }

    #[test]
    fn another_timetable_catches_nothing_up() {
        let noon = Schedule::new("0 12 * * *", Tz::UTC).expect("a schedule");
        assert_eq!(due(&noon, Some(&last("03T04:00", None)), at("03T13:00")), Due::Note);
        // What was begun by the old one is ended.
        let begun = last("03T04:00", Some("03T04:02"));
        assert_eq!(due(&noon, Some(&begun), at("03T13:00")), Due::Run(at("03T04:00")));
    }
}
