//! GitLab's answers, as far as Steward reads them. Lenient: unknown fields are passed over, what
//! GitLab may leave out or send as `null` has a default, and only what a snapshot cannot be
//! without is required.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer};

use super::hunks::{Hunks, hunks};
use crate::model::{self, LabelName, Person};

/// `null` is as good as absent.
pub(super) fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) username: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) name: String,
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        Person { id: user.id, username: user.username, name: user.name }
    }
}

/// An issue or a merge request: what both have, and what only one has as options.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) iid: u64,
    pub(super) title: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) description: String,
    pub(super) state: ItemState,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) web_url: String,
    pub(super) author: Option<User>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) labels: Vec<LabelOnItem>,
    pub(super) milestone: Option<Milestone>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: Option<DateTime<Utc>>,
    pub(super) user_notes_count: Option<u64>,
    pub(super) sha: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) draft: bool,
    /// The name of `draft` before GitLab 14.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) work_in_progress: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) assignees: Vec<User>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) upvotes: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) downvotes: u64,
    pub(super) weight: Option<u64>,
    /// Of issues alone.
    pub(super) due_date: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) confidential: bool,
    /// A number as a text, with a `+` behind it when GitLab cut the list.
    pub(super) changes_count: Option<String>,
    /// Absent until GitLab has compared the branches, and in lists.
    pub(super) diff_refs: Option<DiffRefs>,
    pub(super) target_branch: Option<String>,
}

/// The commits between which a merge request changes something.
#[derive(Debug, Deserialize)]
pub(super) struct DiffRefs {
    pub(super) base_sha: Option<String>,
}

/// `locked` is a merge request in the very moment of being merged.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ItemState {
    Opened,
    Closed,
    Merged,
    Locked,
}

impl From<ItemState> for model::State {
    fn from(state: ItemState) -> Self {
        match state {
            ItemState::Opened | ItemState::Locked => model::State::Open,
            ItemState::Closed => model::State::Closed,
            ItemState::Merged => model::State::Merged,
        }
    }
}

/// A label on an item is a name, or an object where details were asked for.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum LabelOnItem {
    Name(String),
    Details { name: String },
}

impl From<LabelOnItem> for LabelName {
    fn from(label: LabelOnItem) -> Self {
        match label {
            LabelOnItem::Name(name) | LabelOnItem::Details { name } => LabelName::new(name),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Milestone {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) title: String,
    pub(super) due_date: Option<String>,
}

impl From<Milestone> for model::Milestone {
    fn from(milestone: Milestone) -> Self {
        let due = milestone.due_date.and_then(|date| date.parse::<NaiveDate>().ok());
        model::Milestone { title: milestone.title, due }
    }
}

/// A milestone that a project can use.
#[derive(Debug, Deserialize)]
pub(super) struct ListedMilestone {
    pub(super) id: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) title: String,
    /// `active` or `closed`.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) state: String,
}

/// What somebody may do in a project or group (GitLab, "Members API", roles).
#[derive(Debug, Deserialize)]
pub(super) struct Member {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) access_level: u64,
    /// Of the account: `active`, or `blocked`, `deactivated`, `banned`, …
    pub(super) state: Option<String>,
    /// Of the membership: `active`, or `awaiting` somebody's approval.
    pub(super) membership_state: Option<String>,
    /// The first day on which it does not hold any more.
    pub(super) expires_at: Option<String>,
}

impl Member {
    /// Whether it holds on a day. What GitLab writes as it never did counts as run out.
    pub(super) fn holds_on(&self, day: NaiveDate) -> bool {
        let active = |state: &Option<String>| state.as_deref().is_none_or(|is| is == "active");
        let lasts = |until: &String| {
            let date = until.get(..10).and_then(|date| date.parse::<NaiveDate>().ok());
            date.is_some_and(|until| until > day)
        };
        active(&self.state)
            && active(&self.membership_state)
            && self.expires_at.as_ref().is_none_or(lasts)
    }
}

impl From<Member> for model::Access {
    fn from(member: Member) -> Self {
        match member.access_level {
            50.. => Self::Owner,
            40.. => Self::Maintainer,
            30.. => Self::Developer,
            20.. => Self::Reporter,
            // 15 is a planner, who manages issues and sees no code.
            10.. => Self::Guest,
            // 5, "minimal access", lets nobody into the project.
            _ => Self::None,
        }
    }
}

/// A comment.
#[derive(Debug, Deserialize)]
pub(super) struct Note {
    pub(super) id: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) body: String,
    pub(super) author: Option<User>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) system: bool,
    pub(super) created_at: DateTime<Utc>,
}

/// The answer to a new comment.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: u64,
}

/// One entry of an item's label history.
#[derive(Debug, Deserialize)]
pub(super) struct LabelEvent {
    pub(super) id: u64,
    pub(super) user: Option<User>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) label: Option<Label>,
    pub(super) action: String,
}

/// A label of a project.
#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

/// One changed file. Of the diff only the numbers of added lines are kept.
#[derive(Debug, Deserialize)]
pub(super) struct Diff {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) old_path: String,
    pub(super) new_path: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) new_file: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) renamed_file: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) deleted_file: bool,
    /// The change is larger than what GitLab shows of a file.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) too_large: bool,
    /// The changes before it are together larger than what GitLab shows at once.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) collapsed: bool,
    #[serde(default, deserialize_with = "hunks")]
    pub(super) diff: Hunks,
}

impl From<Diff> for model::ChangedFile {
    fn from(diff: Diff) -> Self {
        use model::FileStatus::{Added, Deleted, Modified, Renamed};
        let status = match (diff.deleted_file, diff.new_file, diff.renamed_file) {
            (true, _, _) => Deleted,
            (_, true, _) => Added,
            (_, _, true) => Renamed,
            _ => Modified,
        };
        let added = match diff.diff {
            // Whatever GitLab shows of it, it has no line at head.
            _ if status == Deleted => model::AddedLines::Lines(Vec::new()),
            _ if diff.too_large || diff.collapsed => model::AddedLines::NotShown,
            Hunks::Added(lines) => model::AddedLines::Lines(lines),
            Hunks::Empty if status == Renamed => model::AddedLines::Lines(Vec::new()),
            // An empty file, another mode, or a binary one: nobody can tell.
            Hunks::Empty | Hunks::Unclear => model::AddedLines::NotShown,
        };
        let path = if status == Deleted && !diff.old_path.is_empty() {
            diff.old_path.clone()
        } else {
            diff.new_path
        };
        let previous_path =
            (status == Renamed && !diff.old_path.is_empty()).then_some(diff.old_path);
        model::ChangedFile { path, previous_path, status, added }
    }
}
