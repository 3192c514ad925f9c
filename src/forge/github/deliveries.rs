//! What GitHub remembers of webhooks for three days (GitHub, "Handling failed webhook deliveries"): of
//! the App's own, or without an App of the repositories'. Nothing is sent again unless one asks.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use url::Url;

use super::{
    GithubForge,
    doctor::leads_here,
    paging::PER_PAGE,
    payload::nullable,
    read::call,
    request::{By, Call},
};
use crate::forge::{Attempt, AttemptPage, Deliveries, DeliveryLog, DeliveryLogs, ForgeError};

/// A delivery in the list (GitHub's OpenAPI description, `hook-delivery-item`).
#[derive(Debug, Deserialize)]
struct Item {
    id: u64,
    guid: String,
    delivered_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "nullable")]
    redelivery: bool,
    /// GitHub's own words for a connection that failed come with one too, or with 0.
    #[serde(default, deserialize_with = "nullable")]
    status_code: u16,
}

impl From<Item> for Attempt {
    fn from(item: Item) -> Self {
        Attempt {
            id: item.id,
            key: item.guid,
            at: item.delivered_at,
            again: item.redelivery,
            taken: (200..300).contains(&item.status_code),
        }
    }
}

impl GithubForge {
    /// A request about a log: the App's has no key, a repository's its path and the webhook's number.
    fn about(&self, log: &DeliveryLog, method: Method, more: &[&str]) -> Result<Call, ForgeError> {
        match log.key.rsplit_once(' ') {
            Some((project, hook)) => {
                let path = [&["hooks", hook, "deliveries"], more].concat();
                call(&self.transport, method, project, &path)
            }
            None => {
                let path = [&["app", "hook", "deliveries"], more].concat();
                Call::new(self.transport.api(), method, By::App, &path)
            }
        }
    }
}

#[async_trait]
impl Deliveries for GithubForge {
    fn delivery_logs(&self) -> Result<DeliveryLogs, ForgeError> {
        Ok(match self.transport.is_app() {
            true => DeliveryLogs::One(DeliveryLog { of: "the App".to_owned(), key: String::new() }),
            false => DeliveryLogs::ByProject,
        })
    }

    async fn logs_of(
        &self,
        project: &str,
        address: Option<&str>,
    ) -> Result<Vec<DeliveryLog>, ForgeError> {
        let mut hooks = self.hooks(project).await?;
        hooks.retain(|hook| hook.active && leads_here(&hook.url, address));
        let log = |id: u64| DeliveryLog { of: project.to_owned(), key: format!("{project} {id}") };
        Ok(hooks.into_iter().map(|hook| log(hook.id)).collect())
    }

    async fn attempts(
        &self,
        log: &DeliveryLog,
        page: Option<&str>,
    ) -> Result<AttemptPage, ForgeError> {
        let mut ask = self.about(log, Method::GET, &[])?.query("per_page", PER_PAGE);
        if let Some(page) = page {
            ask.url = self.transport.mine(&ask, &ask.url, page)?;
            // The next time other deliveries stand there.
            ask.once = true;
        }
        let page = self.transport.page::<Item>(&ask).await?;
        let attempts = page.items.into_iter().map(Attempt::from).collect();
        Ok(AttemptPage { attempts, next: page.next.map(Url::into) })
    }

    async fn send_again(&self, log: &DeliveryLog, attempt: u64) -> Result<(), ForgeError> {
        let ask = self.about(log, Method::POST, &[&attempt.to_string(), "attempts"])?;
        self.transport.send(ask).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_2xx_is_taken_and_strange_fields_cost_nothing() {
        let attempt = |text: &str| {
            let item: Item = serde_json::from_str(text).expect("a delivery");
            Attempt::from(item)
        };
        let of = |code: &str| {
            format!(
                r#"{{"id":7,"guid":"g","delivered_at":"2026-11-20T12:00:00Z","redelivery":true,
                "status":"x","status_code":{code},"event":"issues","action":null,"invented":[1]}}"#
            )
        };
        for (code, taken) in [
            ("200", true),
            ("202", true),
            ("302", false),
            ("401", false),
            ("502", false),
            ("0", false),
            ("null", false),
        ] {
            assert_eq!(attempt(&of(code)).taken, taken, "{code}");
        }
        let first = r#"{"id":7,"guid":"g","delivered_at":"2026-11-20T12:00:00.5Z"}"#;
        assert!(!attempt(first).again && attempt(&of("200")).again);
    }
}
