//! Errors as GitHub's API words them.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::forgesim::error::SimError;

/// An error answer: a status and what GitHub says with it.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    message: String,
    errors: Option<Value>,
    /// Seconds, for a limit.
    retry_after: Option<u64>,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: None, retry_after: None }
    }

    pub(super) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Bad credentials")
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub(super) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Must have admin rights to Repository.")
    }

    /// The token may not do this, whoever its owner is.
    pub(super) fn insufficient_scope() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Resource not accessible by personal access token")
    }

    /// Only for people, not for Apps.
    pub(super) fn not_for_apps() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Resource not accessible by integration")
    }

    /// The primary limit: so many requests an hour.
    pub(super) fn spent() -> Self {
        Self::new(StatusCode::FORBIDDEN, "API rate limit exceeded for user ID 1.")
    }

    /// A secondary limit: too much at once.
    pub(super) fn too_fast(seconds: u64) -> Self {
        let message = "You have exceeded a secondary rate limit. Please wait a few minutes before \
                       you try again.";
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::FORBIDDEN, message) }
    }

    /// A field that breaks a validation.
    pub(super) fn invalid(resource: &str, field: &str, problem: &str) -> Self {
        let error = json!({
            "resource": resource, "field": field, "code": "invalid", "message": problem,
        });
        Self {
            errors: Some(json!([error])),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed")
        }
    }
}

impl ApiError {
    /// Something of this name is there.
    pub(super) fn exists(resource: &str, field: &str) -> Self {
        let error = json!({ "resource": resource, "field": field, "code": "already_exists" });
        Self {
            errors: Some(json!([error])),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "Validation Failed")
        }
    }
}

impl From<SimError> for ApiError {
    fn from(error: SimError) -> Self {
        match error {
            SimError::NoProject(_)
            | SimError::NoNote(_)
            | SimError::NoHook(_)
            | SimError::NoDelivery(_)
            | SimError::NoItem { .. } => Self::not_found(),
            SimError::Invalid { field, problem } => Self::invalid("Issue", field, &problem),
            SimError::Listen { .. } | SimError::Transcript { .. } | SimError::Client(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Server Error")
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({
            "message": self.message,
            "documentation_url": "https://docs.github.com/rest",
        });
        match self.errors {
            // By GitHub's description it is told of all others.
            Some(errors) => body["errors"] = errors,
            None => body["status"] = self.status.as_str().into(),
        }
        let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        let mut response = (self.status, headers, body.to_string()).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
