//! Webhooks at the door: who may come in, and what is kept of what they bring.

use reqwest::{Client, RequestBuilder, Response};
use rstest::rstest;
use serde_json::json;
use steward::{
    forgesim::{Face, HookSettings, SimSettings},
    store::Disposition,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    hooks::{issue_event, sign},
    world::{NESTED, WEBHOOK_SECRET, World, signing},
};

const LARGEST: usize = 25 * 1024 * 1024;

fn hook(gitlab: &World) -> RequestBuilder {
    Client::new().post(gitlab.steward_url("/hooks/gitlab")).header("X-Gitlab-Event", "Issue Hook")
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("Steward answers")
}

fn an_issue() -> String {
    issue_event(Face::Gitlab, 1)
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_in_without_the_secret(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let (event, header, wrong) = match face {
        Face::Gitlab => ("X-Gitlab-Event", "X-Gitlab-Token", "guessed".to_owned()),
        Face::Github => ("X-GitHub-Event", "X-Hub-Signature-256", sign("guessed", "{}")),
    };
    let hook = || {
        let body = issue_event(face, 1);
        Client::new().post(gitlab.steward_url(gitlab.door())).header(event, "issues").body(body)
    };
    let wrong = send(hook().header(header, wrong)).await;
    assert_eq!(wrong.status(), 401);
    let missing = send(hook()).await;
    assert_eq!(missing.status(), 401);
    assert!(missing.text().await.expect("a text").contains(header));
    if face == Face::Gitlab {
        let forged = hook()
            .header("X-Gitlab-Token", WEBHOOK_SECRET)
            .header("webhook-id", "1")
            .header("webhook-timestamp", chrono::Utc::now().timestamp())
            .header("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(send(forged).await.status(), 401, "a token does not make up for a signature");
    }
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

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_with_the_wrong_secret_shows_as_failing(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let wrong = gitlab.hook_settings().with_secret("not it");
    const OTHER: &str = "example/other";
    gitlab.sim.add_project(OTHER);
    let wrong = gitlab.sim.add_hook(OTHER, HookSettings { note_events: false, ..wrong });
    let issue = gitlab.anna().opens_in(OTHER, "Unheard", "", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).no_comment();
    // GitHub tells of the label in a webhook of its own.
    let times = if face == Face::Gitlab { 1 } else { 2 };
    assert_eq!(gitlab.sim.hook(wrong).expect("the hook").failures, times);
    let other = match face {
        Face::Gitlab => gitlab.hook_settings().signed_with(signing()),
        Face::Github => gitlab.hook_settings().with_secret(WEBHOOK_SECRET),
    };
    gitlab.sim.add_hook(OTHER, other);
    gitlab.anna().renames(issue, "Heard");
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_kept_and_counted(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let request = gitlab.a_hook("{\"cut off");
    assert_eq!(send(request).await.status(), 200);
    assert_eq!(gitlab.kept(Disposition::Unreadable).await, 1);
    let health = send(Client::new().get(gitlab.steward_url("/healthz"))).await;
    let health = health.text().await.expect("a text");
    assert!(health.contains("\"unreadable\":1"), "{health}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_of_an_unknown_shape_is_kept_and_makes_no_work(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let bodies = [json!([1, 2, 3]), json!({ "object_kind": "feature_flag", "id": {} }), json!({})];
    for (nth, body) in bodies.into_iter().enumerate() {
        let body = body.to_string();
        let request = match face {
            Face::Gitlab => gitlab.a_hook(&body),
            // There the kind stands in a header.
            Face::Github => Client::new()
                .post(gitlab.steward_url(gitlab.door()))
                .header("X-GitHub-Event", "feature_flag")
                .header("X-GitHub-Delivery", format!("by-hand-{nth}"))
                .header("X-Hub-Signature-256", sign(WEBHOOK_SECRET, &body))
                .body(body.clone()),
        };
        assert_eq!(send(request).await.status(), 200, "{body}");
    }
    assert_eq!(gitlab.kept(Disposition::UnknownKind).await, 3);
    gitlab.rests().await;
    assert_eq!(gitlab.kept(Disposition::Queued).await, 0);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let stream = TcpStream::connect(gitlab.settings.server.listen).await.expect("it listens");
    let (mut answers, mut asks) = stream.into_split();
    let allowed = match face {
        Face::Gitlab => format!("X-Gitlab-Token: {WEBHOOK_SECRET}"),
        Face::Github => format!("X-Hub-Signature-256: sha256={}", "0".repeat(64)),
    };
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: steward\r\n{allowed}\r\nContent-Length: {}\r\n\r\n",
        gitlab.door(),
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
