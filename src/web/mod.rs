//! What Steward shows of itself over HTTP: its health, for operators and their probes.

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use chrono::Utc;
use serde_json::{Map, json};

use crate::store::Store;

/// The routes.
pub fn router(store: Store, policy_version: String) -> Router {
    Router::new().route("/healthz", get(health)).with_state(Health { store, policy_version })
}

#[derive(Debug, Clone)]
struct Health {
    store: Store,
    policy_version: String,
}

/// How the queue stands. 503 when the database does not answer: then webhooks are not taken.
async fn health(State(health): State<Health>) -> impl IntoResponse {
    let now = Utc::now();
    let stats = health.store.stats(now).await;
    let inbox = health.store.inbox_counts().await;
    match (stats, inbox) {
        (Ok(stats), Ok(inbox)) => {
            let inbox: Map<_, _> = inbox
                .into_iter()
                .map(|(disposition, count)| (disposition.as_str().to_owned(), count.into()))
                .collect();
            let answer = json!({
                "status": "ok",
                "version": env!("CARGO_PKG_VERSION"),
                "policies": health.policy_version,
                "work": {
                    "ready": stats.ready,
                    "waiting": stats.waiting,
                    "running": stats.running,
                    "parked": stats.parked,
                    "oldest_ready_seconds": stats.oldest_ready.map(|age| age.as_secs()),
                },
                "inbox": inbox,
            });
            (StatusCode::OK, Json(answer))
        }
        (Err(error), _) | (_, Err(error)) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "the database does not answer", "error": error.to_string() })),
        ),
    }
}
