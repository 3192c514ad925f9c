//! Webhooks at the door: who may come in, and what is kept of what they bring.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::json;
use steward::{
    forgesim::{HookSettings, SimSettings},
    store::Disposition,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::world::{NESTED, PROJECT, WEBHOOK_SECRET, World, signing};

const LARGEST: usize = 25 * 1024 * 1024;

fn hook(gitlab: &World) -> RequestBuilder {
    Client::new().post(gitlab.steward_url("/hooks/gitlab")).header("X-Gitlab-Event", "Issue Hook")
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("Steward answers")
}

fn an_issue() -> String {
    json!({
        "object_kind": "issue",
        "project": { "path_with_namespace": PROJECT },
        "object_attributes": { "iid": 1 },
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_without_the_secret() {
    let gitlab = World::new().await;
    let wrong = send(hook(&gitlab).header("X-Gitlab-Token", "guessed").body(an_issue())).await;
    assert_eq!(wrong.status(), 401);
    let missing = send(hook(&gitlab).body(an_issue())).await;
    assert_eq!(missing.status(), 401);
    assert!(missing.text().await.expect("a text").contains("X-Gitlab-Token"));
    let forged = hook(&gitlab)
        .header("X-Gitlab-Token", WEBHOOK_SECRET)
        .header("webhook-id", "1")
        .header("webhook-timestamp", chrono::Utc::now().timestamp())
        .header("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        .body(an_issue());
    assert_eq!(send(forged).await.status(), 401, "a token does not make up for a signature");
    let counts = gitlab.store().inbox_counts().await.expect("the database answers");
    assert_eq!(counts, [], "nothing of it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signature_that_is_missing_is_missed() {
    let mut gitlab = World::without_steward(SimSettings::default()).await;
    // Only a signing token is configured: the secret token counts for nothing.
    let mut secrets = crate::world::secrets(&gitlab.bot.token);
    secrets.gitlab_webhook_secrets.clear();
    gitlab.steward_starts_with(secrets).await;
    let missing = hook(&gitlab).header("X-Gitlab-Token", WEBHOOK_SECRET).body(an_issue());
    let missing = send(missing).await;
    assert_eq!(missing.status(), 401);
    assert!(missing.text().await.expect("a text").contains("not signed"));
    let issue = gitlab.anna().opens_labelled("Signed", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hooks_with_a_secret_and_hooks_with_a_signature_both_work() {
    let gitlab = World::new().await;
    gitlab.sim.add_hook(NESTED, gitlab.hook_settings().with_secret(WEBHOOK_SECRET));
    let signed = gitlab.anna().opens_labelled("Signed", &["Integration::Jira"]);
    let secret = gitlab.anna().opens_in(NESTED, "Secret", "", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(signed).one_comment();
    gitlab.shows(secret).one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_with_the_wrong_secret_shows_as_failing_in_gitlab() {
    let gitlab = World::new().await;
    let wrong = gitlab.hook_settings().with_secret("not it");
    let wrong = gitlab.sim.add_hook(NESTED, HookSettings { note_events: false, ..wrong });
    let issue = gitlab.anna().opens_in(NESTED, "Unheard", "", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).no_comment();
    assert_eq!(gitlab.sim.hook(wrong).expect("the hook").failures, 1);
    let other = gitlab.hook_settings().signed_with(signing());
    gitlab.sim.add_hook(NESTED, other);
    gitlab.anna().renames(issue, "Heard");
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_kept_and_counted() {
    let gitlab = World::new().await;
    let request = hook(&gitlab).header("X-Gitlab-Token", WEBHOOK_SECRET).body("{\"cut off");
    assert_eq!(send(request).await.status(), 200);
    assert_eq!(gitlab.kept(Disposition::Unreadable).await, 1);
    let health = send(Client::new().get(gitlab.steward_url("/healthz"))).await;
    let health = health.text().await.expect("a text");
    assert!(health.contains("\"unreadable\":1"), "{health}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_of_an_unknown_shape_is_kept_and_makes_no_work() {
    let gitlab = World::new().await;
    for body in [json!([1, 2, 3]), json!({ "object_kind": "feature_flag", "id": {} }), json!({})] {
        let request = hook(&gitlab).header("X-Gitlab-Token", WEBHOOK_SECRET).body(body.to_string());
        assert_eq!(send(request).await.status(), 200, "{body}");
    }
    assert_eq!(gitlab.kept(Disposition::UnknownKind).await, 3);
    gitlab.rests().await;
    assert_eq!(gitlab.kept(Disposition::Queued).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused() {
    let gitlab = World::new().await;
    let stream = TcpStream::connect(gitlab.settings.server.listen).await.expect("it listens");
    let (mut answers, mut asks) = stream.into_split();
    let head = format!(
        "POST /hooks/gitlab HTTP/1.1\r\nHost: steward\r\nX-Gitlab-Token: {WEBHOOK_SECRET}\r\n\
         Content-Length: {}\r\n\r\n",
        LARGEST + 1
    );
    let sending = tokio::spawn(async move {
        asks.write_all(head.as_bytes()).await?;
        let chunk = vec![b' '; 64 * 1024];
        for _ in 0..LARGEST / chunk.len() {
            asks.write_all(&chunk).await?;
        }
        asks.write_all(b" ").await?;
        Ok::<_, std::io::Error>(asks)
    });
    let mut status = [0; 12];
    answers.read_exact(&mut status).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 413");
    // Whether all of it was sent before the answer came is the network's affair.
    let _ = sending.await.expect("it ends");
    let counts = gitlab.store().inbox_counts().await.expect("the database answers");
    assert_eq!(counts, [], "nothing of it is kept");
}
