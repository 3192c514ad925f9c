//! What happens by the clock: what webhooks did not tell is found, once.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use steward::{
    app,
    forgesim::Face,
    pack::Current,
    store::{Store, StoreOptions, SweepState},
    sweeps::{Sweeper, SweeperSettings},
};
use tokio::sync::watch;

use crate::{
    process::Serve,
    world::{BOT, PROJECT, World, secrets_on, until},
};

/// Policies with one schedule.
pub(crate) fn scheduled(gitlab: &mut World, cron: &str, zone: &str, per_minute: u32) {
    let dir = gitlab.folder().join("policies");
    std::fs::create_dir_all(&dir).expect("a folder");
    let text = format!(
        "schedules:\n  find:\n    cron: {cron}\n    zone: {zone}\n    do: {{ reconcile: {{}} }}\n    \
         limits: {{ per_minute: {per_minute} }}\n"
    );
    std::fs::write(dir.join("schedules.yml"), text).expect("written");
    gitlab.settings.policies.dir = dir;
    gitlab.names_project();
}

/// The same, and it has counted for two days when Steward starts: it is due.
async fn overdue(gitlab: &mut World, cron: &str, zone: &str, per_minute: u32) {
    scheduled(gitlab, cron, zone, per_minute);
    let path = &gitlab.settings.database.path;
    let store = Store::open(path, StoreOptions::default()).await.expect("a database");
    let since = Utc::now() - TimeDelta::days(2);
    store.note_schedule("find", &format!("{cron} {zone}"), since).await.expect("noted");
    store.close().await;
}

/// The moments that were run, with how often each was begun and how it ended.
async fn runs(gitlab: &World) -> Vec<(i64, i64, String)> {
    let options = SqliteConnectOptions::new().filename(&gitlab.settings.database.path);
    let mut db = SqliteConnection::connect_with(&options).await.expect("the database");
    sqlx::query_as(
        "SELECT moment, attempts, state FROM sweeps WHERE state <> 'noted' ORDER BY moment",
    )
    .fetch_all(&mut db)
    .await
    .expect("the runs")
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_was_lost_is_made_good(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    // Nobody listens.
    let lost = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    let other = gitlab.anna().opens_issue("The menu is too small");
    let closed = gitlab.anna().opens_labelled("Jira was down", &["Integration::Jira"]);
    gitlab.anna().closes(closed);
    gitlab.sim.settle().await;

    overdue(&mut gitlab, "0 4 * * *", "Etc/UTC", 6000).await;
    gitlab.steward_starts().await;
    let done = async || {
        let last = gitlab.store().last_sweeps().await.expect("the database answers");
        last.iter().any(|run| run.state == SweepState::Done)
    };
    until("the sweep is done", done).await;
    gitlab.rests().await;
    gitlab.shows(lost).has_just(&[
        "Integration::Jira",
        "group::project management",
        "devops::plan",
    ]);
    gitlab.shows(lost).one_comment();
    assert_eq!((gitlab.readings(other), gitlab.readings(closed)), (0, 0));
    let run = gitlab.store().last_sweeps().await.expect("the database answers").remove(0);
    assert_eq!((run.found, run.queued, run.error), (2, 1, None));
    // Two days were missed.
    assert_eq!(runs(&gitlab).await.len(), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_was_taken_off_unseen_is_found_by_what_steward_did(#[case] face: Face) {
    let mut gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.steward_stops().await;
    gitlab.anna().unlabels(issue, "Integration::Jira");
    gitlab.sim.settle().await;

    overdue(&mut gitlab, "0 4 * * *", "Etc/UTC", 6000).await;
    gitlab.steward_starts().await;
    until("Steward's labels are gone", async || gitlab.shows(issue).0.labels.is_empty()).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_was_killed_is_made_up_for_once(#[case] face: Face) {
    const ISSUES: u64 = 8;
    let mut gitlab = World::stage(face).await;
    for number in 1..=ISSUES {
        gitlab.anna().opens_labelled(&format!("Jira {number}"), &["Integration::Jira"]);
    }
    gitlab.sim.settle().await;
    // Two at once, every two seconds.
    overdue(&mut gitlab, "0 4 * * *", "Europe/Berlin", 60).await;
    let settings = [
        ("STEWARD_POLICIES_DIR", gitlab.settings.policies.dir.display().to_string()),
        (gitlab.projects_variable(), PROJECT.to_owned()),
    ];
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, it)| (*name, &**it)).collect();
    let comments = || -> Vec<usize> {
        let of = |iid| gitlab.sim.issue(PROJECT, iid).expect("the issue").comments_of(BOT).len();
        (1..=ISSUES).map(of).collect()
    };
    let mut serve = Serve::starts(&gitlab, &settings).await;
    until("some are done", async || comments().contains(&1)).await;
    serve.is_killed();
    assert!(comments().contains(&0), "killed too late to tell anything");
    let begun = runs(&gitlab).await;
    assert!(matches!(&begun[..], [(_, 1, state)] if state == "running"), "{begun:?}");

    let mut serve = Serve::starts(&gitlab, &settings).await;
    until("all are done", async || !comments().contains(&0)).await;
    until("the sweep is done", async || runs(&gitlab).await[0].2 == "done").await;
    serve.ends().await;
    assert_eq!(comments(), [1; ISSUES as usize]);
    assert_eq!(runs(&gitlab).await, [(begun[0].0, 2, "done".to_owned())]);

    // The next start has nothing to make up for.
    let mut serve = Serve::starts(&gitlab, &settings).await;
    serve.ends().await;
    assert_eq!(runs(&gitlab).await.len(), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_days_when_clocks_change_a_sweep_runs_once(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    scheduled(&mut gitlab, "30 2 * * *", "Europe/Berlin", 6000);
    let settings = &gitlab.settings;
    let store = Store::open(&settings.database.path, StoreOptions::default()).await;
    let store = store.expect("a database");
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
    let now = Arc::new(Mutex::new(at("2027-03-27T12:00:00Z")));
    store
        .note_schedule("find", "30 2 * * * Europe/Berlin", at("2027-03-27T12:00:00Z"))
        .await
        .expect("noted");
    let client = app::client(settings, &secrets_on(face, &gitlab.bot.token)).expect("a client");
    let kind = client.kind();
    let (_, forge, _) = client.into_parts();
    let pack = app::load_pack(settings).expect("policies");
    let clock = Arc::clone(&now);
    let sweeper = Sweeper::new(
        store.clone(),
        forge,
        Current::new(pack),
        SweeperSettings {
            look_every: Duration::from_millis(10),
            ..app::sweeper_settings(settings, kind)
        },
        Arc::new(move || *clock.lock().expect("the clock")),
    );
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(Arc::new(sweeper).run(stopped));
    let done = async || {
        let runs = runs(&gitlab).await.into_iter().filter(|(_, _, state)| state == "done");
        runs.map(|(moment, ..)| DateTime::from_timestamp_millis(moment).expect("a time"))
            .collect::<Vec<_>>()
    };
    // An hour at a time, as it was in Berlin: 02:30 was not there on 28 March, and twice on
    // 31 October.
    let mut expected = Vec::new();
    for (from, to, moments) in [
        (
            "2027-03-27T12:00:00Z",
            "2027-03-29T12:00:00Z",
            ["2027-03-28T01:00:00Z", "2027-03-29T00:30:00Z"],
        ),
        (
            "2027-10-30T12:00:00Z",
            "2027-11-01T12:00:00Z",
            ["2027-10-31T00:30:00Z", "2027-11-01T01:30:00Z"],
        ),
    ] {
        let (mut time, to) = (at(from), at(to));
        if !expected.is_empty() {
            // Months were missed in between: one run for them all.
            expected.push(at("2027-10-30T00:30:00Z"));
        }
        while time <= to {
            *now.lock().expect("the clock") = time;
            let due: Vec<_> =
                moments.iter().map(|moment| at(moment)).filter(|at| *at <= time).collect();
            let wanted = [expected.clone(), due].concat();
            until("what is due is run", async || done().await.len() >= wanted.len()).await;
            assert_eq!(done().await, wanted, "at {time}");
            time += TimeDelta::minutes(30);
        }
        expected.extend(moments.iter().map(|moment| at(moment)));
    }
    stop.send(true).expect("it runs");
    task.await.expect("it ends");
    assert_eq!(done().await, expected);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forge_that_is_not_asked_for_webhooks_says_so() {
    let mut gitlab = World::stage(Face::Gitlab).await;
    crate::deliveries::overdue(&mut gitlab).await;
    gitlab.steward_starts().await;
    let run = crate::deliveries::ends(&gitlab).await;
    assert_eq!((run.state, run.found, run.queued), (SweepState::Done, 0, 0));
    let note = run.error.expect("a word");
    assert!(note.contains("is not asked for what became of webhooks"), "{note}");
}
