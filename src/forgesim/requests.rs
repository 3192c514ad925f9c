//! The record of API requests, and the rate limit that GitLab's headers tell about.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use chrono::Utc;
use serde::Serialize;

/// One API request as it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordedRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// The route it took, such as `/api/v4/projects/{id}/labels`.
    pub route: String,
    /// Status of the answer. For a cut connection the one nobody saw; 0 when the
    /// request hangs.
    pub status: u16,
    /// Name of the user whose token it carried, when the token was good.
    pub user: Option<String>,
}

/// All requests since the last clearing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Requests {
    /// The latest ones, oldest first, as many as are kept.
    pub latest: Vec<RecordedRequest>,
    /// How many there were for each method and route, without limit.
    pub counts: BTreeMap<String, u64>,
}

/// Bounded record of requests.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    latest: VecDeque<RecordedRequest>,
    counts: HashMap<String, u64>,
}

impl Recorder {
    pub(crate) fn add(&mut self, request: RecordedRequest, kept: usize) {
        let route = format!("{} {}", request.method, request.route);
        *self.counts.entry(route).or_default() += 1;
        while self.latest.len() >= kept.max(1) {
            self.latest.pop_front();
        }
        self.latest.push_back(request);
    }

    pub(crate) fn clear(&mut self) {
        self.latest.clear();
        self.counts.clear();
    }

    pub(crate) fn read(&self) -> Requests {
        Requests { latest: self.latest.iter().cloned().collect(), counts: self.counts() }
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.iter().map(|(route, count)| (route.clone(), *count)).collect()
    }
}

/// Length of a rate limit's window, in seconds.
const WINDOW: u64 = 60;

/// Requests per minute and user, counted in windows as GitLab's Rack::Attack does.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: u32,
    started: Instant,
    spent: Mutex<HashMap<u64, (u64, u32)>>,
}

/// A user's budget after a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Balance {
    limit: u32,
    observed: u32,
    /// Seconds until the window ends.
    pub(crate) reset_in: u64,
}

impl Budget {
    pub(crate) fn new(limit: u32) -> Self {
        Self { limit, started: Instant::now(), spent: Mutex::default() }
    }

    pub(crate) fn spend(&self, user: u64) -> Balance {
        let seconds = self.started.elapsed().as_secs();
        let window = seconds / WINDOW;
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = spent.entry(user).or_default();
        if entry.0 != window {
            *entry = (window, 0);
        }
        entry.1 = entry.1.saturating_add(1);
        Balance { limit: self.limit, observed: entry.1, reset_in: WINDOW - seconds % WINDOW }
    }
}

impl Balance {
    pub(crate) fn exceeded(&self) -> bool {
        self.observed > self.limit
    }

    /// GitHub's `X-RateLimit-*` headers.
    pub(crate) fn github_headers(&self) -> [(&'static str, u64); 4] {
        let [limit, remaining, reset, used] = self.headers().map(|(_, value)| value);
        [
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", reset),
            ("x-ratelimit-used", used),
        ]
    }

    /// GitLab's `RateLimit-*` headers.
    pub(crate) fn headers(&self) -> [(&'static str, u64); 4] {
        let now = u64::try_from(Utc::now().timestamp()).unwrap_or_default();
        [
            ("ratelimit-limit", self.limit.into()),
            ("ratelimit-remaining", self.limit.saturating_sub(self.observed).into()),
            ("ratelimit-reset", now + self.reset_in),
            ("ratelimit-observed", self.observed.into()),
        ]
    }
}
