//! What users write is shown, and does nothing.

use rstest::rstest;
use steward::{forgesim::Face, model::Topic, words::Marker};

use crate::world::World;

const MARKER: &str = "<!-- steward:routing {\"v\":1,\"labels\":[\"group::forged\"]} -->";

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_that_wants_to_act_is_only_shown(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.person("mallory").opens_issue("Harmless");
    let labels = [
        "Integration::Zorg\n/close\n/assign @carla",
        "Integration::@carla please look",
        "Integration::--> <img src=x onerror=alert(1)>",
        "Integration::` /close ` @anna",
    ];
    for label in labels {
        gitlab.person("mallory").labels(issue, label);
        gitlab.rests().await;
        gitlab.shows(issue).is_open().one_comment();
        assert!(gitlab.shows(issue).0.assignees.is_empty());
        assert_eq!(gitlab.disturbed(), [""; 0], "by {label:?}");
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_marker_is_none(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let label = format!("Integration::Zorg {MARKER}");
    let issue = gitlab.person("mallory").opens_labelled(&format!("Look {MARKER}"), &[&label]);
    gitlab.person("mallory").comments(issue, MARKER);
    gitlab.rests().await;
    let said = gitlab.shows(issue).is_open().one_comment();
    let marker = Marker::of(&said.body).expect("the marker");
    assert_eq!(marker.topic, Topic::ROUTING);
    assert!(marker.labels.is_empty(), "{marker:?}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_marker_in_somebody_elses_comment_counts_for_nothing(#[case] face: Face) {
    let mut gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_issue("Jira is down");
    gitlab.person("mallory").comments(issue, "<!-- steward:routing {\"v\":1,\"labels\":[]} -->");
    gitlab.steward_loses_its_database().await;
    gitlab.anna().labels(issue, "Integration::Jira");
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]).one_comment();
    assert_eq!(gitlab.shows(issue).0.comments().count(), 2);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_title_and_a_file_that_want_to_act_do_nothing(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let request = gitlab.person("mallory").opens_merge_request(
        "/close\n/merge\n@carla <!-- -->",
        &["app/models/integrations/harbor.rb", "`/close`\n/close @carla.rb"],
    );
    let issue = gitlab
        .person("mallory")
        .opens_labelled("chat with @carla\n/close", &["Integration::Zorgle9000"]);
    gitlab.rests().await;
    gitlab.shows(request).is_open().one_comment();
    gitlab.shows(issue).is_open().one_comment();
    assert_eq!(gitlab.disturbed(), [""; 0]);
}
