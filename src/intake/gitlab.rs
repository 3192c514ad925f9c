//! `POST /hooks/gitlab`.

use chrono::{DateTime, Utc};
use http::HeaderMap;

use super::receive::{Door, Refusal};
use crate::{
    forge::{
        Hint, NotJson,
        gitlab::webhook::{self, Rejection, Secrets},
    },
    model::ForgeKind,
};

/// Deliveries of GitLab, checked against these secrets.
#[derive(Debug)]
pub struct GitlabDoor(pub Secrets);

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.to_string())
    }
}

impl Door for GitlabDoor {
    const PATH: &'static str = "/hooks/gitlab";
    const FORGE: ForgeKind = ForgeKind::Gitlab;

    fn verify_head(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<(), Refusal> {
        Ok(webhook::verify_head(headers, &self.0, now)?)
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<(), Refusal> {
        Ok(webhook::verify(headers, body, &self.0, now)?)
    }

    fn event(&self, headers: &HeaderMap) -> String {
        let event = headers.get("x-gitlab-event").and_then(|value| value.to_str().ok());
        event.unwrap_or_default().chars().take(100).collect()
    }

    fn key(&self, headers: &HeaderMap, body: &[u8]) -> String {
        webhook::delivery_key(headers, body)
    }

    fn read(&self, _: &HeaderMap, body: &[u8]) -> Result<Hint, NotJson> {
        webhook::read(body)
    }
}
