//! Items that a rule closes: once, not too many, and never against a person.

use steward::{forgesim::State, words::Marker};

use super::team;
use crate::world::{Item, World};

const CLOSES: &str = "
  duplicate:
    about: A duplicate is talked about elsewhere
    on: [issue]
    when: { label: duplicate }
    then:
      labels: { add: [seen] }
      comment: { text: 'This was reported before, so it is closed here. Open it again if it is not the same.' }
      close: { at_most_a_day: 2 }
";

async fn world() -> World {
    team(CLOSES).await
}

fn state(gitlab: &World, item: Item) -> State {
    gitlab.shows(item).0.state
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_closed_once_and_keeps_what_was_done() {
    let mut gitlab = world().await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["duplicate", "Integration::Jira"]);
    gitlab.rests().await;
    let labels =
        ["Integration::Jira", "devops::plan", "duplicate", "group::project management", "seen"];
    let shown = gitlab.shows(issue);
    shown.has_just(&labels);
    assert_eq!(shown.0.state, State::Closed);
    let bodies = |gitlab: &World| -> Vec<String> {
        let shown = gitlab.shows(issue);
        shown.0.comments_of(crate::world::BOT).iter().map(|note| note.body.clone()).collect()
    };
    let said = bodies(&gitlab);
    assert_eq!(said.len(), 2);
    insta::assert_snapshot!(Marker::strip(&said[1]), @r#"
    This was reported before, so it is closed here. Open it again if it is not the same.

    <sub>A label that you take off stays off, and one that you set stays. Comment `@steward-bot why` for the whole story.</sub>
    "#);
    // Closed, it keeps everything, also when the evidence goes.
    gitlab.anna().unlabels(issue, "duplicate");
    gitlab.rests().await;
    gitlab.anna().labels(issue, "duplicate");
    gitlab.rests().await;
    assert_eq!(bodies(&gitlab), said);
    gitlab.shows(issue).has_just(&labels);

    // Who opens it again has decided, also when all is forgotten.
    gitlab.anna().reopens(issue);
    gitlab.rests().await;
    assert_eq!(state(&gitlab, issue), State::Opened);
    gitlab.steward_loses_its_database().await;
    gitlab.ben().comments(issue, "Thank you");
    gitlab.rests().await;
    assert_eq!(state(&gitlab, issue), State::Opened);
    assert_eq!(bodies(&gitlab).len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_are_closed_in_a_day_than_the_rule_allows() {
    let gitlab = world().await;
    let all: Vec<Item> = (0..4)
        .map(|n| gitlab.ben().opens_labelled(&format!("Broken {n}"), &["duplicate"]))
        .collect();
    until_all_are_seen(&gitlab, &all).await;
    let closed = all.iter().filter(|item| state(&gitlab, **item) == State::Closed).count();
    assert_eq!(closed, 2);
    for item in &all {
        gitlab.shows(*item).has_just(&["duplicate", "seen"]).one_comment();
    }
}

/// Those that wait for tomorrow are still to be done, so that Steward has no rest.
async fn until_all_are_seen(gitlab: &World, all: &[Item]) {
    crate::world::until("all are labelled and told", async || {
        let mut shown = all.iter().map(|item| gitlab.shows(*item));
        shown.all(|one| one.0.has_label("seen") && one.0.comments().count() == 1)
    })
    .await;
    crate::world::until("nothing is under way", async || {
        let stats = gitlab.stats().await;
        stats.ready + stats.running == 0
    })
    .await;
}
