//! Items that a rule closes: once, not too many, and never against a person.

use rstest::rstest;
use steward::{
    forgesim::{Face, State},
    words::Marker,
};

use super::team_on;
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

async fn world(face: Face) -> World {
    team_on(face, CLOSES).await
}

fn state(gitlab: &World, item: Item) -> State {
    gitlab.shows(item).0.state
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_closed_once_and_keeps_what_was_done(#[case] face: Face) {
    let mut forge = world(face).await;
    let issue = forge.ben().opens_labelled("It is broken", &["duplicate", "Integration::Jira"]);
    forge.rests().await;
    let labels =
        ["Integration::Jira", "devops::plan", "duplicate", "group::project management", "seen"];
    let shown = forge.shows(issue);
    shown.has_just(&labels);
    assert_eq!(shown.0.state, State::Closed);
    let bodies = |forge: &World| -> Vec<String> {
        let shown = forge.shows(issue);
        shown.0.comments_of(crate::world::BOT).iter().map(|note| note.body.clone()).collect()
    };
    let said = bodies(&forge);
    assert_eq!(said.len(), 2);
    insta::allow_duplicates! {
        insta::assert_snapshot!(Marker::strip(&said[1]), @r#"
        This was reported before, so it is closed here. Open it again if it is not the same.

        <sub>A label that you take off stays off, and one that you set stays. Comment `@steward-bot why` for the whole story.</sub>
        "#);
    }
    // Closed, it keeps everything, also when the evidence goes.
    forge.anna().unlabels(issue, "duplicate");
    forge.rests().await;
    forge.anna().labels(issue, "duplicate");
    forge.rests().await;
    assert_eq!(bodies(&forge), said);
    forge.shows(issue).has_just(&labels);

    // Who opens it again has decided, also when all is forgotten.
    forge.anna().reopens(issue);
    forge.rests().await;
    assert_eq!(state(&forge, issue), State::Opened);
    forge.steward_loses_its_database().await;
    forge.ben().comments(issue, "Thank you");
    forge.rests().await;
    assert_eq!(state(&forge, issue), State::Opened);
    assert_eq!(bodies(&forge).len(), 2);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_are_closed_in_a_day_than_the_rule_allows(#[case] face: Face) {
    let forge = world(face).await;
    let all: Vec<Item> = (0..4)
        .map(|n| forge.ben().opens_labelled(&format!("Broken {n}"), &["duplicate"]))
        .collect();
    until_all_are_seen(&forge, &all).await;
    let closed = all.iter().filter(|item| state(&forge, **item) == State::Closed).count();
    assert_eq!(closed, 2);
    for item in &all {
        forge.shows(*item).has_just(&["duplicate", "seen"]).one_comment();
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
