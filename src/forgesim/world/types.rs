//! The records that a simulated GitLab keeps.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::forgesim::world::{checks::CheckRun, repository::Repository, statuses::Status};

/// A point in time on the simulated clock.
pub(crate) type Time = DateTime<Utc>;

/// The two kinds of things people discuss that the simulation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// An issue (or another work item type that lives in a project).
    Issue,
    /// A merge request.
    MergeRequest,
}

impl ItemKind {
    /// The path segment in API and web addresses.
    pub(crate) fn segment(self) -> &'static str {
        match self {
            Self::Issue => "issues",
            Self::MergeRequest => "merge_requests",
        }
    }

    /// The Ruby class name that payloads carry.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Issue => "Issue",
            Self::MergeRequest => "MergeRequest",
        }
    }

    /// The sign before the number in a reference.
    pub(crate) fn sigil(self) -> char {
        match self {
            Self::Issue => '#',
            Self::MergeRequest => '!',
        }
    }
}

impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Issue => "issue",
            Self::MergeRequest => "merge request",
        })
    }
}

/// The type of an issue; all but [`Issue`](Self::Issue) announce themselves as
/// `work_item` in webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IssueType {
    /// A plain issue.
    #[default]
    Issue,
    /// An incident.
    Incident,
    /// A task.
    Task,
    /// An epic, as far as it lives in a project.
    Epic,
}

impl IssueType {
    /// The API's spelling.
    pub(crate) fn api_name(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Incident => "incident",
            Self::Task => "task",
            Self::Epic => "epic",
        }
    }

    /// The webhook's spelling.
    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::Issue => "Issue",
            Self::Incident => "Incident",
            Self::Task => "Task",
            Self::Epic => "Epic",
        }
    }

    /// Reads the API's `issue_type` parameter.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Issue, Self::Incident, Self::Task, Self::Epic]
            .into_iter()
            .find(|kind| kind.api_name() == name)
    }
}

/// Whether an issue or merge request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Open.
    Opened,
    /// Closed.
    Closed,
    /// Merged (merge requests only).
    Merged,
}

impl State {
    /// The API's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }

    /// The number that webhooks carry as `state_id`.
    pub(crate) fn id(self) -> u8 {
        match self {
            Self::Opened => 1,
            Self::Closed => 2,
            Self::Merged => 3,
        }
    }
}

/// Which issue or merge request is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ItemKey {
    pub(crate) project: u64,
    pub(crate) kind: ItemKind,
    pub(crate) iid: u64,
}

/// A user account.
#[derive(Debug, Clone)]
pub(crate) struct UserRecord {
    pub(crate) id: u64,
    pub(crate) username: String,
    pub(crate) name: String,
    /// An administrator shut the account out; its memberships stay.
    pub(crate) blocked: bool,
    pub(crate) created_at: Time,
}

/// A personal access token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) id: u64,
    pub(crate) user: u64,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires_at: Option<NaiveDate>,
    pub(crate) revoked: bool,
    pub(crate) created_at: Time,
}

/// A group; nested groups are groups with a longer path.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) id: u64,
    pub(crate) path: String,
    /// Whether only members see that there is such a group.
    pub(crate) hidden: bool,
    pub(crate) labels: BTreeMap<String, u64>,
    pub(crate) members: BTreeMap<u64, u8>,
}

/// A project with all that hangs on it.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) id: u64,
    pub(crate) path: String,
    /// Ids of the groups above, nearest first.
    pub(crate) ancestors: Vec<u64>,
    pub(crate) public: bool,
    /// Whether scoped labels exclude each other (a paid feature of GitLab).
    pub(crate) premium: bool,
    pub(crate) created_at: Time,
    pub(crate) labels: BTreeMap<String, u64>,
    pub(crate) members: BTreeMap<u64, u8>,
    pub(crate) issues: BTreeMap<u64, Item>,
    pub(crate) merge_requests: BTreeMap<u64, Item>,
    pub(crate) repository: Repository,
    pub(crate) statuses: HashMap<String, Vec<Status>>,
    /// Oldest first.
    pub(crate) check_runs: Vec<CheckRun>,
    pub(crate) hooks: Vec<u64>,
}

impl Project {
    /// The last segment of the path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The full path of the group that holds the project.
    pub(crate) fn namespace(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(group, _)| group)
    }

    pub(crate) fn items(&self, kind: ItemKind) -> &BTreeMap<u64, Item> {
        match kind {
            ItemKind::Issue => &self.issues,
            ItemKind::MergeRequest => &self.merge_requests,
        }
    }

    pub(crate) fn items_mut(&mut self, kind: ItemKind) -> &mut BTreeMap<u64, Item> {
        match kind {
            ItemKind::Issue => &mut self.issues,
            ItemKind::MergeRequest => &mut self.merge_requests,
        }
    }
}

/// Where a label or milestone is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Group(u64),
    Project(u64),
}

impl Owner {
    pub(crate) fn project(self) -> Option<u64> {
        match self {
            Self::Project(id) => Some(id),
            Self::Group(_) => None,
        }
    }

    pub(crate) fn group(self) -> Option<u64> {
        match self {
            Self::Group(id) => Some(id),
            Self::Project(_) => None,
        }
    }
}

/// A label. Items refer to labels by id, so that renaming one renames it everywhere.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
    pub(crate) owner: Owner,
    pub(crate) archived: bool,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

/// A milestone.
#[derive(Debug, Clone)]
pub(crate) struct Milestone {
    pub(crate) id: u64,
    pub(crate) iid: u64,
    pub(crate) title: String,
    pub(crate) owner: Owner,
    pub(crate) start_date: Option<NaiveDate>,
    pub(crate) due_date: Option<NaiveDate>,
    pub(crate) active: bool,
    pub(crate) created_at: Time,
}

/// An issue or a merge request.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) iid: u64,
    pub(crate) kind: ItemKind,
    pub(crate) issue_type: IssueType,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) state: State,
    pub(crate) confidential: bool,
    pub(crate) author: u64,
    pub(crate) assignees: Vec<u64>,
    pub(crate) labels: Vec<u64>,
    pub(crate) milestone: Option<u64>,
    /// The last day of an issue.
    pub(crate) due: Option<NaiveDate>,
    /// Numbers of issues in the project that this one is linked to.
    pub(crate) links: BTreeSet<u64>,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) closed_at: Option<Time>,
    pub(crate) closed_by: Option<u64>,
    /// By id, which is also the order in which they were written.
    pub(crate) notes: BTreeMap<u64, Note>,
    pub(crate) user_notes: usize,
    pub(crate) label_events: Vec<LabelEvent>,
    pub(crate) awards: Vec<Award>,
    pub(crate) merge: Option<Merge>,
}

/// What a merge request has and an issue has not.
#[derive(Debug, Clone)]
pub(crate) struct Merge {
    pub(crate) source_branch: String,
    pub(crate) target_branch: String,
    pub(crate) sha: String,
    pub(crate) base_sha: String,
    pub(crate) changes: Arc<Vec<crate::forgesim::Change>>,
    pub(crate) conflicts: bool,
    pub(crate) merged_at: Option<Time>,
    pub(crate) merged_by: Option<u64>,
}

/// A comment, or a line that GitLab itself writes about a change (`system`).
#[derive(Debug, Clone)]
pub(crate) struct Note {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) body: String,
    pub(crate) system: bool,
    pub(crate) internal: bool,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) edited_by: Option<u64>,
    pub(crate) discussion: String,
    pub(crate) awards: Vec<Award>,
}

/// One entry of the label history.
#[derive(Debug, Clone)]
pub(crate) struct LabelEvent {
    pub(crate) id: u64,
    pub(crate) user: u64,
    pub(crate) label: u64,
    pub(crate) added: bool,
    pub(crate) created_at: Time,
}

/// An emoji reaction.
#[derive(Debug, Clone)]
pub(crate) struct Award {
    pub(crate) id: u64,
    pub(crate) user: u64,
    pub(crate) name: String,
    pub(crate) created_at: Time,
}

/// Somebody whom GitLab would have notified because a text mentions them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mention {
    /// The name after the `@`: a user or a group path, whether it exists or not.
    pub name: String,
    /// Full path of the project.
    pub project: String,
    /// `issues` or `merge_requests`.
    pub kind: String,
    /// Number of the issue or merge request.
    pub iid: u64,
    /// The comment that mentions; absent for the description.
    pub note: Option<u64>,
}
