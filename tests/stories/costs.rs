//! What it costs the forge.

use std::num::NonZeroU64;

use rstest::rstest;
use steward::{
    forgesim::{Face, Fault, FaultKind},
    store::Disposition,
};

use crate::world::World;

/// How many webhooks tell of an issue that is opened with a label: GitHub sends one for the label too.
fn webhooks(face: Face) -> u64 {
    match face {
        Face::Gitlab => 1,
        Face::Github => 2,
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plainly_routed_issue_costs_four_calls_and_a_settled_one_costs_one(#[case] face: Face) {
    let gitlab = World::on(face).await;
    // Which labels there are is asked once a project; that is not this issue's cost.
    gitlab.warms_up().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]).one_comment();
    // Told of the label again, Steward looks once more.
    let most = 3 + usize::try_from(webhooks(face)).expect("few");
    assert!(gitlab.calls().len() <= most, "{:#?}", gitlab.calls());

    gitlab.sim.clear_requests();
    gitlab.ben().comments(issue, "Here too.");
    gitlab.rests().await;
    assert_eq!(gitlab.calls().len(), 1, "{:#?}", gitlab.calls());
    assert_eq!(gitlab.readings(issue), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_without_any_integration_costs_one_call(#[case] face: Face) {
    let gitlab = World::on(face).await;
    gitlab.warms_up().await;
    let issue = gitlab.anna().opens_issue("A typo in the docs");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&[]).no_comment();
    assert_eq!(gitlab.calls().len(), 1, "{:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_own_doing_told_back_makes_no_work(#[case] face: Face) {
    let gitlab = World::on(face).await;
    gitlab.warms_up().await;
    let (own, queued) =
        (gitlab.kept(Disposition::Own).await, gitlab.kept(Disposition::Queued).await);
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
    assert!(gitlab.kept(Disposition::Own).await > own, "the echo came in");
    let told = gitlab.kept(Disposition::Queued).await - queued;
    assert_eq!(told, webhooks(face), "and made no work");
    assert!(gitlab.readings(issue) as u64 <= webhooks(face), "{:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_deliveries_of_one_event_are_one(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    let opened = gitlab.sim.deliveries().last().expect("the webhook").id;
    for _ in 0..9 {
        gitlab.sim.resend(opened).expect("it is sent again");
    }
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management", "devops::plan"]).one_comment();
    assert_eq!(gitlab.kept(Disposition::Queued).await, webhooks(face));

    // The same when all is settled long since.
    gitlab.sim.clear_requests();
    gitlab.sim.resend(opened).expect("it is sent again");
    gitlab.rests().await;
    assert_eq!(gitlab.calls(), []);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_wait_together_cost_one_reading(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    // Steward cannot ask who it is yet, so it begins nothing.
    gitlab.sim.fails(Fault::new(FaultKind::CutBefore).forever());
    gitlab.settings.worker.first_retry_ms = NonZeroU64::MIN.saturating_add(99);
    gitlab.steward_starts().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    for number in 1..10 {
        gitlab.ben().comments(issue, &format!("Comment {number}"));
    }
    gitlab.sim.settle().await;
    assert_eq!(gitlab.kept(Disposition::Queued).await, 9 + webhooks(face));
    gitlab.sim.clear_faults();
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
    assert_eq!(gitlab.readings(issue), 1, "{:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_come_in_during_the_work_cost_few_readings(#[case] face: Face) {
    let gitlab = World::on(face).await;
    gitlab.warms_up().await;
    // The first reading takes so long that the other events are in by then; on a machine that is
    // slower than that they may make a reading or two more.
    gitlab.sim.fails(Fault::new(FaultKind::Latency { ms: 1500 }).on("GET").at("/issues/"));
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    for number in 1..10 {
        gitlab.ben().comments(issue, &format!("Comment {number}"));
    }
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
    let readings = gitlab.readings(issue);
    assert!((1..=4).contains(&readings), "{readings} readings for ten events");
}
