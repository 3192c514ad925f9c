//! That an integration leaves: what people decided about it, and how far it is.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{OnForge, OpenRequest, RowStatus, Version};

/// What people decided about an integration that leaves, in commands on its tracking issue. Kept in
/// the ledger of that issue and in the marker of Steward's comment there, so that it survives the
/// database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RemovalRecord {
    /// The integration's key in the catalog.
    pub integration: String,
    /// Where people see the tracking issue.
    pub url: String,
    /// The milestone in which the removal is announced.
    pub announced: Version,
    /// The milestone in which it is removed.
    pub removal: Version,
    /// The file that announces it, where somebody named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// The page of the documentation, where somebody named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Who recorded it, and when. Its reason is empty.
    pub recorded: Spoken,
    /// Earlier milestones of the removal that did not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slipped: Vec<Slip>,
    /// That the rules need not be kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Excepted>,
    /// That it stays after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Spoken>,
}

/// Who said so, when and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Spoken {
    /// Their immutable id.
    pub by_id: u64,
    /// Their handle.
    pub by: String,
    /// When Steward noted it.
    pub at: DateTime<Utc>,
    /// Why, in their words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A milestone that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Slip {
    /// The milestone that it should have been.
    pub from: Version,
    /// Who moved it.
    pub said: Spoken,
}

/// An exception from the rules about milestones: for this announcement and this removal, and not for
/// others that may take their places.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Excepted {
    /// The announcement that it was given for.
    pub announced: Version,
    /// The removal that it was given for.
    pub removal: Version,
    /// Who gave it.
    pub said: Spoken,
}

impl RemovalRecord {
    /// The exception that holds for its milestones as they are.
    pub fn exception(&self) -> Option<&Excepted> {
        let holds =
            |one: &&Excepted| one.announced == self.announced && one.removal == self.removal;
        self.exceptions.iter().rfind(holds)
    }
}

/// How far an integration is on its way out, as the product's files and the calendar tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its key in the catalog.
    pub integration: String,
    /// What people call it.
    pub title: String,
    /// The key of the group that owns it, and has to act.
    pub owner: String,
    /// When its removal was announced.
    pub announced: Version,
    /// When it is removed.
    pub removal: Version,
    /// The day of that release.
    pub removal_date: Option<NaiveDate>,
    /// Releases between the two.
    pub distance: Option<i64>,
    /// The last step that is done with all before it; `None` where there is none.
    pub reached: Option<String>,
    /// The first step that is not done; `None` where all are.
    pub next: Option<String>,
    /// What milestones stand against: announced late, in a minor, too early.
    pub against: Vec<MissingRow>,
    /// Earlier milestones that did not hold.
    pub slipped: Vec<Version>,
    /// Where people talk about it.
    pub issue: Option<String>,
    /// Where it is recorded: file and line, or the tracking issue.
    pub recorded: String,
    /// What the forge tells of its label, where it was asked and answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forge: Option<OnForge>,
    /// The steps, in order.
    pub steps: Vec<StepStanding>,
}

/// A step on the way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepStanding {
    /// Its key.
    pub key: String,
    /// What is done.
    pub title: String,
    /// The milestone that it is due in.
    pub due: Option<Version>,
    /// The day of that release: until then it can be done.
    pub by: Option<NaiveDate>,
    /// How it stands.
    pub state: StepState,
    /// How many rows are proven, of those that files or the forge prove.
    pub proven: usize,
    /// Of how many.
    pub rows: usize,
    /// What is missing, or what nobody can tell.
    pub missing: Vec<MissingRow>,
    /// What is wrong with the entry that announces it, and keeps nothing from being done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<MissingRow>,
    /// Of what is missing, the keys of the rows that the forge proves and did not tell of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<String>,
    /// Open merge requests on which the step's checklist runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub under_way: Vec<OpenRequest>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// The files prove it.
    Done,
    /// The files prove it before its milestone.
    Early,
    /// The files prove their part; the rest is the forge's, which did not tell: nobody asked it, or it
    /// did not answer.
    InCode,
    /// Its milestone is still to come.
    Ahead,
    /// Its milestone is in work.
    Due,
    /// Its milestone is over.
    Overdue,
    /// The calendar does not have its milestone.
    Unknown,
}

impl StepState {
    /// Whether it is proven, at whatever time.
    pub fn is_done(self) -> bool {
        matches!(self, StepState::Done | StepState::Early)
    }
}

/// A row that does not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingRow {
    /// The key of its step and of the row: `removed.metrics_projects`.
    pub key: String,
    /// What is asked.
    pub title: String,
    /// What came of it.
    pub status: RowStatus,
    /// What was seen, each with file and line.
    pub seen: Vec<String>,
}
