//! How Steward keeps house, notices that it is broken, and ends.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use rstest::rstest;
use steward::{
    app::App,
    forgesim::Face,
    store::{Delivery, Disposition, Store, StoreOptions},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    process::Serve,
    world::{Item, WEBHOOK_SECRET, World, secrets_on, until},
};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_are_removed_when_they_are_old(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    let path = &gitlab.settings.database.path;
    let store = Store::open(path, StoreOptions::default()).await.expect("a database");
    let subject = Item { face, ..Item::issue(1) }.subject();
    for days in 0..40 {
        let delivery = Delivery {
            forge: subject.forge,
            key: format!("{days} days old"),
            event: "Issue Hook".into(),
            subject: Some(subject.clone()),
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
    // What GitHub signs cannot be checked before it is there.
    let allowed = match gitlab.face {
        Face::Gitlab => format!("X-Gitlab-Token: {WEBHOOK_SECRET}"),
        Face::Github => format!("X-Hub-Signature-256: sha256={}", "0".repeat(64)),
    };
    let begun = format!(
        "POST {} HTTP/1.1\r\nHost: steward\r\n{allowed}\r\nContent-Length: 1000\r\n\r\n{{",
        gitlab.door()
    );
    stream.write_all(begun.as_bytes()).await.expect("sent");
    // Steward has begun to read once it takes another one.
    let health = reqwest::get(gitlab.steward_url("/healthz")).await.expect("an answer");
    assert_eq!(health.status(), 200);
    stream
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_is_told_so_and_does_not_keep_steward_from_ending(#[case] face: Face) {
    let mut gitlab = World::on(face).await;
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

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    let mut serve = Serve::starts(&gitlab, &[]).await;
    let _stalled = stalls(&gitlab).await;
    let started = Instant::now();
    serve.is_told_to_end();
    until("it is stopping", async || serve.said().contains("stopping")).await;
    serve.is_told_to_end();
    assert_eq!(serve.exit_code().await, Some(1), "{}", serve.said());
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_part_that_has_ended_is_noticed(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    let mut app = App::start(&gitlab.settings, secrets_on(face, &gitlab.bot.token))
        .await
        .expect("Steward starts");
    let early = tokio::time::timeout(Duration::from_millis(300), app.breaks_off()).await;
    assert!(early.is_err(), "{early:?}");
    app.store().close().await;
    let part = tokio::time::timeout(Duration::from_secs(10), app.breaks_off()).await;
    assert_eq!(part.expect("noticed"), "the writer of the database");
    let health = reqwest::get(gitlab.steward_url("/healthz")).await.expect("an answer");
    assert_eq!(health.status(), 503);
    app.stop().await;
}
