//! Labels that rules set, and take back.

use rstest::rstest;
use steward::{
    forgesim::{Change, Face},
    store::AuditState,
};

use super::team_on;
use crate::world::{BOT, World};

const BROKEN: &str = "
  broken:
    about: What is broken comes first
    on: [issue]
    when: { title: { contains: broken } }
    then: { labels: { add: [urgent], remove: [triage] } }
";

async fn broken(face: Face) -> World {
    team_on(face, BROKEN).await
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_is_set_while_the_rule_holds(#[case] face: Face) {
    let forge = broken(face).await;
    let issue = forge.ben().opens_labelled("It is broken", &["triage", "bug"]);
    forge.rests().await;
    forge.shows(issue).has_just(&["bug", "urgent"]).no_comment();
    forge.anna().renames(issue, "It works");
    forge.rests().await;
    forge.shows(issue).has_just(&["bug"]).no_comment();
    // What was there before the rule is not Steward's to take.
    let other = forge.ben().opens_labelled("It works too", &["urgent"]);
    forge.rests().await;
    forge.shows(other).has_just(&["urgent"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_takes_off_stays_off_and_what_they_put_back_stays(#[case] face: Face) {
    let forge = broken(face).await;
    let issue = forge.ben().opens_labelled("It is broken", &["triage"]);
    forge.rests().await;
    forge.anna().unlabels(issue, "urgent");
    forge.carla().labels(issue, "triage");
    forge.rests().await;
    forge.ben().renames(issue, "It is still broken");
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_just(&["triage"]);
    assert_eq!(shown.times_set("urgent", BOT), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_an_item_that_is_not_open_all_stays(#[case] face: Face) {
    let forge = broken(face).await;
    let issue = forge.ben().opens_issue("It is broken");
    forge.rests().await;
    forge.anna().closes(issue);
    forge.anna().renames(issue, "It works");
    forge.rests().await;
    forge.shows(issue).has_just(&["urgent"]);
    forge.anna().reopens(issue);
    forge.rests().await;
    forge.shows(issue).has_just(&[]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_comes_ten_times_does_nothing_twice(#[case] face: Face) {
    let forge = team_on(
        face,
        &format!(
            "{BROKEN}    mode: \"on\"
  said:
    about: What is urgent is told
    when: {{ title: {{ contains: broken }} }}
    then: {{ comment: {{ text: Somebody will look soon. }} }}
"
        ),
    )
    .await;
    let issue = forge.ben().opens_issue("It is broken");
    forge.rests().await;
    let delivery = forge.sim.deliveries().first().expect("a delivery").id;
    for _ in 0..10 {
        forge.sim.resend(delivery).expect("sent again");
    }
    forge.rests().await;
    let shown = forge.shows(issue);
    shown.has_just(&["urgent"]).one_comment();
    assert_eq!(shown.times_set("urgent", BOT), 1);
    let done = forge.audited(issue, AuditState::Applied).await;
    assert_eq!(done, ["label_present", "comment_posted"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_matters_who_set_a_label_and_who_the_author_is(#[case] face: Face) {
    let forge = team_on(
        face,
        "
  by_hand:
    about: A person calls it stale
    when: { label_set: { label: stale, by: person } }
    then: { labels: { add: [seen] } }
  old:
    about: Old things get stale
    when: { title: { contains: old } }
    then: { labels: { add: [stale] } }
  welcome:
    about: The author is no member
    when: { author: { member: false } }
    then: { labels: { add: [community] } }
",
    )
    .await;
    let theirs = forge.ben().opens_labelled("From outside", &["stale"]);
    let ours = forge.anna().opens_issue("An old thing");
    forge.rests().await;
    forge.shows(theirs).has_just(&["community", "seen", "stale"]);
    forge.shows(ours).has_just(&["stale"]);
    forge.carla().unlabels(ours, "stale");
    forge.carla().labels(ours, "stale");
    forge.rests().await;
    forge.shows(ours).has_just(&["seen", "stale"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expression_says_what_predicates_cannot(#[case] face: Face) {
    let forge = team_on(
        face,
        "
  talked_about:
    about: Several labels and a long title
    when_expr: size(item.labels) >= 2 && size(item.title) > 10 && item.votes.up >= item.votes.down
    then: { labels: { add: [triage] } }
",
    )
    .await;
    let short = forge.anna().opens_labelled("Short", &["a", "b"]);
    let long = forge.anna().opens_labelled("A longer title", &["a", "b"]);
    forge.rests().await;
    forge.shows(short).has_just(&["a", "b"]);
    forge.shows(long).has_just(&["a", "b", "triage"]);
    // Its own label is no evidence.
    forge.anna().unlabels(long, "a");
    forge.rests().await;
    forge.shows(long).has_just(&["b"]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_list_that_the_forge_cut_nobody_can_tell(#[case] face: Face) {
    let forge = team_on(
        face,
        "
  documented:
    about: It has no documentation
    on: [merge_request]
    when:
      all: [{ label: feature }, { not: { changes: { paths: 'doc/**' } } }]
    then: { labels: { add: [needs-docs] }, comment: { text: Please document it. } }
",
    )
    .await;
    // One more than the forge lists.
    let too_many = if face == Face::Gitlab { 1001 } else { 3001 };
    let files = |count: usize| -> Vec<Change> {
        (0..count).map(|n| Change::added(format!("lib/{n}.rb"), "x\n")).collect()
    };
    let small = forge.anna().opens_with_changes("Small", files(2));
    forge.anna().labels(small, "feature");
    let large = forge.anna().opens_with_changes("Large", files(too_many));
    forge.anna().labels(large, "feature");
    forge.rests().await;
    forge.shows(small).has_just(&["feature", "needs-docs"]).one_comment();
    forge.shows(large).has_just(&["feature"]).no_comment();
    // What was done before the list was cut stays.
    forge.anna().on(small).pushes(files(too_many)).expect("pushed");
    forge.rests().await;
    forge.shows(small).has_just(&["feature", "needs-docs"]).one_comment().says("document it");
    forge.anna().on(small).pushes(vec![Change::added("doc/a.md", "x\n")]).expect("pushed");
    forge.rests().await;
    forge.shows(small).has_just(&["feature"]).one_comment().does_not_say("document it");
}
