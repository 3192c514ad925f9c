//! Webhooks from GitHub: whether one is genuine, whether it was seen before, and which subject it
//! hints at. All pure: no clock, no network.

mod hint;
mod verify;

use http::HeaderMap;

use crate::forge::shared::key_of_body;

pub use hint::{payload_of, read};
pub use verify::{Rejection, Secrets, SecretsError, verify, verify_head};

/// A header longer than this is not GitHub's, and the key goes into a database index.
const LONGEST: usize = 200;

/// What tells a delivery from others and a repetition from its first: `X-GitHub-Delivery`, which
/// stays the same when a delivery is sent again; else the hash of the body.
pub fn delivery_key(headers: &HeaderMap, body: &[u8]) -> String {
    text(headers, "x-github-delivery").unwrap_or_else(|| key_of_body(body))
}

/// The name of the event, such as `issues`; empty when it is missing.
pub fn event(headers: &HeaderMap) -> String {
    text(headers, "x-github-event").unwrap_or_default()
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= LONGEST).then(|| text.to_owned())
}
