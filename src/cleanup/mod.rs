//! The end of an integration: its open items are closed and its label goes, after a posted list, two
//! approvals and a canary, and all of it can be undone.
//!
//! ```text
//!   propose: list ─▶ proposal file ─▶ comment with the list on the tracking issue
//!   approve: two comments there, of different people            (approval, pure)
//!   run:     approvals read live ─▶ restore file ─▶ canary ─▶ pause ─▶ the rest ─▶ archive the label
//!   later:   delete the label          at any time: restore
//! ```
//!
//! State lies in files beside the database, since the database is the server's alone while it runs:
//! the proposal, the restore file, and a journal to which each write is put before it is made.

mod approval;
mod file;
mod journal;
mod list;
mod post;
mod restore;
mod run;
mod steps;

pub use approval::{Approval, Verdict, settle};
pub use file::{CleanupError, Folder, Kept, Proposal, RestoreFile};
pub use journal::{Entry, ItemProgress, Journal, Progress};
pub use list::{definition, list};
pub use post::{OnForge, facts};
pub use restore::{Restored, restore};
pub use run::{Ended, delete_label, run};
pub use steps::Steps;
