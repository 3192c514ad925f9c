//! The boundary to the forges: one trait to read, write and look after hooks. A forge's payload
//! types stay in its own folder.

mod deliveries;
mod error;
pub mod github;
pub mod gitlab;
mod hint;
mod housekeeping;
mod listing;
mod shared;

use async_trait::async_trait;
use chrono::NaiveDate;

pub use deliveries::{Attempt, AttemptPage, Deliveries, DeliveryLog, DeliveryLogs};
pub use error::{ForgeError, Outcome};
pub use hint::{AccessChange, Actor, CommentRef, Hint, NotJson};
pub use housekeeping::{
    Housekeeping, LabelDefinition, LabelPlace, LabelledAsk, OpenLabelled, Said,
};
pub use listing::{ListAsk, ListPage, Listing, Source, Swept};
pub use shared::meter::{CallCounts, RateLimit};

use crate::model::{
    Facet, FacetValue, FoundMilestone, LabelName, NewIssue, OwnIssue, Person, Snapshot,
    StatusReport, StatusState, Subject, TeamName,
};

/// What shall become of an item besides its labels, in one call. What is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemChange {
    /// Everybody who shall have it, and nobody else.
    pub assignees: Option<Vec<Person>>,
    /// The milestone that it shall have, as [`Facet::Milestone`] found it.
    pub milestone: Option<FoundMilestone>,
    /// The last day that it shall have, on a forge that knows such a thing
    /// ([`crate::model::Facets::due`]).
    pub due: Option<NaiveDate>,
    /// The description that it shall have.
    pub description: Option<String>,
    /// It shall be closed.
    pub close: bool,
}

/// Who shall be asked for a review, in one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewAsk {
    /// People.
    pub people: Vec<Person>,
    /// Teams.
    pub teams: Vec<TeamName>,
    /// People who are asked already, and stay so.
    pub besides: Vec<Person>,
}

/// Whom a forge did not let Steward ask for a review.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReviewsRefused {
    /// People.
    pub people: Vec<Person>,
    /// Teams.
    pub teams: Vec<TeamName>,
    /// What the forge said; empty when it refused nobody.
    pub why: String,
}

/// What a commit shall say under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStatus {
    /// The commit's full id.
    pub commit: String,
    /// The status's name, such as `steward/docs`.
    pub name: String,
    /// What it says.
    pub state: StatusState,
    /// One line for people. A forge cuts what is longer than it takes.
    pub text: String,
    /// What stands beneath it; only for a forge whose snapshots say that it shows such a thing
    /// ([`crate::model::Facets::status_reports`]). Others leave it out.
    pub report: Option<StatusReport>,
}

/// A forge as Steward sees it. Every method is one logical operation; none retries by itself,
/// since retrying is the queue's work.
#[async_trait]
pub trait Forge: Send + Sync {
    /// Who Steward is there: its own account. Asked once, then remembered.
    ///
    /// # Errors
    /// As every method: what happened, and whether a write may have gone through.
    async fn me(&self) -> Result<Person, ForgeError>;

    /// Reads a subject: what one call tells, and the facets that come for free (no comments on
    /// it means that none are Steward's).
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when it is gone or hidden from Steward.
    async fn read(&self, subject: &Subject) -> Result<Snapshot, ForgeError>;

    /// Reads one facet of a subject, all its pages.
    ///
    /// # Errors
    /// See [`Forge::me`].
    async fn read_facet(
        &self,
        snapshot: &Snapshot,
        facet: &Facet,
    ) -> Result<FacetValue, ForgeError>;

    /// Sets and removes labels in one call. Every name must have been resolved before
    /// ([`Facet::Label`]): GitLab creates what it does not know.
    ///
    /// # Errors
    /// See [`Forge::me`].
    async fn change_labels(
        &self,
        subject: &Subject,
        add: &[LabelName],
        remove: &[LabelName],
    ) -> Result<(), ForgeError>;

    /// Changes assignees and milestone and closes an item, in one call. It is the same to do so
    /// twice, and nothing is sent when nothing is asked for.
    ///
    /// # Errors
    /// See [`Forge::me`].
    async fn change_item(&self, subject: &Subject, change: &ItemChange) -> Result<(), ForgeError>;

    /// Asks for a review of a merge request. It is the same to do so twice. Answers who was refused:
    /// they have no access, say; all others are asked then.
    ///
    /// # Errors
    /// See [`Forge::me`]; [`ForgeError::Unsupported`] for what is no merge request, and for teams on a
    /// forge whose snapshots say that it asks people only.
    async fn request_review(
        &self,
        subject: &Subject,
        ask: &ReviewAsk,
    ) -> Result<ReviewsRefused, ForgeError>;

    /// Sets a status on a commit of the subject's project. One that is so already counts as set, and
    /// one of a name is there once, also when the outcome of setting it was not known.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when the project has no such commit (any more).
    async fn set_status(&self, subject: &Subject, status: &CommitStatus) -> Result<(), ForgeError>;

    /// Posts a comment and returns its number.
    ///
    /// # Errors
    /// See [`Forge::me`].
    async fn post_comment(&self, subject: &Subject, body: &str) -> Result<u64, ForgeError>;

    /// Replaces the text of one of Steward's comments.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when somebody deleted it.
    async fn edit_comment(&self, subject: &Subject, id: u64, body: &str) -> Result<(), ForgeError>;

    /// Deletes one of Steward's comments.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when it is gone already.
    async fn delete_comment(&self, subject: &Subject, id: u64) -> Result<(), ForgeError>;

    /// Reacts to a comment, whoever wrote it, with an emoji by its name, such as
    /// `white_check_mark`. It is the same to do so twice.
    ///
    /// # Errors
    /// [`ForgeError::NotFound`] when somebody deleted the comment; [`ForgeError::Refused`] when the
    /// forge has no such emoji.
    async fn react(&self, subject: &Subject, comment: u64, emoji: &str) -> Result<(), ForgeError>;

    /// What Steward may do for somebody is other than it was: what is remembered of it is forgotten, and
    /// asked for anew when it is needed. Asks nobody.
    fn access_changed(&self, _change: &AccessChange) {}

    /// Opens an issue in the subject's project. Labels and milestone must have been resolved before.
    ///
    /// # Errors
    /// See [`Forge::me`]; [`ForgeError::Unsupported`] where Steward cannot.
    async fn open_issue(
        &self,
        _beside: &Subject,
        _issue: &NewIssue,
    ) -> Result<OwnIssue, ForgeError> {
        Err(ForgeError::Unsupported { what: "opening an issue".to_owned() })
    }

    /// Links two issues of a project to each other, where the forge has links
    /// ([`crate::model::Facets::issue_links`]). It is the same to do so twice.
    ///
    /// # Errors
    /// See [`Forge::me`].
    async fn link_issue(&self, _subject: &Subject, _to: u64) -> Result<(), ForgeError> {
        Err(ForgeError::Unsupported { what: "links between issues".to_owned() })
    }
}
