use std::{
    borrow::Cow,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::StreamExt;
use gitlab::api::endpoint_prelude::BodyError;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::forge::{
    Outcome,
    gitlab::testserver::{Reply, Server, TOKEN, reply, settings, with},
};

struct Call(Method, &'static str);

impl Endpoint for Call {
    fn method(&self) -> Method {
        self.0.clone()
    }
    fn endpoint(&self) -> Cow<'static, str> {
        self.1.into()
    }
    fn body(&self) -> Result<Option<(&'static str, Vec<u8>)>, BodyError> {
        Ok((self.0 == Method::POST).then(|| ("text/plain", b"hello".to_vec())))
    }
}

const GET: Call = Call(Method::GET, "things");
const POST: Call = Call(Method::POST, "things");

/// Any error's whole text must be free of the token and of control characters.
fn check(error: &ForgeError) {
    for text in [format!("{error}"), format!("{error:?}")] {
        assert!(!text.contains(TOKEN), "{text}");
        assert!(!error.to_string().contains(char::is_control), "{text}");
    }
}

#[tokio::test]
async fn each_status_has_its_error() {
    let status = |status: u16, body: &'static str| {
        move |_: &_| with(reply(status, body), "retry-after", "7")
    };
    let text = "{\"message\":\"no\\nway glpat-very-secret\"}";
    for (code, kind, outcome) in [
        (401, "Unauthorized", Outcome::NotApplied),
        (403, "Forbidden", Outcome::NotApplied),
        (404, "NotFound", Outcome::NotApplied),
        (400, "Refused", Outcome::NotApplied),
        (408, "Broken", Outcome::Unknown),
        (409, "Refused", Outcome::NotApplied),
        (422, "Refused", Outcome::NotApplied),
        (429, "RateLimited", Outcome::NotApplied),
        (500, "Broken", Outcome::Unknown),
        (502, "Broken", Outcome::Unknown),
        (503, "Broken", Outcome::Unknown),
    ] {
        let server = Server::start(status(code, text)).await;
        let transport = server.transport();
        let error = transport.send(&POST).await.expect_err("an error");
        check(&error);
        assert!(format!("{error:?}").starts_with(kind), "{code}: {error:?}");
        assert_eq!(error.outcome(), outcome, "{code}");
        assert!(error.to_string().starts_with("POST /api/v4/things"), "{error}");
        if let ForgeError::RateLimited { retry_after, .. } = error {
            assert_eq!(retry_after.as_secs(), 7);
        }
        assert_eq!(server.seen().len(), 1, "{code} must not be repeated");
    }
}

#[tokio::test]
async fn nothing_is_sent_while_gitlab_asks_to_wait() {
    let server = Server::start(|_| with(reply(429, "Retry later"), "retry-after", "3600")).await;
    let transport = server.transport();
    let calls: Vec<_> = (0..40).map(|_| transport.send(&GET)).collect();
    let results: Vec<_> = futures::stream::iter(calls).buffer_unordered(4).collect().await;
    for result in results {
        let error = result.expect_err("limited or held back");
        check(&error);
        assert!(matches!(error, ForgeError::RateLimited { .. }), "{error}");
    }
    let sent = server.seen().len();
    assert!((1..=4).contains(&sent), "{sent}");
    let error = transport.clone().send(&POST).await.expect_err("held back");
    assert!(error.to_string().starts_with("POST /api/v4/things: rate limited"), "{error}");
    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert_eq!(server.seen().len(), sent);
    assert_eq!(transport.counts().total, sent as u64);
}

#[tokio::test]
async fn the_request_carries_what_the_endpoint_says() {
    let server = Server::start(|_| with(reply(200, "{}"), "ratelimit-remaining", "41")).await;
    let transport = server.transport();
    assert_eq!(transport.rate_limit(), None);
    let answer = transport.send(&POST).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"{}"[..]));
    let seen = server.seen().remove(0);
    assert_eq!((seen.line().as_str(), seen.query.as_str()), ("POST /api/v4/things", ""));
    assert_eq!(seen.body, "hello");
    assert_eq!(seen.headers["private-token"], TOKEN);
    assert_eq!(seen.headers["content-type"], "text/plain");
    assert_eq!(seen.headers["user-agent"], concat!("steward/", env!("CARGO_PKG_VERSION")));
    assert_eq!(transport.rate_limit(), Some(RateLimit { remaining: 41, reset: None }));
    assert_eq!(transport.counts(), CallCounts { total: 1, ok: 1, ..CallCounts::default() });
    assert!(!format!("{transport:?} {:?}", transport.inner.client).contains(TOKEN));
}

#[tokio::test]
async fn a_path_prefix_is_kept_and_dots_do_not_walk() {
    let server = Server::start(|_| reply(200, "{}")).await;
    let transport =
        Transport::new(&settings(&format!("{}/git/lab", server.url))).expect("settings");
    transport.send(&GET).await.expect("an answer");
    assert_eq!(server.lines(), ["GET /git/lab/api/v4/things"]);
    for path in ["projects/../user", "projects/%2E%2e/user", "labels/."] {
        let error = transport.send(&Call(Method::DELETE, path)).await.expect_err("refused");
        assert!(matches!(error, ForgeError::Refused { status: 0, .. }), "{error}");
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_told_by_its_field() {
    #[derive(Debug, serde::Deserialize)]
    struct Thing {
        #[serde(rename = "iid")]
        _iid: u64,
    }
    for body in ["{\"id\":1}", "<html>", "", "{\"iid\":\"glpat-very-secret\"}"] {
        let server = Server::start(move |_| reply(200, body)).await;
        let transport = server.transport();
        let error = transport.get_json::<Thing>(&GET).await.expect_err("unexpected");
        check(&error);
        assert!(matches!(error, ForgeError::Unexpected { .. }), "{error}");
        assert_eq!(transport.counts().unexpected, 1);
        if body.contains("id\":1") {
            assert!(error.to_string().contains("`iid`"), "{error}");
        }
    }
}

#[tokio::test]
async fn nobody_there_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let transport = Transport::new(&settings(&format!("http://{address}"))).expect("settings");
    let error = transport.send(&POST).await.expect_err("nobody there");
    check(&error);
    assert!(matches!(error, ForgeError::Unreachable { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotApplied);
    assert_eq!(transport.counts().unreachable, 1);
}

/// A server that answers the first request of each connection as told and then reads one more
/// and hangs up (or never answers), counting requests.
async fn rude_server(polite_first: bool, hang_up: bool) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let posts = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posts);
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut buffer = vec![0; 4096];
                loop {
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    if buffer.starts_with(b"POST") {
                        count.fetch_add(1, Ordering::SeqCst);
                        if !hang_up {
                            tokio::time::sleep(Duration::from_secs(5)).await;
                        }
                        return;
                    }
                    if polite_first {
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                        let _ = stream.write_all(answer).await;
                    }
                }
            });
        }
    });
    (url, posts)
}

#[tokio::test]
async fn a_post_is_never_sent_twice() {
    for hang_up in [true, false] {
        let (url, posts) = rude_server(true, hang_up).await;
        let transport = Transport::new(&settings(&url)).expect("settings");
        for warm_up in [false, true] {
            if warm_up {
                // Only a reused connection tempts the pool to repeat.
                transport.send(&GET).await.expect("an answer");
            }
            let before = posts.load(Ordering::SeqCst);
            let error = transport.send(&POST).await.expect_err("cut");
            check(&error);
            assert!(matches!(error, ForgeError::Broken { .. }), "{error:?}");
            assert_eq!(error.outcome(), Outcome::Unknown);
            assert_eq!(posts.load(Ordering::SeqCst) - before, 1, "{error}");
        }
        assert_eq!(transport.counts().broken, 2);
    }
}

#[tokio::test]
async fn redirects_are_followed_for_get_within_this_gitlab_only() {
    let other = Server::start(|_| reply(200, "{}")).await;
    let elsewhere = format!("{}/api/v4/stolen", other.url);
    let server = Server::start(move |seen| match seen.path.as_str() {
        "/api/v4/things" => with(reply(301, ""), "location", "/api/v4/moved"),
        "/api/v4/away" => with(reply(302, ""), "location", &elsewhere),
        "/api/v4/loop" => with(reply(302, ""), "location", "/api/v4/loop"),
        "/api/v4/nowhere" => reply(302, ""),
        _ => reply(200, "{}"),
    })
    .await;
    let transport = server.transport();
    transport.send(&GET).await.expect("followed");
    assert_eq!(server.lines(), ["GET /api/v4/things", "GET /api/v4/moved"]);
    for (method, path) in [
        (Method::GET, "away"),
        (Method::GET, "loop"),
        (Method::GET, "nowhere"),
        (Method::POST, "things"),
        (Method::POST, "away"),
    ] {
        let error = transport.send(&Call(method, path)).await.expect_err(path);
        check(&error);
        assert!(matches!(error, ForgeError::Refused { .. }), "{error:?}");
    }
    assert!(other.seen().is_empty(), "the token must not leave this GitLab");
}

/// Answers page `n` of `1..=last` with its number; links as GitLab does, however many were asked.
fn pages(last: usize) -> impl Fn(&crate::forge::gitlab::testserver::Seen) -> Reply + Clone {
    move |seen| {
        let page: usize = seen
            .query
            .split('&')
            .find_map(|pair| pair.strip_prefix("page="))
            .map_or(1, |page| page.parse().expect("a number"));
        let answer = reply(200, json!([page]).to_string());
        if page == last {
            return answer;
        }
        let host = seen.headers["host"].to_str().expect("a host");
        let next = format!(
            "<http://{host}{}?page={}&per_page=1>; rel=\"next\", <http://{host}/x>; rel=\"first\"",
            seen.path,
            page + 1
        );
        with(answer, "link", &next)
    }
}

#[tokio::test]
async fn pages_follow_the_link_however_short_they_are() {
    let server = Server::start(pages(5)).await;
    let all: Vec<usize> = server.transport().get_all(&GET).await.expect("all pages");
    assert_eq!(all, [1, 2, 3, 4, 5]);
    assert_eq!(server.seen()[0].query, "per_page=100");
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn endless_lists_end() {
    let server = Server::start(pages(usize::MAX)).await;
    let error = server.transport().get_all::<usize>(&GET).await.expect_err("endless");
    assert!(error.to_string().contains("more than 500 pages"), "{error}");
    let circle = Server::start(|_| with(reply(200, "[1]"), "link", "<?page=2>; rel=next")).await;
    let error = circle.transport().get_all::<usize>(&GET).await.expect_err("a circle");
    assert!(error.to_string().contains("was read"), "{error}");
}

#[tokio::test]
async fn the_next_page_is_never_fetched_elsewhere() {
    let other = Server::start(|_| reply(200, "[2]")).await;
    for link in [
        format!("<{}/api/v4/things?page=2>; rel=next", other.url),
        "<https://127.0.0.1/api/v4/things?page=2>; rel=next".to_owned(),
        "</outside?page=2>; rel=next".to_owned(),
        "<http://[>; rel=next".to_owned(),
    ] {
        let server = {
            let link = link.clone();
            Server::start(move |_| with(reply(200, "[1]"), "link", &link)).await
        };
        let transport = Transport::new(&settings(&format!("{}/api", server.url)));
        let transport = match link.contains("outside") {
            true => transport.expect("settings"),
            false => server.transport(),
        };
        let error = transport.get_all::<usize>(&GET).await.expect_err("refused");
        check(&error);
        assert!(matches!(error, ForgeError::Unexpected { .. }), "{error:?}");
    }
    assert!(other.seen().is_empty());
}

#[tokio::test]
async fn many_calls_at_once_are_fine() {
    let server = Server::start(|_| reply(200, "{}")).await;
    let mut slow = settings(&server.url);
    slow.timeout = Duration::from_secs(20);
    let transport = Transport::new(&slow).expect("settings");
    let calls = (0..300).map(|_| transport.send(&GET));
    let answers = futures::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(transport.counts().ok, 300);
}

#[test]
fn unusable_tokens_are_refused_without_showing_them() {
    for token in ["", "glpat-\nhunter2", "  "] {
        let mut settings = settings("https://gitlab.example.com");
        settings.token = token.to_owned().into();
        let error = Transport::new(&settings).expect_err("refused");
        assert!(matches!(error, SetupError::Token) && !error.to_string().contains("hunter2"));
    }
}

/// A server that answers every connection's first bytes with the given text and hangs up.
async fn raw_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_cut_answer_leaves_a_write_in_doubt_unless_the_status_says_no() {
    for (answer, kind) in [
        ("HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":", "Broken"),
        ("HTTP/1.1 500 Oops\r\ncontent-length: 100\r\n\r\n{", "Broken"),
        ("HTTP/1.1 422 No\r\ncontent-length: 100\r\n\r\n{", "Refused"),
        ("HTTP/1.1 404 No\r\ncontent-length: 100\r\n\r\n{", "NotFound"),
        ("HTTP/1.1 20", "Broken"),
        ("SSH-2.0-OpenSSH\r\n", "Broken"),
    ] {
        let transport = Transport::new(&settings(&raw_server(answer).await)).expect("settings");
        let error = transport.send(&POST).await.expect_err("cut");
        check(&error);
        assert!(format!("{error:?}").starts_with(kind), "{answer}: {error:?}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("log").extend_from_slice(text);
        Ok(text.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn each_call_is_logged_and_the_token_never() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::start(|seen| match seen.method == Method::GET {
        true => reply(200, "{}"),
        false => reply(403, format!("{{\"message\":\"{TOKEN} may not\"}}")),
    })
    .await;
    let transport = server.transport();
    let text = || String::from_utf8(log.0.lock().expect("log").clone()).expect("a text");
    // Whether an event is wanted is remembered when it first occurs, which may be in another test
    // that has no log: asked anew here, where there is one.
    for _ in 0..10 {
        tracing::callsite::rebuild_interest_cache();
        transport.send(&GET).await.expect("an answer");
        transport.send(&POST).await.expect_err("forbidden");
        if text().contains("status=200") && text().contains("[token] may not") {
            break;
        }
    }
    let log = text();
    assert!(log.contains("method=GET path=\"/api/v4/things\" status=200 ms="), "{log}");
    assert!(log.contains("[token] may not"), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
}

/// Keep-alive is promised and not kept, as by a balancer that is restarted: each request meets a
/// connection that is about to close.
#[tokio::test]
async fn connections_that_close_between_requests_double_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let received = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&received);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut buffer = vec![0; 4096];
                if stream.read(&mut buffer).await.unwrap_or(0) > 0 {
                    count.fetch_add(1, Ordering::SeqCst);
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
                    let _ = stream.write_all(answer).await;
                }
                // Late enough that the client has put the connection back into its pool.
                tokio::task::yield_now().await;
            });
        }
    });
    let transport = Transport::new(&settings(&url)).expect("settings");
    let (mut sure, mut unsure) = (0, 0);
    for round in 0..200 {
        match transport.send(&POST).await {
            Ok(_) => sure += 1,
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
                unsure += 1;
            }
        }
        if round % 3 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let received = received.load(Ordering::SeqCst);
    assert!((sure..=sure + unsure).contains(&received), "{sure} {unsure} {received}");
}
