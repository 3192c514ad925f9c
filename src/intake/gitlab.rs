//! `POST /hooks/gitlab`.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::Utc;
use http::HeaderMap;
use serde_json::json;
use tokio::{sync::Semaphore, time::timeout};
use tracing::{debug, error, warn};

use crate::{
    commands,
    forge::gitlab::webhook::{self, Hint, Rejection, Secrets},
    model::{ForgeKind, SubjectKind},
    store::{Accepted, Asking, Delivery, Disposition, Store, StoreError},
    worker::Identity,
};

/// GitLab.com sends up to 25 MB (its documented payload limit).
const BODY_LIMIT: usize = 25 * 1024 * 1024;
/// GitLab waits ten seconds for an answer; a database in trouble gets half of that to recover.
const PATIENCE: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(3)];

/// GitLab itself gives up after ten seconds: a body that is not here by then never will be.
const BODY_TIME: Duration = Duration::from_secs(10);
/// So many bodies are in memory at the same time; the others wait at the door. A batch of the
/// database's writer is as large.
const AT_ONCE: usize = 256;

/// What the webhook endpoint of GitLab needs.
#[derive(Debug)]
pub struct GitlabIntake {
    store: Store,
    secrets: Secrets,
    identity: Arc<Identity>,
    places: Semaphore,
}

impl GitlabIntake {
    /// Where deliveries are kept, what they are checked against, and Steward's own account, once
    /// it is known: its own echo makes no work.
    pub fn new(store: Store, secrets: Secrets, identity: Arc<Identity>) -> Self {
        Self { store, secrets, identity, places: Semaphore::new(AT_ONCE) }
    }
}

/// The route.
pub fn router(intake: GitlabIntake) -> Router {
    Router::new()
        .route("/hooks/gitlab", post(receive))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(intake))
}

async fn receive(State(intake): State<Arc<GitlabIntake>>, mut request: Request) -> Response {
    let headers = std::mem::take(request.headers_mut());
    if let Err(rejection) = webhook::verify_head(&headers, &intake.secrets, Utc::now()) {
        return refused(rejection);
    }
    // Never closed, so that there always is a place in the end.
    let _place = intake.places.acquire().await;
    let body = match timeout(BODY_TIME, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => body,
        Ok(Err(rejection)) => return rejection.into_response(),
        Err(_) => {
            warn!("a webhook's body did not come to its end; it is not taken");
            let answer = json!({ "error": "not taken: the body did not come to its end" });
            return (StatusCode::REQUEST_TIMEOUT, Json(answer)).into_response();
        }
    };
    let now = Utc::now();
    if let Err(rejection) = webhook::verify(&headers, &body, &intake.secrets, now) {
        return refused(rejection);
    }
    let event = header(&headers, "x-gitlab-event");
    let hint = webhook::read(&body);
    let disposition = intake.disposition(hint.as_ref().ok());
    let asking = hint.as_ref().ok().and_then(|hint| intake.asking(hint));
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
        asking,
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

fn refused(rejection: Rejection) -> Response {
    warn!(%rejection, "a webhook was refused");
    let answer = json!({ "error": format!("not taken: {rejection}") });
    (StatusCode::UNAUTHORIZED, Json(answer)).into_response()
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

    /// What somebody asks in the comment that a webhook is about. Only people do, and not where
    /// the answer would be seen by more than the question.
    fn asking(&self, hint: &Hint) -> Option<Asking> {
        let (actor, comment) = (hint.actor.as_ref()?, hint.comment.as_ref()?);
        let by_person = !self.identity.is_me(actor.id) && !commands::is_bot(&actor.username);
        let written = matches!(hint.action.as_deref(), None | Some("create" | "update"));
        if !by_person || !written || comment.system || comment.internal {
            return None;
        }
        // As long as the handle is not known, it is decided later whom the lines address.
        let lines = commands::lines(&comment.text, self.identity.handle());
        (!lines.is_empty()).then(|| Asking {
            comment: comment.id,
            revision: comment.updated_at.clone().unwrap_or_default(),
            by_id: actor.id,
            by: actor.username.clone(),
            lines,
        })
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
