//! The forge is down, slow, or does not let Steward in.

use std::{
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    time::{Duration, Instant},
};

use rstest::rstest;
use serde_json::json;
use steward::{
    app::App,
    forgesim::{Face, Fault, FaultKind, HookSettings, Sim, SimSettings},
    store::Disposition,
};
use tempfile::TempDir;

use crate::{
    hooks::{a_hook, issue_event},
    world::{
        Item, PROJECT, WEBHOOK_SECRET, World, free_port, furnish, secrets_on, settings, until,
    },
};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn steward_starts_while_the_forge_is_down_and_works_off_when_it_is_back(#[case] face: Face) {
    let folder = TempDir::new().expect("a temporary folder");
    let gitlab_at = free_port();
    let mut settings = settings(&folder, &format!("http://{gitlab_at}"));
    settings.server.listen = free_port();
    let on = |settings| SimSettings { face, ..settings };
    // A simulated forge derives tokens from names: this one tells what it will be.
    let token = {
        let elsewhere = Sim::start(on(SimSettings::default())).await.expect("a simulated GitLab");
        furnish(&elsewhere).token
    };
    let app = App::start(&settings, secrets_on(face, &token)).await.expect("Steward starts");

    let url = format!(
        "http://{}/hooks/{}",
        app.address(),
        if face == Face::Gitlab { "gitlab" } else { "github" }
    );
    let taken = a_hook(face, &url, &issue_event(face, 1)).send().await.expect("Steward answers");
    assert_eq!(taken.status(), 200);
    let stats = app.store().stats(chrono::Utc::now()).await.expect("the database answers");
    assert_eq!(stats.ready + stats.waiting, 1, "{stats:?}");

    let sim = Sim::start(SimSettings { listen: gitlab_at, face, ..SimSettings::default() }).await;
    let sim = sim.expect("the forge is back");
    furnish(&sim);
    sim.add_hook(PROJECT, HookSettings::new(url).with_secret(WEBHOOK_SECRET));
    sim.person("anna")
        .opens_issue(PROJECT, "Jira is down", "", &["Integration::Jira"])
        .expect("it is opened");
    until("the issue is routed", async || {
        let issue = sim.issue(PROJECT, 1).expect("the issue");
        issue.has_label("group::project management") && issue.comments().count() == 1
    })
    .await;
    app.stop().await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_pauses_everything_and_nothing_is_lost(#[case] face: Face) {
    let forge = World::on(face).await;
    forge.warms_up().await;
    assert!(forge.sim.revoke_token(&forge.bot.token));
    let issues: Vec<Item> = (0..5)
        .map(|number| {
            forge.anna().opens_labelled(&format!("Jira {number}"), &["Integration::Jira"])
        })
        .collect();
    until("Steward was refused", async || forge.calls().iter().any(|call| call.status == 401))
        .await;
    forge.sim.settle().await;
    let stats = forge.stats().await;
    assert_eq!(stats.parked, 0, "nobody is at fault: {stats:?}");
    for issue in &issues {
        forge.shows(*issue).no_comment();
    }

    forge.sim.add_token(&forge.bot, &forge.bot.token, &["api"], None);
    forge.rests().await;
    for issue in &issues {
        forge.shows(*issue).has_labels(&["group::project management"]).one_comment();
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_forge_asks_to_wait_nobody_calls_meanwhile(#[case] face: Face) {
    let forge = World::on(face).await;
    forge.warms_up().await;
    forge.sim.fails(Fault::new(FaultKind::TooManyRequests { retry_after: 2 }));
    let asked = Instant::now();
    let first = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    until("the forge has asked to wait", async || forge.calls().len() == 1).await;
    // GitHub says 403 for a limit as well as for what is forbidden.
    let status = if face == Face::Gitlab { 429 } else { 403 };
    assert_eq!(forge.calls()[0].status, status);
    let second = forge.anna().opens_labelled("Harbor is down", &["Integration::Harbor"]);

    until("Steward calls again", async || forge.calls().len() > 1).await;
    let waited = asked.elapsed();
    assert!(waited >= Duration::from_secs(2), "called again after {waited:?}");
    forge.rests().await;
    forge.shows(first).has_labels(&["group::project management"]).one_comment();
    forge.shows(second).has_labels(&["group::container registry"]).one_comment();
    assert!(forge.calls()[1..].iter().all(|call| call.status < 400), "{:#?}", forge.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_stops_also_what_is_under_way_and_one_goes_first_afterwards(#[case] face: Face) {
    const AT_ONCE: usize = 8;
    let forge = World::on_with(face, |settings| {
        settings.worker.concurrency = NonZeroUsize::MIN.saturating_add(AT_ONCE - 1);
    })
    .await;
    forge.warms_up().await;
    let limited = Instant::now();
    forge.sim.fails(Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).forever());
    let labels: &[&str] = &["Integration::Jira"];
    let anna = forge.anna();
    let issues: Vec<Item> =
        (0..30).map(|number| anna.opens_labelled(&format!("Broken {number}"), labels)).collect();
    // Begun together once, and then one after each wait.
    until("the forge was asked again after waits", async || {
        forge.calls().len() >= AT_ONCE.min(issues.len()) || limited.elapsed().as_secs() >= 4
    })
    .await;
    let calls = forge.calls().len();
    let waits = usize::try_from(limited.elapsed().as_secs()).expect("not long");
    assert!(calls <= AT_ONCE + waits, "{calls} calls in {waits} s: {:#?}", forge.calls());

    forge.sim.clear_faults();
    forge.rests().await;
    for issue in issues {
        forge.shows(issue).has_labels(&["group::project management"]).one_comment();
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_limited_in_the_middle_of_a_plan_does_nothing_twice(#[case] face: Face) {
    let forge = World::on(face).await;
    forge.warms_up().await;
    forge.sim.fails(
        Fault::new(FaultKind::TooManyRequests { retry_after: 1 })
            .on("POST")
            .at(forge.comments_path()),
    );
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    forge.shows(issue).has_labels(&["group::project management", "devops::plan"]).one_comment();
    let labels = match face {
        Face::Gitlab => forge.calls_of("PUT", &issue.api_path()),
        Face::Github => forge.calls_of("POST", "/labels"),
    };
    assert_eq!(labels, 1);
    assert_eq!(forge.calls_of("POST", forge.comments_path()), 2, "refused once, then taken");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reading_that_never_ends_is_given_up_and_tried_again(#[case] face: Face) {
    let gitlab = World::on_with(face, |settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
        settings.github.timeout_seconds = NonZeroU64::MIN;
    })
    .await;
    gitlab.warms_up().await;
    gitlab.sim.fails(Fault::new(FaultKind::Hang).on("GET").at("/issues/"));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]).one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_again_and_again_is_put_aside_and_revived_by_the_next_event(#[case] face: Face) {
    let gitlab = World::on_with(face, |settings| {
        settings.worker.max_attempts = NonZeroU32::MIN.saturating_add(1);
    })
    .await;
    gitlab.warms_up().await;
    gitlab.sim.fails(Fault::new(FaultKind::BadGatewayBefore).on("GET").at("/issues/").forever());
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let parked = gitlab.store().parked().await.expect("the database answers");
    let [only] = &parked[..] else { panic!("not one: {parked:?}") };
    assert_eq!(only.subject, issue.subject());
    assert!(only.error.contains("502"), "{only:?}");
    assert_eq!(only.attempts, 2);
    let door = reqwest::get(gitlab.steward_url("/")).await.expect("Steward answers");
    assert!(door.text().await.expect("a text").contains("/healthz"));
    let health = reqwest::get(gitlab.steward_url("/healthz")).await.expect("Steward answers");
    let health: serde_json::Value = health.json().await.expect("JSON");
    let told = &health["parked_items"][0];
    assert_eq!(told["subject"], issue.subject().to_string());
    assert_eq!(told["error"], only.error);
    assert_eq!((&health["work"]["parked"], &health["work"]["waiting"]), (&json!(1), &json!(0)));
    assert_eq!(gitlab.readings(issue), 2, "{:#?}", gitlab.calls());

    gitlab.sim.clear_faults();
    gitlab.rests().await;
    gitlab.shows(issue).no_comment();
    gitlab.ben().comments(issue, "Still down.");
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]).one_comment();
    assert_eq!(gitlab.stats().await.parked, 0);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_that_is_gone_is_no_trouble(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let hook = gitlab.a_hook(&issue_event(face, 999_999));
    let taken = hook.send().await.expect("Steward answers");
    assert_eq!(taken.status(), 200);
    assert_eq!(gitlab.kept(Disposition::Queued).await, 1);
    gitlab.rests().await;
    assert_eq!(gitlab.stats().await.parked, 0);
}

/// Opens some issues, and answers them when the forge has refused that many calls.
async fn issues_in_trouble(gitlab: &World, status: u16, calls: usize) -> Vec<Item> {
    let open = |n: u32| gitlab.anna().opens_labelled(&format!("Jira {n}"), &["Integration::Jira"]);
    let issues = (0..6).map(open).collect();
    until("the forge has refused calls", async || {
        gitlab.calls().iter().filter(|call| call.status == status).count() >= calls
    })
    .await;
    issues
}

async fn all_are_routed(gitlab: &World, issues: &[Item]) {
    gitlab.rests().await;
    assert_eq!(gitlab.stats().await.parked, 0, "nobody is at fault");
    for issue in issues {
        gitlab.shows(*issue).has_labels(&["group::project management"]).one_comment();
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_outage_behind_a_proxy_puts_nothing_aside(#[case] face: Face) {
    let forge = World::on_with(face, |settings| {
        settings.worker.max_attempts = NonZeroU32::MIN.saturating_add(3);
        settings.worker.first_retry_ms = NonZeroU64::MIN.saturating_add(199);
    })
    .await;
    forge.warms_up().await;
    forge.sim.fails(Fault::new(FaultKind::BadGatewayBefore).on("GET").forever());
    let issues = issues_in_trouble(&forge, 502, 4).await;
    // By then each alone would have failed four times.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(forge.stats().await.parked, 0);
    forge.sim.clear_faults();
    all_are_routed(&forge, &issues).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_may_only_read_pauses_everything_and_nothing_is_lost(#[case] face: Face) {
    let forge = World::on(face).await;
    forge.warms_up().await;
    assert!(forge.sim.revoke_token(&forge.bot.token));
    forge.sim.add_token(&forge.bot, &forge.bot.token, &["read_api"], None);
    let issues = issues_in_trouble(&forge, 403, 3).await;
    forge.sim.add_token(&forge.bot, &forge.bot.token, &["api"], None);
    all_are_routed(&forge, &issues).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_found_when_it_is_written_is_tried_again(#[case] face: Face) {
    let gitlab = World::on(face).await;
    gitlab.warms_up().await;
    let (method, path) = gitlab.labels_request();
    gitlab.sim.fails(Fault::new(FaultKind::NotFound).on(method).at(path));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    all_are_routed(&gitlab, &[issue]).await;
    let sent = |gitlab: &World| match face {
        Face::Gitlab => gitlab.calls_of("PUT", &issue.api_path()),
        Face::Github => gitlab.calls_of("POST", "/labels"),
    };
    assert_eq!(sent(&gitlab), 2, "{:#?}", gitlab.calls());

    gitlab.sim.fails(Fault::new(FaultKind::NotFound).on("GET").at("/issues/"));
    gitlab.ben().comments(issue, "Still down.");
    gitlab.rests().await;
    assert_eq!(gitlab.stats().await.parked, 0, "gone is gone");
}
