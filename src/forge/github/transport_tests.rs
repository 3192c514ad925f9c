use super::*;
use std::time::Duration;

use futures::StreamExt;
use http::Response;
use tokio::{io::AsyncReadExt, net::TcpListener};

use super::super::wire::VERSION;
use crate::forge::shared::testserver::{Reply, Seen, Server, reply, with};

const TOKEN: &str = "ghp-very-secret";

fn transport(url: &str) -> Transport {
    let auth = GithubAuth::Token(TOKEN.to_owned().into());
    let settings =
        GithubSettings { timeout: Duration::from_millis(500), ..GithubSettings::new(url, auth) };
    Transport::new(&settings).expect("settings")
}

fn call(transport: &Transport, method: Method) -> Call {
    let by = By::Project("o/p".to_owned());
    Call::new(transport.api(), method, by, &["repos", "o", "p"]).expect("a call")
}

async fn answers(
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Server, Transport) {
    let server = Server::start(answer).await;
    let transport = transport(&server.url);
    (server, transport)
}

#[tokio::test]
async fn a_request_carries_what_github_wants() {
    let (server, transport) = answers(|_| reply(200, r#"{"a":1}"#)).await;
    let post = call(&transport, Method::POST).body(serde_json::json!({ "x": "ü" }));
    let answer: serde_json::Value = transport.json(post).await.expect("an answer");
    assert_eq!(answer["a"], 1);
    let [seen] = &server.seen()[..] else { panic!("one request") };
    assert_eq!(seen.line(), "POST /api/v3/repos/o/p");
    assert_eq!(seen.body, r#"{"x":"ü"}"#);
    for (name, value) in [
        ("authorization", "Bearer ghp-very-secret"),
        ("accept", "application/vnd.github+json"),
        ("x-github-api-version", VERSION),
        ("content-type", "application/json"),
    ] {
        assert_eq!(seen.headers[name], value);
    }
    assert_eq!(seen.headers.get_all("user-agent").iter().count(), 1);
    assert!(!format!("{transport:?}").contains(TOKEN));
}

#[tokio::test]
async fn nothing_is_sent_twice_whatever_is_answered() {
    for status in [401, 403, 404, 408, 422, 429, 500, 502, 503, 504] {
        let server = Server::start(move |_| reply(status, "{}")).await;
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let transport = transport(&server.url);
            let error = transport.send(call(&transport, method)).await.expect_err("refused");
            let unknown = error.outcome() == crate::forge::Outcome::Unknown;
            assert_eq!(unknown, status >= 500 || status == 408, "{error}");
            let counts = transport.counts();
            assert_eq!((counts.total, counts.ok), (1, 0), "{status}");
        }
        assert_eq!(server.seen().len(), 4, "{status}");
    }
}

#[tokio::test]
async fn nothing_is_sent_while_github_asks_to_wait() {
    let secondary = r#"{"message":"You have exceeded a secondary rate limit"}"#;
    for (status, name, value, body) in [
        (429, "retry-after", "3600", "{}"),
        (403, "retry-after", "3600", "{}"),
        (403, "x-ratelimit-remaining", "0", "{}"),
        (403, "x-ratelimit-remaining", "4000", secondary),
    ] {
        let (server, transport) = answers(move |_| with(reply(status, body), name, value)).await;
        transport.send(call(&transport, Method::GET)).await.expect_err("limited");
        let clone = transport.clone();
        for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
            let error = clone.send(call(&clone, method.clone())).await.expect_err("held back");
            assert!(matches!(error, ForgeError::RateLimited { .. }), "{error}");
            assert!(error.to_string().starts_with(method.as_str()), "{error}");
            assert_eq!(error.outcome(), crate::forge::Outcome::NotApplied);
        }
        let pages = transport.all::<u64>(call(&transport, Method::GET)).await;
        pages.expect_err("held back");
        assert_eq!(server.seen().len(), 1, "{status} {name}");
        let counts = transport.counts();
        assert_eq!((counts.total, counts.rate_limited), (1, 1), "{status} {name}");
    }
    let (server, transport) =
        answers(|_| with(reply(403, "{}"), "x-ratelimit-remaining", "4000")).await;
    for _ in 0..2 {
        let error = transport.send(call(&transport, Method::GET)).await.expect_err("forbidden");
        assert!(matches!(error, ForgeError::Forbidden { .. }), "{error}");
    }
    assert_eq!(server.seen().len(), 2);
}

/// Those on the line already come back as they will; the ones behind them are not sent.
#[tokio::test]
async fn of_many_calls_at_once_no_more_go_out_than_were_under_way() {
    let (server, transport) = answers(|_| with(reply(403, "{}"), "retry-after", "3600")).await;
    let calls: Vec<_> = (0..40).map(|_| transport.send(call(&transport, Method::GET))).collect();
    let results: Vec<_> = futures::stream::iter(calls).buffer_unordered(4).collect().await;
    let limited =
        |result: &Result<Answer, ForgeError>| matches!(result, Err(ForgeError::RateLimited { .. }));
    assert!(results.len() == 40 && results.iter().all(limited));
    assert!((1..=4).contains(&server.seen().len()), "{}", server.seen().len());
}

#[tokio::test]
async fn no_connection_a_cut_one_and_silence_are_told_apart() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    };
    let to = transport(&format!("http://{nobody}"));
    let error = to.send(call(&to, Method::POST)).await.expect_err("nobody is there");
    assert!(matches!(error, ForgeError::Unreachable { .. }), "{error:?}");

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = listener.local_addr().expect("an address");
    let hangs_up = tokio::spawn(async move {
        let mut connections = 0;
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            connections += 1;
            // Reads the request, and hangs up.
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer).await;
            drop(stream);
            assert_eq!(connections, 1, "sent again");
        }
    });
    let to = transport(&format!("http://{at}"));
    let error = to.send(call(&to, Method::POST)).await.expect_err("cut");
    assert!(matches!(error, ForgeError::Broken { status: None, .. }), "{error:?}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!hangs_up.is_finished());
    hangs_up.abort();

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let to = transport(&format!("http://{}", listener.local_addr().expect("an address")));
    let error = to.send(call(&to, Method::GET)).await.expect_err("silence");
    assert!(error.to_string().contains("no whole answer within 0.5 s"), "{error}");
    assert!(error.may_still_land());
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let (server, transport) = answers(|seen| match seen.headers.get("if-none-match") {
        Some(tag) if tag == "\"1\"" => with(reply(304, ""), "x-ratelimit-remaining", "7"),
        _ => with(reply(200, r#"{"a":1}"#), "etag", "\"1\""),
    })
    .await;
    for _ in 0..3 {
        let answer: serde_json::Value =
            transport.json(call(&transport, Method::GET)).await.expect("an answer");
        assert_eq!(answer["a"], 1);
    }
    let asked: Vec<bool> =
        server.seen().iter().map(|seen| seen.headers.contains_key("if-none-match")).collect();
    assert_eq!(asked, [false, true, true]);
    assert_eq!(transport.rate_limit().expect("reported").remaining, 7);
    assert_eq!(transport.counts().ok, 3);
}

#[tokio::test]
async fn redirects_are_followed_for_reading_and_within_this_github() {
    let (server, transport) = answers(|seen| match seen.path.as_str() {
        "/api/v3/repositories/1" => reply(200, "{}"),
        _ => with(reply(301, ""), "location", "/api/v3/repositories/1"),
    })
    .await;
    transport.send(call(&transport, Method::GET)).await.expect("followed");
    let error = transport.send(call(&transport, Method::POST)).await.expect_err("a write");
    assert!(error.to_string().contains("a write is not sent twice"), "{error}");
    assert_eq!(server.lines().len(), 3);

    let (_server, transport) =
        answers(|_| with(reply(302, ""), "location", "https://elsewhere.example/x")).await;
    let error = transport.send(call(&transport, Method::GET)).await.expect_err("elsewhere");
    assert!(error.to_string().contains("outside the configured GitHub"), "{error}");
}

#[tokio::test]
async fn pages_are_read_to_the_end_and_not_in_a_circle() {
    let (server, transport) = answers(|seen| {
        let host = seen.headers["host"].to_str().expect("a host").to_owned();
        let link = |page: u32| format!("<http://{host}{}?page={page}>; rel=\"next\"", seen.path);
        match seen.query.as_str() {
            "per_page=100" => with(reply(200, "[1,2]"), "link", &link(2)),
            "page=2" => with(reply(200, "[3]"), "link", &link(3)),
            _ => reply(200, "[]"),
        }
    })
    .await;
    let all: Vec<u64> = transport.all(call(&transport, Method::GET)).await.expect("all");
    assert_eq!(all, [1, 2, 3]);
    assert_eq!(server.seen().len(), 3);

    let (_server, transport) = answers(|seen| {
        let again = format!("<{}?{}>; rel=\"next\"", seen.path, seen.query);
        with(reply(200, "[1]"), "link", &again)
    })
    .await;
    let error = transport.all::<u64>(call(&transport, Method::GET)).await.expect_err("a circle");
    assert!(error.to_string().contains("one that was read"), "{error}");

    let (_server, transport) = answers(|_| {
        with(reply(200, "[1]"), "link", "<https://elsewhere.example/api/v3/x>; rel=\"next\"")
    })
    .await;
    let error = transport.all::<u64>(call(&transport, Method::GET)).await.expect_err("elsewhere");
    assert!(error.to_string().contains("elsewhere.example"), "{error}");
}

#[tokio::test]
async fn of_a_long_file_no_more_is_read_than_asked_for() {
    let (_server, transport) = answers(|_| Response::new("x".repeat(10).into())).await;
    let raw = |most| call(&transport, Method::GET).raw(most);
    assert!(transport.send(raw(9)).await.expect("an answer").cut);
    let whole = transport.send(raw(10)).await.expect("an answer");
    assert_eq!((whole.cut, whole.body.len()), (false, 10));
}

#[tokio::test]
async fn useless_credentials_are_refused() {
    let new = |auth| Transport::new(&GithubSettings::new("https://github.com", auth)).map(drop);
    for token in ["", " ", "a\nb"] {
        let refused = new(GithubAuth::Token(token.into())).expect_err("no token");
        assert!(matches!(refused, SetupError::Token), "{refused}");
    }
    let app = GithubAuth::App { id: 1, key: "no key".into(), installation: None };
    assert!(matches!(new(app), Err(SetupError::Key)));
}
