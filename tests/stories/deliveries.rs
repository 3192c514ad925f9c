//! Webhooks that did not get through: GitHub remembers them, and sends them again when Steward asks.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, http::StatusCode, routing::any};
use chrono::{TimeDelta, Utc};
use rstest::rstest;
use steward::{
    forgesim::{Delivery, Face, Fault, FaultKind, SimSettings, access},
    store::{Store, StoreOptions, SweepRun, SweepState},
};

use crate::{
    hooks::sign,
    process::{run, settings_of, steward},
    world::{Item, PROJECT, WEBHOOK_SECRET, World, app_secrets, until},
};

/// Whose webhook leads to Steward.
#[derive(Clone, Copy, PartialEq)]
enum Hook {
    Repository,
    App,
}

/// A GitHub whose pages are short and that does not wait long, and Steward is not there.
async fn stage(hook: Hook) -> World {
    let settings = SimSettings {
        face: Face::Github,
        // An issue has as many labels in the end, whose list has no pages.
        per_page_cap: 3,
        hook_timeout: Duration::from_millis(300),
        ..SimSettings::default()
    };
    let mut github = World::without_steward(settings).await;
    match hook {
        // Who may see webhooks.
        Hook::Repository => github.sim.add_member(PROJECT, &github.bot, access::OWNER),
        Hook::App => {
            let public = include_str!("../data/made-up-github-app.pub.pem");
            let app = github.sim.add_app("steward", "example", public).expect("a key");
            github.settings.github.app_id = app.id;
            github.sim.remove_hook(PROJECT, github.hook);
            let hook = github.hook_settings().with_secret(WEBHOOK_SECRET);
            github.hook = github.sim.add_app_hook(&app, hook);
        }
    }
    github
}

async fn starts(github: &mut World, hook: Hook) {
    match hook {
        Hook::Repository => github.steward_starts().await,
        Hook::App => github.steward_starts_with(app_secrets()).await,
    }
}

/// Policies with one schedule that has counted for two days: it is due when Steward starts.
pub(crate) async fn overdue(github: &mut World) {
    let dir = github.folder().join("policies");
    std::fs::create_dir_all(&dir).expect("a folder");
    let text = "schedules:\n  again:\n    cron: 0 4 * * *\n    zone: Etc/UTC\n    do: { deliveries: {} \
                }\n    limits: { per_minute: 6000 }\n";
    std::fs::write(dir.join("schedules.yml"), text).expect("written");
    github.settings.policies.dir = dir;
    github.names_project();
    let path = &github.settings.database.path;
    let store = Store::open(path, StoreOptions::default()).await.expect("a database");
    let since = Utc::now() - TimeDelta::days(2);
    store.note_schedule("again", "0 4 * * * Etc/UTC", since).await.expect("noted");
    store.close().await;
}

/// The run that is due, when it has ended.
pub(crate) async fn ends(github: &World) -> SweepRun {
    let last = async || {
        let all = github.store().last_sweeps().await.expect("the database answers");
        all.into_iter().find(|run| run.schedule == "again").expect("noted")
    };
    let over = async || matches!(last().await.state, SweepState::Done | SweepState::Failed);
    until("the sweep has ended", over).await;
    last().await
}

/// How often each webhook was sent that fits, by its key.
fn sent(github: &World, fits: impl Fn(&Delivery) -> bool) -> BTreeMap<String, usize> {
    let mut sent = BTreeMap::new();
    for one in github.sim.deliveries().iter().filter(|one| fits(one)) {
        *sent.entry(one.idempotency_key.to_string()).or_default() += 1;
    }
    sent
}

fn failed(github: &World) -> BTreeMap<String, usize> {
    sent(github, |one| !one.outcome.is_success())
}

fn again(github: &World) -> BTreeMap<String, usize> {
    sent(github, |one| one.again)
}

/// Things happen that three webhooks and more tell.
async fn things_happen(github: &World) -> [Item; 2] {
    let one = github.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    let other = github.anna().opens_labelled("Harbor is down", &["Integration::Harbor"]);
    github.sim.settle().await;
    [one, other]
}

fn are_routed_once(github: &World, hook: Hook, items: [Item; 2]) {
    for (item, label) in
        items.iter().zip(["group::project management", "group::container registry"])
    {
        let shown = github.shows(*item);
        shown.has_labels(&[label]);
        let by = if hook == Hook::App { "steward[bot]" } else { crate::world::BOT };
        assert_eq!(shown.0.comments_of(by).len(), 1);
    }
}

#[rstest]
#[case::of_the_repository(Hook::Repository)]
#[case::of_the_app(Hook::App)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_asked_for_and_nothing_else(#[case] hook: Hook) {
    let mut github = stage(hook).await;
    starts(&mut github, hook).await;
    github.anna().opens_labelled("Warm-up", &["Integration::Jira"]);
    github.rests().await;
    assert!(failed(&github).is_empty());
    github.steward_stops().await;
    let items = things_happen(&github).await;
    let lost = failed(&github);
    assert_eq!(lost.len(), 4, "each is opened and labelled");

    overdue(&mut github).await;
    github.sim.clear_requests();
    starts(&mut github, hook).await;
    let run_of = ends(&github).await;
    github.rests().await;
    assert_eq!((run_of.state, run_of.error.as_deref()), (SweepState::Done, None));
    assert_eq!((run_of.found, run_of.queued), (4, 4));
    assert_eq!(again(&github), lost, "each once, and no other");
    let asked: Vec<_> = github
        .sim
        .deliveries()
        .iter()
        .filter(|one| one.again)
        .map(|one| one.body.clone())
        .collect();
    let first = github.sim.deliveries();
    let first = first.iter().filter(|one| !one.again && !one.outcome.is_success());
    assert_eq!(asked, first.map(|one| one.body.clone()).collect::<Vec<_>>(), "the oldest first");
    are_routed_once(&github, hook, items);
    let calls = github.calls();
    let lists = calls.iter().filter(|call| call.path.contains("deliveries?")).count();
    assert!(lists > 2, "page by page: {calls:#?}");
    let by_app = calls.iter().filter(|call| call.path.contains("/app/hook/")).count();
    assert_eq!(by_app > 0, hook == Hook::App);

    let mut command = steward(&github.folder(), &["sweeps"]);
    settings_of(&github, &mut command);
    command.env("STEWARD_POLICIES_DIR", &github.settings.policies.dir);
    run(command).await.exits_with(0).prints("4 failed webhooks found, 4 asked for again");

    // Another run finds nothing to ask for, although the failures are still in the list.
    github.steward_stops().await;
    let path = github.settings.database.path.clone();
    std::fs::rename(&path, path.with_extension("old")).expect("moved");
    overdue(&mut github).await;
    starts(&mut github, hook).await;
    let second = ends(&github).await;
    assert_eq!((second.state, second.found), (SweepState::Done, 0), "{second:?}");
    assert_eq!(again(&github), lost);
}

/// What answers in Steward's place.
#[derive(Clone, Copy)]
enum InItsPlace {
    Broken,
    Silent,
}

#[rstest]
#[case::answers_500(InItsPlace::Broken)]
#[case::never_answers(InItsPlace::Silent)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_broken_or_slow_server_did_not_take_is_asked_for(#[case] place: InItsPlace) {
    let mut github = stage(Hook::Repository).await;
    let listener = tokio::net::TcpListener::bind(github.settings.server.listen).await;
    let answer = async move || {
        if let InItsPlace::Silent = place {
            std::future::pending::<()>().await;
        }
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let routes = Router::new().fallback(any(answer));
    let server = tokio::spawn(async move {
        axum::serve(listener.expect("the address is free"), routes).await.expect("it serves");
    });
    let items = things_happen(&github).await;
    server.abort();
    assert!(server.await.is_err());
    let lost = failed(&github);
    assert_eq!(lost.len(), 4);
    overdue(&mut github).await;
    github.steward_starts().await;
    let run = ends(&github).await;
    github.rests().await;
    assert_eq!((run.state, run.found, run.queued), (SweepState::Done, 4, 4), "{run:?}");
    assert_eq!(again(&github), lost);
    are_routed_once(&github, Hook::Repository, items);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_through_although_github_had_given_up_is_not_asked_for() {
    let mut github = stage(Hook::Repository).await;
    things_happen(&github).await;
    let lost = github.sim.deliveries();
    github.steward_starts().await;
    let (late, missing) = lost.split_first().expect("webhooks");
    let body = String::from_utf8(late.body.to_vec()).expect("a text");
    let post = reqwest::Client::new()
        .post(github.steward_url("/hooks/github"))
        .header("X-GitHub-Event", late.event)
        .header("X-GitHub-Delivery", late.idempotency_key.to_string())
        .header("X-Hub-Signature-256", sign(WEBHOOK_SECRET, &body))
        .body(body);
    assert_eq!(post.send().await.expect("an answer").status(), 200);
    github.rests().await;
    github.steward_stops().await;
    overdue(&mut github).await;
    github.steward_starts().await;
    let run = ends(&github).await;
    github.rests().await;
    assert_eq!((run.found, run.queued), (missing.len() as u64, missing.len() as u64));
    let asked = again(&github);
    assert!(!asked.contains_key(&late.idempotency_key.to_string()), "{asked:?}");
}

#[rstest]
#[case::the_list("GET", "/hook/deliveries")]
#[case::the_asking("POST", "/attempts")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_the_way_is_obeyed(#[case] method: &str, #[case] path: &str) {
    let mut github = stage(Hook::App).await;
    let items = things_happen(&github).await;
    let lost = failed(&github);
    overdue(&mut github).await;
    let limit = Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).on(method).at(path);
    github.sim.fails(limit);
    starts(&mut github, Hook::App).await;
    let run = ends(&github).await;
    github.rests().await;
    assert_eq!((run.state, run.attempts, run.queued), (SweepState::Done, 1, 4), "{run:?}");
    assert_eq!(again(&github), lost);
    are_routed_once(&github, Hook::App, items);
    let refused = github.calls().into_iter().filter(|call| call.status == 403).count();
    assert_eq!(refused, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_see_webhooks_is_told_what_to_do() {
    let mut github = World::stage(Face::Github).await;
    overdue(&mut github).await;
    github.steward_starts().await;
    let run = ends(&github).await;
    let error = run.error.expect("an error");
    assert_eq!((run.state, run.found), (SweepState::Failed, 0));
    assert!(error.contains("only who administers webhooks sees them"), "{error}");
    assert!(error.contains("let Steward in as a GitHub App"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_asks_for_none() {
    let mut github = stage(Hook::App).await;
    things_happen(&github).await;
    overdue(&mut github).await;
    github.settings.worker.dry_run = true;
    starts(&mut github, Hook::App).await;
    let run = ends(&github).await;
    assert_eq!((run.state, run.found, run.queued), (SweepState::Done, 4, 0), "{run:?}");
    assert_eq!(run.error.as_deref(), Some("dry run: none was asked for"));
    assert!(again(&github).is_empty());
}
