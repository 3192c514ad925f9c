//! What a forge remembers of the webhooks that it sent to Steward, and how one is sent again.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::ForgeError;

/// A list of deliveries that a forge keeps: of one webhook that leads to Steward.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeliveryLog {
    /// Whose webhook it is, for people, such as `example/product`.
    pub of: String,
    /// By what the forge finds it; empty where it has but one.
    pub key: String,
}

/// Where a forge keeps what it remembers of deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryLogs {
    /// In one place for all projects.
    One(DeliveryLog),
    /// With each project ([`Deliveries::logs_of`]).
    ByProject,
}

/// One attempt to deliver a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The forge's number for this attempt.
    pub id: u64,
    /// What tells the webhook from others and stays the same when it is sent again: the key by which
    /// the inbox knows it ([`crate::store::Delivery`]).
    pub key: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// It was sent again; the first attempt came before.
    pub again: bool,
    /// The receiver took it, with a 2xx.
    pub taken: bool,
}

/// A page of a list of deliveries, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptPage {
    /// The attempts.
    pub attempts: Vec<Attempt>,
    /// The next page, if there is one: only the forge knows what stands in it.
    pub next: Option<String>,
}

/// A forge that tells which webhooks did not get through, and sends them again when it is asked to.
/// One that cannot leaves all as it is here.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Where deliveries are kept; asks nobody.
    ///
    /// # Errors
    /// [`ForgeError::Unsupported`] where they are not.
    fn delivery_logs(&self) -> Result<DeliveryLogs, ForgeError> {
        Err(cannot())
    }

    /// The webhooks of a project that lead to Steward: to this address, or without one to where
    /// Steward's door is by the end of the path. Those that are switched off are none.
    ///
    /// # Errors
    /// As every call; [`ForgeError::NotFound`] or [`ForgeError::Forbidden`] when Steward's account may
    /// not see them.
    async fn logs_of(
        &self,
        _project: &str,
        _address: Option<&str>,
    ) -> Result<Vec<DeliveryLog>, ForgeError> {
        Err(cannot())
    }

    /// One page of what was sent, the newest first.
    ///
    /// # Errors
    /// As every call.
    async fn attempts(
        &self,
        _log: &DeliveryLog,
        _page: Option<&str>,
    ) -> Result<AttemptPage, ForgeError> {
        Err(cannot())
    }

    /// Asks for a webhook to be sent again, by the number of an attempt. The forge does so later.
    ///
    /// # Errors
    /// As every call; [`ForgeError::NotFound`] when the forge has forgotten it.
    async fn send_again(&self, _log: &DeliveryLog, _attempt: u64) -> Result<(), ForgeError> {
        Err(cannot())
    }
}

fn cannot() -> ForgeError {
    ForgeError::Unsupported { what: "what became of webhooks".to_owned() }
}
