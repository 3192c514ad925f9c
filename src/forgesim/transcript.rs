//! Whole exchanges with a simulated GitHub, one JSON object a line, for whoever holds them against
//! what GitHub publishes (`tests/contract/openapi.mjs`).

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use super::{faults::FaultKind, sim::Shared};

/// Tells apart what one process keeps.
static NEXT: AtomicU64 = AtomicU64::new(0);
/// The request's headers that are kept. Credentials are not among them.
const ASKED: [&str; 5] =
    ["accept", "content-type", "if-none-match", "user-agent", "x-github-api-version"];
/// The answer's headers that are kept.
const ANSWERED: [&str; 6] =
    ["content-type", "etag", "link", "location", "retry-after", "x-ratelimit-remaining"];

/// The file in which a simulation's exchanges are kept.
#[derive(Debug)]
pub(crate) struct Transcript(Mutex<File>);

/// One exchange.
#[derive(Debug, Serialize)]
struct Exchange {
    method: String,
    /// Path and query as sent.
    path: String,
    headers: BTreeMap<&'static str, String>,
    /// What the request was let in by: `app`, `installation`, `token`, or `nothing`.
    by: &'static str,
    body: Value,
    /// The fault that was asked for, by its name.
    fault: Option<Value>,
    /// Absent when no answer left.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: u16,
    headers: BTreeMap<&'static str, String>,
    /// The JSON; absent when it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// Bytes.
    length: usize,
}

/// An exchange that has begun. One that is dropped without an answer is kept all the same: the
/// sender has given up.
pub(crate) struct Entry<'s> {
    transcript: &'s Transcript,
    exchange: Option<Exchange>,
}

impl Transcript {
    /// A new file in a folder, which is made if need be.
    pub(crate) fn in_folder(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{nth}.jsonl", std::process::id());
        Ok(Self(Mutex::new(File::create_new(folder.join(name))?)))
    }

    fn write(&self, exchange: &Exchange) -> io::Result<()> {
        let mut line = serde_json::to_vec(exchange)?;
        line.push(b'\n');
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)
    }
}

fn chosen<const N: usize>(
    headers: &HeaderMap,
    names: [&'static str; N],
) -> BTreeMap<&'static str, String> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
    names.into_iter().filter_map(|name| Some((name, text(name)?))).collect()
}

fn let_in_by(headers: &HeaderMap) -> &'static str {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match text.and_then(|text| text.split_once(' ')) {
        None => "nothing",
        Some((_, token)) if token.matches('.').count() == 2 => "app",
        Some((_, token)) if token.starts_with("ghs_") => "installation",
        Some(_) => "token",
    }
}

/// A body's JSON; what is none is kept as a text.
fn json(body: &[u8]) -> Value {
    match body {
        [] => Value::Null,
        body => serde_json::from_slice(body)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned())),
    }
}

impl Shared {
    /// Begins to keep an exchange, when a transcript is asked for.
    pub(crate) async fn note_request(
        &self,
        path: &str,
        fault: Option<&FaultKind>,
        request: Request,
    ) -> Result<(Option<Entry<'_>>, Request), axum::Error> {
        let Some(transcript) = &self.transcript else { return Ok((None, request)) };
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, usize::MAX).await?;
        let exchange = Exchange {
            method: parts.method.to_string(),
            path: path.to_owned(),
            headers: chosen(&parts.headers, ASKED),
            by: let_in_by(&parts.headers),
            body: json(&body),
            fault: fault.and_then(|fault| serde_json::to_value(fault).ok()),
            answer: None,
        };
        let entry = Entry { transcript, exchange: Some(exchange) };
        Ok((Some(entry), Request::from_parts(parts, Body::from(body))))
    }
}

impl Entry<'_> {
    /// Keeps the exchange with its answer. A transcript that cannot be written fails whoever waits
    /// for the answer, so that no gap goes unseen.
    pub(crate) async fn answered(mut self, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let lost = |problem: String| {
            tracing::error!(%problem, "the transcript of a simulated GitHub has a gap");
            (StatusCode::INSUFFICIENT_STORAGE, problem).into_response()
        };
        let body = match to_bytes(body, usize::MAX).await {
            Ok(body) => body,
            Err(error) => return lost(error.to_string()),
        };
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.starts_with("application/json"));
        if let Some(mut exchange) = self.exchange.take() {
            exchange.answer = Some(Answer {
                status: parts.status.as_u16(),
                headers: chosen(&parts.headers, ANSWERED),
                body: is_json.then(|| json(&body)),
                length: body.len(),
            });
            if let Err(error) = self.transcript.write(&exchange) {
                return lost(error.to_string());
            }
        }
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take()
            && let Err(error) = self.transcript.write(&exchange)
        {
            tracing::error!(%error, "the transcript of a simulated GitHub has a gap");
        }
    }
}
