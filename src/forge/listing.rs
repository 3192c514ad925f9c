//! Lists of items, for the mirror: page by page, so that whoever reads them can stop and go on.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Deliveries, Forge, ForgeError};
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
    /// Each item as a single reading would show it, whatever calls that takes; else what the list
    /// itself tells of it is enough: labels, state and times, and no commits where they cost more.
    pub whole: bool,
    /// The page, as the one before it named it; the first without it.
    pub page: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListPage {
    /// What was asked for.
    pub items: Vec<Snapshot>,
    /// The newest change of all that the forge looked through for it: of the items, and of what else
    /// stands in the same list of the forge and was not asked for. `None` for an empty list.
    pub newest: Option<DateTime<Utc>>,
    /// The next page, if there is one: only the forge knows what stands in it.
    pub next: Option<String>,
    /// How many items the whole list has, if the forge tells.
    pub total: Option<u64>,
}

/// A forge that tells what it has, in lists. One call each, but for labels, milestones, and what a
/// list does not tell of items that are asked for whole.
#[async_trait]
pub trait Listing: Send + Sync {
    /// One page.
    ///
    /// # Errors
    /// As every call to a forge; [`ForgeError::Unsupported`] for a kind that it does not list.
    async fn page(&self, ask: &ListAsk) -> Result<ListPage, ForgeError>;

    /// When anything of this kind last changed in the project, by the forge's clock; `None` when
    /// there is nothing. A forge that has both kinds in one list may answer for either: what is read
    /// from then on is at the most more than it need be.
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

    /// All milestones that stand in one place, closed ones too: releases, for the calendar. The place
    /// is what has milestones on this forge, by its full path: a group, or where groups have none a
    /// project.
    ///
    /// # Errors
    /// As [`Listing::page`]; [`ForgeError::Refused`] for a path that names no such place.
    async fn milestones_of(&self, place: &str) -> Result<Vec<Milestone>, ForgeError> {
        Err(ForgeError::Unsupported { what: format!("milestones of `{place}`") })
    }

    /// The subject at an address of this forge; `None` when it is none of its items.
    fn subject_at(&self, url: &str) -> Option<Subject>;

    /// How many calls were made so far, whatever for.
    fn calls(&self) -> u64;
}

/// A forge whose items can be copied: listed, and read further one by one.
pub trait Source: Forge + Listing {}

impl<F: Forge + Listing> Source for F {}

/// A forge that sweeps can ask: for its items, and for what became of its webhooks.
pub trait Swept: Listing + Deliveries {}

impl<F: Listing + Deliveries> Swept for F {}
