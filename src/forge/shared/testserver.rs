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

/// A request as it came.
#[derive(Debug, Clone)]
pub(in crate::forge) struct Seen {
    pub(in crate::forge) method: Method,
    pub(in crate::forge) path: String,
    pub(in crate::forge) query: String,
    pub(in crate::forge) headers: HeaderMap,
    pub(in crate::forge) body: String,
}

impl Seen {
    pub(in crate::forge) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

pub(in crate::forge) type Reply = Response<Body>;

pub(in crate::forge) fn reply(status: u16, body: impl Into<String>) -> Reply {
    Response::builder().status(status).body(Body::from(body.into())).expect("a reply")
}

pub(in crate::forge) fn with(mut reply: Reply, name: &'static str, value: &str) -> Reply {
    reply.headers_mut().append(name, value.parse().expect("a header value"));
    reply
}

pub(in crate::forge) struct Server {
    pub(in crate::forge) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(in crate::forge) async fn start(
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

    pub(in crate::forge) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("log").clone()
    }

    pub(in crate::forge) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(Seen::line).collect()
    }
}
