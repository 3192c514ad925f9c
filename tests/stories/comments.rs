//! One live comment an item, whatever happens to it.

use rstest::rstest;
use steward::forgesim::{Face, Fault, FaultKind, SimSettings};

use crate::world::{BOT, World};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_a_person_deleted_is_not_posted_again(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    let said = forge.shows(issue).one_comment();

    forge.carla().deletes_comment(issue, said.id);
    // Something to tell, so that the loss is found, and something more after that.
    forge.carla().labels(issue, "group::import");
    forge.rests().await;
    forge.carla().labels(issue, "group::runner");
    forge.rests().await;
    forge.shows(issue).has_labels(&["group::runner"]).no_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_comment_stays_deleted_when_a_write_fails_at_the_same_time(#[case] face: Face) {
    let forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    forge.rests().await;
    let said = forge.shows(issue).one_comment();
    forge.carla().deletes_comment(issue, said.id);
    // GitHub lets an item carry two values of a scope: then it is about both.
    forge.anna().unlabels(issue, "Integration::Jira");
    forge.rests().await;

    // The comments are looked through, since it is not known what was applied.
    let (method, path) = forge.labels_request();
    forge.sim.fails(Fault::new(FaultKind::BadGatewayBefore).on(method).at(path));
    forge.anna().labels(issue, "Integration::Harbor");
    forge.rests().await;
    forge.shows(issue).has_labels(&["group::container registry"]).no_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_far_down_the_pages_is_found_when_the_database_was_lost(#[case] face: Face) {
    let mut forge =
        World::without_steward(SimSettings { face, per_page_cap: 5, ..SimSettings::default() })
            .await;
    forge.steward_starts().await;
    let issue = forge.anna().opens_issue("Much is said here");
    for number in 0..12 {
        forge.ben().comments(issue, &format!("Before, {number}"));
    }
    forge.anna().labels(issue, "Integration::Jira");
    forge.rests().await;
    for number in 0..12 {
        forge.ben().comments(issue, &format!("After, {number}"));
    }
    forge.rests().await;
    let before = forge.shows(issue).one_comment();

    forge.steward_loses_its_database().await;
    forge.sim.clear_requests();
    forge.anna().renames(issue, "Much is still said here");
    forge.rests().await;
    let after = forge.shows(issue).one_comment();
    assert_eq!(after.id, before.id);
    assert!(forge.calls_of("GET", forge.comments_path()) >= 3, "page after page is read");
    assert_eq!(forge.calls_of("POST", forge.comments_path()), 0);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doubled_comment_is_healed(#[case] face: Face) {
    let mut forge = World::on(face).await;
    let issue = forge.anna().opens_labelled("Said twice", &["Integration::Jira"]);
    forge.rests().await;
    let first = forge.shows(issue).one_comment();
    // As after a crash between two writes, or with two Stewards.
    forge.person(BOT).comments(issue, &first.body);
    forge.rests().await;
    assert_eq!(forge.shows(issue).0.comments_of(BOT).len(), 2);

    forge.steward_loses_its_database().await;
    forge.anna().renames(issue, "Said once");
    forge.rests().await;
    let left = forge.shows(issue).one_comment();
    assert_eq!(left.id, first.id, "the older one stays");
}
