//! Lists of items, for the mirror: page by page, so that whoever reads them can stop and go on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::ForgeError;
use crate::model::{LabelName, Milestone, Snapshot, Subject, SubjectKind};

/// Which items of a project a list holds. It is sorted by the time of the last change, the oldest
/// change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAsk {
    /// Full path of the project.
    pub project: String,
    /// Issues or merge requests.
    pub kind: SubjectKind,
    /// Open ones only, or else those in every state.
    pub only_open: bool,
    /// Those that changed at this time or later; all of them without it.
    pub changed_since: Option<DateTime<Utc>>,
    /// The page, as the one before it named it; the first without it.
    pub page: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// As a single reading would show them.
    pub items: Vec<Snapshot>,
    /// The next page, if there is one: only the forge knows what stands in it.
    pub next: Option<String>,
    /// How many items the whole list has, if the forge tells.
    pub total: Option<u64>,
}

/// A forge that tells what it has, in lists. One call each, but for [`Listing::labels`].
#[async_trait]
pub trait Listing: Send + Sync {
    /// One page.
    ///
    /// # Errors
    /// As every call to a forge; [`ForgeError::Unsupported`] for a kind that it does not list.
    async fn page(&self, ask: &ListAsk) -> Result<ListPage, ForgeError>;

    /// When anything of this kind last changed in the project, by the forge's clock; `None` when
    /// there is nothing.
    ///
    /// # Errors
    /// As [`Listing::page`].
    async fn last_change(
        &self,
        project: &str,
        kind: SubjectKind,
    ) -> Result<Option<DateTime<Utc>>, ForgeError>;

    /// The labels that items of the project can carry, those of the groups above it among them.
    ///
    /// # Errors
    /// As [`Listing::page`].
    async fn labels(&self, project: &str) -> Result<Vec<LabelName>, ForgeError>;

    /// All milestones of a group, closed ones too, by the group's full path: releases, for the
    /// calendar. Some forges have none.
    ///
    /// # Errors
    /// As [`Listing::page`]; [`ForgeError::Unsupported`] where groups have no milestones.
    async fn group_milestones(&self, group: &str) -> Result<Vec<Milestone>, ForgeError> {
        Err(ForgeError::Unsupported { what: format!("milestones of the group `{group}`") })
    }

    /// The subject at an address of this forge; `None` when it is none of its items.
    fn subject_at(&self, url: &str) -> Option<Subject>;

    /// How many calls were made so far, whatever for.
    fn calls(&self) -> u64;
}
