//! People decide: what they take off stays off, what they set stays on.

use rstest::rstest;
use steward::{forgesim::Face, store::AuditState};

use crate::world::{BOT, World};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_a_person_takes_off_is_not_put_back(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira again", &["Integration::Jira"]);
    forge.rests().await;

    forge.carla().unlabels(issue, "group::project management");
    forge.rests().await;
    forge.anna().renames(issue, "Jira, again and again");
    forge.rests().await;
    let shown = forge.shows(issue);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    shown.one_comment().says("`carla` took that label off");
    assert_eq!(shown.times_set("group::project management", BOT), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_a_person_sets_is_kept_and_reported(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Import from Jira", &["Integration::Jira"]);
    forge.rests().await;
    let before = forge.shows(issue).one_comment();

    forge.carla().labels(issue, "group::import");
    forge.rests().await;
    forge.anna().renames(issue, "Import all from Jira");
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_labels(&["group::import", "Integration::Jira"]);
    assert!(!shown.0.has_label("group::project management"), "{:?}", shown.0.labels);
    let after = shown.one_comment().says(&format!(
        "given to your group by `carla`, with the label {}",
        forge.label("group::import")
    ));
    assert_eq!(after.id, before.id, "told in the same comment");
    assert!(forge.audited(issue, AuditState::Held).await.contains(&"held".to_owned()));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_stood_there_before_is_kept(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.carla().opens_issue("Import from Jira");
    forge.carla().labels(issue, "group::import");
    forge.carla().labels(issue, "Integration::Jira");
    forge.rests().await;
    let shown = forge.shows(issue);
    // The stage follows the group that stands there.
    shown.has_just(&["group::import", "Integration::Jira", "devops::create"]);
    shown.one_comment().says(&format!(
        "given to your group by `carla`, with the label {}",
        forge.label("group::import")
    ));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_that_a_person_names_anew_moves_the_item(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Which one?", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.anna().labels(issue, "Integration::Harbor");
    // On GitLab scoped labels exclude each other, and Jira goes by itself.
    if face == Face::Github {
        gitlab.anna().unlabels(issue, "Integration::Jira");
    }
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["Integration::Harbor", "group::container registry", "devops::package"]);
    shown.one_comment().says("Harbor").does_not_say("Jira");
}
