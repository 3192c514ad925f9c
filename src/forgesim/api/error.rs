//! Errors as GitLab's API words them.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::json;

use crate::forgesim::error::SimError;

/// An error answer: a status and the JSON text GitLab sends with it.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    body: serde_json::Value,
}

impl ApiError {
    fn message(status: StatusCode, message: impl Into<serde_json::Value>) -> Self {
        Self { status, body: json!({ "message": message.into() }) }
    }

    pub(super) fn unauthorized() -> Self {
        Self::message(StatusCode::UNAUTHORIZED, "401 Unauthorized")
    }

    pub(super) fn forbidden() -> Self {
        Self::message(StatusCode::FORBIDDEN, "403 Forbidden")
    }

    /// The token may not do this, whoever its owner is.
    pub(super) fn insufficient_scope() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            body: json!({
                "error": "insufficient_scope",
                "error_description":
                    "The request requires higher privileges than provided by the access token.",
                "scope": "api",
            }),
        }
    }

    /// `404 <what> Not Found`, or GitLab's `404 Not found` for things without a name.
    pub(super) fn not_found(what: &str) -> Self {
        let text = match what {
            "" => "404 Not found".to_owned(),
            what => format!("404 {what} Not Found"),
        };
        Self::message(StatusCode::NOT_FOUND, text)
    }

    /// The address itself is unknown.
    pub(super) fn no_route() -> Self {
        Self { status: StatusCode::NOT_FOUND, body: json!({ "error": "404 Not Found" }) }
    }

    pub(super) fn conflict(text: &str) -> Self {
        Self::message(StatusCode::CONFLICT, text)
    }

    /// A parameter that is missing or malformed, in grape's words.
    pub(super) fn parameter(name: &str, problem: &str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            body: json!({ "error": format!("{name} {problem}") }),
        }
    }

    pub(super) fn bad_request(text: impl Into<serde_json::Value>) -> Self {
        Self::message(StatusCode::BAD_REQUEST, text)
    }

    pub(super) fn unprocessable(text: &str) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, body: json!({ "error": text }) }
    }

    pub(super) fn too_large() -> Self {
        Self::message(StatusCode::PAYLOAD_TOO_LARGE, "413 Request Entity Too Large")
    }
}

impl From<SimError> for ApiError {
    fn from(error: SimError) -> Self {
        match error {
            SimError::NoProject(_) => Self::not_found("Project"),
            SimError::NoNote(_) => Self::not_found("Note"),
            SimError::NoHook(_) | SimError::NoDelivery(_) | SimError::NoItem { .. } => {
                Self::not_found("")
            }
            SimError::Invalid { field, problem } => Self::bad_request(json!({ field: [problem] })),
            SimError::Listen { .. } | SimError::Transcript { .. } | SimError::Client(_) => {
                Self::message(StatusCode::INTERNAL_SERVER_ERROR, "500 Internal Server Error")
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, "application/json")];
        (self.status, headers, self.body.to_string()).into_response()
    }
}
