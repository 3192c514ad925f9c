//! What is wrong with an entry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::entry::Place;
use crate::policy::Severity;

/// Something about an entry that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of finding it is.
    pub kind: Kind,
    /// Where; the start of the file, if it is about the whole.
    #[serde(flatten)]
    pub at: Place,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What was expected, or what to do.
    pub expected: String,
}

/// The kinds of findings, as policies name them.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It is no YAML, or larger than what is read.
    DoesNotParse,
    /// There is no entry in the file.
    NoEntry,
    /// The entry stands in the file without a list around it.
    NotAList,
    /// There are several entries in one file.
    SeveralEntries,
    /// A key is written twice: the last one counts.
    KeyTwice,
    /// A key that is required is not there, or nothing stands behind it.
    MissingKey,
    /// A key that is not among the known ones.
    UnknownKey,
    /// A list or mapping where a text is expected.
    NotText,
    /// A milestone that is neither a version nor one of the words for it.
    MilestoneUnreadable,
    /// A milestone that is a number to YAML and loses a zero, since it stands without quotes.
    MilestoneLosesZero,
    /// A milestone without quotes.
    MilestoneUnquoted,
    /// A milestone that is no release.
    NoRelease,
    /// A milestone before the first or behind the last release of the calendar.
    OutsideCalendar,
    /// Fewer releases between announcement and removal than asked for.
    WindowShort,
    /// A breaking change that comes in a minor.
    BreakingInMinor,
    /// Whether it is breaking is said in another way than by `true` or `false`.
    NotTrueOrFalse,
    /// The file's name tells another announcement than the entry, or none.
    FileName,
}

impl Kind {
    /// How bad it is, unless the policies say otherwise. What keeps the entry from being read or
    /// breaks the promise to users is a mistake; what is read in spite of its form is not.
    pub fn usual_severity(self) -> Severity {
        match self {
            Kind::DoesNotParse
            | Kind::NoEntry
            | Kind::NotAList
            | Kind::SeveralEntries
            | Kind::KeyTwice
            | Kind::MissingKey
            | Kind::NotText
            | Kind::MilestoneUnreadable
            | Kind::MilestoneLosesZero
            | Kind::NoRelease
            | Kind::WindowShort
            | Kind::BreakingInMinor => Severity::Mistake,
            Kind::OutsideCalendar | Kind::NotTrueOrFalse | Kind::FileName => Severity::Warning,
            Kind::UnknownKey | Kind::MilestoneUnquoted => Severity::Note,
        }
    }

    /// The name in policies and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::DoesNotParse => "does_not_parse",
            Kind::NoEntry => "no_entry",
            Kind::NotAList => "not_a_list",
            Kind::SeveralEntries => "several_entries",
            Kind::KeyTwice => "key_twice",
            Kind::MissingKey => "missing_key",
            Kind::UnknownKey => "unknown_key",
            Kind::NotText => "not_text",
            Kind::MilestoneUnreadable => "milestone_unreadable",
            Kind::MilestoneLosesZero => "milestone_loses_zero",
            Kind::MilestoneUnquoted => "milestone_unquoted",
            Kind::NoRelease => "no_release",
            Kind::OutsideCalendar => "outside_calendar",
            Kind::WindowShort => "window_short",
            Kind::BreakingInMinor => "breaking_in_minor",
            Kind::NotTrueOrFalse => "not_true_or_false",
            Kind::FileName => "file_name",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
