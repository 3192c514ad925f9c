//! How Steward keeps house, notices that it is broken, and ends.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use steward::{
    app::App,
    forgesim::SimSettings,
    model::{ForgeKind, Subject},
    store::{Delivery, Disposition, Store, StoreOptions},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    process::Serve,
    world::{WEBHOOK_SECRET, World, secrets, until},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_removed_when_they_are_old() {
    let mut gitlab = World::without_steward(SimSettings::default()).await;
    let path = &gitlab.settings.database.path;
    let store = Store::open(path, StoreOptions::default()).await.expect("a database");
    for days in 0..40 {
        let delivery = Delivery {
            forge: ForgeKind::Gitlab,
            key: format!("{days} days old"),
            event: "Issue Hook".into(),
            subject: Some(Subject::gitlab_issue("example/product", 1)),
            actor: None,
            disposition: Disposition::NoSubject,
            body: Bytes::from_static(b"{}"),
            received_at: Utc::now() - TimeDelta::days(days),
            asking: None,
        };
        store.accept(delivery).await.expect("kept");
    }
    store.close().await;
    gitlab.steward_starts().await;
    until("the old ones are gone", async || gitlab.kept(Disposition::NoSubject).await == 30).await;
}

/// Begins to send a webhook and stops in the middle of its body.
async fn stalls(gitlab: &World) -> TcpStream {
    let mut stream =
        TcpStream::connect(gitlab.settings.server.listen).await.expect("Steward listens");
    let begun = format!(
        "POST /hooks/gitlab HTTP/1.1\r\nHost: steward\r\nX-Gitlab-Token: {WEBHOOK_SECRET}\r\n\
         Content-Length: 1000\r\n\r\n{{"
    );
    stream.write_all(begun.as_bytes()).await.expect("sent");
    // Steward has begun to read once it takes another one.
    let health = reqwest::get(gitlab.steward_url("/healthz")).await.expect("an answer");
    assert_eq!(health.status(), 200);
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_is_told_so_and_does_not_keep_steward_from_ending() {
    let mut gitlab = World::new().await;
    let mut stalled = stalls(&gitlab).await;
    let started = Instant::now();
    gitlab.steward_stops().await;
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    let mut answer = [0; 12];
    stalled.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_secret_is_not_listened_to() {
    let gitlab = World::new().await;
    let mut stream =
        TcpStream::connect(gitlab.settings.server.listen).await.expect("Steward listens");
    let head = "POST /hooks/gitlab HTTP/1.1\r\nHost: steward\r\nX-Gitlab-Token: guessed\r\n\
        Content-Length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = [0; 12];
    let started = Instant::now();
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 401");
    assert!(started.elapsed() < Duration::from_secs(5), "without waiting for the body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once() {
    let gitlab = World::without_steward(SimSettings::default()).await;
    let mut serve = Serve::starts(&gitlab, &[]).await;
    let _stalled = stalls(&gitlab).await;
    let started = Instant::now();
    serve.is_told_to_end();
    until("it is stopping", async || serve.said().contains("stopping")).await;
    serve.is_told_to_end();
    assert_eq!(serve.exit_code().await, Some(1), "{}", serve.said());
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_has_ended_is_noticed() {
    let gitlab = World::without_steward(SimSettings::default()).await;
    let mut app =
        App::start(&gitlab.settings, secrets(&gitlab.bot.token)).await.expect("Steward starts");
    let early = tokio::time::timeout(Duration::from_millis(300), app.breaks_off()).await;
    assert!(early.is_err(), "{early:?}");
    app.store().close().await;
    let part = tokio::time::timeout(Duration::from_secs(10), app.breaks_off()).await;
    assert_eq!(part.expect("noticed"), "the writer of the database");
    let health = reqwest::get(gitlab.steward_url("/healthz")).await.expect("an answer");
    assert_eq!(health.status(), 503);
    app.stop().await;
}
