//! GitHub's answers, as far as Steward reads them. Lenient: unknown fields are passed over, what
//! GitHub may leave out or send as `null` has a default, and only what a snapshot cannot be without
//! is required.

use chrono::{DateTime, Utc};
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
    pub(super) login: String,
    /// Only where one account is shown by itself.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) name: String,
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        let name = if user.name.is_empty() { user.login.clone() } else { user.name };
        Person { id: user.id, username: user.login, name }
    }
}

/// An issue or a pull request: what both have, and what only one has as options.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) number: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) title: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) body: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) state: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) html_url: String,
    pub(super) user: Option<User>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) labels: Vec<LabelOnItem>,
    pub(super) milestone: Option<Milestone>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: Option<DateTime<Utc>>,
    /// How many comments there are in the conversation.
    pub(super) comments: Option<u64>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) assignees: Vec<User>,
    /// People who were asked for a review and gave none yet; on pull requests only.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) requested_reviewers: Vec<User>,
    /// Teams, as those people.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) requested_teams: Vec<Team>,
    pub(super) reactions: Option<Reactions>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) draft: bool,
    /// On an issue that is a pull request.
    pub(super) pull_request: Option<PullOfIssue>,
    pub(super) merged_at: Option<DateTime<Utc>>,
    pub(super) head: Option<Branch>,
    pub(super) base: Option<Branch>,
    pub(super) changed_files: Option<usize>,
}

impl Item {
    /// Whether it is open.
    pub(super) fn is_open(&self) -> bool {
        self.state() == model::State::Open
    }

    /// Open, closed or merged.
    pub(super) fn state(&self) -> model::State {
        let merged = |of: &PullOfIssue| of.merged_at.is_some();
        match self.state.as_str() {
            _ if self.merged_at.is_some() || self.pull_request.as_ref().is_some_and(merged) => {
                model::State::Merged
            }
            "closed" => model::State::Closed,
            _ => model::State::Open,
        }
    }
}

/// What an issue that is a pull request says of that.
#[derive(Debug, Deserialize)]
pub(super) struct PullOfIssue {
    pub(super) merged_at: Option<DateTime<Utc>>,
}

/// One end of a pull request.
#[derive(Debug, Deserialize)]
pub(super) struct Branch {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) sha: String,
}

/// A team of an organisation.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Team {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) slug: String,
}

/// How many reacted how.
#[derive(Debug, Deserialize)]
pub(super) struct Reactions {
    #[serde(rename = "+1", default, deserialize_with = "nullable")]
    pub(super) up: u64,
    #[serde(rename = "-1", default, deserialize_with = "nullable")]
    pub(super) down: u64,
}

/// A label on an item is an object, or a name in old answers.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum LabelOnItem {
    Name(String),
    Details { name: Option<String> },
}

impl LabelOnItem {
    pub(super) fn name(self) -> Option<LabelName> {
        match self {
            LabelOnItem::Name(name) => Some(LabelName::new(name)),
            LabelOnItem::Details { name } => name.map(LabelName::new),
        }
    }
}

/// A label of a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
}

/// A milestone.
#[derive(Debug, Deserialize)]
pub(super) struct Milestone {
    pub(super) number: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) title: String,
    /// `open` or `closed`.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) state: String,
    pub(super) due_on: Option<DateTime<Utc>>,
}

impl From<Milestone> for model::Milestone {
    fn from(milestone: Milestone) -> Self {
        let due = milestone.due_on.map(|at| at.date_naive());
        model::Milestone { title: milestone.title, due }
    }
}

/// A comment.
#[derive(Debug, Deserialize)]
pub(super) struct Comment {
    pub(super) id: u64,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) body: String,
    pub(super) user: Option<User>,
    pub(super) created_at: DateTime<Utc>,
}

/// The answer to a new comment.
#[derive(Debug, Deserialize)]
pub(super) struct Created {
    pub(super) id: u64,
}

/// What somebody may do in a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Permission {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) permission: String,
    /// Finer: `maintain` and `triage` stand only here.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) role_name: String,
}

impl From<Permission> for model::Access {
    fn from(of: Permission) -> Self {
        match (of.role_name.as_str(), of.permission.as_str()) {
            ("admin", _) | (_, "admin") => Self::Owner,
            ("maintain", _) => Self::Maintainer,
            ("write", _) | (_, "write") => Self::Developer,
            ("triage", _) => Self::Reporter,
            // Everybody may read a public repository: that makes nobody a member.
            _ => Self::None,
        }
    }
}

/// Whether somebody belongs to an organization or team.
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    /// `active`, or `pending` until it is accepted.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) state: String,
}

/// Two commits compared.
#[derive(Debug, Deserialize)]
pub(super) struct Comparison {
    pub(super) merge_base_commit: Option<Branch>,
}

/// One changed file. Of the patch only the numbers of added lines are kept.
#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) filename: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) previous_filename: String,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) status: String,
    /// How many lines changed; none of them shows that the content is the same.
    pub(super) changes: Option<u64>,
    /// Left out for a binary file and for one that changes too much.
    #[serde(default, deserialize_with = "hunks")]
    pub(super) patch: Hunks,
}

impl From<File> for model::ChangedFile {
    fn from(file: File) -> Self {
        use model::FileStatus::{Added, Deleted, Modified, Renamed};
        let status = match file.status.as_str() {
            "added" | "copied" => Added,
            "removed" => Deleted,
            "renamed" => Renamed,
            _ => Modified,
        };
        let added = match file.patch {
            // Whatever GitHub shows of it, it has no line at head.
            _ if status == Deleted => model::AddedLines::Lines(Vec::new()),
            Hunks::Added(lines) => model::AddedLines::Lines(lines),
            Hunks::Empty if status == Renamed && file.changes == Some(0) => {
                model::AddedLines::Lines(Vec::new())
            }
            // An empty file, another mode, a binary one, or one that is too large to be shown.
            Hunks::Empty | Hunks::Unclear => model::AddedLines::NotShown,
        };
        let previous_path = (status == Renamed && !file.previous_filename.is_empty())
            .then_some(file.previous_filename);
        model::ChangedFile { path: file.filename, previous_path, status, added }
    }
}
