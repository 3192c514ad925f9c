//! A simulated GitLab or GitHub that speaks the real HTTP API, for the demo, benchmarks and tests.
//!
//! [`Sim::start`] opens a server on this machine. It answers the REST v4 paths that
//! Steward uses as GitLab does (paging, errors, silently created labels, scoped labels,
//! quick actions in comments), and posts real-shaped, signed webhooks when something
//! changes, by whomever. A story sets it up and acts in it:
//!
//! ```no_run
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! use steward::forgesim::{HookSettings, Sim, SimSettings, access};
//!
//! let sim = Sim::start(SimSettings::default()).await?;
//! let bot = sim.add_user("steward-bot", "Steward");
//! let product = sim.add_project("example/product");
//! sim.add_member(&product, &bot, access::MAINTAINER);
//! sim.add_hook(&product, HookSettings::new("http://127.0.0.1:8080/hooks/gitlab"));
//!
//! let anna = sim.person("anna");
//! let issue = anna.opens_issue(&product, "Jira is down", "Since noon.", &["bug"])?;
//! anna.on_issue(&product, issue).adds_labels(&["Integration::Jira"])?;
//! sim.settle().await;
//! assert!(sim.issue(&product, issue)?.has_label("Integration::Jira"));
//! # Ok(())
//! # }
//! ```
//!
//! With [`Face::Github`] the same world answers the REST v3 paths of GitHub that Steward uses, below
//! `/api/v3`, and posts GitHub's webhooks.
//!
//! Where GitLab's versions differ, the simulation takes the side that is harder for a
//! bot. [`Fault`]s let the network and the server fail in the ways they really do.

mod api;
pub mod command;
mod error;
pub mod example;
mod faults;
mod github;
mod made_up;
mod person;
mod requests;
mod settings;
mod setup;
mod sim;
#[cfg(test)]
mod tests;
mod transcript;
mod view;
mod webhooks;
mod world;
mod writes;

pub use error::SimError;
pub use faults::{Fault, FaultKind};
pub use github::{App, CheckRunView};
pub use made_up::{MadeUp, Offer};
pub use person::{Acting, Comment, Person};
pub use requests::{RecordedRequest, Requests};
pub use settings::{Face, SimSettings};
pub use setup::{Project, User};
pub use sim::Sim;
pub use view::{ItemView, LabelEventView, NoteView, StatusView};
pub use webhooks::{Delivery, HookSettings, HookView, Outcome, signing_token};
pub(crate) use webhooks::{sign, sign_for_github};
pub use world::{
    access,
    changes::Change,
    merge_requests::NewMergeRequest,
    types::{IssueType, ItemKind, Mention, State},
};
pub use writes::{ItemWrites, WriteTotals};

/// The version of GitLab whose behaviour is simulated.
pub const VERSION: &str = "19.6.0";
