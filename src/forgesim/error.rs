//! What can go wrong when a test or the demo talks to the simulation directly.

use crate::forgesim::ItemKind;

/// A request to the simulation that names something it does not have, or a
/// simulation that could not be started.
///
/// The HTTP interface never shows these texts; it answers as GitLab does.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The listen address could not be bound.
    #[error("the simulated GitLab cannot listen on {address}: {source}")]
    Listen {
        /// The address that was asked for.
        address: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The transcript of a simulated GitHub could not be begun.
    #[error("the simulated GitHub cannot keep its transcript in {folder}: {source}")]
    Transcript {
        /// The folder that was asked for.
        folder: String,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The client that sends webhooks could not be built.
    #[error("the simulated GitLab cannot build its webhook client: {0}")]
    Client(#[from] reqwest::Error),
    /// No project has this path or id.
    #[error("the simulated GitLab has no project {0:?}")]
    NoProject(String),
    /// The project has no such issue or merge request.
    #[error("project {project:?} has no {kind} {iid}")]
    NoItem {
        /// Full path of the project.
        project: String,
        /// Issue or merge request.
        kind: ItemKind,
        /// Number inside the project.
        iid: u64,
    },
    /// The issue or merge request has no comment with this id.
    #[error("there is no comment {0} here")]
    NoNote(u64),
    /// No webhook delivery with this id is kept (any more).
    #[error("delivery {0} is not kept (any more)")]
    NoDelivery(u64),
    /// The hook was removed.
    #[error("there is no hook {0}")]
    NoHook(u64),
    /// The value breaks one of GitLab's own validations.
    #[error("{field} {problem}")]
    Invalid {
        /// Parameter name as the API calls it.
        field: &'static str,
        /// What is wrong, in GitLab's words.
        problem: String,
    },
}
