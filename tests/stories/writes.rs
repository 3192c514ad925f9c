//! A write whose answer is lost: was it applied or not? Never twice, and never not at all.

use std::num::NonZeroU64;

use rstest::rstest;
use steward::{
    forgesim::{Face, Fault, FaultKind},
    store::AuditState,
};

use crate::world::{BOT, World};

const LABELS: [&str; 3] = ["Integration::Jira", "group::project management", "devops::plan"];

/// What a story lets fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Labels,
    Comment,
}

/// Whether the first attempt was applied is not known, and is found out by looking.
#[rstest]
#[case::a_502_after_it_was_done(FaultKind::BadGatewayAfter)]
#[case::a_502_before_it_was_done(FaultKind::BadGatewayBefore)]
#[case::the_line_is_cut_after_it_was_done(FaultKind::CutAfter)]
#[case::the_line_is_cut_before_it_was_done(FaultKind::CutBefore)]
#[case::no_answer_comes(FaultKind::Hang)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_answer_is_lost_is_done_once(
    #[case] kind: FaultKind,
    #[values(Sent::Labels, Sent::Comment)] sent: Sent,
    #[values(Face::Gitlab, Face::Github)] face: Face,
) {
    let forge = World::on_with(face, |settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
        settings.github.timeout_seconds = NonZeroU64::MIN;
    })
    .await;
    forge.warms_up().await;
    let (method, path) = match sent {
        Sent::Labels => forge.labels_request(),
        Sent::Comment => ("POST", forge.comments_path()),
    };
    forge.sim.fails(Fault::new(kind).on(method).at(path));
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;

    let shown = forge.shows(issue);
    shown.has_just(&LABELS);
    shown.one_comment();
    assert_eq!(shown.times_set("group::project management", BOT), 1);
    let effect = if sent == Sent::Comment { "comment_posted" } else { "label_present" };
    let audit = forge.audit(issue).await;
    let first = audit.iter().find(|row| row.effect == effect).expect("an intent");
    assert_eq!(first.state, AuditState::Resolved, "{audit:#?}");
    assert!(first.error.is_some(), "{audit:#?}");
    let open = [AuditState::Intended, AuditState::Unknown];
    assert!(!audit.iter().any(|row| open.contains(&row.state)), "{audit:#?}");
}

/// The forge applies a comment a second after its sender has lost the line or the patience.
async fn a_comment_comes_late(face: Face, kind: FaultKind) {
    let forge = World::on_with(face, |settings| {
        settings.gitlab.timeout_seconds = NonZeroU64::MIN;
        settings.github.timeout_seconds = NonZeroU64::MIN;
        settings.worker.settle_seconds = 3;
    })
    .await;
    forge.warms_up().await;
    forge.sim.fails(Fault::new(kind).on("POST").at(forge.comments_path()));
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    // Long enough for whatever is still under way.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    forge.rests().await;
    forge.shows(issue).has_just(&LABELS).one_comment();
    assert_eq!(forge.calls_of("POST", forge.comments_path()), 1, "{:#?}", forge.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_the_line_was_cut_is_waited_for(#[case] face: Face) {
    a_comment_comes_late(face, FaultKind::CutAndLate { ms: 1000 }).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_is_applied_after_the_time_out_is_waited_for(#[case] face: Face) {
    a_comment_comes_late(face, FaultKind::HangAndLate { ms: 2000 }).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_whose_answer_is_lost_is_not_done_twice(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    let before = forge.shows(issue).one_comment();
    forge.sim.clear_requests();
    let edit = if face == Face::Gitlab { "PUT" } else { "PATCH" };
    let path = format!("{}/{}", forge.comments_path(), before.id);
    forge.sim.fails(Fault::new(FaultKind::BadGatewayAfter).on(edit).at(&path));
    forge.carla().labels(issue, "group::import");
    forge.rests().await;
    let after = forge.shows(issue).one_comment().says("group::import");
    assert_eq!(after.id, before.id);
    let puts = forge.calls_of(edit, &path);
    assert_eq!(puts, 1, "looking shows that it was applied: {:#?}", forge.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_writes_nothing_and_records_what_it_would_do(#[case] face: Face) {
    let forge = World::on_with(face, |settings| settings.worker.dry_run = true).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    forge.shows(issue).has_just(&["Integration::Jira"]).no_comment();
    let would = forge.audited(issue, AuditState::DryRun).await;
    // GitHub tells of the label in a webhook of its own, and what is not done is decided again.
    let times = if face == Face::Github && would.len() == 6 { 2 } else { 1 };
    assert_eq!(would, ["label_present", "label_present", "comment_posted"].repeat(times));
    assert_eq!(forge.audit(issue).await.len(), would.len());
    assert!(forge.calls().iter().all(|call| call.method == "GET"), "{:#?}", forge.calls());
}

// On GitHub the label comes in a webhook of its own, which has Steward look again at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_does_not_end_an_uncertainty_that_it_does_not_remember() {
    let mut forge = World::on_with(Face::Gitlab, |settings| {
        settings.worker.max_attempts = std::num::NonZeroU32::MIN;
    })
    .await;
    forge.sim.fails(Fault::new(FaultKind::CutAfter).on("POST").at(forge.comments_path()));
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    assert_eq!(forge.audited(issue, AuditState::Unknown).await, ["comment_posted"]);
    forge.steward_stops().await;
    forge.settings.worker.dry_run = true;
    forge.steward_starts().await;
    forge.ben().comments(issue, "Any news?");
    forge.rests().await;
    assert_eq!(forge.stats().await.parked, 0, "it was looked at");
    assert_eq!(forge.audited(issue, AuditState::Unknown).await, ["comment_posted"]);

    forge.steward_stops().await;
    forge.settings.worker.dry_run = false;
    forge.steward_starts().await;
    forge.ben().comments(issue, "And now?");
    forge.rests().await;
    forge.shows(issue).one_comment();
    assert!(forge.audited(issue, AuditState::Unknown).await.is_empty());
}
