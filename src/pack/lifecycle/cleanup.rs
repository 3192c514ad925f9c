//! The part of `lifecycle.yml` about the end of an integration.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    model::Calendar,
    policy::{Located, PolicyError, PolicyErrors, SourceFile},
};

/// How the last traces of an integration are cleared away, as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CleanupFile {
    /// The full path of the group whose direct members approve as release managers.
    pub release_managers: Located<String>,
    /// Both approvals must come within so many days after the list was posted, and the work begin.
    pub window_days: Located<u32>,
    /// So many items are closed first.
    pub canary: u32,
    /// So many minutes pass after them, for somebody to look.
    pub pause_minutes: u32,
    /// So many writes in a minute at the most.
    pub per_minute: Located<u32>,
    /// When the label may be deleted, once everything is closed.
    #[serde(default)]
    pub delete_after: Option<DeleteAfterFile>,
    /// Or so many days after everything is closed.
    #[serde(default)]
    pub delete_after_days: Option<Located<u32>>,
}

/// When the label may be deleted, once everything is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeleteAfterFile {
    /// From the day on which the next milestone is in work.
    NextMilestone,
}

/// How the last traces of an integration are cleared away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanupPolicy {
    /// The full path of the group whose members approve as release managers.
    pub release_managers: String,
    /// How long after the list was posted approvals count.
    pub window: TimeDelta,
    /// So many items are closed first.
    pub canary: usize,
    /// So long nothing happens after them.
    pub pause: TimeDelta,
    /// Writes in a minute at the most, from 1.
    pub per_minute: u32,
    /// When the label may be deleted, once everything is closed.
    pub delete_after: DeleteAfter,
}

/// When the label may be deleted, once everything is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteAfter {
    /// After so long.
    Days(TimeDelta),
    /// From the day on which the next milestone is in work.
    NextMilestone,
}

impl DeleteAfter {
    /// The moment from which on the label may be deleted, where everything was closed at another one.
    ///
    /// # Errors
    /// Why the calendar does not tell.
    pub fn earliest(
        self,
        closed: DateTime<Utc>,
        calendar: Option<&Calendar>,
    ) -> Result<DateTime<Utc>, String> {
        match self {
            DeleteAfter::Days(days) => Ok(closed + days),
            DeleteAfter::NextMilestone => {
                let day = closed.date_naive();
                // What comes out on a day is in work on it still.
                let last = calendar.and_then(|calendar| calendar.in_work(day));
                let next = last.and_then(|last| last.date.succ_opt());
                let next = next.ok_or_else(|| {
                    format!(
                        "nobody can tell when the milestone after {day} begins: the calendar does not \
                         have it (`last_major` in calendar.yml)"
                    )
                })?;
                Ok(next.and_time(NaiveTime::MIN).and_utc())
            }
        }
    }

    /// The number of days, if it is one.
    pub fn days(self) -> Option<i64> {
        match self {
            DeleteAfter::Days(days) => Some(days.num_days()),
            DeleteAfter::NextMilestone => None,
        }
    }
}

impl CleanupFile {
    /// Checks what is written.
    ///
    /// # Errors
    /// Every mistake with its place.
    pub(super) fn checked(
        self,
        file: &SourceFile,
        has_calendar: bool,
    ) -> Result<CleanupPolicy, PolicyErrors> {
        let mut errors = PolicyErrors::default();
        let group = self.release_managers.trim().trim_start_matches('@');
        if group.is_empty() || group.contains(char::is_whitespace) {
            errors.push(
                self.release_managers
                    .error(file, "`release_managers` names no group")
                    .with_help("expected the full path of one, such as group/managers".to_owned()),
            );
        }
        for (field, value) in [("window_days", &self.window_days), ("per_minute", &self.per_minute)]
        {
            if value.value == 0 {
                errors.push(
                    value
                        .error(file, format!("`{field}` is 0: nothing could be done"))
                        .with_help("expected 1 or more".to_owned()),
                );
            }
        }
        let delete_after = match (self.delete_after, &self.delete_after_days) {
            (None, Some(days)) => DeleteAfter::Days(TimeDelta::days(days.value.into())),
            (Some(DeleteAfterFile::NextMilestone), None) => {
                if !has_calendar {
                    let message =
                        "`delete_after: next_milestone` needs a calendar, and there is none";
                    let help = "write `calendar.yml` (docs/lifecycle.md), or `delete_after_days`";
                    let error = PolicyError::whole_file(file.display_name(), message);
                    errors.push(error.with_help(help.to_owned()));
                }
                DeleteAfter::NextMilestone
            }
            _ => {
                let help = "expected `delete_after: next_milestone`, or `delete_after_days: 28`";
                let message = "`cleanup` says in one way when the label may be deleted";
                let error = PolicyError::whole_file(file.display_name(), message);
                errors.push(error.with_help(help.to_owned()));
                DeleteAfter::NextMilestone
            }
        };
        errors.or(CleanupPolicy {
            release_managers: group.to_owned(),
            window: TimeDelta::days(self.window_days.value.into()),
            canary: usize::try_from(self.canary).unwrap_or(usize::MAX),
            pause: TimeDelta::minutes(self.pause_minutes.into()),
            per_minute: self.per_minute.value,
            delete_after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::lifecycle::Lifecycle,
        policy::{Origin, PolicySource, SourceFile},
    };

    #[test]
    fn mistakes_are_told_with_their_places() {
        let mut source = PolicySource::built_in();
        assert!(Lifecycle::load(&source, true).expect("right").cleanup.is_some());
        let text = "cleanup:\n  release_managers: ' '\n  window_days: 0\n  canary: 5\n  \
                    pause_minutes: 60\n  per_minute: 0\n  delete_after_days: 30\n";
        source.insert(SourceFile::new("lifecycle.yml", Origin::File("l.yml".into()), text));
        let errors = Lifecycle::load(&source, true).expect_err("wrong").to_string();
        for told in
            ["l.yml:2:21: `release_managers`", "l.yml:3:16: `window_days`", "l.yml:6:15: `per"]
        {
            assert!(errors.contains(told), "{errors}");
        }
    }

    #[test]
    fn the_label_goes_with_the_next_milestone_or_after_some_days() {
        let pack = crate::pack::Pack::load(&PolicySource::built_in()).expect("right");
        let calendar = &pack.calendar.as_ref().expect("there").releases;
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let next = |closed: &str| {
            let earliest = DeleteAfter::NextMilestone.earliest(at(closed), Some(calendar));
            earliest.map(|at| at.to_string())
        };
        // 18.9 came out on 2026-02-19, and is in work on that day still.
        assert_eq!(next("2026-02-01T12:00:00Z").as_deref(), Ok("2026-02-20 00:00:00 UTC"));
        assert_eq!(next("2026-02-19T23:00:00Z").as_deref(), Ok("2026-02-20 00:00:00 UTC"));
        assert_eq!(next("2026-02-20T00:00:00Z").as_deref(), Ok("2026-03-20 00:00:00 UTC"));
        assert!(next("2300-01-01T00:00:00Z").expect_err("too late").contains("calendar.yml"));
        assert!(DeleteAfter::NextMilestone.earliest(at("2026-02-01T12:00:00Z"), None).is_err());
        let days = DeleteAfter::Days(TimeDelta::days(2));
        let earliest = days.earliest(at("2026-02-01T12:00:00Z"), None);
        assert_eq!(earliest, Ok(at("2026-02-03T12:00:00Z")));
    }

    #[test]
    fn the_moment_is_told_in_one_way() {
        let with = |more: &str, has_calendar: bool| {
            let mut source = PolicySource::built_in();
            let text = format!(
                "cleanup:\n  release_managers: a\n  window_days: 1\n  canary: 5\n  pause_minutes: 60\n  \
                 per_minute: 1\n{more}"
            );
            source.insert(SourceFile::new("lifecycle.yml", Origin::File("l.yml".into()), text));
            let read = Lifecycle::load(&source, has_calendar);
            read.map(|read| read.cleanup.expect("there").delete_after).map_err(|e| e.to_string())
        };
        let next = "  delete_after: next_milestone\n";
        assert_eq!(with(next, true), Ok(DeleteAfter::NextMilestone));
        assert_eq!(with("  delete_after_days: 3\n", false).map(DeleteAfter::days), Ok(Some(3)));
        assert!(with(next, false).expect_err("wrong").contains("needs a calendar"));
        let both = format!("{next}  delete_after_days: 3\n");
        for wrong in ["", &both] {
            assert!(with(wrong, true).expect_err("wrong").contains("in one way"), "{wrong}");
        }
    }
}
