//! The simulation's own controls, under `/_sim`; they need no token.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Json, Router, extract::State, routing};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::forgesim::{Fault, ItemWrites, Requests, WriteTotals, sim::Shared};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_sim/faults", routing::get(faults).post(add_fault).delete(clear_faults))
        .route("/_sim/latency", routing::put(set_latency))
        .route("/_sim/requests", routing::get(requests).delete(clear_requests))
        .route("/_sim/requests/counts", routing::get(request_counts))
        .route("/_sim/writes", routing::get(writes))
        .route("/_sim/writes/items", routing::get(written_items))
        .route("/_sim/deliveries", routing::get(deliveries))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Vec<Fault>> {
    Json(shared.faults.list())
}

async fn add_fault(State(shared): State<Arc<Shared>>, Json(fault): Json<Fault>) -> StatusCode {
    shared.faults.add(fault);
    StatusCode::CREATED
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.faults.clear();
    StatusCode::NO_CONTENT
}

/// `{"ms": 25}`
#[derive(Deserialize)]
struct Latency {
    ms: u64,
}

async fn set_latency(
    State(shared): State<Arc<Shared>>,
    Json(latency): Json<Latency>,
) -> StatusCode {
    shared.set_latency(Duration::from_millis(latency.ms));
    StatusCode::NO_CONTENT
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Requests> {
    Json(shared.recorder().read())
}

/// The counts alone: the latest requests are many.
async fn request_counts(State(shared): State<Arc<Shared>>) -> Json<BTreeMap<String, u64>> {
    Json(shared.recorder().counts())
}

async fn writes(State(shared): State<Arc<Shared>>) -> Json<WriteTotals> {
    Json(shared.writes.totals())
}

async fn written_items(State(shared): State<Arc<Shared>>) -> Json<Vec<ItemWrites>> {
    Json(shared.writes.items())
}

async fn clear_requests(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.recorder().clear();
    StatusCode::NO_CONTENT
}

async fn deliveries(State(shared): State<Arc<Shared>>) -> Json<Vec<Value>> {
    let deliveries = shared.outbox.deliveries();
    let show = |one: crate::forgesim::Delivery| {
        json!({
            "id": one.id,
            "hook": one.hook,
            "event": one.event,
            "idempotency_key": one.idempotency_key.to_string(),
            "outcome": one.outcome,
            "body": serde_json::from_slice::<Value>(&one.body).ok(),
        })
    };
    Json(deliveries.into_iter().map(show).collect())
}
