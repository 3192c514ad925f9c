//! `POST /hooks/gitlab`.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::Utc;
use serde_json::json;
use tracing::{debug, error, warn};

use crate::{
    forge::gitlab::webhook::{self, Hint, Secrets},
    model::{ForgeKind, SubjectKind},
    store::{Accepted, Delivery, Disposition, Store, StoreError},
    worker::Identity,
};

/// GitLab.com sends up to 25 MB (its documented payload limit).
const BODY_LIMIT: usize = 25 * 1024 * 1024;
/// GitLab waits ten seconds for an answer; a database in trouble gets half of that to recover.
const PATIENCE: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(3)];

/// What the webhook endpoint of GitLab needs.
#[derive(Debug)]
pub struct GitlabIntake {
    /// Where deliveries are kept.
    pub store: Store,
    /// What webhooks are checked against.
    pub secrets: Secrets,
    /// Steward's own account, once it is known: its own echo makes no work.
    pub identity: Arc<Identity>,
}

/// The route.
pub fn router(intake: GitlabIntake) -> Router {
    Router::new()
        .route("/hooks/gitlab", post(receive))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(intake))
}

async fn receive(
    State(intake): State<Arc<GitlabIntake>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = Utc::now();
    if let Err(rejection) = webhook::verify(&headers, &body, &intake.secrets, now) {
        warn!(%rejection, "a webhook was refused");
        let answer = json!({ "error": format!("not taken: {rejection}") });
        return (StatusCode::UNAUTHORIZED, Json(answer)).into_response();
    }
    let event = header(&headers, "x-gitlab-event");
    let hint = webhook::read(&body);
    let disposition = intake.disposition(hint.as_ref().ok());
    let (subject, actor) = match hint {
        Ok(hint) => {
            debug!(%event, subject = ?hint.subject.as_ref().map(ToString::to_string),
                ignored = hint.ignored, "a webhook");
            (hint.subject, hint.actor.map(|actor| actor.username))
        }
        Err(_) => {
            warn!(%event, bytes = body.len(), "a webhook's body is not JSON; it is kept");
            (None, None)
        }
    };
    let delivery = Delivery {
        forge: ForgeKind::Gitlab,
        key: webhook::delivery_key(&headers, &body),
        event,
        subject,
        actor,
        disposition,
        body,
        received_at: now,
    };
    match intake.keep(delivery).await {
        Ok(accepted) => {
            if accepted == Accepted::Duplicate {
                debug!("delivered before");
            }
            StatusCode::OK.into_response()
        }
        // The only answer that is not 2xx for our own trouble: 2xx would promise what is not so,
        // and the delivery shows as failed in GitLab, from where it can be sent again.
        Err(error) => {
            error!(%error, "a webhook could not be kept");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "not kept; send it again" })))
                .into_response()
        }
    }
}

impl GitlabIntake {
    fn disposition(&self, hint: Option<&Hint>) -> Disposition {
        let Some(hint) = hint else { return Disposition::Unreadable };
        let own = hint.actor.as_ref().is_some_and(|actor| self.identity.is_me(actor.id));
        match &hint.subject {
            Some(_) if own => Disposition::Own,
            // Epics are named by their hooks and cannot be read by the REST API any more.
            Some(subject) if subject.kind != SubjectKind::Epic => Disposition::Queued,
            Some(_) => Disposition::NoSubject,
            None if hint.is_known_kind() => Disposition::NoSubject,
            None => Disposition::UnknownKind,
        }
    }

    async fn keep(&self, delivery: Delivery) -> Result<Accepted, StoreError> {
        for pause in PATIENCE {
            match self.store.accept(delivery.clone()).await {
                Err(StoreError::Database(error)) => {
                    warn!(%error, "the database did not take a webhook; trying again");
                    tokio::time::sleep(pause).await;
                }
                other => return other,
            }
        }
        self.store.accept(delivery).await
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().take(100).collect()
}
