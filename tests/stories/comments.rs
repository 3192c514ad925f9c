//! One live comment an item, whatever happens to it.

use steward::forgesim::{Fault, FaultKind, SimSettings};

use crate::world::{BOT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_a_person_deleted_is_not_posted_again() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let said = gitlab.shows(issue).one_comment();

    gitlab.carla().deletes_comment(issue, said.id);
    // Something to tell, so that the loss is found, and something more after that.
    gitlab.carla().labels(issue, "group::import");
    gitlab.rests().await;
    gitlab.carla().labels(issue, "group::runner");
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::runner"]).no_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_comment_stays_deleted_when_a_write_fails_at_the_same_time() {
    let gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let said = gitlab.shows(issue).one_comment();
    gitlab.carla().deletes_comment(issue, said.id);
    gitlab.rests().await;

    // The comments are looked through, since it is not known what was applied.
    gitlab.sim.fails(Fault::new(FaultKind::BadGatewayBefore).on("PUT").at("/issues/"));
    gitlab.anna().labels(issue, "Integration::Harbor");
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::container registry"]).no_comment();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_far_down_the_pages_is_found_when_the_database_was_lost() {
    let mut gitlab =
        World::without_steward(SimSettings { per_page_cap: 5, ..SimSettings::default() }).await;
    gitlab.steward_starts().await;
    let issue = gitlab.anna().opens_issue("Much is said here");
    for number in 0..12 {
        gitlab.ben().comments(issue, &format!("Before, {number}"));
    }
    gitlab.anna().labels(issue, "Integration::Jira");
    gitlab.rests().await;
    for number in 0..12 {
        gitlab.ben().comments(issue, &format!("After, {number}"));
    }
    gitlab.rests().await;
    let before = gitlab.shows(issue).one_comment();

    gitlab.steward_loses_its_database().await;
    gitlab.sim.clear_requests();
    gitlab.anna().renames(issue, "Much is still said here");
    gitlab.rests().await;
    let after = gitlab.shows(issue).one_comment();
    assert_eq!(after.id, before.id);
    assert!(gitlab.calls_of("GET", "/notes") >= 3, "page after page is read");
    assert_eq!(gitlab.calls_of("POST", "/notes"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_doubled_comment_is_healed() {
    let mut gitlab = World::new().await;
    let issue = gitlab.anna().opens_labelled("Said twice", &["Integration::Jira"]);
    gitlab.rests().await;
    let first = gitlab.shows(issue).one_comment();
    // As after a crash between two writes, or with two Stewards.
    gitlab.person(BOT).comments(issue, &first.body);
    gitlab.rests().await;
    assert_eq!(gitlab.shows(issue).0.comments_of(BOT).len(), 2);

    gitlab.steward_loses_its_database().await;
    gitlab.anna().renames(issue, "Said once");
    gitlab.rests().await;
    let left = gitlab.shows(issue).one_comment();
    assert_eq!(left.id, first.id, "the older one stays");
}
