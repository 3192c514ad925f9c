//! The calendar of releases: which come after which, and when.
//!
//! It is a list and knows no rule by which a product releases: how many minors a major has, and on
//! which days, is data (`calendar.yml`, and the forge's milestones).

use chrono::NaiveDate;
use serde::Serialize;

use super::{Milestone, Version};

/// A release and its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// The day on which it comes or came out.
    pub date: NaiveDate,
}

/// All releases that are known, without gaps, in order of their versions and of their days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    releases: Vec<Release>,
}

/// A release that cannot come where its version puts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Two have one version.
    #[error("{0} is there twice")]
    Twice(Version),
    /// The later version has the earlier day.
    #[error("{} comes out on {}, which is not after {} on {}", .later.version, .later.date, .earlier.version, .earlier.date)]
    OutOfOrder {
        /// The one with the lower version.
        earlier: Release,
        /// The one with the higher version.
        later: Release,
    },
}

impl Calendar {
    /// A calendar of releases in any order.
    ///
    /// # Errors
    /// The first release that is there twice, or that has a higher version than another one and not
    /// a later day.
    pub fn new(mut releases: Vec<Release>) -> Result<Self, CalendarError> {
        releases.sort_by_key(|one| one.version);
        for (earlier, later) in releases.iter().zip(releases.iter().skip(1)) {
            if earlier.version == later.version {
                return Err(CalendarError::Twice(later.version));
            }
            if earlier.date >= later.date {
                return Err(CalendarError::OutOfOrder { earlier: *earlier, later: *later });
            }
        }
        Ok(Self { releases })
    }

    /// All releases, the first one first.
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// The place of a release among all, from 0. `None` if there is no such release, or if it lies
    /// outside of what the calendar knows ([`Calendar::covers`]).
    pub fn index(&self, version: Version) -> Option<usize> {
        self.releases.binary_search_by_key(&version, |one| one.version).ok()
    }

    /// Whether the calendar knows which releases there are around a version. Of one before the
    /// first or behind the last it cannot be said that there is none.
    pub fn covers(&self, version: Version) -> bool {
        let (first, last) = (self.releases.first(), self.releases.last());
        first.is_some_and(|one| one.version <= version)
            && last.is_some_and(|one| version <= one.version)
    }

    /// How many releases a removal comes after its announcement: 3 from 17.9 to 18.0, since
    /// 17.10 and 17.11 lie between. 0 in the same release, negative if the removal comes first.
    /// `None` if one of both is no release.
    pub fn distance(&self, announcement: Version, removal: Version) -> Option<i64> {
        let at = |version| i64::try_from(self.index(version)?).ok();
        Some(at(removal)? - at(announcement)?)
    }

    /// The last release in which a removal can be announced, so many releases before it.
    /// `None` if the removal is no release, or the calendar does not reach back that far.
    pub fn last_legal_announcement(&self, removal: Version, distance: usize) -> Option<Release> {
        let at = self.index(removal)?.checked_sub(distance)?;
        self.releases.get(at).copied()
    }

    /// The release after this one: after 14.10 comes 15.0. `None` if this one is no release, or the
    /// calendar ends with it.
    pub fn next(&self, version: Version) -> Option<Release> {
        self.releases.get(self.index(version)? + 1).copied()
    }

    /// The release that is being worked on: the first that comes out today or later. `None` when
    /// the calendar has ended.
    pub fn in_work(&self, today: NaiveDate) -> Option<Release> {
        let at = self.releases.partition_point(|one| one.date < today);
        self.releases.get(at).copied()
    }

    /// The day of a release; `None` if there is no such release.
    pub fn release_date(&self, version: Version) -> Option<NaiveDate> {
        self.releases.get(self.index(version)?).map(|one| one.date)
    }

    /// Whether a version is a release and the first of its major.
    pub fn is_major(&self, version: Version) -> bool {
        version.is_major() && self.index(version).is_some()
    }

    /// This calendar with what the forge's milestones know better, and the milestones that were
    /// passed over.
    ///
    /// A milestone with a version as its title and a last day gives the release its day, and adds
    /// the release if it is not there. Passed over are those that would put the days out of order
    /// (a slip of a pen in a milestone must not turn the calendar upside down), and those that do
    /// not follow on what is known, since releases between them would be missing. Other milestones,
    /// such as `Backlog`, say nothing about releases.
    pub fn completed(&self, milestones: &[Milestone]) -> (Self, Vec<Milestone>) {
        let mut calendar = self.clone();
        let mut dated: Vec<(Release, &Milestone)> = Vec::new();
        for milestone in milestones {
            if let (Ok(version), Some(date)) = (milestone.title.parse(), milestone.due) {
                dated.push((Release { version, date }, milestone));
            }
        }
        dated.sort_by_key(|(release, _)| (release.version, release.date));
        // When days move together, such as those of a whole year, each is out of order until its
        // neighbours have moved: what does not fit is tried again until nothing more does.
        loop {
            let before = dated.len();
            dated.retain(|(release, _)| !calendar.take(*release));
            if dated.len() == before {
                break;
            }
        }
        (calendar, dated.into_iter().map(|(_, milestone)| milestone.clone()).collect())
    }

    /// Takes a release in where it fits; whether it did.
    fn take(&mut self, release: Release) -> bool {
        let found = self.releases.binary_search_by_key(&release.version, |one| one.version);
        let (at, next) = match found {
            Ok(at) => (at, at + 1),
            Err(at) => (at, at),
        };
        let before = at.checked_sub(1).and_then(|at| self.releases.get(at));
        let after = self.releases.get(next);
        let in_order = before.is_none_or(|one| one.date < release.date)
            && after.is_none_or(|one| release.date < one.date);
        // Nobody knows what lies before the first one, so nothing is put there.
        let follows = found.is_ok()
            || match before {
                Some(before) => is_next(before.version, release.version),
                None => after.is_none(),
            };
        if in_order && follows {
            match found {
                Ok(at) => self.releases[at] = release,
                Err(at) => self.releases.insert(at, release),
            }
        }
        in_order && follows
    }
}

/// Whether nothing can lie between two versions. Where a major ends is not known from its
/// versions: a first of a major follows on any of the major before.
fn is_next(version: Version, next: Version) -> bool {
    let minor = version.major == next.major && version.minor.checked_add(1) == Some(next.minor);
    let major = version.major.checked_add(1) == Some(next.major) && next.is_major();
    minor || major
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect(text)
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect(text)
    }

    /// Majors with these many minors behind them, a release each month from 2022-01-22.
    fn calendar(first_major: u32, minors: &[u32]) -> Calendar {
        let versions = minors.iter().enumerate().flat_map(|(at, last)| {
            (0..=*last).map(move |minor| Version::new(first_major + at as u32, minor))
        });
        let releases = versions.enumerate().map(|(at, version)| {
            let months = chrono::Months::new(at as u32);
            Release { version, date: day("2022-01-22") + months }
        });
        Calendar::new(releases.collect()).expect("in order")
    }

    fn milestone(title: &str, due: Option<&str>) -> Milestone {
        Milestone { title: title.to_owned(), due: due.map(day) }
    }

    #[test]
    fn distances_are_counted_over_the_releases_that_there_are() {
        let calendar = calendar(14, &[10, 11, 11]);
        let distance = |a: &str, b: &str| calendar.distance(version(a), version(b));
        assert_eq!(distance("14.8", "15.0"), Some(3));
        assert_eq!(distance("15.8", "16.0"), Some(4));
        assert_eq!(distance("15.0", "15.3"), Some(3));
        assert_eq!(distance("15.0", "15.0"), Some(0));
        assert_eq!(distance("15.1", "14.10"), Some(-2));
        assert_eq!(distance("15.1", "15.10"), Some(9));
        assert_eq!(distance("14.11", "15.0"), None, "14.10 was the last one");
        assert_eq!(distance("14.0", "18.0"), None);

        let last = |removal: &str, distance| {
            let found = calendar.last_legal_announcement(version(removal), distance);
            found.map(|one| one.version.to_string())
        };
        assert_eq!(last("15.0", 3).as_deref(), Some("14.8"));
        assert_eq!(last("16.0", 3).as_deref(), Some("15.9"));
        assert_eq!(last("15.1", 3).as_deref(), Some("14.9"));
        assert_eq!(last("14.3", 3).as_deref(), Some("14.0"));
        assert_eq!(last("14.2", 3), None);
        assert_eq!(last("14.11", 3), None);
        assert_eq!(last("15.0", 0).as_deref(), Some("15.0"));
    }

    #[test]
    fn after_the_last_minor_comes_the_major() {
        let calendar = calendar(14, &[10, 11]);
        let next = |text: &str| calendar.next(version(text)).map(|one| one.version.to_string());
        assert_eq!(next("14.9").as_deref(), Some("14.10"));
        assert_eq!(next("14.10").as_deref(), Some("15.0"));
        assert_eq!(next("15.11"), None, "the end of what is known");
        assert_eq!(next("14.11"), None);
        assert!(calendar.is_major(version("15.0")));
        assert!(!calendar.is_major(version("14.10")) && !calendar.is_major(version("16.0")));
        assert!(calendar.covers(version("14.11")) && !calendar.covers(version("13.12")));
        assert!(!calendar.covers(version("16.0")) && !Calendar::default().covers(version("1.0")));
    }

    #[test]
    fn what_comes_out_today_is_still_in_work() {
        let calendar = calendar(14, &[10]);
        let in_work = |text: &str| calendar.in_work(day(text)).map(|one| one.version.to_string());
        assert_eq!(in_work("2000-01-01").as_deref(), Some("14.0"));
        assert_eq!(in_work("2022-02-22").as_deref(), Some("14.1"));
        assert_eq!(in_work("2022-02-23").as_deref(), Some("14.2"));
        assert_eq!(in_work("2030-01-01"), None);
        assert_eq!(calendar.release_date(version("14.10")), Some(day("2022-11-22")));
        assert_eq!(calendar.release_date(version("14.11")), None);
    }

    #[test]
    fn releases_out_of_order_are_refused() {
        let release = |text: &str, date: &str| Release { version: version(text), date: day(date) };
        let told = |releases| Calendar::new(releases).expect_err("wrong").to_string();
        assert_eq!(
            told(vec![release("18.10", "2026-03-19"), release("18.9", "2026-03-19")]),
            "18.10 comes out on 2026-03-19, which is not after 18.9 on 2026-03-19"
        );
        let twice = vec![release("18.1", "2026-03-19"), release("18.1", "2026-03-20")];
        assert_eq!(told(twice), "18.1 is there twice");
    }

    #[test]
    fn the_forge_knows_the_days_better_and_more_releases() {
        let known = calendar(14, &[3, 1]);
        let milestones = [
            milestone("14.1", Some("2022-02-24")),
            milestone("Backlog", Some("2022-02-24")),
            milestone("14.2", None),
            // One more minor than the policies know, one more major behind it, and one with a gap.
            milestone("14.4", Some("2022-05-01")),
            milestone("16.0", Some("2022-07-22")),
            milestone("15.2", Some("2022-07-01")),
            milestone("17.2", Some("2023-07-01")),
            // Before the beginning, and a slip.
            milestone("13.9", Some("2021-01-22")),
            milestone("14.3", Some("2062-04-22")),
        ];
        let (calendar, passed_over) = known.completed(&milestones);
        let told: Vec<String> =
            calendar.releases().iter().map(|one| format!("{} {}", one.version, one.date)).collect();
        assert_eq!(
            told,
            [
                "14.0 2022-01-22",
                "14.1 2022-02-24",
                "14.2 2022-03-22",
                "14.3 2022-04-22",
                "14.4 2022-05-01",
                "15.0 2022-05-22",
                "15.1 2022-06-22",
                "15.2 2022-07-01",
                "16.0 2022-07-22",
            ]
        );
        let titles: Vec<&str> = passed_over.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(titles, ["13.9", "14.3", "17.2"]);
    }

    #[test]
    fn days_that_move_together_are_all_taken() {
        let known = calendar(14, &[5]);
        let later = known.releases().iter().map(|one| Milestone {
            title: one.version.to_string(),
            due: Some(one.date + chrono::Months::new(2)),
        });
        let (moved, passed_over) = known.completed(&later.collect::<Vec<_>>());
        assert!(passed_over.is_empty(), "{passed_over:?}");
        assert_eq!(moved.release_date(version("14.0")), Some(day("2022-03-22")));
        assert_eq!(moved.release_date(version("14.5")), Some(day("2022-08-22")));
    }

    #[test]
    fn milestones_alone_make_a_calendar() {
        let milestones =
            [milestone("2.0", Some("2026-02-01")), milestone("1.4", Some("2026-01-01"))];
        let (calendar, passed_over) = Calendar::default().completed(&milestones);
        assert_eq!((calendar.releases().len(), passed_over.len()), (2, 0));
        assert_eq!(calendar.distance(version("1.4"), version("2.0")), Some(1));
    }

    proptest! {
        #[test]
        fn distance_next_and_announcement_agree(
            minors in prop::collection::vec(0u32..14, 1..6), from in 0usize..60, steps in 0usize..8,
        ) {
            let calendar = calendar(12, &minors);
            let releases = calendar.releases();
            let start = releases[from % releases.len()];
            let mut at = Some(start);
            for _ in 0..steps {
                at = at.and_then(|one| calendar.next(one.version));
            }
            if let Some(end) = at {
                prop_assert_eq!(calendar.distance(start.version, end.version), Some(steps as i64));
                prop_assert_eq!(calendar.distance(end.version, start.version), Some(-(steps as i64)));
                prop_assert_eq!(calendar.last_legal_announcement(end.version, steps), Some(start));
                prop_assert_eq!(calendar.in_work(end.date), Some(end));
            }
        }

        #[test]
        fn ten_is_never_one(major in 12u32..16, minors in prop::collection::vec(10u32..14, 4)) {
            let calendar = calendar(12, &minors);
            let (one, ten) = (Version::new(major, 1), Version::new(major, 10));
            prop_assert_eq!(calendar.distance(one, ten), Some(9));
            prop_assert_ne!(calendar.release_date(one), calendar.release_date(ten));
        }

        #[test]
        fn whatever_milestones_say_the_order_stays(
            milestones in prop::collection::vec((12u32..17, 0u32..14, 0i64..3_000), 0..20),
        ) {
            let milestones: Vec<Milestone> = milestones
                .into_iter()
                .map(|(major, minor, days)| Milestone {
                    title: Version::new(major, minor).to_string(),
                    due: Some(day("2021-01-01") + chrono::TimeDelta::days(days)),
                })
                .collect();
            let (calendar, _) = calendar(13, &[3, 4]).completed(&milestones);
            prop_assert_eq!(Calendar::new(calendar.releases().to_vec()), Ok(calendar));
        }
    }
}
