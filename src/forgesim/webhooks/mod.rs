//! Webhooks: what is announced, in which shape, and how it is delivered.
//!
//! Source: GitLab's `doc/user/project/integrations/webhooks.md` and `webhook_events.md`,
//! and `app/services/web_hook_service.rb` for the headers and what counts as a failure.

mod announce;
mod courier;
mod hook;
mod outbox;
mod payload;
mod signature;

pub(crate) use announce::{Differences, is_draft, merge_status};
pub(crate) use hook::{Hook, Topic};
pub use hook::{HookSettings, HookView, signing_token};
pub use outbox::{Delivery, Outcome};
pub(crate) use outbox::{NO_PROJECT, Outbox};
pub(crate) use signature::{sign, sign_for_github};
