//! A small HTTP server for the tests beside the code: a function answers, all that came is kept.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use http::{HeaderMap, Method, Response};

use super::{GitlabForge, GitlabSettings, Transport};

pub(super) const TOKEN: &str = "glpat-very-secret";

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(super) type Reply = Response<Body>;

pub(super) fn reply(status: u16, body: impl Into<String>) -> Reply {
    Response::builder().status(status).body(Body::from(body.into())).expect("a reply")
}

pub(super) fn with(mut reply: Reply, name: &'static str, value: &str) -> Reply {
    reply.headers_mut().append(name, value.parse().expect("a header value"));
    reply
}

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(
        answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = Arc::clone(&seen);
        let app = Router::new().fallback(move |request: Request| {
            let (answer, log) = (answer.clone(), Arc::clone(&log));
            async move {
                let (parts, body) = request.into_parts();
                let body = to_bytes(body, usize::MAX).await.expect("a body");
                let seen = Seen {
                    method: parts.method,
                    path: parts.uri.path().to_owned(),
                    query: parts.uri.query().unwrap_or_default().to_owned(),
                    headers: parts.headers,
                    body: String::from_utf8_lossy(&body).into_owned(),
                };
                log.lock().expect("log").push(seen.clone());
                // Long enough for concurrent callers to meet.
                tokio::time::sleep(Duration::from_millis(2)).await;
                answer(&seen)
            }
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.expect("served") });
        Self { url, seen, task }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("log").clone()
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }

    pub(super) fn forge(&self) -> GitlabForge {
        GitlabForge::new(settings(&self.url)).expect("settings")
    }

    pub(super) fn transport(&self) -> Transport {
        Transport::new(&settings(&self.url)).expect("settings")
    }
}

pub(super) fn settings(url: &str) -> GitlabSettings {
    GitlabSettings {
        timeout: Duration::from_millis(500),
        ..GitlabSettings::new(url, TOKEN.to_owned().into())
    }
}
