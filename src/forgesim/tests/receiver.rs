//! A small receiver of webhooks that keeps what it gets.

use std::{
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
};

use axum::{Router, extract::State, routing};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// One received request.
#[derive(Debug, Clone)]
pub(super) struct Received {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Listens until the test's runtime ends.
#[derive(Debug, Clone)]
pub(super) struct Receiver {
    pub(super) url: String,
    status: Arc<AtomicU16>,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    pub(super) async fn start() -> Result<Self, Box<dyn Error>> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr()?),
            status: Arc::new(AtomicU16::new(200)),
            received: Arc::default(),
        };
        let router = Router::new().route("/hook", routing::post(take)).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(receiver)
    }

    /// Answers with this status from now on.
    pub(super) fn answers(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let received = Received { headers, body };
    receiver.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
    StatusCode::from_u16(receiver.status.load(Ordering::Relaxed)).unwrap_or_default()
}
