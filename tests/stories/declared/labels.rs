//! Labels that rules set, and take back.

use steward::{forgesim::Change, store::AuditState};

use super::team;
use crate::world::{BOT, World};

const BROKEN: &str = "
  broken:
    about: What is broken comes first
    on: [issue]
    when: { title: { contains: broken } }
    then: { labels: { add: [urgent], remove: [triage] } }
";

async fn broken() -> World {
    team(BROKEN).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_is_set_while_the_rule_holds() {
    let gitlab = broken().await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["triage", "bug"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["bug", "urgent"]).no_comment();
    gitlab.anna().renames(issue, "It works");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["bug"]).no_comment();
    // What was there before the rule is not Steward's to take.
    let other = gitlab.ben().opens_labelled("It works too", &["urgent"]);
    gitlab.rests().await;
    gitlab.shows(other).has_just(&["urgent"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_takes_off_stays_off_and_what_they_put_back_stays() {
    let gitlab = broken().await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["triage"]);
    gitlab.rests().await;
    gitlab.anna().unlabels(issue, "urgent");
    gitlab.carla().labels(issue, "triage");
    gitlab.rests().await;
    gitlab.ben().renames(issue, "It is still broken");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["triage"]);
    assert_eq!(shown.times_set("urgent", BOT), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_an_item_that_is_not_open_all_stays() {
    let gitlab = broken().await;
    let issue = gitlab.ben().opens_issue("It is broken");
    gitlab.rests().await;
    gitlab.anna().closes(issue);
    gitlab.anna().renames(issue, "It works");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["urgent"]);
    gitlab.anna().reopens(issue);
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_comes_ten_times_does_nothing_twice() {
    let gitlab = team(&format!(
        "{BROKEN}    mode: \"on\"
  said:
    about: What is urgent is told
    when: {{ title: {{ contains: broken }} }}
    then: {{ comment: {{ text: Somebody will look soon. }} }}
"
    ))
    .await;
    let issue = gitlab.ben().opens_issue("It is broken");
    gitlab.rests().await;
    let delivery = gitlab.sim.deliveries().first().expect("a delivery").id;
    for _ in 0..10 {
        gitlab.sim.resend(delivery).expect("sent again");
    }
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["urgent"]).one_comment();
    assert_eq!(shown.times_set("urgent", BOT), 1);
    let done = gitlab.audited(issue, AuditState::Applied).await;
    assert_eq!(done, ["label_present", "comment_posted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_matters_who_set_a_label_and_who_the_author_is() {
    let gitlab = team(
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
    let theirs = gitlab.ben().opens_labelled("From outside", &["stale"]);
    let ours = gitlab.anna().opens_issue("An old thing");
    gitlab.rests().await;
    gitlab.shows(theirs).has_just(&["community", "seen", "stale"]);
    gitlab.shows(ours).has_just(&["stale"]);
    gitlab.carla().unlabels(ours, "stale");
    gitlab.carla().labels(ours, "stale");
    gitlab.rests().await;
    gitlab.shows(ours).has_just(&["seen", "stale"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expression_says_what_predicates_cannot() {
    let gitlab = team(
        "
  talked_about:
    about: Several labels and a long title
    when_expr: size(item.labels) >= 2 && size(item.title) > 10 && item.votes.up >= item.votes.down
    then: { labels: { add: [triage] } }
",
    )
    .await;
    let short = gitlab.anna().opens_labelled("Short", &["a", "b"]);
    let long = gitlab.anna().opens_labelled("A longer title", &["a", "b"]);
    gitlab.rests().await;
    gitlab.shows(short).has_just(&["a", "b"]);
    gitlab.shows(long).has_just(&["a", "b", "triage"]);
    // Its own label is no evidence.
    gitlab.anna().unlabels(long, "a");
    gitlab.rests().await;
    gitlab.shows(long).has_just(&["b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_list_that_the_forge_cut_nobody_can_tell() {
    let gitlab = team(
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
    let files = |count: usize| -> Vec<Change> {
        (0..count).map(|n| Change::added(format!("lib/{n}.rb"), "x\n")).collect()
    };
    let small = gitlab.anna().opens_with_changes("Small", files(2));
    gitlab.anna().labels(small, "feature");
    let large = gitlab.anna().opens_with_changes("Large", files(1001));
    gitlab.anna().labels(large, "feature");
    gitlab.rests().await;
    gitlab.shows(small).has_just(&["feature", "needs-docs"]).one_comment();
    gitlab.shows(large).has_just(&["feature"]).no_comment();
    // What was done before the list was cut stays.
    gitlab.anna().on(small).pushes(files(1001)).expect("pushed");
    gitlab.rests().await;
    gitlab.shows(small).has_just(&["feature", "needs-docs"]).one_comment().says("document it");
    gitlab.anna().on(small).pushes(vec![Change::added("doc/a.md", "x\n")]).expect("pushed");
    gitlab.rests().await;
    gitlab.shows(small).has_just(&["feature"]).one_comment().does_not_say("document it");
}
