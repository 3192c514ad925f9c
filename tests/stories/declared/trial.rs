//! Rules on trial: in shadow, and acting for some first.

use rstest::rstest;
use steward::forgesim::Face;

use super::{team_on, team_writes};
use crate::{
    process::{Ended, run, settings_of, steward},
    world::{Item, World},
};

const URGENT: &str = "
  urgent:
    about: What is broken comes first
    when: { title: { contains: broken } }
    then: { labels: { add: [urgent] }, comment: { text: Somebody will look soon. } }
";

async fn plan(gitlab: &World, item: Item) -> Ended {
    let mut command = steward(&gitlab.folder(), &["plan", &item.subject().reference()]);
    settings_of(gitlab, &mut command);
    command.env("STEWARD_POLICIES_DIR", &gitlab.settings.policies.dir);
    run(command).await.exits_with(0)
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_in_shadow_writes_nothing_and_is_recorded(#[case] face: Face) {
    let gitlab = team_on(face, &format!("{URGENT}    mode: shadow\n")).await;
    let issue = gitlab.ben().opens_labelled("It is broken", &["Integration::Jira"]);
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    shown.has_just(&["Integration::Jira", "devops::plan", "group::project management"]);
    shown.one_comment().does_not_say("look soon");
    let audit = gitlab.audit(issue).await;
    let id = audit.first().expect("a plan").plan;
    let stored = gitlab.store().plan(id).await.expect("the database");
    let recorded = stored.and_then(|stored| stored.plan).expect("the plan is kept");
    let would: Vec<&str> = recorded.shadow.iter().map(|one| one.would.as_str()).collect();
    assert_eq!(would, ["labels: add urgent", "comment: rules"]);
    plan(&gitlab, issue)
        .await
        .prints("Rules on trial would, and do not:\n? labels: add urgent\n")
        .prints("because What is broken comes first (title: It is broken)");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_acts_for_one_group_first_and_then_for_all(#[case] face: Face) {
    let mut gitlab = team_on(
        face,
        &format!("{URGENT}    mode: canary\n    canary: {{ groups: [project_management] }}\n"),
    )
    .await;
    let first = gitlab.ben().opens_labelled("It is broken", &["Integration::Jira"]);
    let other = gitlab.ben().opens_labelled("It is broken", &["Integration::Harbor"]);
    gitlab.rests().await;
    gitlab.shows(first).has_labels(&["urgent"]);
    assert_eq!(gitlab.shows(first).0.comments().count(), 2);
    assert!(!gitlab.shows(other).0.has_label("urgent"));
    gitlab.shows(other).one_comment().does_not_say("look soon");
    plan(&gitlab, other).await.prints("? comment: rules");

    team_writes(&mut gitlab, URGENT).await;
    gitlab.ben().comments(other, "Any news?");
    gitlab.rests().await;
    gitlab.shows(other).has_labels(&["urgent"]);
    assert_eq!(gitlab.shows(other).times_set("urgent", crate::world::BOT), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_rule_did_stays_when_it_is_put_on_trial_and_goes_when_it_is_switched_off(
    #[case] face: Face,
) {
    let mut gitlab = team_on(face, URGENT).await;
    let issue = gitlab.ben().opens_issue("It is broken");
    gitlab.rests().await;
    team_writes(&mut gitlab, &format!("{URGENT}    mode: shadow\n")).await;
    gitlab.ben().renames(issue, "It works");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["urgent"]).one_comment().says("look soon");
    team_writes(&mut gitlab, &format!("{URGENT}    mode: \"off\"\n")).await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&[]).one_comment().does_not_say("look soon");
}
