//! The nouns, without IO: what is looked at, what is known of it, what shall be done and why.

mod change;
mod facet;
mod label;
mod ledger;
mod person;
mod plan;
mod reason;
mod snapshot;
mod subject;

pub use change::{ChangedFile, Changes, FileStatus};
pub use facet::{Facet, FacetValue};
pub use label::LabelName;
pub use ledger::{AppliedLabel, Ledger, LiveComment};
pub use person::Person;
pub use plan::{Action, Effect, Held, Plan};
pub use reason::{Because, Cite, Reason};
pub use snapshot::{Comment, Facets, LabelEvent, Milestone, Snapshot, State};
pub use subject::{ForgeKind, Subject, SubjectKind, SubjectParseError, Topic};
