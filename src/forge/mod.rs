//! The boundary to the forges: one trait to read, write and look after hooks. A forge's payload
//! types stay in its own folder.

mod error;
pub mod gitlab;
mod listing;

use async_trait::async_trait;

pub use error::{ForgeError, Outcome};
pub use listing::{ListAsk, ListPage, Listing};

use crate::model::{Facet, FacetValue, LabelName, Person, Snapshot, Subject};

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
}
