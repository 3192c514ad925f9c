//! The removal ledger over HTTP: for a page, and as a gate in a release pipeline.
//!
//! `GET /api/removals` tells all, `GET /api/gates/removal/20.0` answers 200 when nothing stands
//! against that release and 409 with the reasons otherwise.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{NaiveDate, Utc};
use serde_json::json;
use tokio::sync::Mutex;

use crate::{
    model::{RemovalRecord, Version},
    pack::{Current, Pack},
    removals::{self, Code, Report},
    store::Store,
};

/// The routes.
pub fn router(packs: Current, store: Store, code: Code) -> Router {
    let looker = Looker { packs, store, code, last: Arc::default() };
    Router::new()
        .route("/api/removals", get(all))
        .route("/api/gates/removal/{milestone}", get(gate))
        .with_state(looker)
}

/// What a report was made of: commit, policies, what people recorded, day. The same of these make the
/// same report.
type Of = (String, String, Vec<RemovalRecord>, NaiveDate);
/// A report, and what it was made of.
type Made = (Of, Arc<Report>);

#[derive(Debug, Clone)]
struct Looker {
    packs: Current,
    store: Store,
    code: Code,
    /// One looks at a time, and the others take what it saw.
    last: Arc<Mutex<Option<Made>>>,
}

/// Why there is no report, with the status that says so.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

async fn all(State(looker): State<Looker>) -> Result<Response, Refusal> {
    let report = looker.look().await?;
    Ok(Json(&*report).into_response())
}

async fn gate(
    State(looker): State<Looker>,
    Path(milestone): Path<String>,
) -> Result<Response, Refusal> {
    let milestone: Version = milestone.parse().map_err(|_| {
        let message = format!("`{milestone}` is no milestone; expected two numbers, such as 20.0");
        Refusal(StatusCode::BAD_REQUEST, message)
    })?;
    let report = looker.look().await?;
    let gate = removals::gate(&report, milestone);
    let status = if gate.open { StatusCode::OK } else { StatusCode::CONFLICT };
    Ok((status, Json(gate)).into_response())
}

impl Looker {
    async fn look(&self) -> Result<Arc<Report>, Refusal> {
        if !self.code.is_named() {
            return Err(Refusal(StatusCode::NOT_FOUND, Code::missing()));
        }
        let ours = |why: String| Refusal(StatusCode::INTERNAL_SERVER_ERROR, why);
        let records =
            self.store.removal_records().await.map_err(|error| ours(error.to_string()))?;
        let mut last = self.last.lock().await;
        let (pack, code, known) = (self.packs.get(), self.code.clone(), last.clone());
        let looked = tokio::task::spawn_blocking(move || fresh(&pack, &code, records, known));
        let looked = looked.await.unwrap_or_else(|error| Err(error.to_string()));
        // Ours to mend and not the caller's.
        let (of, report) = looked.map_err(ours)?;
        *last = Some((of, Arc::clone(&report)));
        Ok(report)
    }
}

/// A report as of now: the one that is known, if it was made of the same.
fn fresh(
    pack: &Pack,
    code: &Code,
    records: Vec<RemovalRecord>,
    known: Option<Made>,
) -> Result<Made, String> {
    let today = Utc::now().date_naive();
    let of = (code.commit()?, pack.version.clone(), records.clone(), today);
    if let Some((_, report)) = known.filter(|(had, _)| *had == of) {
        return Ok((of, report));
    }
    let tree = code.tree()?;
    let report = removals::look(&tree, pack, records, today).map_err(|error| error.to_string())?;
    Ok((of, Arc::new(report)))
}
