//! The nouns, without IO: what is looked at, what is known of it, what shall be done and why.

mod calendar;
mod change;
mod facet;
mod file;
mod label;
mod ledger;
mod on_forge;
mod opened;
mod person;
mod plan;
mod reason;
mod removal;
mod report;
mod review;
mod sheet;
mod snapshot;
mod subject;
mod topic;
mod version;

pub use calendar::{Calendar, CalendarError, Release};
pub use change::{AddedLines, ChangedFile, Changes, FileStatus, LineSpan};
pub use facet::{Facet, FacetValue, Membership, StandingOf};
pub use file::{FileAt, FileContent, MOST_FILES, Side, Unreadable};
pub use label::LabelName;
pub(crate) use label::lower;
pub use ledger::{Activity, Applied, AppliedLabel, Ledger, LiveComment};
pub use on_forge::{Counted, LabelState, OnForge, OpenRequest};
pub(crate) use opened::hidden;
pub use opened::{Mark, NewIssue, OwnIssue};
pub use person::Person;
pub use plan::{Action, Effect, Held, Plan, Shadow, StatusState};
pub use reason::{Because, Cite, Evidence, Reason};
pub use removal::{
    Excepted, MissingRow, RemovalRecord, Slip, Spoken, Standing, StepStanding, StepState,
};
pub use report::{Annotation, StandingStatus, StatusReport, Weight};
pub use review::{Requested, Reviewer, TeamName, asked};
pub use sheet::{Need, Piece, PiecePlace, Proof, ProofKind, Row, RowStatus, Sheet, Waiver};
pub use snapshot::{
    Access, Comment, Due, Facets, FoundMilestone, LabelEvent, Milestone, Snapshot, State, Votes,
};
pub use subject::{ForgeKind, Subject, SubjectKind, SubjectParseError};
pub use topic::{Topic, TopicError};
pub use version::{Version, VersionError};
