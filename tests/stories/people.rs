//! People decide: what they take off stays off, what they set stays on.

use steward::store::AuditState;

use crate::world::{BOT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_a_person_takes_off_is_not_put_back() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira again", &["Integration::Jira"]);
    gitlab.rests().await;

    gitlab.carla().unlabels(issue, "group::project management");
    gitlab.rests().await;
    gitlab.anna().renames(issue, "Jira, again and again");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    shown.one_comment().says("`carla` took that label off");
    assert_eq!(shown.times_set("group::project management", BOT), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_a_person_sets_is_kept_and_reported() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Import from Jira", &["Integration::Jira"]);
    gitlab.rests().await;
    let before = gitlab.shows(issue).one_comment();

    gitlab.carla().labels(issue, "group::import");
    gitlab.rests().await;
    gitlab.anna().renames(issue, "Import all from Jira");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_labels(&["group::import", "Integration::Jira"]);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    let after = shown
        .one_comment()
        .says("given to your group by `carla`, with the label ~\"group::import\"");
    assert_eq!(after.id, before.id, "told in the same comment");
    assert!(gitlab.audited(issue, AuditState::Held).await.contains(&"held".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_stood_there_before_is_kept() {
    let gitlab = World::new().await;
    let issue = gitlab.carla().opens_issue("Import from Jira");
    gitlab.carla().labels(issue, "group::import");
    gitlab.carla().labels(issue, "Integration::Jira");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    // The stage follows the group that stands there.
    shown.has_just(&["group::import", "Integration::Jira", "devops::create"]);
    shown.one_comment().says("given to your group by `carla`, with the label ~\"group::import\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_that_a_person_names_anew_moves_the_item() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Which one?", &["Integration::Jira"]);
    gitlab.rests().await;
    // Scoped labels exclude each other: Jira goes.
    gitlab.anna().labels(issue, "Integration::Harbor");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["Integration::Harbor", "group::container registry", "devops::package"]);
    shown.one_comment().says("Harbor").does_not_say("Jira");
}
