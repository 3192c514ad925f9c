//! Steward stops, starts, and may lose all that it knew.

use rstest::rstest;
use steward::forgesim::Face;

use crate::world::{BOT, World};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settled_item_is_left_as_it_is_when_the_database_was_lost(#[case] face: Face) {
    let mut forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    let before = forge.shows(issue).one_comment();

    forge.steward_loses_its_database().await;
    forge.ben().comments(issue, "Any news?");
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_just(&["Integration::Jira", "group::project management", "devops::plan"]);
    assert_eq!(shown.one_comment().id, before.id);

    // Steward still knows which labels are its own: it takes them back, and only them.
    forge.anna().unlabels(issue, "Integration::Jira");
    forge.rests().await;
    forge.shows(issue).has_just(&[]);
    forge.shows(issue).one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_a_person_took_off_stays_off_when_the_database_was_lost(#[case] face: Face) {
    let mut forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    forge.carla().unlabels(issue, "group::project management");
    forge.rests().await;

    forge.steward_loses_its_database().await;
    forge.ben().comments(issue, "Any news?");
    forge.rests().await;
    let shown = forge.shows(issue);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    assert_eq!(shown.times_set("group::project management", BOT), 1);
    shown.one_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_before_a_restart_is_remembered(#[case] face: Face) {
    let mut forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    forge.steward_stops().await;
    forge.steward_starts().await;
    forge.warms_up().await;

    forge.ben().comments(issue, "Any news?");
    forge.rests().await;
    forge.shows(issue).one_comment();
    assert_eq!(forge.calls().len(), 1, "{:#?}", forge.calls());
}
