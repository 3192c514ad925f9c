//! Reviews that rules ask for.

use rstest::rstest;
use steward::{forgesim::Face, store::AuditState};

use super::team_on;
use crate::world::{Item, World};

const RULES: &str = "
  reviewed:
    about: Documentation is reviewed by who knows it
    on: [merge_request]
    when: { label: documentation }
    then: { request_review: { people: ['@carla', '@anna'] } }
";

/// How often Steward asked for reviews.
fn asked(forge: &World, item: Item) -> usize {
    match forge.face {
        Face::Gitlab => forge.calls_of("PUT", &item.api_path()),
        Face::Github => forge.calls_of("POST", "/requested_reviewers"),
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_are_asked_for_a_review_once_in_one_call_and_not_the_author(#[case] face: Face) {
    let forge = team_on(face, RULES).await;
    let item = forge.anna().opens_merge_request("Describe it", &["doc/a.md"]);
    forge.anna().labels(item, "documentation");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["carla"], "and not who opened it");
    assert_eq!(asked(&forge, item), 1);
    assert_eq!(forge.audited(item, AuditState::Applied).await, ["review_requested"]);

    // A person takes the request back: that stays, whatever happens.
    forge.anna().on(item).asks_for_review(&[]).expect("nobody is asked");
    for title in ["Describe it well", "Describe it better"] {
        forge.anna().renames(item, title);
        forge.rests().await;
    }
    assert!(forge.shows(item).0.reviewers.is_empty());
    assert_eq!(asked(&forge, item), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whom_people_asked_stays_asked_and_is_not_asked_again(#[case] face: Face) {
    let forge = team_on(face, RULES).await;
    let item = forge.ben().opens_merge_request("Describe it", &["doc/a.md"]);
    let (anna, carla) = (forge.anna().0.id(), forge.carla().0.id());
    forge.anna().on(item).asks_for_review(&[carla]).expect("asked");
    forge.anna().labels(item, "documentation");
    forge.rests().await;
    let mut reviewers = forge.shows(item).0.reviewers;
    reviewers.sort();
    assert_eq!(reviewers, ["anna", "carla"]);
    assert_eq!(asked(&forge, item), 1);
    // Carla has answered, after which GitHub does not show her any more.
    forge.anna().on(item).asks_for_review(&[anna]).expect("asked");
    forge.anna().renames(item, "Describe it well");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["anna"]);
    assert_eq!(asked(&forge, item), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_access_is_left_out_and_parks_nothing(#[case] face: Face) {
    let rules = RULES.replace("'@anna'", "'@stranger', '@nobody-at-all'");
    let forge = team_on(face, &rules).await;
    forge.sim.set_public(crate::world::PROJECT, true);
    let stranger = forge.sim.add_user("stranger", "Somebody else");
    let item = forge.anna().opens_merge_request("Describe it", &["doc/a.md"]);
    forge.anna().labels(item, "documentation");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["carla"]);
    let calls = asked(&forge, item);
    assert_eq!(calls, if face == Face::Gitlab { 1 } else { 3 }, "together, then each alone");
    forge.anna().renames(item, "Describe it well");
    forge.rests().await;
    assert_eq!(asked(&forge, item), calls, "not before there is another commit");
    assert_eq!(forge.stats().await.parked, 0);

    // Whoever was given access meanwhile is asked at the next commit.
    forge.sim.add_member(crate::world::PROJECT, &stranger, steward::forgesim::access::DEVELOPER);
    forge.anna().on(item).pushes(Vec::new()).expect("pushed");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["carla", "stranger"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_github_teams_are_asked_too() {
    let rules = RULES
        .replace("people: ['@carla', '@anna']", "teams: [docs, other/writers], people: ['@carla']");
    let forge = team_on(Face::Github, &rules).await;
    forge.sim.add_group("example/docs");
    let item = forge.anna().opens_merge_request("Describe it", &["doc/a.md"]);
    forge.anna().labels(item, "documentation");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["carla", "example/docs"]);
    assert_eq!(asked(&forge, item), 1);
    // The team has answered: it is gone, and is not asked again.
    let carla = forge.carla().0.id();
    forge.anna().on(item).asks_for_review(&[carla]).expect("asked");
    forge.anna().renames(item, "Describe it well");
    forge.rests().await;
    assert_eq!(asked(&forge, item), 1);
}

const LIKED: &str = "
  liked:
    about: What many want is seen to
    when: { votes: { up: { at_least: 2 } } }
    then: { labels: { add: [seen] } }
";

/// A pull request alone does not tell who reacted: then it is asked as the issue that it is too.
#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thumbs_are_counted_on_merge_requests_too(#[case] face: Face) {
    let forge = team_on(face, LIKED).await;
    let item = forge.ben().opens_merge_request("Describe it", &["doc/a.md"]);
    forge.rests().await;
    assert!(!forge.shows(item).0.has_label("seen"));
    for person in [forge.anna(), forge.carla()] {
        person.on(item).reacts(None, "thumbsup").expect("a reaction");
    }
    forge.anna().renames(item, "Describe it well");
    forge.rests().await;
    forge.shows(item).has_labels(&["seen"]);
}

/// A team is held with its reason, and the people beside it are asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_gitlab_a_team_is_held_and_people_are_asked() {
    let rules = RULES.replace("people: ['@carla', '@anna']", "teams: [docs], people: ['@carla']");
    let forge = team_on(Face::Gitlab, &rules).await;
    let item = forge.anna().opens_merge_request("Describe it", &["doc/a.md"]);
    forge.anna().labels(item, "documentation");
    forge.anna().comments(item, "@steward-bot why");
    forge.rests().await;
    assert_eq!(forge.shows(item).0.reviewers, ["carla"]);
    let comments = forge.shows(item).0;
    let told = comments.comments_of(crate::world::BOT);
    let says = told.iter().any(|one| one.body.contains("asks people for a review and not teams"));
    assert!(says, "{told:#?}");
}
