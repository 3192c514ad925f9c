//! The background task that posts one hook's deliveries, in order.

use std::sync::{Arc, Weak};

use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

use crate::forgesim::{
    Face, VERSION,
    webhooks::{
        outbox::{Inner, Outcome, Parcel},
        signature,
    },
};

/// Delivers until the hook or the simulation goes away. Holds no share in the outbox
/// meanwhile, or a hook would keep its own simulation alive.
pub(super) async fn run(
    outbox: Weak<Inner>,
    mut parcels: mpsc::UnboundedReceiver<Parcel>,
    concurrency: usize,
) {
    let slots = Arc::new(Semaphore::new(concurrency));
    while let Some(parcel) = parcels.recv().await {
        let Some(outbox) = outbox.upgrade() else {
            return;
        };
        if concurrency == 1 {
            deliver(&outbox, parcel).await;
            continue;
        }
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        tokio::spawn(async move {
            deliver(&outbox, parcel).await;
            drop(slot);
        });
    }
}

/// Posts once. GitLab does not try again by itself, whatever the answer.
async fn deliver(outbox: &Inner, parcel: Parcel) {
    let (id, hook) = (parcel.delivery, parcel.hook);
    let outcome = match post(outbox, parcel).await {
        Ok(status) => Outcome::Answered(status),
        Err(problem) => {
            tracing::debug!(delivery = id, problem, "a webhook was not delivered");
            Outcome::Failed(problem)
        }
    };
    outbox.finish(id, hook, outcome);
}

async fn post(outbox: &Inner, parcel: Parcel) -> Result<u16, String> {
    if outbox.face == Face::Github {
        return post_as_github(outbox, parcel).await;
    }
    let key = parcel.idempotency_key.to_string();
    let mut request = outbox
        .client
        .post(&*parcel.url)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, format!("GitLab/{VERSION}"))
        .header("Idempotency-Key", &key)
        .header("X-Gitlab-Event", parcel.event)
        .header("X-Gitlab-Webhook-UUID", Uuid::new_v4().to_string())
        .header("X-Gitlab-Instance", &outbox.instance)
        .header("X-Gitlab-Event-UUID", parcel.event_uuid.to_string());
    if let Some(token) = parcel.secret_token {
        request = request.header("X-Gitlab-Token", &*token);
    }
    if let Some(token) = parcel.signing_token {
        // The real time, not the simulated one: receivers compare it with their clock.
        let timestamp = Utc::now().timestamp();
        let signature = signature::sign(&token, &key, timestamp, &parcel.body)?;
        request = request
            .header("webhook-id", &key)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature);
    }
    send(request.body(parcel.body)).await
}

/// Posts as GitHub does (GitHub, "Webhook events and payloads", delivery headers).
async fn post_as_github(outbox: &Inner, parcel: Parcel) -> Result<u16, String> {
    let mut request = outbox
        .client
        .post(&*parcel.url)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, "GitHub-Hookshot/simulated")
        .header("X-GitHub-Delivery", parcel.idempotency_key.to_string())
        .header("X-GitHub-Event", parcel.event)
        .header("X-GitHub-Hook-ID", parcel.hook)
        .header(
            "X-GitHub-Hook-Installation-Target-Type",
            if parcel.of_app { "integration" } else { "repository" },
        );
    if let Some(secret) = &parcel.secret_token {
        let signature = signature::sign_for_github(secret, &parcel.body)?;
        request = request.header("X-Hub-Signature-256", signature);
    }
    send(request.body(parcel.body)).await
}

async fn send(request: reqwest::RequestBuilder) -> Result<u16, String> {
    let answer = request.send().await.map_err(|error| describe(&error))?;
    let status = answer.status().as_u16();
    // Read to the end, so that the connection can be used again.
    answer.bytes().await.map_err(|error| describe(&error))?;
    Ok(status)
}

/// The whole chain of causes: the outermost error alone only names the address.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
