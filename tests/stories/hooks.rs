//! Webhooks that somebody sends by hand.

use steward::forgesim::Face;

use crate::world::{PROJECT, WEBHOOK_SECRET, World};

impl World {
    /// The way in for webhooks.
    pub(crate) fn door(&self) -> &'static str {
        match self.face {
            Face::Gitlab => "/hooks/gitlab",
            Face::Github => "/hooks/github",
        }
    }

    /// A webhook about an issue, as the forge would send it.
    pub(crate) fn a_hook(&self, body: &str) -> reqwest::RequestBuilder {
        a_hook(self.face, &self.steward_url(self.door()), body)
    }
}

/// What a webhook says about an issue.
pub(crate) fn issue_event(face: Face, number: u64) -> String {
    match face {
        Face::Gitlab => serde_json::json!({
            "object_kind": "issue",
            "user": { "id": 4711, "username": "anna" },
            "project": { "path_with_namespace": PROJECT },
            "object_attributes": { "iid": number, "action": "open" },
        }),
        Face::Github => serde_json::json!({
            "action": "opened",
            "issue": { "number": number },
            "repository": { "full_name": PROJECT },
            "sender": { "id": 4711, "login": "anna", "type": "User" },
        }),
    }
    .to_string()
}

/// A webhook about an issue that somebody sends by hand, and who knows the secret.
pub(crate) fn a_hook(face: Face, url: &str, body: &str) -> reqwest::RequestBuilder {
    let post = reqwest::Client::new().post(url).body(body.to_owned());
    match face {
        Face::Gitlab => {
            post.header("X-Gitlab-Event", "Issue Hook").header("X-Gitlab-Token", WEBHOOK_SECRET)
        }
        Face::Github => post
            .header("X-GitHub-Event", "issues")
            .header("X-GitHub-Delivery", "by-hand")
            .header("X-Hub-Signature-256", sign(WEBHOOK_SECRET, body)),
    }
}

/// What GitHub signs a webhook with.
pub(crate) fn sign(secret: &str, body: &str) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let hex: String =
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}
