//! Steward stops, starts, and may lose all that it knew.

use crate::world::{BOT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_settled_item_is_left_as_it_is_when_the_database_was_lost() {
    let mut gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let before = gitlab.shows(issue).one_comment();

    gitlab.steward_loses_its_database().await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["Integration::Jira", "group::project management", "devops::plan"]);
    assert_eq!(shown.one_comment().id, before.id);

    // Steward still knows which labels are its own: it takes them back, and only them.
    gitlab.anna().unlabels(issue, "Integration::Jira");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&[]);
    gitlab.shows(issue).one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_a_person_took_off_stays_off_when_the_database_was_lost() {
    let mut gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.carla().unlabels(issue, "group::project management");
    gitlab.rests().await;

    gitlab.steward_loses_its_database().await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    assert_eq!(shown.times_set("group::project management", BOT), 1);
    shown.one_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_decided_before_a_restart_is_remembered() {
    let mut gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.steward_stops().await;
    gitlab.steward_starts().await;
    gitlab.warms_up().await;

    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    gitlab.shows(issue).one_comment();
    assert_eq!(gitlab.calls().len(), 1, "{:#?}", gitlab.calls());
}
