//! What a webhook hints at, whichever forge sent it.

use crate::model::Subject;

/// What a webhook is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hint {
    /// The forge's name for it (GitLab: `object_kind`, for system hooks `event_name`; GitHub:
    /// `X-GitHub-Event`), such as `merge_request`; empty when it has none.
    pub kind: String,
    /// Whether this kind of webhook can name a subject at all. Others are kept unread, for the
    /// day on which a rule wants them.
    pub known: bool,
    /// Where to look; `None` when it concerns nothing that Steward looks after.
    pub subject: Option<Subject>,
    /// What was done, such as `open`, `update`, `award`.
    pub action: Option<String>,
    /// Who did it.
    pub actor: Option<Actor>,
    /// The comment that was written or changed.
    pub comment: Option<CommentRef>,
    /// What Steward may do for somebody is other than it was.
    pub access: Option<AccessChange>,
    /// Why there is no subject: for the log.
    pub ignored: Option<&'static str>,
}

/// Somebody let Steward in, or shut it out, or gave it other permissions. Like all of a webhook a hint:
/// what it may do is asked of the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessChange {
    /// The account whose projects it concerns: what stands before the first `/` of their paths.
    pub owner: String,
    /// The forge's number for the way in (GitHub: the installation).
    pub way: u64,
    /// Steward may do more than before, as far as is known.
    pub gained: bool,
}

/// Who set off a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The forge's number for the account.
    pub id: u64,
    /// The handle, without `@`; empty when it was not sent.
    pub username: String,
    /// The forge says that no person is behind the account.
    pub bot: bool,
}

/// A comment that a webhook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentRef {
    /// The forge's number for it.
    pub id: u64,
    /// When it last changed, in the forge's own writing: tells revisions apart.
    pub updated_at: Option<String>,
    /// Written by the forge itself, about a change.
    pub system: bool,
    /// Seen by members only.
    pub internal: bool,
    /// What it says now; empty when it was not sent, or too long to be read.
    pub text: String,
}

/// A body that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON")]
pub struct NotJson;
