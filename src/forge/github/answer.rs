//! What an HTTP answer means: success, or which [`ForgeError`].

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};

use super::tidy::{LONGEST_MESSAGE, tidy};
use crate::forge::{ForgeError, RateLimit};

/// How long to wait when GitHub limits and does not say for how long (GitHub, "Rate limits for the
/// REST API", exceeding: at least one minute).
const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// The window is an hour; a larger value is a broken clock or header.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// With zero a queue would turn into a busy loop against a forge that asked for less.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// An answer with a 2xx status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status, always a success.
    pub status: StatusCode,
    /// All headers as they came.
    pub headers: HeaderMap,
    /// The body, whole unless `cut`.
    pub body: Bytes,
    /// The body is longer than what was to be read of it; what there is of it here is of no use.
    pub cut: bool,
}

/// The error that an answer which is no success stands for. `request` is method and path, `check`
/// names where the credentials come from.
pub(super) fn error_of(
    request: &str,
    check: &'static str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> ForgeError {
    let request = request.to_owned();
    let message = || message_of(body);
    match status {
        StatusCode::UNAUTHORIZED => ForgeError::Unauthorized { request, check },
        StatusCode::TOO_MANY_REQUESTS => {
            ForgeError::RateLimited { request, retry_after: wait_of(headers, now) }
        }
        StatusCode::FORBIDDEN if is_limit(headers, body) => {
            ForgeError::RateLimited { request, retry_after: wait_of(headers, now) }
        }
        StatusCode::FORBIDDEN => ForgeError::Forbidden { request, message: message() },
        // 410 is what a deleted issue answers.
        StatusCode::NOT_FOUND | StatusCode::GONE => {
            ForgeError::NotFound { request, message: message() }
        }
        // The server gave up on a request that it had not read whole; the next one may pass.
        StatusCode::REQUEST_TIMEOUT => {
            ForgeError::Broken { request, message: "answered 408".to_owned(), status: Some(408) }
        }
        _ if status.is_server_error() => {
            let message = format!("answered {}: {}", status.as_u16(), message());
            ForgeError::Broken { request, message, status: Some(status.as_u16()) }
        }
        _ if status.is_client_error() => {
            ForgeError::Refused { request, status: status.as_u16(), message: message() }
        }
        _ => ForgeError::Unexpected {
            request,
            message: format!("status {} fits no request of Steward's", status.as_u16()),
        },
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// Whether a 403 is a limit: GitHub answers so for the primary and the secondary one alike
/// (GitHub, "Rate limits for the REST API").
fn is_limit(headers: &HeaderMap, body: &[u8]) -> bool {
    headers.contains_key(header::RETRY_AFTER)
        || text(headers, "x-ratelimit-remaining") == Some("0")
        || message_of(body).contains("secondary rate limit")
}

/// How long the forge asks to wait: `Retry-After` in seconds or as a date, else the end of the
/// window in `X-RateLimit-Reset` when nothing is left of it.
pub(super) fn wait_of(headers: &HeaderMap, now: DateTime<Utc>) -> Duration {
    let until = |then: DateTime<Utc>| (then - now).to_std().unwrap_or(SHORTEST_WAIT);
    let asked =
        text(headers, header::RETRY_AFTER.as_str()).and_then(|value| match value.parse::<u64>() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => DateTime::parse_from_rfc2822(value).ok().map(|date| until(date.to_utc())),
        });
    let reset = || {
        let empty = text(headers, "x-ratelimit-remaining") == Some("0");
        let seconds = text(headers, "x-ratelimit-reset")?.parse::<i64>().ok()?;
        DateTime::from_timestamp(seconds, 0).filter(|_| empty).map(until)
    };
    asked.or_else(reset).unwrap_or(DEFAULT_WAIT).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// The budget that an answer's headers report.
pub(super) fn limit_of(headers: &HeaderMap) -> Option<RateLimit> {
    let remaining = text(headers, "x-ratelimit-remaining")?.parse().ok()?;
    let reset = text(headers, "x-ratelimit-reset")
        .and_then(|value| value.parse::<i64>().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Some(RateLimit { remaining, reset })
}

/// What GitHub says in an error's body: `message`, and behind it what is wrong with which field.
fn message_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Said {
        message: Option<String>,
        errors: Option<serde_json::Value>,
    }
    match serde_json::from_slice::<Said>(body) {
        Ok(Said { message: Some(message), errors: None }) => tidy(&message),
        Ok(Said { message, errors: Some(errors) }) => {
            tidy(&format!("{}: {errors}", message.unwrap_or_default()))
        }
        _ if body.is_empty() => "no reason given".to_owned(),
        _ => {
            let start = &body[..body.len().min(4 * LONGEST_MESSAGE)];
            let text = tidy(&String::from_utf8_lossy(start));
            // A proxy's error page tells nobody anything in a log line.
            if text.starts_with('<') { "an HTML page".to_owned() } else { text }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("value");
        pairs
            .iter()
            .map(|(name, text)| (header::HeaderName::from_static(name), value(text)))
            .collect()
    }

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("a time")
    }

    #[test]
    fn both_limits_are_told_from_what_is_forbidden() {
        let error = |status: u16, pairs: &[(&'static str, &str)], body: &str| {
            let status = StatusCode::from_u16(status).expect("a status");
            error_of("GET /x", "X", status, &headers(pairs), body.as_bytes(), now())
        };
        let secondary = r#"{"message":"You have exceeded a secondary rate limit. Please wait"}"#;
        for (status, pairs, body, seconds) in [
            (429, &[("retry-after", "17")][..], "", 17),
            (403, &[("retry-after", "17")], "", 17),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1795176045")], "", 45),
            (403, &[("x-ratelimit-remaining", "0")], "", 60),
            (403, &[], secondary, 60),
            // The window's end is of no interest while something is left of it.
            (429, &[("x-ratelimit-remaining", "7"), ("x-ratelimit-reset", "1795179000")], "", 60),
            (429, &[("retry-after", "0")], "", 1),
            (429, &[("retry-after", "99999999")], "", 3600),
            (429, &[("retry-after", "Fri, 20 Nov 2026 12:00:30 GMT")], "", 30),
        ] {
            match error(status, pairs, body) {
                ForgeError::RateLimited { retry_after, .. } => {
                    assert_eq!(retry_after.as_secs(), seconds, "{status} {pairs:?}");
                }
                other => panic!("{status} {pairs:?}: {other}"),
            }
        }
        let budget = [("x-ratelimit-remaining", "12")];
        let forbidden =
            error(403, &budget, r#"{"message":"Resource not accessible by integration"}"#);
        assert!(forbidden.lacks_scope(), "{forbidden}");
        assert!(matches!(error(410, &[], ""), ForgeError::NotFound { .. }));
        assert!(matches!(error(422, &[], ""), ForgeError::Refused { status: 422, .. }));
        assert!(matches!(error(502, &[], "<html>"), ForgeError::Broken { status: Some(502), .. }));
        assert!(matches!(error(301, &[], ""), ForgeError::Unexpected { .. }));
    }

    #[test]
    fn the_forges_words_are_found_cleaned_and_shortened() {
        assert_eq!(message_of(br#"{"message":"Not Found","documentation_url":"x"}"#), "Not Found");
        assert_eq!(
            message_of(br#"{"message":"Validation Failed","errors":[{"field":"body"}]}"#),
            r#"Validation Failed: [{"field":"body"}]"#
        );
        assert_eq!(message_of(b"<html>"), "an HTML page");
        assert_eq!(message_of(b""), "no reason given");
        let long = format!(r#"{{"message":"{}"}}"#, "ü".repeat(1000));
        assert_eq!(message_of(long.as_bytes()).chars().count(), LONGEST_MESSAGE + 1);
    }
}
