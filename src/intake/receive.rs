//! What happens to a delivery, whichever forge it comes from.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::json;
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tracing::{debug, error, warn};

use crate::{
    commands,
    forge::{AccessChange, Hint, NotJson},
    model::{ForgeKind, SubjectKind},
    store::{Accepted, Asking, Delivery, Disposition, Store, StoreError},
    worker::Identity,
};

/// GitLab.com and GitHub send up to 25 MB (their documented payload limits).
const BODY_LIMIT: usize = 25 * 1024 * 1024;
/// GitLab and GitHub wait ten seconds for an answer; a database in trouble gets half of that to recover.
const PATIENCE: [Duration; 3] =
    [Duration::from_millis(100), Duration::from_secs(1), Duration::from_secs(3)];

/// The forges give up after ten seconds: a body that is not here by then never will be.
const BODY_TIME: Duration = Duration::from_secs(10);
/// So many bodies are in memory at the same time; the others wait at the door. A batch of the
/// database's writer is as large.
const AT_ONCE: usize = 256;

/// Why a delivery is not taken, for its sender and the log; without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

/// How one forge's deliveries are told from others and read.
pub trait Door: Send + Sync + 'static {
    /// Where they are posted to.
    const PATH: &'static str;
    /// Whose they are.
    const FORGE: ForgeKind;

    /// What can be told without the body: whoever has no secret to show need not be listened to.
    ///
    /// # Errors
    /// Why it is not taken.
    fn verify_head(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<(), Refusal>;

    /// Whether it is genuine. `body` is the body as it came, byte by byte.
    ///
    /// # Errors
    /// Why it is not taken.
    fn verify(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<(), Refusal>;

    /// The forge's name for the event.
    fn event(&self, headers: &HeaderMap) -> String;

    /// What stays the same when it is delivered again.
    fn key(&self, headers: &HeaderMap, body: &[u8]) -> String;

    /// What it hints at.
    ///
    /// # Errors
    /// When the body is not JSON.
    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Hint, NotJson>;
}

/// What the webhook endpoint of a forge needs.
#[derive(Debug)]
pub struct Intake<D> {
    door: D,
    store: Store,
    identity: Arc<Identity>,
    places: Semaphore,
    access: mpsc::Sender<AccessChange>,
}

impl<D: Door> Intake<D> {
    /// How deliveries are checked, where they are kept, Steward's own account, once it is known: its
    /// own echo makes no work; and who is told when Steward may do something else than before.
    pub fn new(
        door: D,
        store: Store,
        identity: Arc<Identity>,
        access: mpsc::Sender<AccessChange>,
    ) -> Self {
        Self { door, store, identity, places: Semaphore::new(AT_ONCE), access }
    }
}

/// The route.
pub fn router<D: Door>(intake: Intake<D>) -> Router {
    Router::new()
        .route(D::PATH, post(receive::<D>))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(intake))
}

async fn receive<D: Door>(State(intake): State<Arc<Intake<D>>>, mut request: Request) -> Response {
    let headers = std::mem::take(request.headers_mut());
    if let Err(refusal) = intake.door.verify_head(&headers, Utc::now()) {
        return refused(&refusal);
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
    if let Err(refusal) = intake.door.verify(&headers, &body, now) {
        return refused(&refusal);
    }
    let event = intake.door.event(&headers);
    let hint = intake.door.read(&headers, &body);
    let disposition = intake.disposition(hint.as_ref().ok());
    let asking = hint.as_ref().ok().and_then(|hint| intake.asking(hint));
    let mut access = None;
    let (subject, actor) = match hint {
        Ok(hint) => {
            access = hint.access;
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
        forge: D::FORGE,
        key: intake.door.key(&headers, &body),
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
            } else if let Some(change) = access
                && let Err(error) = intake.access.try_send(change)
            {
                // A token that is refused is forgotten all the same, and schedules look at all items.
                warn!(%error, "a change of what Steward may do is not looked into");
            }
            StatusCode::OK.into_response()
        }
        // The only answer that is not 2xx for our own trouble: 2xx would promise what is not so,
        // and the delivery shows as failed at the forge, from where it can be sent again.
        Err(error) => {
            error!(%error, "a webhook could not be kept");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": "not kept; send it again" })))
                .into_response()
        }
    }
}

fn refused(Refusal(why): &Refusal) -> Response {
    warn!(why, "a webhook was refused");
    let answer = json!({ "error": format!("not taken: {why}") });
    (StatusCode::UNAUTHORIZED, Json(answer)).into_response()
}

impl<D: Door> Intake<D> {
    fn disposition(&self, hint: Option<&Hint>) -> Disposition {
        let Some(hint) = hint else { return Disposition::Unreadable };
        let own = hint.actor.as_ref().is_some_and(|actor| self.identity.is_me(actor.id));
        match &hint.subject {
            Some(_) if own => Disposition::Own,
            // Epics are named by their hooks and cannot be read by the REST API any more.
            Some(subject) if subject.kind != SubjectKind::Epic => Disposition::Queued,
            Some(_) => Disposition::NoSubject,
            None if hint.known => Disposition::NoSubject,
            None => Disposition::UnknownKind,
        }
    }

    /// What somebody asks in the comment that a webhook is about. Only people do, and not where
    /// the answer would be seen by more than the question.
    fn asking(&self, hint: &Hint) -> Option<Asking> {
        let (actor, comment) = (hint.actor.as_ref()?, hint.comment.as_ref()?);
        let is_bot = actor.bot || commands::is_bot(&actor.username);
        let by_person = !self.identity.is_me(actor.id) && !is_bot;
        let written = matches!(
            hint.action.as_deref(),
            None | Some("create" | "update" | "created" | "edited")
        );
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
