//! What every API request passes: faults, latency, the token, the rate limit, and the record of
//! requests.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};

use super::{context::Caller, error::ApiError};
use crate::forgesim::{
    api::{
        gate::{bad_gateway, cut, tag},
        wire::Wire,
    },
    faults::FaultKind,
    sim::Shared,
};

/// Who is calling, and whether they may only read.
type Known = Result<(Caller, bool), ApiError>;

/// The middleware in front of `/api/v3`.
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
    let user = match &caller {
        Ok((Caller::User(id), _)) => Some(*id),
        _ => None,
    };
    let fault = shared.faults.strike(method.as_str(), uri.path());
    let latency = shared.latency();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let was_cut = matches!(
        fault,
        Some(FaultKind::CutBefore | FaultKind::CutAfter | FaultKind::CutAndLate { .. })
    );
    let (entry, request) = match shared.note_request(&as_sent(&uri), fault.as_ref(), request).await
    {
        Ok(begun) => begun,
        // The sender went away in the middle of its body.
        Err(_) => return bad_gateway(),
    };
    let response = match fault {
        None => answer(&shared, caller, request, next).await,
        Some(FaultKind::Latency { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            answer(&shared, caller, request, next).await
        }
        Some(FaultKind::TooManyRequests { retry_after }) => {
            ApiError::too_fast(retry_after).into_response()
        }
        Some(FaultKind::NotFound) => ApiError::not_found().into_response(),
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
    match entry {
        // What stands for an answer after a cut never left.
        Some(entry) if !was_cut => entry.answered(response).await,
        _ => response,
    }
}

fn as_sent(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(String::new, ToString::to_string)
}

/// Checks token, scope and rate limit, then lets the handler answer.
async fn answer(shared: &Shared, caller: Known, mut request: Request, next: Next) -> Response {
    let (caller, only_reads) = match caller {
        Ok(known) => known,
        Err(error) => return error.into_response(),
    };
    if only_reads && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ApiError::insufficient_scope().into_response();
    }
    let budget = match caller {
        Caller::User(id) | Caller::App(id) => shared.budget.spend(id),
    };
    let mut response = if shared.settings.rate_limit_enforced && budget.exceeded() {
        ApiError::spent().into_response()
    } else {
        let known = request.headers().get(header::IF_NONE_MATCH).cloned();
        request.extensions_mut().insert(caller);
        tag(next.run(request).await, known.as_ref()).await
    };
    let headers = response.headers_mut();
    for (name, value) in budget.github_headers() {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
    let now = shared.world().now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(now) = HeaderValue::from_str(&now) {
        headers.insert(header::DATE, now);
    }
    headers.insert("x-ratelimit-resource", HeaderValue::from_static("core"));
    headers.insert("x-github-media-type", HeaderValue::from_static("github.v3; format=json"));
    response
}

/// Carries a request out although nobody waits for it any more.
fn answer_later(shared: Arc<Shared>, caller: Known, request: Request, next: Next, ms: u64) {
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        answer(&shared, caller, request, next).await;
    });
}

/// Finds whom `Authorization` stands for: a user's token, an installation's, or an App's signature.
fn identify(shared: &Shared, headers: &HeaderMap) -> Known {
    let text = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (kind, token) =
        text.and_then(|text| text.split_once(' ')).ok_or_else(ApiError::unauthorized)?;
    if !["bearer", "token"].contains(&kind.to_ascii_lowercase().as_str()) {
        return Err(ApiError::unauthorized());
    }
    let world = shared.world();
    // A signature has three parts, which no token has.
    if token.matches('.').count() == 2 {
        let app = world.apps.signed_by(token).ok_or_else(|| {
            ApiError::new(http::StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded")
        })?;
        return Ok((Caller::App(app), false));
    }
    if let Some(user) = world.apps.user_of(token) {
        return Ok((Caller::User(user), false));
    }
    let today = world.now().date_naive();
    match world.tokens.get(token) {
        Some(found) if !found.revoked && found.expires_at.is_none_or(|last| last > today) => {
            Ok((Caller::User(found.user), !found.scopes.iter().any(|scope| scope == "api")))
        }
        _ => Err(ApiError::unauthorized()),
    }
}
