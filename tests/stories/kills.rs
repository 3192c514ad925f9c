//! The real binary is killed in the middle of its work, again and again.

use std::collections::{BTreeSet, HashMap};

use rstest::rstest;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use steward::forgesim::{Face, Fault, FaultKind, SimSettings};
use uuid::Uuid;

use crate::{
    process::Serve,
    world::{BOT, Item, PROJECT, World, until},
};

const ISSUES: u64 = 200;

/// How many issues have Steward's comment, the last thing that it writes.
fn done(forge: &World) -> usize {
    let is_done = |iid: &u64| {
        let issue = forge.sim.issue(PROJECT, *iid).expect("the issue");
        !issue.comments_of(BOT).is_empty()
    };
    (1..=ISSUES).filter(is_done).count()
}

/// Keys of the events that were answered 2xx at least once, and the latest delivery of each other.
fn deliveries(forge: &World) -> (BTreeSet<Uuid>, HashMap<Uuid, u64>) {
    let mut taken = BTreeSet::new();
    let mut open = HashMap::new();
    for delivery in forge.sim.deliveries() {
        if delivery.outcome.is_success() {
            taken.insert(delivery.idempotency_key);
        }
        open.insert(delivery.idempotency_key, delivery.id);
    }
    open.retain(|key, _| !taken.contains(key));
    (taken, open)
}

/// GitLab does not send again by itself: an operator does, from the list of recent events.
async fn resend_what_failed(forge: &World) {
    forge.sim.settle().await;
    for delivery in deliveries(forge).1.into_values() {
        forge.sim.resend(delivery).expect("it is sent again");
    }
}

async fn inbox(forge: &World) -> BTreeSet<Uuid> {
    let options = SqliteConnectOptions::new().filename(&forge.settings.database.path);
    let mut db = SqliteConnection::connect_with(&options).await.expect("the database");
    let keys: Vec<String> = sqlx::query_scalar("SELECT delivery FROM inbox")
        .fetch_all(&mut db)
        .await
        .expect("the inbox");
    keys.iter().map(|key| key.parse().expect("a key")).collect()
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_or_doubled_when_steward_is_killed_again_and_again(#[case] face: Face) {
    let forge = World::without_steward(SimSettings {
        face,
        hook_concurrency: 4,
        latency: std::time::Duration::from_millis(20),
        deliveries_kept: 20_000,
        ..SimSettings::default()
    })
    .await;
    let mut serve = Serve::starts(&forge, &[]).await;
    for number in 1..=ISSUES {
        forge.anna().opens_labelled(&format!("Jira {number}"), &["Integration::Jira"]);
    }
    // While webhooks still come in, then at several moments of the work.
    until("some webhooks are taken", async || deliveries(&forge).0.len() >= 20).await;
    serve.is_killed();
    for moment in [10, 40, 80, 120] {
        let mut next = Serve::starts(&forge, &[]).await;
        resend_what_failed(&forge).await;
        until("some issues are done", async || done(&forge) >= moment).await;
        next.is_killed();
        let done = done(&forge);
        assert!(done < ISSUES as usize, "killed too late to tell anything: {done} done");
    }
    let mut last = Serve::starts(&forge, &[]).await;
    resend_what_failed(&forge).await;
    until("all issues are done", async || done(&forge) == ISSUES as usize).await;
    let health = forge.steward_url("/healthz");
    until("nothing is left to do", async || {
        forge.sim.settle().await;
        let text = reqwest::get(&health).await.expect("an answer").text().await.expect("a text");
        let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        health["work"]["ready"] == 0 && health["work"]["running"] == 0
    })
    .await;
    last.ends().await;

    for iid in 1..=ISSUES {
        let shown = forge.shows(Item { face, ..Item::issue(iid) });
        shown.has_just(&["Integration::Jira", "group::project management", "devops::plan"]);
        shown.one_comment();
        assert_eq!(shown.times_set("group::project management", BOT), 1, "#{iid}");
    }
    let (taken, _) = deliveries(&forge);
    let kept = inbox(&forge).await;
    let lost: Vec<_> = taken.difference(&kept).collect();
    assert!(lost.is_empty(), "answered 2xx and not kept: {lost:?}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_steward_was_killed_is_not_posted_again(
    #[case] face: Face,
) {
    let mut forge = World::without_steward(SimSettings { face, ..SimSettings::default() }).await;
    forge.settings.worker.settle_seconds = 4;
    forge.sim.fails(
        Fault::new(FaultKind::HangAndLate { ms: 2000 }).on("POST").at(forge.comments_path()),
    );
    let mut serve = Serve::starts(&forge, &[]).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    until("the comment is under way", async || forge.calls_of("POST", forge.comments_path()) == 1)
        .await;
    serve.is_killed();
    forge.shows(issue).no_comment();

    let mut next = Serve::starts(&forge, &[]).await;
    let health = forge.steward_url("/healthz");
    until("nothing is left to do", async || {
        let text = reqwest::get(&health).await.expect("an answer").text().await.expect("a text");
        let health: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        ["ready", "waiting", "running"].iter().all(|state| health["work"][state] == 0)
    })
    .await;
    next.ends().await;
    forge.shows(issue).one_comment();
    assert_eq!(forge.calls_of("POST", forge.comments_path()), 1, "{:#?}", forge.calls());
}
