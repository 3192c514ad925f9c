//! What is needed for the end of an integration: everything that carries its label, the label's
//! definition, and what undoes it all. A forge that cannot do one of these says so.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Forge, ForgeError, ListPage};
use crate::model::{Counted, LabelName, Person, Snapshot, Subject, SubjectKind};

/// Where a label is defined.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelPlace {
    /// In a project, by its full path.
    Project(String),
    /// In a group, by its full path, for all projects below it.
    Group(String),
}

/// A label as the forge has it: enough to make it anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabelDefinition {
    /// Where it is defined.
    pub place: LabelPlace,
    /// Its name.
    pub name: LabelName,
    /// Its colour, such as `#428BCA`.
    pub color: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is put aside: items keep it, and nobody is offered it.
    pub archived: bool,
}

/// Items with a label, open or not, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledAsk {
    /// In this project, or in all projects of this group.
    pub place: LabelPlace,
    /// Issues or merge requests.
    pub kind: SubjectKind,
    /// The label.
    pub label: LabelName,
    /// The page, as the one before it named it; the first without it.
    pub page: Option<String>,
}

/// What is open and carries a label.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpenLabelled {
    /// How many issues.
    pub issues: Counted,
    /// How many merge requests.
    pub merge_requests: Counted,
    /// The oldest of these issues; at most a page.
    pub issues_first: Vec<Snapshot>,
    /// The oldest of these merge requests; at most a page.
    pub merge_requests_first: Vec<Snapshot>,
}

/// A comment of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The forge's number for it.
    pub id: u64,
    /// Whose it is.
    pub by: Person,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Whether it was changed since, by whomever.
    pub edited: bool,
}

/// A forge on which an integration can come to its end.
#[async_trait]
pub trait Housekeeping: Forge {
    /// Whether a label can be put aside here, so that items keep it and nobody is offered it. Where it
    /// cannot, it stays as it is until it is deleted.
    fn archives_labels(&self) -> bool;

    /// Where people see the open items of a kind that carry a label in a project.
    fn labelled_url(&self, project: &str, kind: SubjectKind, label: &LabelName) -> String;

    /// The label that items of a project can carry; `None` when there is none.
    ///
    /// # Errors
    /// As every call; [`ForgeError::Unsupported`] where the forge cannot, as for all that follow.
    async fn label_definition(
        &self,
        _project: &str,
        _label: &LabelName,
    ) -> Result<Option<LabelDefinition>, ForgeError> {
        Err(cannot("the definition of a label"))
    }

    /// One page of the items with a label.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn labelled(&self, _ask: &LabelledAsk) -> Result<ListPage, ForgeError> {
        Err(cannot("a list of the items with a label"))
    }

    /// What is open and carries a label, counted in one call for each kind or for both.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`]; [`ForgeError::NotFound`] for a place that is not there, or
    /// is hidden from Steward.
    async fn open_labelled(
        &self,
        _place: &LabelPlace,
        _label: &LabelName,
    ) -> Result<OpenLabelled, ForgeError> {
        Err(cannot("what is open with a label"))
    }

    /// All comments on a subject that people see, the oldest first.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn comments(&self, _subject: &Subject) -> Result<Vec<Said>, ForgeError> {
        Err(cannot("other people's comments"))
    }

    /// Whether an account is a member of this very group now, as somebody who writes there. Who is in
    /// it only through a group above is not: everybody in a large organisation would be. It is asked
    /// about `near`, the subject on which the account has spoken.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn is_direct_member(
        &self,
        _near: &Subject,
        _group: &str,
        _person: u64,
    ) -> Result<bool, ForgeError> {
        Err(cannot("who is a direct member of a group"))
    }

    /// Opens a closed item again. One that is open stays so.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn reopen(&self, _subject: &Subject) -> Result<(), ForgeError> {
        Err(cannot("opening an item again"))
    }

    /// Makes a label. One that is there already counts as made.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn create_label(&self, _label: &LabelDefinition) -> Result<(), ForgeError> {
        Err(cannot("making a label"))
    }

    /// Puts a label aside, or brings it back.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`]; see [`Housekeeping::archives_labels`].
    async fn archive_label(
        &self,
        _label: &LabelDefinition,
        _archived: bool,
    ) -> Result<(), ForgeError> {
        Err(cannot("archiving a label"))
    }

    /// Deletes a label, and takes it off every item. One that is gone counts as deleted.
    ///
    /// # Errors
    /// As [`Housekeeping::label_definition`].
    async fn delete_label(&self, _label: &LabelDefinition) -> Result<(), ForgeError> {
        Err(cannot("deleting a label"))
    }
}

fn cannot(what: &str) -> ForgeError {
    ForgeError::Unsupported { what: what.to_owned() }
}
