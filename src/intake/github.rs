//! `POST /hooks/github`.

use chrono::{DateTime, Utc};
use http::{HeaderMap, header::CONTENT_TYPE};

use super::receive::{Door, Refusal};
use crate::{
    forge::{
        Hint, NotJson,
        github::webhook::{self, Rejection, Secrets},
    },
    model::ForgeKind,
};

/// Deliveries of GitHub, checked against these secrets.
#[derive(Debug)]
pub struct GithubDoor(pub Secrets);

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self(rejection.to_string())
    }
}

impl Door for GithubDoor {
    const PATH: &'static str = "/hooks/github";
    const FORGE: ForgeKind = ForgeKind::Github;

    fn verify_head(&self, headers: &HeaderMap, _: DateTime<Utc>) -> Result<(), Refusal> {
        Ok(webhook::verify_head(headers, &self.0)?)
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8], _: DateTime<Utc>) -> Result<(), Refusal> {
        Ok(webhook::verify(headers, body, &self.0)?)
    }

    fn event(&self, headers: &HeaderMap) -> String {
        webhook::event(headers)
    }

    fn key(&self, headers: &HeaderMap, body: &[u8]) -> String {
        webhook::delivery_key(headers, body)
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Hint, NotJson> {
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let payload = webhook::payload_of(kind.unwrap_or_default(), body);
        webhook::read(&webhook::event(headers), &payload)
    }
}
