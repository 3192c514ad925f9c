//! How a simulated GitLab is set up before it starts.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};

/// Which forge a simulation looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Face {
    /// GitLab, with its REST API v4.
    #[default]
    Gitlab,
    /// GitHub, with its REST API v3 below `/api/v3`, as on one's own server. Issues and pull requests
    /// share their numbers, labels do not exclude each other, and lines of comments do not act.
    Github,
}

/// Everything that is fixed when a simulation starts; what may change while it
/// runs (faults, latency, the clock) has a method on [`Sim`](crate::forgesim::Sim).
#[derive(Debug, Clone)]
pub struct SimSettings {
    /// Where to listen. Port 0 lets the operating system choose a free one.
    pub listen: SocketAddr,
    /// Which forge it looks like.
    pub face: Face,
    /// Delay before each API answer, for benchmarks against a realistic forge.
    pub latency: Duration,
    /// Largest `per_page` that is honoured; GitLab's is 100. A smaller one finds
    /// clients that count entries instead of following the `Link` header.
    pub per_page_cap: usize,
    /// The time at which the simulated clock starts; the real time when absent.
    pub start_time: Option<DateTime<Utc>>,
    /// Requests per minute and user that the `RateLimit-*` headers announce
    /// (gitlab.com: 2,000).
    pub rate_limit: u32,
    /// Whether requests over [`rate_limit`](Self::rate_limit) are answered 429.
    pub rate_limit_enforced: bool,
    /// How long a webhook's receiver may take (gitlab.com: 10 seconds).
    pub hook_timeout: Duration,
    /// How many deliveries to one hook may be under way at once. With 1 they
    /// arrive in order; GitLab itself promises no order.
    pub hook_concurrency: usize,
    /// How many webhook deliveries are remembered.
    pub deliveries_kept: usize,
    /// How many API requests are remembered.
    pub requests_kept: usize,
    /// A folder in which a simulated GitHub keeps every exchange of its API, in a file of its own: one
    /// JSON object a line, without credentials. GitLab keeps none.
    pub transcripts: Option<PathBuf>,
}

impl Default for SimSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            face: Face::Gitlab,
            latency: Duration::ZERO,
            per_page_cap: 100,
            start_time: None,
            rate_limit: 2_000,
            rate_limit_enforced: false,
            hook_timeout: Duration::from_secs(10),
            hook_concurrency: 1,
            deliveries_kept: 2_000,
            requests_kept: 10_000,
            transcripts: None,
        }
    }
}
