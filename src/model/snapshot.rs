//! A subject as it was read just now.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Changes, Facet, FacetValue, FileAt, FileContent, LabelName, Membership, OnForge, OwnIssue,
    Person, RemovalRecord, Requested, Standing, StandingOf, StandingStatus, Subject,
};

/// A subject as the forge showed it just now: what one call tells, and the facets that were
/// asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What this is a picture of.
    pub subject: Subject,
    /// Where people see it.
    pub url: String,
    /// Title, as typed by a user: never trust it inside Markdown.
    pub title: String,
    /// Description, as typed by a user.
    pub description: String,
    /// Whether it is still being worked on.
    pub state: State,
    /// A merge request that its author marked as not ready.
    pub draft: bool,
    /// Who opened it.
    pub author: Person,
    /// The labels on it now.
    pub labels: Vec<LabelName>,
    /// The milestone on it now.
    pub milestone: Option<Milestone>,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The newest commit of a merge request.
    pub head: Option<String>,
    /// Who it is assigned to.
    #[serde(default)]
    pub assignees: Vec<Person>,
    /// Who is asked to review a merge request; `None` where that is not known, as in some lists, and
    /// for everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewers: Option<Requested>,
    /// Reactions to it; `None` where the forge does not tell them with the item.
    #[serde(default)]
    pub votes: Option<Votes>,
    /// The weight that people gave it (GitLab, "Issue weight"); `None` when they gave none.
    #[serde(default)]
    pub weight: Option<u64>,
    /// Only members see it.
    #[serde(default)]
    pub confidential: bool,
    /// What costs calls of its own; read when a rule asks for it.
    pub facets: Facets,
}

/// Whether a subject is still being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Open.
    Open,
    /// Closed without merging, or done.
    Closed,
    /// A merge request that was merged.
    Merged,
}

/// How many people reacted with a thumb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Votes {
    /// Thumbs up.
    pub up: u64,
    /// Thumbs down.
    pub down: u64,
}

/// A milestone by its title, which for a release is its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {
    /// The title, such as `18.10`: a text, never a number.
    pub title: String,
    /// The last day, when it has one.
    pub due: Option<chrono::NaiveDate>,
}

/// The facets read so far. `None` is "not read", never "empty".
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// Who set and removed which label when, oldest first.
    pub label_history: Option<Vec<LabelEvent>>,
    /// All comments that Steward itself wrote here, oldest first.
    pub own_comments: Option<Vec<Comment>>,
    /// The changed files of a merge request.
    pub changes: Option<Changes>,
    /// Whether the forge knows a label for this subject, by name in lower case; the value is
    /// the name in the forge's own spelling.
    pub labels_known: BTreeMap<String, Option<LabelName>>,
    /// What the author may do in the project.
    #[serde(default)]
    pub author_access: Option<Access>,
    /// Milestones that were looked up, by title.
    #[serde(default)]
    pub milestones_known: BTreeMap<String, Option<FoundMilestone>>,
    /// Accounts that were looked up, by handle in lower case.
    #[serde(default)]
    pub accounts_known: BTreeMap<String, Option<Person>>,
    /// Where people see the files at head: a path is put behind it, and `#L12` for a line. Comes
    /// for free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_url: Option<String>,
    /// Files that were looked into.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<FileAt, FileContent>,
    /// Who was found to belong to which group, and who not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<(Membership, bool)>,
    /// What people recorded about integrations that leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removals: Option<Vec<RemovalRecord>>,
    /// How far integrations are on their way out, or why nobody can tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<(StandingOf, Result<Standing, String>)>,
    /// How far all integrations that leave are, or why nobody can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_standings: Option<Result<Vec<Standing>, String>>,
    /// What the forge told of the labels of integrations that leave, by the integrations' keys; why
    /// nobody can tell, where it did not. Those that are not here were not asked about.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on_forge: BTreeMap<String, Result<OnForge, String>>,
    /// Whether the forge shows a report beneath a status that Steward sets there. Comes for free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub status_reports: bool,
    /// Steward's own statuses on the newest commit, the newest of a name first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_statuses: Option<Vec<StandingStatus>>,
    /// The issues of the project that Steward itself opened, the newest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_issues: Option<Vec<OwnIssue>>,
    /// The last day of an issue, where the forge knows such a thing besides the milestone's. Comes for
    /// free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// Whether issues can be linked to each other here. Comes for free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub issue_links: bool,
}

/// The last day of an issue, on a forge on which an issue can have one of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day; `None` when it has none.
    pub day: Option<chrono::NaiveDate>,
}

/// What somebody may do in a project, least first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// No member.
    None,
    /// Member who reads (GitLab: guest and planner).
    Guest,
    /// Member who triages (GitLab: reporter; GitHub: triage).
    Reporter,
    /// Member who writes (GitLab: developer; GitHub: write).
    Developer,
    /// Member who merges into protected branches (GitLab: maintainer; GitHub: maintain).
    Maintainer,
    /// Everything (GitLab: owner; GitHub: admin).
    Owner,
}

/// A milestone that the forge has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundMilestone {
    /// The forge's number for it, by which it is set.
    pub id: u64,
    /// Its title.
    pub title: String,
}

/// A label was set or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelEvent {
    /// The label; `None` when it was deleted since.
    pub label: Option<LabelName>,
    /// Set, or else removed.
    pub added: bool,
    /// By whom; `None` when the account is gone.
    pub by: Option<Person>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A comment that Steward wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The forge's number for it.
    pub id: u64,
    /// As it stands there now, marker included.
    pub body: String,
    /// When it was posted.
    pub created_at: DateTime<Utc>,
}

impl Snapshot {
    /// Whether a facet has been read (or could be known without reading).
    pub fn has(&self, facet: &Facet) -> bool {
        match facet {
            Facet::LabelHistory => self.facets.label_history.is_some(),
            Facet::OwnComments => self.facets.own_comments.is_some(),
            Facet::Changes => self.facets.changes.is_some(),
            Facet::Label(name) => {
                self.facets.labels_known.contains_key(&name.as_str().to_lowercase())
            }
            Facet::Votes => self.votes.is_some(),
            Facet::AuthorAccess => self.facets.author_access.is_some(),
            Facet::Milestone(title) => self.facets.milestones_known.contains_key(title),
            Facet::Account(handle) => {
                self.facets.accounts_known.contains_key(&handle.to_lowercase())
            }
            Facet::File(at) => self.facets.files.contains_key(at),
            Facet::Membership(of) => self.facets.memberships.iter().any(|(known, _)| known == of),
            Facet::Removals => self.facets.removals.is_some(),
            Facet::Standings => self.facets.all_standings.is_some(),
            Facet::Standing(of) => self.facets.standings.iter().any(|(known, _)| *known == **of),
            Facet::OwnStatuses => self.facets.own_statuses.is_some(),
            Facet::OwnIssues => self.facets.own_issues.is_some(),
        }
    }

    /// Puts a facet that was read into its place.
    pub fn fill(&mut self, facet: &Facet, value: FacetValue) {
        match value {
            FacetValue::LabelHistory(events) => self.facets.label_history = Some(events),
            FacetValue::OwnComments(comments) => self.facets.own_comments = Some(comments),
            FacetValue::Changes(changes) => self.facets.changes = Some(changes),
            FacetValue::Label(found) => {
                if let Facet::Label(name) = facet {
                    self.facets.labels_known.insert(name.as_str().to_lowercase(), found);
                }
            }
            FacetValue::Votes(votes) => self.votes = Some(votes),
            FacetValue::AuthorAccess(access) => self.facets.author_access = Some(access),
            FacetValue::Milestone(found) => {
                if let Facet::Milestone(title) = facet {
                    self.facets.milestones_known.insert(title.clone(), found);
                }
            }
            FacetValue::Account(found) => {
                if let Facet::Account(handle) = facet {
                    self.facets.accounts_known.insert(handle.to_lowercase(), found);
                }
            }
            FacetValue::File(content) => {
                if let Facet::File(at) = facet {
                    self.facets.files.insert(at.clone(), content);
                }
            }
            FacetValue::OwnStatuses(statuses) => self.facets.own_statuses = Some(statuses),
            FacetValue::OwnIssues(issues) => self.facets.own_issues = Some(issues),
            FacetValue::Membership(belongs) => {
                if let Facet::Membership(of) = facet {
                    self.facets.memberships.retain(|(known, _)| known != of);
                    self.facets.memberships.push((of.clone(), belongs));
                }
            }
            FacetValue::Removals(records) => self.facets.removals = Some(records),
            FacetValue::Standings(all) => self.facets.all_standings = Some(all),
            FacetValue::Standing(standing) => {
                if let Facet::Standing(of) = facet {
                    self.facets.standings.retain(|(known, _)| *known != **of);
                    self.facets.standings.push(((**of).clone(), *standing));
                }
            }
        }
    }

    /// The label on the subject with this name, in the forge's spelling.
    pub fn label(&self, name: &LabelName) -> Option<&LabelName> {
        self.labels.iter().find(|on| on.same(name))
    }

    /// The latest event that set (`added`) or removed a label, if the history was read.
    pub fn last_label_event(&self, name: &LabelName) -> Option<&LabelEvent> {
        self.facets
            .label_history
            .iter()
            .flatten()
            .rfind(|event| event.label.as_ref().is_some_and(|label| label.same(name)))
    }
}
