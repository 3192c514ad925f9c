//! What the calls to a forge came to: counts for the metrics and the budget that it reports.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, Utc};

use crate::forge::ForgeError;

/// How many HTTP requests were made since the start, by how they ended. The price of a bot is
/// its calls, so these figures are shown to operators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// All requests that were made, each page and each followed redirect being one.
    pub total: u64,
    /// Answered with a success.
    pub ok: u64,
    /// Answered with 404.
    pub not_found: u64,
    /// Answered with 401.
    pub unauthorized: u64,
    /// Answered with 403.
    pub forbidden: u64,
    /// Answered with 429, or with 403 for the same reason.
    pub rate_limited: u64,
    /// Answered with another 4xx, or with a redirect that is not followed.
    pub refused: u64,
    /// Never sent: no connection.
    pub unreachable: u64,
    /// Answered with 5xx, timed out or cut.
    pub broken: u64,
    /// Answered with something that Steward does not understand. Such a request is counted as
    /// `ok` too, if its status was a success.
    pub unexpected: u64,
}

/// The budget of calls that a forge reported last (GitLab: headers `RateLimit-Remaining` and
/// `RateLimit-Reset`, GitHub: `X-RateLimit-…`; some of GitLab's APIs send none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests left in the current window.
    pub remaining: u64,
    /// When the window ends, if the forge said so.
    pub reset: Option<DateTime<Utc>>,
}

/// Counts calls; cheap enough for every request.
#[derive(Debug, Default)]
pub(in crate::forge) struct Meter {
    total: AtomicU64,
    ok: AtomicU64,
    not_found: AtomicU64,
    unauthorized: AtomicU64,
    forbidden: AtomicU64,
    rate_limited: AtomicU64,
    refused: AtomicU64,
    unreachable: AtomicU64,
    broken: AtomicU64,
    unexpected: AtomicU64,
    limit: Mutex<Option<RateLimit>>,
}

impl Meter {
    pub(in crate::forge) fn started(&self) {
        self.total.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::forge) fn succeeded(&self) {
        self.ok.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::forge) fn failed(&self, error: &ForgeError) {
        let counter = match error.cause() {
            ForgeError::NotFound { .. } => &self.not_found,
            ForgeError::Unauthorized { .. } => &self.unauthorized,
            ForgeError::Forbidden { .. } => &self.forbidden,
            ForgeError::RateLimited { .. } => &self.rate_limited,
            ForgeError::Refused { .. } | ForgeError::Unsupported { .. } => &self.refused,
            ForgeError::Unreachable { .. } => &self.unreachable,
            ForgeError::Broken { .. } => &self.broken,
            ForgeError::Unexpected { .. } | ForgeError::Partly { .. } => &self.unexpected,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::forge) fn saw(&self, limit: RateLimit) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = Some(limit);
    }

    pub(in crate::forge) fn limit(&self) -> Option<RateLimit> {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::forge) fn counts(&self) -> CallCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CallCounts {
            total: read(&self.total),
            ok: read(&self.ok),
            not_found: read(&self.not_found),
            unauthorized: read(&self.unauthorized),
            forbidden: read(&self.forbidden),
            rate_limited: read(&self.rate_limited),
            refused: read(&self.refused),
            unreachable: read(&self.unreachable),
            broken: read(&self.broken),
            unexpected: read(&self.unexpected),
        }
    }
}
