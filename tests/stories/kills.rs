//! The real binary is killed in the middle of its work, again and again.

use std::collections::{BTreeSet, HashMap};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use steward::forgesim::{Fault, FaultKind, SimSettings};
use uuid::Uuid;

use crate::{
    process::Serve,
    world::{BOT, Item, PROJECT, World, until},
};

const ISSUES: u64 = 200;

/// How many issues have Steward's comment, the last thing that it writes.
fn done(gitlab: &World) -> usize {
    let is_done = |iid: &u64| {
        let issue = gitlab.sim.issue(PROJECT, *iid).expect("the issue");
        !issue.comments_of(BOT).is_empty()
    };
    (1..=ISSUES).filter(is_done).count()
}

/// Keys of the events that were answered 2xx at least once, and the latest delivery of each other.
fn deliveries(gitlab: &World) -> (BTreeSet<Uuid>, HashMap<Uuid, u64>) {
    let mut taken = BTreeSet::new();
    let mut open = HashMap::new();
    for delivery in gitlab.sim.deliveries() {
        if delivery.outcome.is_success() {
            taken.insert(delivery.idempotency_key);
        }
        open.insert(delivery.idempotency_key, delivery.id);
    }
    open.retain(|key, _| !taken.contains(key));
    (taken, open)
}

/// GitLab does not send again by itself: an operator does, from the list of recent events.
async fn resend_what_failed(gitlab: &World) {
    gitlab.sim.settle().await;
    for delivery in deliveries(gitlab).1.into_values() {
        gitlab.sim.resend(delivery).expect("it is sent again");
    }
}

async fn inbox(gitlab: &World) -> BTreeSet<Uuid> {
    let options = SqliteConnectOptions::new().filename(&gitlab.settings.database.path);
    let mut db = SqliteConnection::connect_with(&options).await.expect("the database");
    let keys: Vec<String> = sqlx::query_scalar("SELECT delivery FROM inbox")
        .fetch_all(&mut db)
        .await
        .expect("the inbox");
    keys.iter().map(|key| key.parse().expect("a key")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_when_steward_is_killed_again_and_again() {
    let gitlab = World::without_steward(SimSettings {
        hook_concurrency: 4,
        latency: std::time::Duration::from_millis(20),
        deliveries_kept: 20_000,
        ..SimSettings::default()
    })
    .await;
    let mut serve = Serve::starts(&gitlab, &[]).await;
    for number in 1..=ISSUES {
        gitlab.anna().opens_labelled(&format!("Jira {number}"), &["Integration::Jira"]);
    }
    // While webhooks still come in, then at several moments of the work.
    until("some webhooks are taken", async || deliveries(&gitlab).0.len() >= 20).await;
    serve.is_killed();
    for moment in [10, 40, 80, 120] {
        let mut next = Serve::starts(&gitlab, &[]).await;
        resend_what_failed(&gitlab).await;
        until("some issues are done", async || done(&gitlab) >= moment).await;
        next.is_killed();
        let done = done(&gitlab);
        assert!(done < ISSUES as usize, "killed too late to tell anything: {done} done");
    }
    let mut last = Serve::starts(&gitlab, &[]).await;
    resend_what_failed(&gitlab).await;
    until("all issues are done", async || done(&gitlab) == ISSUES as usize).await;
    let health = gitlab.steward_url("/healthz");
    until("nothing is left to do", async || {
        gitlab.sim.settle().await;
        let text = reqwest::get(&health).await.expect("an answer").text().await.expect("a text");
        let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        health["work"]["ready"] == 0 && health["work"]["running"] == 0
    })
    .await;
    last.ends().await;

    for iid in 1..=ISSUES {
        let shown = gitlab.shows(Item::issue(iid));
        shown.has_just(&["Integration::Jira", "group::project management", "devops::plan"]);
        shown.one_comment();
        assert_eq!(shown.times_set("group::project management", BOT), 1, "#{iid}");
    }
    let (taken, _) = deliveries(&gitlab);
    let kept = inbox(&gitlab).await;
    let lost: Vec<_> = taken.difference(&kept).collect();
    assert!(lost.is_empty(), "answered 2xx and not kept: {lost:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_steward_was_killed_is_not_posted_again() {
    let mut gitlab = World::without_steward(SimSettings::default()).await;
    gitlab.settings.worker.settle_seconds = 4;
    gitlab.sim.fails(Fault::new(FaultKind::HangAndLate { ms: 2000 }).on("POST").at("/notes"));
    let mut serve = Serve::starts(&gitlab, &[]).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    until("the comment is under way", async || gitlab.calls_of("POST", "/notes") == 1).await;
    serve.is_killed();
    gitlab.shows(issue).no_comment();

    let mut next = Serve::starts(&gitlab, &[]).await;
    let health = gitlab.steward_url("/healthz");
    until("nothing is left to do", async || {
        let text = reqwest::get(&health).await.expect("an answer").text().await.expect("a text");
        let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        ["ready", "waiting", "running"].iter().all(|state| health["work"][state] == 0)
    })
    .await;
    next.ends().await;
    gitlab.shows(issue).one_comment();
    assert_eq!(gitlab.calls_of("POST", "/notes"), 1, "{:#?}", gitlab.calls());
}
