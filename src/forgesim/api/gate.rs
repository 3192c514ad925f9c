//! What every API request passes: faults, latency, the token, the rate limit, and the
//! record of requests.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::{context::Caller, error::ApiError, wire::Wire};
use crate::forgesim::{faults::FaultKind, sim::Shared, world::types::Token};

/// The middleware in front of `/api/v4`.
pub(super) async fn pass(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let uri = match request.extensions().get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.clone(),
        None => request.uri().clone(),
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    let wire = request.extensions().get::<ConnectInfo<Wire>>().map(|info| info.0.clone());
    let caller = identify(&shared, request.headers());

    let fault = shared.faults.strike(method.as_str(), uri.path());
    let latency = shared.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let user = caller.as_ref().ok().map(|(_, token)| token.user);
    let response = match fault {
        None => answer(&shared, caller, request, next).await,
        Some(FaultKind::Latency { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer(&shared, caller, request, next).await
        }
        Some(FaultKind::TooManyRequests { retry_after }) => retry_later(retry_after),
        Some(FaultKind::NotFound) => ApiError::not_found("").into_response(),
        Some(FaultKind::BadGatewayBefore) => bad_gateway(),
        Some(FaultKind::BadGatewayAfter) => {
            answer(&shared, caller, request, next).await;
            bad_gateway()
        }
        Some(FaultKind::CutBefore) => cut(wire),
        Some(FaultKind::CutAfter) => {
            answer(&shared, caller, request, next).await;
            cut(wire)
        }
        Some(FaultKind::CutAndLate { ms }) => {
            answer_later(shared.clone(), caller, request, next, ms);
            cut(wire)
        }
        Some(kind @ (FaultKind::Hang | FaultKind::HangAndLate { .. })) => {
            if let FaultKind::HangAndLate { ms } = kind {
                answer_later(shared.clone(), caller, request, next, ms);
            }
            let route = route.as_ref().map(MatchedPath::as_str);
            shared.record(&method, &uri, route, 0, user);
            std::future::pending().await
        }
    };
    let route = route.as_ref().map(MatchedPath::as_str);
    shared.record(&method, &uri, route, response.status().as_u16(), user);
    response
}

/// Checks token, scope and rate limit, then lets the handler answer.
async fn answer(
    shared: &Shared,
    caller: Result<(String, Token), ApiError>,
    mut request: Request,
    next: Next,
) -> Response {
    let (text, token) = match caller {
        Ok(caller) => caller,
        Err(error) => return error.into_response(),
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let allowed = token.scopes.iter().any(|scope| scope == "api" || (reads && scope == "read_api"));
    let about_itself = request.uri().path().ends_with("/personal_access_tokens/self");
    if !allowed && !about_itself {
        return ApiError::insufficient_scope().into_response();
    }
    let budget = shared.budget.spend(token.user);
    let mut response = if shared.settings.rate_limit_enforced && budget.exceeded() {
        retry_later(budget.reset_in)
    } else {
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        request.extensions_mut().insert(Caller { user: token.user, token: text });
        tag(next.run(request).await, known.as_ref()).await
    };
    let headers = response.headers_mut();
    for (name, value) in budget.headers() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    response
}

/// Carries a request out although nobody waits for it any more.
fn answer_later(
    shared: Arc<Shared>,
    caller: Result<(String, Token), ApiError>,
    request: Request,
    next: Next,
    ms: u64,
) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        answer(&shared, caller, request, next).await;
    });
}

/// Finds the token of `PRIVATE-TOKEN` or `Authorization: Bearer`.
fn identify(shared: &Shared, headers: &HeaderMap) -> Result<(String, Token), ApiError> {
    let private = headers.get("private-token").and_then(|value| value.to_str().ok());
    let bearer = || headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ");
    let text = private.or_else(bearer).ok_or_else(ApiError::unauthorized)?;
    let world = shared.world();
    let today = world.now().date_naive();
    match world.tokens.get(text) {
        Some(token) if !token.revoked && token.expires_at.is_none_or(|last| last > today) => {
            Ok((text.to_owned(), token.clone()))
        }
        _ => Err(ApiError::unauthorized()),
    }
}

/// Adds the `ETag` that Rack gives to every answer, and answers 304 to who knows it.
pub(in crate::forgesim) async fn tag(response: Response, known: Option<&HeaderValue>) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut hash = DefaultHasher::new();
    body.hash(&mut hash);
    let Ok(tag) = HeaderValue::try_from(format!("W/\"{:016x}\"", hash.finish())) else {
        return Response::from_parts(parts, Body::from(body));
    };
    let unchanged = known == Some(&tag);
    parts.headers.insert(header::ETAG, tag);
    if unchanged {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn retry_later(seconds: u64) -> Response {
    let headers = [(header::RETRY_AFTER, seconds.to_string())];
    (StatusCode::TOO_MANY_REQUESTS, headers, "Retry later\n").into_response()
}

/// What the load balancer in front of GitLab says; no JSON.
pub(in crate::forgesim) fn bad_gateway() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html")];
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    (StatusCode::BAD_GATEWAY, headers, page).into_response()
}

/// Closes the connection; the answer returned here is never sent.
pub(in crate::forgesim) fn cut(wire: Option<Wire>) -> Response {
    if let Some(wire) = wire {
        wire.cut();
    }
    StatusCode::BAD_GATEWAY.into_response()
}
