//! Between a call and the client library: requests in its form, answers out of its streams, and what
//! its errors mean.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use octocrab::OctoBody;

use super::{request::Call, tidy::tidy};
use crate::forge::ForgeError;

/// A page of a hundred changed files can have some megabytes; more than this is an accident that
/// should not take the process with it.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// The version of the API that is spoken (GitHub, "API Versions").
pub(super) const VERSION: &str = "2022-11-28";

/// A request in the library's form. Only path and query stand in it: the library puts its own
/// address before them, and credentials go nowhere else.
pub(super) fn request(
    call: &Call,
    address: &str,
    auth: Option<&HeaderValue>,
    known: Option<&HeaderValue>,
) -> Result<Request<OctoBody>, ForgeError> {
    let mut builder = Request::builder()
        .method(call.method.clone())
        .uri(address)
        .header(header::ACCEPT, call.accept.clone())
        .header("x-github-api-version", VERSION);
    if let Some(auth) = auth {
        builder = builder.header(header::AUTHORIZATION, auth.clone());
    }
    if let Some(known) = known {
        builder = builder.header(header::IF_NONE_MATCH, known.clone());
    }
    let refused =
        |message: String| ForgeError::Refused { request: call.name(), status: 0, message };
    match &call.body {
        Some(body) => {
            let builder = builder.header(header::CONTENT_TYPE, "application/json");
            builder.body(OctoBody::from(body.to_string()))
        }
        None if call.method == Method::GET => builder.body(OctoBody::empty()),
        None => builder.header(header::CONTENT_LENGTH, "0").body(OctoBody::empty()),
    }
    .map_err(|error| refused(error.to_string()))
}

/// The body; `None` when it is longer than `most`. What is left of it is never read: the
/// connection is dropped with the response.
pub(super) async fn body_of(
    call: &Call,
    body: Body,
    headers: &HeaderMap,
    most: Option<usize>,
) -> Result<Option<Bytes>, ForgeError> {
    let too_long = |length: u64| most.is_some_and(|most| length > most as u64);
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|text| text.parse().ok()).is_some_and(too_long) {
        return Ok(None);
    }
    let mut chunks = body.into_data_stream();
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(call.name(), &chain(&error)))?;
        if too_long((whole.len() + chunk.len()) as u64) {
            return Ok(None);
        }
        if whole.len() + chunk.len() > LARGEST_ANSWER {
            let message = format!("more than {} MiB", LARGEST_ANSWER / 1024 / 1024);
            return Err(ForgeError::Unexpected { request: call.name(), message });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Some(whole.freeze()))
}

fn broken(request: String, why: &str) -> ForgeError {
    let message = format!("the connection broke: {why}");
    ForgeError::Broken { request, message, status: None }
}

/// The library's own text for a connection that could not be made (hyper-util,
/// `client::legacy::Error`), which has no other sign that reaches us. A test below holds it.
const NO_CONNECTION: &str = "client error (Connect)";

pub(super) fn network_error(request: String, error: &octocrab::Error) -> ForgeError {
    let message = told(error);
    match message.contains(NO_CONNECTION) {
        true => ForgeError::Unreachable { request, message },
        false => broken(request, &message),
    }
}

/// An error of the library without the stack trace that it puts behind.
pub(super) fn told(error: &octocrab::Error) -> String {
    chain(std::error::Error::source(error).unwrap_or(error))
}

/// An error with its causes, which for network errors hold the useful part.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    tidy(&text)
}
