//! The part of `lifecycle.yml` about the end of an integration.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::{Located, PolicyErrors, SourceFile};

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
    /// So many days after everything is closed the label may be deleted: a milestone.
    pub delete_after_days: u32,
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
    /// How long after everything is closed the label may be deleted.
    pub delete_after: TimeDelta,
}

impl CleanupFile {
    /// Checks what is written.
    ///
    /// # Errors
    /// Every mistake with its place.
    pub(super) fn checked(self, file: &SourceFile) -> Result<CleanupPolicy, PolicyErrors> {
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
        errors.or(CleanupPolicy {
            release_managers: group.to_owned(),
            window: TimeDelta::days(self.window_days.value.into()),
            canary: usize::try_from(self.canary).unwrap_or(usize::MAX),
            pause: TimeDelta::minutes(self.pause_minutes.into()),
            per_minute: self.per_minute.value,
            delete_after: TimeDelta::days(self.delete_after_days.into()),
        })
    }
}

#[cfg(test)]
mod tests {
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
}
