//! What an HTTP answer means: success, or which [`ForgeError`].

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};

use crate::forge::{
    ForgeError,
    shared::{
        meter::RateLimit,
        tidy::{LONGEST_MESSAGE, tidy},
    },
};

/// How long to wait after a 429 that does not say so.
const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// No forge keeps a client out for longer; a larger value is a broken clock or header.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// With zero a queue would turn into a busy loop against a forge that asked for less.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// An answer with a 2xx status.
#[derive(Debug)]
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

/// The error that a non-2xx answer stands for. `request` is method and path.
pub(super) fn error_of(
    request: &str,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    now: DateTime<Utc>,
) -> ForgeError {
    let request = request.to_owned();
    match status {
        StatusCode::UNAUTHORIZED => {
            ForgeError::Unauthorized { request, check: "STEWARD_GITLAB_TOKEN" }
        }
        StatusCode::FORBIDDEN => ForgeError::Forbidden { request, message: message_of(body) },
        StatusCode::NOT_FOUND => ForgeError::NotFound { request, message: message_of(body) },
        StatusCode::TOO_MANY_REQUESTS => {
            ForgeError::RateLimited { request, retry_after: wait_of(headers, now) }
        }
        // The server gave up on a request that it had not read whole; the next one may pass.
        StatusCode::REQUEST_TIMEOUT => {
            ForgeError::Broken { request, message: "answered 408".to_owned(), status: Some(408) }
        }
        _ if status.is_server_error() => {
            let said = message_of(body);
            let message = format!("answered {}: {said}", status.as_u16());
            ForgeError::Broken { request, message, status: Some(status.as_u16()) }
        }
        _ if status.is_client_error() => {
            ForgeError::Refused { request, status: status.as_u16(), message: message_of(body) }
        }
        _ => ForgeError::Unexpected {
            request,
            message: format!("status {} fits no request of Steward's", status.as_u16()),
        },
    }
}

/// How long the forge asks to wait: `Retry-After` in seconds or as a date, else the end of the
/// window in `RateLimit-Reset` (GitLab, "User and IP rate limits", response headers).
pub(super) fn wait_of(headers: &HeaderMap, now: DateTime<Utc>) -> Duration {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let until = |then: DateTime<Utc>| (then - now).to_std().unwrap_or(SHORTEST_WAIT);
    let asked = text(header::RETRY_AFTER.as_str()).and_then(|value| match value.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(value).ok().map(|date| until(date.to_utc())),
    });
    let reset = || {
        let seconds = text("ratelimit-reset")?.parse::<i64>().ok()?;
        DateTime::from_timestamp(seconds, 0).map(until)
    };
    asked.or_else(reset).unwrap_or(DEFAULT_WAIT).clamp(SHORTEST_WAIT, LONGEST_WAIT)
}

/// The budget that an answer's headers report.
pub(super) fn limit_of(headers: &HeaderMap) -> Option<RateLimit> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let remaining = text("ratelimit-remaining")?.parse().ok()?;
    let reset = text("ratelimit-reset")
        .and_then(|value| value.parse::<i64>().ok())
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Some(RateLimit { remaining, reset })
}

/// What the forge says in an error's body: `message`, `error` or `error_description`, which may
/// be texts or trees (validation errors by field).
fn message_of(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Said {
        message: Option<serde_json::Value>,
        error: Option<serde_json::Value>,
        error_description: Option<serde_json::Value>,
    }
    let said = serde_json::from_slice::<Said>(body).ok().and_then(|said| {
        let parts: Vec<String> = [said.message, said.error, said.error_description]
            .into_iter()
            .flatten()
            .map(|value| match value {
                serde_json::Value::String(text) => text,
                tree => tree.to_string(),
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join(": "))
    });
    match said {
        Some(text) => tidy(&text),
        None if body.is_empty() => "no reason given".to_owned(),
        None => {
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
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    HeaderValue::from_str(value).expect("value"),
                )
            })
            .collect()
    }

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("a time")
    }

    #[test]
    fn the_wait_comes_from_the_best_header_and_stays_in_bounds() {
        for (pairs, seconds) in [
            (&[("retry-after", "17")][..], 17),
            (&[("retry-after", " 17 ")], 17),
            (&[("retry-after", "Fri, 20 Nov 2026 12:00:30 GMT")], 30),
            (&[("retry-after", "Fri, 20 Nov 2026 11:00:00 GMT")], 1),
            (&[("retry-after", "0")], 1),
            (&[("retry-after", "99999999")], 3600),
            (&[("retry-after", "soon")], 60),
            (&[("retry-after", "soon"), ("ratelimit-reset", "1795176045")], 45),
            (&[("ratelimit-reset", "1795176045")], 45),
            (&[("ratelimit-reset", "1")], 1),
            (&[("ratelimit-reset", "99999999999999999")], 60),
            (&[], 60),
        ] {
            assert_eq!(wait_of(&headers(pairs), now()).as_secs(), seconds, "{pairs:?}");
        }
    }

    #[test]
    fn the_forges_words_are_found_cleaned_and_shortened() {
        assert_eq!(message_of(br#"{"message":"403 Forbidden"}"#), "403 Forbidden");
        assert_eq!(
            message_of(br#"{"message":{"title":["is missing"]}}"#),
            r#"{"title":["is missing"]}"#
        );
        assert_eq!(
            message_of(br#"{"error":"insufficient_scope","error_description":"needs api"}"#),
            "insufficient_scope: needs api"
        );
        assert_eq!(message_of(b"Retry later\n"), "Retry later");
        assert_eq!(message_of(b"<html><body>502</body></html>"), "an HTML page");
        assert_eq!(message_of(b""), "no reason given");
        assert_eq!(message_of(br#"{"message":"a\nb\u001b[31m"}"#), "a b [31m");
        let long = format!(r#"{{"message":"{}"}}"#, "ü".repeat(1000));
        assert_eq!(message_of(long.as_bytes()).chars().count(), LONGEST_MESSAGE + 1);
    }
}
