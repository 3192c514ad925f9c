//! Webhooks in: verify, one committed insert, 2xx.
//!
//! A webhook is a hint. All that is taken from it is which subject to look at; the worker reads
//! the truth from the forge.

mod github;
mod gitlab;
mod receive;

pub use github::GithubDoor;
pub use gitlab::GitlabDoor;
pub use receive::{Door, Intake, Refusal, router};
