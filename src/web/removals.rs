//! The removal ledger over HTTP: for a page, and as a gate in a release pipeline.
//!
//! `GET /api/removals` tells all, `GET /api/gates/removal/20.0` answers 200 when nothing stands
//! against that release and 409 with the reasons otherwise. With `?online=true` both ask the forge
//! what is still open, at most once in ten minutes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{NaiveDate, Utc};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{
    model::{RemovalRecord, Version},
    pack::{Current, Pack},
    removals::{self, Asked, Asker, Code, Report},
    store::Store,
};

/// What the forge told is taken for so long: whoever asks again costs it nothing.
const FRESH: Duration = Duration::from_secs(600);

/// The routes.
pub fn router(packs: Current, store: Store, code: Code, asker: Asker) -> Router {
    let (last, last_asked) = (Arc::default(), Arc::default());
    let looker = Looker { packs, store, code, asker, last, last_asked };
    Router::new()
        .route("/api/removals", get(all))
        .route("/api/gates/removal/{milestone}", get(gate))
        .with_state(looker)
}

/// What a report was made of: commit, policies, what people recorded, day, and what the forge told. The same of these make the
/// same report.
type Of = (String, String, Vec<RemovalRecord>, NaiveDate, Asked);
/// What the forge told, about what and when.
type Told = ((String, Vec<RemovalRecord>, NaiveDate), Instant, Asked);
/// A report, and what it was made of.
type Made = (Of, Arc<Report>);

#[derive(Debug, Clone)]
struct Looker {
    packs: Current,
    store: Store,
    code: Code,
    /// One looks at a time, and the others take what it saw.
    last: Arc<Mutex<Option<Made>>>,
    asker: Asker,
    last_asked: Arc<Mutex<Option<Told>>>,
}

/// What may be said behind the address.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wishes {
    /// Ask the forge too.
    #[serde(default)]
    online: bool,
}

/// Why there is no report, with the status that says so.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

async fn all(
    State(looker): State<Looker>,
    Query(wishes): Query<Wishes>,
) -> Result<Response, Refusal> {
    let report = looker.look(wishes).await?;
    Ok(Json(&*report).into_response())
}

async fn gate(
    State(looker): State<Looker>,
    Path(milestone): Path<String>,
    Query(wishes): Query<Wishes>,
) -> Result<Response, Refusal> {
    let milestone: Version = milestone.parse().map_err(|_| {
        let message = format!("`{milestone}` is no milestone; expected two numbers, such as 20.0");
        Refusal(StatusCode::BAD_REQUEST, message)
    })?;
    let report = looker.look(wishes).await?;
    let gate = removals::gate(&report, milestone);
    let status = if gate.open { StatusCode::OK } else { StatusCode::CONFLICT };
    Ok((status, Json(gate)).into_response())
}

impl Looker {
    /// What the forge tells now, or told a moment ago.
    async fn asked(&self, pack: &Pack, records: &[RemovalRecord]) -> Asked {
        let about = (pack.version.clone(), records.to_vec(), Utc::now().date_naive());
        // Others who ask meanwhile wait for the one answer.
        let mut last = self.last_asked.lock().await;
        if let Some((had, at, asked)) = &*last
            && *had == about
            && at.elapsed() < FRESH
        {
            return asked.clone();
        }
        let asked = self.asker.ask(pack, records, about.2, None).await;
        *last = Some((about, Instant::now(), asked.clone()));
        asked
    }

    async fn look(&self, wishes: Wishes) -> Result<Arc<Report>, Refusal> {
        if !self.code.is_named() {
            return Err(Refusal(StatusCode::NOT_FOUND, Code::missing()));
        }
        let ours = |why: String| Refusal(StatusCode::INTERNAL_SERVER_ERROR, why);
        let records =
            self.store.removal_records().await.map_err(|error| ours(error.to_string()))?;
        let pack = self.packs.get();
        let asked = match wishes.online {
            true => self.asked(&pack, &records).await,
            false => Asked::new(),
        };
        let mut last = self.last.lock().await;
        let (code, known) = (self.code.clone(), last.clone());
        let looked =
            tokio::task::spawn_blocking(move || fresh(&pack, &code, records, asked, known));
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
    asked: Asked,
    known: Option<Made>,
) -> Result<Made, String> {
    let today = Utc::now().date_naive();
    let of = (code.commit()?, pack.version.clone(), records.clone(), today, asked.clone());
    if let Some((_, report)) = known.filter(|(had, _)| *had == of) {
        return Ok((of, report));
    }
    let tree = code.tree()?;
    let report = removals::look(&tree, pack, records, today, asked);
    let report = report.map_err(|error| error.to_string())?;
    Ok((of, Arc::new(report)))
}
