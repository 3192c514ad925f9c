//! Parts of a snapshot that cost a forge call of their own.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Access, Changes, Comment, FileAt, FileContent, FoundMilestone, LabelEvent, LabelName, OwnIssue,
    Person, RemovalRecord, Standing, StandingStatus,
};

/// A part of a snapshot that costs a forge call of its own. Deciding names the facets that it
/// lacks and only those are read, since calls are the price of a bot under rate limits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facet {
    /// Who set and removed which label when.
    LabelHistory,
    /// Steward's own comments, all pages.
    OwnComments,
    /// The changed files of a merge request, all pages.
    Changes,
    /// Whether a label of this name exists for the subject's project.
    Label(LabelName),
    /// What the author may do in the subject's project.
    AuthorAccess,
    /// The milestone with this title that the subject's project can use.
    Milestone(String),
    /// The account with this handle.
    Account(String),
    /// A file of a merge request's project, whole.
    File(FileAt),
    /// Whether an account belongs to a group now, itself or through the groups above, as somebody
    /// who writes there ([`Access::Developer`]): whoever may only look is no member.
    Membership(Membership),
    /// What people recorded on all tracking issues about integrations that leave. No forge is asked:
    /// Steward keeps it.
    Removals,
    /// How far an integration is on its way out, by the product's files. No forge is asked: the files
    /// are read from a copy of the repository.
    Standing(Box<StandingOf>),
    /// As [`Facet::Standing`], of all integrations that leave.
    Standings,
    /// What Steward's own statuses on the newest commit say now. Asked only of a forge that shows
    /// reports beneath them, since people may ask there for a check to be made again.
    OwnStatuses,
    /// The issues of the subject's project that Steward itself opened, all pages.
    OwnIssues,
}

impl Facet {
    /// Whether the forge tells it.
    pub fn is_on_forge(&self) -> bool {
        !matches!(self, Facet::Removals | Facet::Standing(_) | Facet::Standings)
    }
}

/// Which integration's standing is asked for, and as what it counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StandingOf {
    /// The integration's key in the catalog.
    pub integration: String,
    /// What people recorded; `None` where only the policies do.
    pub record: Option<RemovalRecord>,
}

/// Whether an account belongs to a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Membership {
    /// The group's path, such as `gitlab-org/foundations`.
    pub group: String,
    /// The account's immutable id.
    pub person: u64,
}

impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Facet::LabelHistory => f.write_str("label history"),
            Facet::OwnComments => f.write_str("own comments"),
            Facet::Changes => f.write_str("changed files"),
            Facet::Label(name) => write!(f, "label {name}"),
            Facet::AuthorAccess => f.write_str("author's access"),
            Facet::Milestone(title) => write!(f, "milestone {title}"),
            Facet::Account(handle) => write!(f, "account {handle}"),
            Facet::File(at) => write!(f, "file {at}"),
            Facet::Membership(of) => write!(f, "account {} in {}", of.person, of.group),
            Facet::Removals => f.write_str("recorded removals"),
            Facet::Standing(of) => write!(f, "standing of {}", of.integration),
            Facet::Standings => f.write_str("standing of all that leave"),
            Facet::OwnStatuses => f.write_str("own statuses"),
            Facet::OwnIssues => f.write_str("own issues"),
        }
    }
}

/// What was read for a [`Facet`].
#[derive(Debug, Clone, PartialEq)]
pub enum FacetValue {
    /// Oldest first.
    LabelHistory(Vec<LabelEvent>),
    /// Oldest first.
    OwnComments(Vec<Comment>),
    /// All changed files.
    Changes(Changes),
    /// The label in the forge's spelling, or `None` when the forge has none of this name.
    Label(Option<LabelName>),
    /// What the author may do.
    AuthorAccess(Access),
    /// The milestone, or `None` when the project cannot use one of this title.
    Milestone(Option<FoundMilestone>),
    /// The account, or `None` when nobody has this handle.
    Account(Option<Person>),
    /// What stands in the file.
    File(FileContent),
    /// Whether the account belongs to the group.
    Membership(bool),
    /// One for each integration.
    Removals(Vec<RemovalRecord>),
    /// How far it is, or why nobody can tell.
    Standing(Box<Result<Standing, String>>),
    /// How far they are, or why nobody can tell.
    Standings(Result<Vec<Standing>, String>),
    /// The newest of a name first.
    OwnStatuses(Vec<StandingStatus>),
    /// The newest first.
    OwnIssues(Vec<OwnIssue>),
}
