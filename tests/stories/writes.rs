//! A write whose answer is lost: was it applied or not? Never twice, and never not at all.

use std::num::NonZeroU64;

use steward::{
    forgesim::{Fault, FaultKind},
    store::AuditState,
};

use crate::world::{BOT, World};

const LABELS: [&str; 3] = ["Integration::Jira", "group::project management", "devops::plan"];

/// Whether the first attempt was applied is not known, and is found out by looking.
async fn a_write_fails(method: &str, path: &str, kind: FaultKind) {
    let gitlab = World::with(|settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
    })
    .await;
    gitlab.warms_up().await;
    gitlab.sim.fails(Fault::new(kind).on(method).at(path));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;

    let shown = gitlab.shows(issue);
    shown.has_just(&LABELS);
    shown.one_comment();
    assert_eq!(shown.times_set("group::project management", BOT), 1);
    let effect = if method == "POST" { "comment_posted" } else { "label_present" };
    let audit = gitlab.audit(issue).await;
    let first = audit.iter().find(|row| row.effect == effect).expect("an intent");
    assert_eq!(first.state, AuditState::Resolved, "{audit:#?}");
    assert!(first.error.is_some(), "{audit:#?}");
    let open = [AuditState::Intended, AuditState::Unknown];
    assert!(!audit.iter().any(|row| open.contains(&row.state)), "{audit:#?}");
}

macro_rules! stories {
    ($($name:ident: $method:literal $path:literal $kind:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            a_write_fails($method, $path, $kind).await;
        }
    )*};
}

stories! {
    a_502_after_the_comment_was_posted: "POST" "/notes" FaultKind::BadGatewayAfter;
    a_502_before_the_comment_was_posted: "POST" "/notes" FaultKind::BadGatewayBefore;
    a_502_after_the_labels_were_set: "PUT" "/issues/" FaultKind::BadGatewayAfter;
    a_502_before_the_labels_were_set: "PUT" "/issues/" FaultKind::BadGatewayBefore;
    the_line_is_cut_after_the_comment_was_posted: "POST" "/notes" FaultKind::CutAfter;
    the_line_is_cut_before_the_comment_was_posted: "POST" "/notes" FaultKind::CutBefore;
    the_line_is_cut_after_the_labels_were_set: "PUT" "/issues/" FaultKind::CutAfter;
    the_line_is_cut_before_the_labels_were_set: "PUT" "/issues/" FaultKind::CutBefore;
    no_answer_comes_to_the_comment: "POST" "/notes" FaultKind::Hang;
    no_answer_comes_to_the_labels: "PUT" "/issues/" FaultKind::Hang;
}

/// The forge applies a comment a second after its sender has lost the line or the patience.
async fn a_comment_comes_late(kind: FaultKind) {
    let gitlab = World::with(|settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
        settings.worker.settle_seconds = 3;
    })
    .await;
    gitlab.warms_up().await;
    gitlab.sim.fails(Fault::new(kind).on("POST").at("/notes"));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    // Long enough for whatever is still under way.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&LABELS).one_comment();
    assert_eq!(gitlab.calls_of("POST", "/notes"), 1, "{:#?}", gitlab.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_the_line_was_cut_is_waited_for() {
    a_comment_comes_late(FaultKind::CutAndLate { ms: 1000 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_the_time_out_is_waited_for() {
    a_comment_comes_late(FaultKind::HangAndLate { ms: 2000 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_whose_answer_is_lost_is_not_done_twice() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let before = gitlab.shows(issue).one_comment();
    gitlab.sim.clear_requests();
    gitlab.sim.fails(Fault::new(FaultKind::BadGatewayAfter).on("PUT").at("/notes/"));
    gitlab.carla().labels(issue, "group::import");
    gitlab.rests().await;
    let after = gitlab.shows(issue).one_comment().says("group::import");
    assert_eq!(after.id, before.id);
    let puts = gitlab.calls_of("PUT", &format!("/notes/{}", before.id));
    assert_eq!(puts, 1, "looking shows that it was applied: {:#?}", gitlab.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_writes_nothing_and_records_what_it_would_do() {
    let gitlab = World::with(|settings| settings.worker.dry_run = true).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["Integration::Jira"]).no_comment();
    let would = gitlab.audited(issue, AuditState::DryRun).await;
    assert_eq!(would, ["label_present", "label_present", "comment_posted"]);
    assert_eq!(gitlab.audit(issue).await.len(), 3);
    assert!(gitlab.calls().iter().all(|call| call.method == "GET"), "{:#?}", gitlab.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_does_not_end_an_uncertainty_that_it_does_not_remember() {
    let mut gitlab = World::with(|settings| {
        settings.worker.max_attempts = std::num::NonZeroU32::MIN;
    })
    .await;
    gitlab.sim.fails(Fault::new(FaultKind::CutAfter).on("POST").at("/notes"));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    assert_eq!(gitlab.audited(issue, AuditState::Unknown).await, ["comment_posted"]);
    gitlab.steward_stops().await;
    gitlab.settings.worker.dry_run = true;
    gitlab.steward_starts().await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    assert_eq!(gitlab.stats().await.parked, 0, "it was looked at");
    assert_eq!(gitlab.audited(issue, AuditState::Unknown).await, ["comment_posted"]);

    gitlab.steward_stops().await;
    gitlab.settings.worker.dry_run = false;
    gitlab.steward_starts().await;
    gitlab.ben().comments(issue, "And now?");
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
    assert!(gitlab.audited(issue, AuditState::Unknown).await.is_empty());
}
