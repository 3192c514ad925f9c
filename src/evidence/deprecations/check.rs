//! An entry against what is expected of it, and against the calendar.

use serde::Serialize;

use super::{
    entry::{Breaking, Deprecation, Place, Said, When},
    expected::Expected,
    finding::{Finding, Kind},
};
use crate::{
    model::{Calendar, Release, Version},
    policy::nearest,
};

/// How far a removal is from its announcement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// When it is announced.
    pub announcement: Version,
    /// When it is removed.
    pub removal: Version,
    /// So many releases later; negative, if it comes before.
    pub distance: i64,
    /// The last release in which the removal can be announced, if the calendar reaches back to it.
    pub last_announcement: Option<Release>,
    /// Whether it is announced as early as asked for.
    pub holds: bool,
}

/// The window of an entry, if announcement and removal are releases. Nothing is removed of what is
/// cancelled.
pub fn window(entry: &Deprecation, asked: usize, calendar: &Calendar) -> Option<Window> {
    let (announcement, removal) = entry.milestones()?;
    let distance = calendar.distance(announcement, removal)?;
    Some(Window {
        announcement,
        removal,
        distance,
        last_announcement: calendar.last_legal_announcement(removal, asked),
        holds: i64::try_from(asked).is_ok_and(|asked| distance >= asked),
    })
}

/// What is wrong with an entry. `path` is its file, from the folder of entries on.
pub fn check(
    entry: &Deprecation,
    path: &str,
    expected: &Expected,
    calendar: &Calendar,
) -> Vec<Finding> {
    let mut findings = keys(entry, expected);
    let milestones = [&entry.announcement, &entry.removal, &entry.end_of_support];
    for said in milestones.into_iter().flatten() {
        findings.extend(release(said, calendar));
    }
    findings.extend(short_window(entry, expected, calendar));
    findings.extend(breaking_in_minor(entry, expected, calendar));
    findings.extend(file_name(entry, path, expected));
    findings
}

fn keys(entry: &Deprecation, expected: &Expected) -> Vec<Finding> {
    let mut findings = Vec::new();
    for key in &expected.required {
        let found = entry.keys.iter().find(|(had, _)| had.value == *key);
        let (at, message) = match found {
            Some((_, true)) => continue,
            Some((had, false)) => (had.at, format!("nothing stands behind `{key}`")),
            None => (entry.start(), format!("the key `{key}` is missing")),
        };
        let expected = format!("each entry has `{key}`");
        findings.push(Finding { kind: Kind::MissingKey, at, message, expected });
    }
    let known = || expected.required.iter().chain(&expected.optional).map(String::as_str);
    for (key, _) in &entry.keys {
        if !known().any(|known| known == key.value) {
            findings.push(Finding {
                kind: Kind::UnknownKey,
                at: key.at,
                message: format!("the key `{}` is not known", key.value),
                expected: match nearest(&key.value, known()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "a key that some other entry has, or none".to_owned(),
                },
            });
        }
    }
    findings
}

/// Whether a milestone is a release.
fn release(said: &Said<When>, calendar: &Calendar) -> Option<Finding> {
    let version = said.value.version()?;
    if calendar.index(version).is_some() {
        return None;
    }
    let releases = calendar.releases();
    let next = releases.partition_point(|one| one.version < version);
    let before = next.checked_sub(1).and_then(|at| releases.get(at));
    let (kind, message, expected) = match (before, releases.get(next)) {
        (Some(before), Some(after)) => (
            Kind::NoRelease,
            format!("there is no release {version}"),
            format!("after {} comes {}", before.version, after.version),
        ),
        (None, Some(first)) => (
            Kind::OutsideCalendar,
            format!("nobody can tell whether {version} is a release"),
            format!("the calendar begins with {}", first.version),
        ),
        (Some(last), None) => (
            Kind::OutsideCalendar,
            format!("nobody can tell whether {version} is a release"),
            format!("the calendar ends with {}", last.version),
        ),
        (None, None) => return None,
    };
    Some(Finding { kind, at: said.at, message, expected })
}

fn short_window(entry: &Deprecation, expected: &Expected, calendar: &Calendar) -> Option<Finding> {
    let window = window(entry, expected.window, calendar).filter(|window| !window.holds)?;
    let Window { announcement, removal, distance, last_announcement, .. } = window;
    let releases = |count: u64| if count == 1 { "release" } else { "releases" };
    let message = match distance {
        0 => format!("it is announced and removed in {removal}"),
        1.. => format!(
            "the removal in {removal} comes {distance} {} after the announcement in {announcement}",
            releases(distance.unsigned_abs())
        ),
        _ => format!(
            "the removal in {removal} comes before the announcement in {announcement}, by {} {}",
            distance.unsigned_abs(),
            releases(distance.unsigned_abs())
        ),
    };
    let asked = expected.window;
    let least = format!("{asked} {} at least", releases(u64::try_from(asked).unwrap_or(u64::MAX)));
    let expected = match last_announcement {
        Some(last) => format!(
            "{least}: the last announcement for {removal} is {} ({})",
            last.version, last.date
        ),
        None => least,
    };
    Some(Finding { kind: Kind::WindowShort, at: at_removal(entry)?, message, expected })
}

fn breaking_in_minor(
    entry: &Deprecation,
    expected: &Expected,
    calendar: &Calendar,
) -> Option<Finding> {
    let removal = entry.removal.as_ref()?.value.version()?;
    let wrong = expected.breaking_in_majors
        && entry.breaking == Breaking::Yes
        && !removal.is_major()
        && calendar.index(removal).is_some();
    if !wrong {
        return None;
    }
    let mut later = calendar.releases().iter().filter(|one| one.version > removal);
    let next = later.find(|one| one.version.is_major());
    let expected = match next {
        Some(next) => {
            format!(
                "breaking changes come with majors; the next is {} ({})",
                next.version, next.date
            )
        }
        None => "breaking changes come with majors".to_owned(),
    };
    Some(Finding {
        kind: Kind::BreakingInMinor,
        at: at_removal(entry)?,
        message: format!("a breaking change comes in {removal}, a minor"),
        expected,
    })
}

fn file_name(entry: &Deprecation, path: &str, expected: &Expected) -> Option<Finding> {
    let pattern = expected.file_name.as_ref()?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let announcement = entry.announcement.as_ref()?;
    let version = announcement.value.version()?;
    let groups = pattern.captures(name);
    let told =
        groups.as_ref().and_then(|groups| Some((groups.name("major")?, groups.name("minor")?)));
    let (message, expected) = match told {
        None => (
            format!("the name of the file tells no announcement; the entry tells {version}"),
            format!("a name that fits `{pattern}`"),
        ),
        Some((major, minor)) => {
            let told = format!("{}.{}", major.as_str(), minor.as_str());
            if told == version.to_string() {
                return None;
            }
            let mut better = name.to_owned();
            // From the end on, so that places before it stay where they are.
            let mut parts = [(major.range(), version.major), (minor.range(), version.minor)];
            parts.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
            for (range, number) in parts {
                better.replace_range(range, &number.to_string());
            }
            (
                format!("the name of the file tells {told}, the entry {version}"),
                format!("call the file `{better}`, or correct the announcement"),
            )
        }
    };
    Some(Finding { kind: Kind::FileName, at: announcement.at, message, expected })
}

fn at_removal(entry: &Deprecation) -> Option<Place> {
    entry.removal.as_ref().map(|said| said.at)
}
