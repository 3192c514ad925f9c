//! What rules say: one comment for all, edited in place.

use rstest::rstest;
use steward::{forgesim::Face, words::Marker};

use super::team_on;
use crate::world::World;

const RULES: &str = "
  described:
    about: An issue tells how to see what is wrong
    on: [issue]
    when: { all: [{ label: bug }, { not: { description: { contains: steps } } }] }
    then:
      mention: author
      comment:
        text: 'Please add the steps that lead to it, then somebody can look.'
      labels: { add: [triage] }
  complete:
    about: A bug needs a few things before it is worked on
    on: [issue]
    when: { all: [{ label: bug }, { not: { all: [{ assigned: true }, { milestone: { set: true } }] } }] }
    then:
      checklist:
        - { text: Somebody has it, done: { assigned: true } }
        - { text: It has a milestone, done: { milestone: { set: true } } }
        - { text: It was talked about }
";

async fn world(face: Face) -> World {
    team_on(face, RULES).await
}

fn text(body: &str) -> &str {
    Marker::strip(body)
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rules_speak_in_one_comment_that_follows_what_is_done(#[case] face: Face) {
    let gitlab = world(face).await;
    let milestone = gitlab.sim.add_milestone(crate::world::PROJECT, "18.10", None, None);
    let issue = gitlab.ben().opens_labelled("It is broken", &["bug"]);
    gitlab.rests().await;
    let first = gitlab.shows(issue).one_comment();
    insta::allow_duplicates! {
        insta::assert_snapshot!(text(&first.body), @r#"
    @ben: Please add the steps that lead to it, then somebody can look.

    A bug needs a few things before it is worked on

    - [ ] Somebody has it
    - [ ] It has a milestone
    - [ ] It was talked about

    <sub>A label that you take off stays off, and one that you set stays. Comment `@steward-bot why` for the whole story.</sub>
    "#);
    }
    assert_eq!(gitlab.disturbed(), ["ben"]);

    gitlab.ben().describes(issue, "The steps: none.");
    let carla = gitlab.carla().0.id();
    gitlab.anna().on(issue).assigns(&[carla]).expect("assigned");
    gitlab.rests().await;
    let second = gitlab.shows(issue).has_just(&["bug"]).one_comment();
    assert_eq!(second.id, first.id);
    insta::allow_duplicates! {
        insta::assert_snapshot!(text(&second.body), @r#"
    A bug needs a few things before it is worked on

    - [x] Somebody has it
    - [ ] It has a milestone
    - [ ] It was talked about
    "#);
    }

    gitlab.anna().on(issue).sets_milestone(Some(milestone)).expect("set");
    gitlab.rests().await;
    let third = gitlab.shows(issue).one_comment();
    assert_eq!(third.id, first.id);
    insta::allow_duplicates! {
        insta::assert_snapshot!(text(&third.body), @"What was said here is done, or no longer applies to this issue.");
    }

    // And it speaks again, in the same place.
    gitlab.anna().on(issue).sets_milestone(None).expect("taken off");
    gitlab.rests().await;
    assert_eq!(gitlab.shows(issue).one_comment().says("- [x] Somebody has it").id, first.id);
    assert_eq!(gitlab.disturbed(), ["ben"], "once");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_database_doubles_nothing(#[case] face: Face) {
    let mut gitlab = world(face).await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["bug", "Integration::Jira"]);
    gitlab.rests().await;
    let comments = |gitlab: &World| -> Vec<(u64, String)> {
        let shown = gitlab.shows(issue);
        let all = shown.0.comments_of(crate::world::BOT);
        all.iter().map(|note| (note.id, note.body.clone())).collect()
    };
    let before = comments(&gitlab);
    assert_eq!(before.len(), 2, "{before:#?}");

    gitlab.steward_loses_its_database().await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    assert_eq!(comments(&gitlab), before, "and nothing is edited");

    // What was Steward's before still is.
    gitlab.steward_loses_its_database().await;
    gitlab.ben().describes(issue, "The steps: none.");
    gitlab.rests().await;
    assert!(!gitlab.shows(issue).0.has_label("triage"), "{:?}", gitlab.shows(issue).0.labels);
    assert_eq!(comments(&gitlab).len(), 2);

    // What nothing calls for when the database was lost is known too.
    gitlab.steward_loses_its_database().await;
    gitlab.anna().unlabels(issue, "bug");
    gitlab.rests().await;
    gitlab.anna().labels(issue, "bug");
    gitlab.rests().await;
    let after = comments(&gitlab);
    assert_eq!(after.len(), 2, "{after:#?}");
    assert!(after.iter().any(|(_, body)| body.contains("- [ ] Somebody has it")), "{after:#?}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_that_a_person_deleted_is_not_posted_again(#[case] face: Face) {
    let gitlab = world(face).await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["bug"]);
    gitlab.rests().await;
    let said = gitlab.shows(issue).one_comment();
    gitlab.anna().deletes_comment(issue, said.id);
    gitlab.ben().describes(issue, "The steps: none.");
    gitlab.rests().await;
    gitlab.anna().unlabels(issue, "bug");
    gitlab.anna().labels(issue, "bug");
    gitlab.rests().await;
    gitlab.shows(issue).no_comment();
}
