//! What Steward shows over HTTP: its health, for operators and their probes, and the removal ledger.

mod removals;

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::{
    pack::Current,
    store::{Disposition, Parked, Stats, Store, StoreError},
};

pub use removals::router as removals_router;

/// How many parked items the health tells: enough to see what they have in common.
const PARKED_SHOWN: usize = 20;

/// The routes.
pub fn router(store: Store, packs: Current, refused: Arc<Mutex<Refused>>) -> Router {
    Router::new().route("/", get(what_this_is)).route("/healthz", get(health)).with_state(Health {
        store,
        packs,
        refused,
    })
}

#[derive(Debug, Clone)]
struct Health {
    store: Store,
    packs: Current,
    refused: Arc<Mutex<Refused>>,
}

/// New policies that were not taken.
#[derive(Debug, Default)]
pub struct Refused {
    /// How often since the start.
    pub times: u64,
    /// When and why, if those that lie there now are refused.
    pub now: Option<(DateTime<Utc>, Vec<String>)>,
}

/// For whoever opens the address in a browser.
async fn what_this_is() -> &'static str {
    "Steward: routes issues and merge requests about integrations. Its state is at /healthz.\n"
}

/// How the queue stands. 503 when the database does not answer: then webhooks are not taken.
async fn health(State(health): State<Health>) -> impl IntoResponse {
    let pack = health.packs.get();
    let refused = {
        let refused = health.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let now = refused.now.as_ref().map(|(at, why)| json!({ "at": at, "why": why }));
        json!({ "times": refused.times, "now": now })
    };
    match read(&health.store).await {
        Ok((stats, inbox, parked)) => {
            let inbox: Map<_, _> = inbox
                .into_iter()
                .map(|(disposition, count)| (disposition.as_str().to_owned(), count.into()))
                .collect();
            let answer = json!({
                "status": "ok",
                "version": env!("CARGO_PKG_VERSION"),
                "policies": pack.version,
                "policies_commit": pack.commit,
                "policies_refused": refused,
                "work": {
                    "ready": stats.ready,
                    "waiting": stats.waiting,
                    "running": stats.running,
                    "parked": stats.parked,
                    "oldest_ready_seconds": stats.oldest_ready.map(|age| age.as_secs()),
                },
                "inbox": inbox,
                "parked_items": parked.iter().map(told).collect::<Vec<_>>(),
            });
            (StatusCode::OK, Json(answer))
        }
        Err(error) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "the database does not answer", "error": error.to_string() })),
        ),
    }
}

async fn read(store: &Store) -> Result<(Stats, Vec<(Disposition, u64)>, Vec<Parked>), StoreError> {
    let stats = store.stats(Utc::now()).await?;
    Ok((stats, store.inbox_counts().await?, store.longest_parked(PARKED_SHOWN).await?))
}

/// An item that waits for a human: which, why and since when.
fn told(parked: &Parked) -> Value {
    json!({
        "subject": parked.subject.to_string(),
        "error": parked.error,
        "since": parked.at,
        "attempts": parked.attempts,
    })
}
