//! The sheet: what a checklist asks of a change, row by row, each proven from the files.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Cite;

/// A checklist, filled in for one integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sheet {
    /// The checklist's key: `new-integration`.
    pub checklist: String,
    /// What the checklist is for, in its author's words.
    pub about: String,
    /// The integration's code name, such as `foo_bar`.
    pub name: String,
    /// What people call it, such as `Foo Bar`.
    pub title: String,
    /// The integration's own file, if the change has one.
    pub file: Option<String>,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// A line of a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its key, by which people waive it: `metrics_projects`.
    pub key: String,
    /// The heading under which it stands.
    pub section: String,
    /// What is asked: Markdown by the policy's author.
    pub title: String,
    /// How much it weighs.
    pub need: Need,
    /// What came of it.
    pub status: RowStatus,
    /// What was seen that decided, at most [`Row::MOST_PROOFS`].
    pub proofs: Vec<Proof>,
    /// What to do about it: Markdown by the policy's author.
    pub hint: Option<String>,
    /// The missing piece, if a machine can write it.
    pub ready: Vec<Piece>,
    /// Who waived it, when and why.
    pub waiver: Option<Waiver>,
    /// What the row enforces: a page.
    pub cites: Option<String>,
    /// Where the policy asks for it.
    pub cite: Cite,
    /// The integration's code name, where people may tick the row.
    #[serde(skip)]
    pub tick: Option<String>,
}

impl Row {
    /// More proofs than that are not kept.
    pub const MOST_PROOFS: usize = 8;

    /// Whether it keeps the change from being complete.
    pub fn blocks(&self) -> bool {
        self.need == Need::Required
            && matches!(self.status, RowStatus::Missing | RowStatus::CannotTell)
    }
}

/// How much a row weighs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Without it the change is not complete.
    #[default]
    Required,
    /// It is good to have.
    Advice,
}

/// What came of a row.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RowStatus {
    /// The files prove it.
    Pass,
    /// The files prove that it is not there.
    Missing,
    /// The files prove neither; the proofs say why. Never a silent pass.
    CannotTell,
    /// A person said that it is done, and nothing proves it.
    Claimed,
    /// Somebody who may said that it need not be.
    Waived,
    /// It does not concern this change.
    NotApplicable,
}

/// What was seen that decided about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What it is. Its sentence stands in `templates/proofs.yml` under the name in snake case.
    pub kind: ProofKind,
    /// What it is about, such as the key of a field, the name of a set or a limit.
    pub what: String,
    /// What was found in its place, if anything was.
    pub found: Option<String>,
    /// The file that was looked into.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
}

/// The kinds of [`Proof`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    /// It stands there.
    Found,
    /// It does not stand where it was looked for.
    NotFound,
    /// Nothing of the kind stands where it was looked for; `what` are words.
    NothingFound,
    /// It stands there and must not.
    Forbidden,
    /// It is there with another value; `what` is expected.
    Differs,
    /// The file is there.
    FileThere,
    /// The file is not there.
    FileAbsent,
    /// The file is not among the changed ones.
    FileUntouched,
    /// The file is among the changed ones.
    FileTouched,
    /// The change deletes the file.
    FileDeleted,
    /// The file cannot be parsed.
    DoesNotParse,
    /// The file is no text.
    NotText,
    /// The file is too large to be looked into; `what` is the limit.
    TooLarge,
    /// More files than are read of one change; `what` is the limit.
    TooMany,
    /// The forge does not show what the change does to the file.
    NotShown,
    /// The forge cut the list of changed files.
    ListCut,
    /// Steward recorded the decision and not the file.
    NotRecorded,
    /// It is written so that only running the program would tell: a constant, a call.
    NotLiteral,
    /// A value that the row needs is not known, such as the current milestone.
    ValueUnknown,
    /// It took too long to look into the file.
    TookTooLong,
    /// The path leads out of the repository.
    BadPath,
    /// The item has the label.
    LabelThere,
    /// The item does not have the label.
    LabelAbsent,
    /// A person ticked the box.
    Ticked,
    /// Nobody ticked the box.
    NotTicked,
    /// A group that owns the integration is known.
    OwnerKnown,
    /// No group is known that owns the integration.
    OwnerUnknown,
    /// Nothing there needs it.
    NothingNeedsIt,
    /// The removal is recorded; `what` is its milestone, `found` that of its announcement.
    RemovalRecorded,
    /// No removal of the integration is recorded.
    RemovalNotRecorded,
    /// It is announced early enough; `what` is the last milestone that is.
    AnnouncedInTime,
    /// It is announced too late; `what` is the last milestone in time, `found` the one that it was.
    AnnouncedLate,
    /// The removal is in a major milestone.
    MajorMilestone,
    /// The removal is in a minor milestone.
    MinorMilestone,
    /// The milestone is reached; `found` is the one that counts.
    MilestoneReached,
    /// The milestone is still to come; `found` is the one that counts.
    MilestoneAhead,
    /// Somebody allowed it; `what` is why.
    Excepted,
    /// The calendar does not have the milestone.
    NotInCalendar,
    /// The entry says that the removal is not decided; `what` is the milestone that is recorded.
    EntryPending,
    /// The entry says that the removal will not come; `what` is the milestone that is recorded.
    EntryCancelled,
    /// Something is wrong with the entry: `what` it is, `found` what is expected.
    EntryFinding,
    /// Nothing is wrong with the entry.
    EntryClean,
    /// Only the forge can tell, and nobody asked it.
    ForgeNotAsked,
    /// The forge did not tell; `found` is why.
    ForgeSilent,
    /// Nothing that is open carries the label.
    NothingOpen,
    /// Open items carry the label: `what` are such, `found` how many.
    ItemsOpen,
    /// The label is neither archived nor gone.
    LabelInUse,
    /// The label is archived.
    LabelArchived,
    /// There is no such label.
    LabelGone,
    /// Labels can be archived on this forge.
    ArchivesLabels,
    /// Labels cannot be archived on this forge.
    ArchivesNone,
}

impl ProofKind {
    /// All kinds: each has its phrase.
    pub const ALL: [Self; 51] = [
        Self::Found,
        Self::NotFound,
        Self::NothingFound,
        Self::Forbidden,
        Self::Differs,
        Self::FileThere,
        Self::FileAbsent,
        Self::FileUntouched,
        Self::FileTouched,
        Self::FileDeleted,
        Self::DoesNotParse,
        Self::NotText,
        Self::TooLarge,
        Self::TooMany,
        Self::NotShown,
        Self::ListCut,
        Self::NotRecorded,
        Self::NotLiteral,
        Self::ValueUnknown,
        Self::TookTooLong,
        Self::BadPath,
        Self::LabelThere,
        Self::LabelAbsent,
        Self::Ticked,
        Self::NotTicked,
        Self::OwnerKnown,
        Self::OwnerUnknown,
        Self::NothingNeedsIt,
        Self::RemovalRecorded,
        Self::RemovalNotRecorded,
        Self::AnnouncedInTime,
        Self::AnnouncedLate,
        Self::MajorMilestone,
        Self::MinorMilestone,
        Self::MilestoneReached,
        Self::MilestoneAhead,
        Self::Excepted,
        Self::NotInCalendar,
        Self::EntryPending,
        Self::EntryCancelled,
        Self::EntryFinding,
        Self::EntryClean,
        Self::ForgeNotAsked,
        Self::ForgeSilent,
        Self::NothingOpen,
        Self::ItemsOpen,
        Self::LabelInUse,
        Self::LabelArchived,
        Self::LabelGone,
        Self::ArchivesLabels,
        Self::ArchivesNone,
    ];
}

/// A piece that is missing, written by machine and ready to be put into place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The file that it belongs into.
    pub path: String,
    /// Where in it.
    pub place: PiecePlace,
    /// The text, with its last line's end.
    pub text: String,
}

/// Where a piece belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PiecePlace {
    /// It is all of a new file.
    NewFile,
    /// Before this line, from 1, as it is now.
    Before(u32),
}

/// Somebody who may said that a row need not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The checklist's key.
    pub checklist: String,
    /// The integration's code name.
    pub name: String,
    /// The row's key.
    pub row: String,
    /// Their immutable id.
    pub by_id: u64,
    /// Their handle.
    pub by: String,
    /// Why, in their words: never trust it inside Markdown.
    pub why: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Sheet {
    /// How many rows came out like this.
    pub fn count(&self, status: RowStatus) -> usize {
        self.rows.iter().filter(|row| row.status == status).count()
    }

    /// Whether every required row passes, is waived, claimed or does not apply.
    pub fn is_complete(&self) -> bool {
        !self.rows.iter().any(Row::blocks)
    }
}
