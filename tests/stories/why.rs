//! `steward why`, as an operator types it.

use rstest::rstest;
use steward::forgesim::Face;

use crate::{
    process::{run, settings_of, steward},
    world::World,
};

async fn why(gitlab: &World, arguments: &[&str]) -> crate::process::Ended {
    let mut command = steward(&gitlab.folder(), &[&["why"], arguments].concat());
    settings_of(gitlab, &mut command);
    run(command).await
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_done_is_told_with_what_was_seen(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.sim.clear_requests();
    let item = issue.subject().reference();
    why(&gitlab, &[&item])
        .await
        .exits_with(0)
        .prints("+ group::project management\n    it is on the item: Steward set it on ")
        .prints("because the label `Integration::Jira`, set by `anna`, names Jira")
        .prints("routing.by_label at policies/catalog/integrations/issue_trackers.yml:")
        .prints("set by steward-bot")
        .prints("the comment on `routing` is there and says what it should")
        .prints("yes routing.by_label: `Integration::Jira` names Jira")
        .prints("no  routing.too_many: integrations on the item: 1; up to 3")
        .prints("yes routing.stage: Plan is the stage of Project Management")
        .prints("what Steward did before, from the database")
        .prints("Nothing was written.\n");
    let json = why(&gitlab, &["--json", &item]).await.exits_with(0).out();
    let told: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(told["labels"][0]["kind"], "steward_set", "{json}");
    assert_eq!(told["routing"][0]["rule"], "routing.states");
    assert!(gitlab.calls().iter().all(|call| call.method == "GET"), "{:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_done_is_told_too(#[case] face: Face) {
    let mut gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira", "bug"]);
    gitlab.rests().await;
    gitlab.carla().unlabels(issue, "devops::plan");
    gitlab.rests().await;
    let item = issue.subject().reference();
    // Also when nothing but the forge remembers.
    gitlab.steward_stops().await;
    std::fs::remove_file(&gitlab.settings.database.path).expect("the database is there");
    why(&gitlab, &[&item, "--label", "devops::plan"])
        .await
        .exits_with(0)
        .prints("= devops::plan\n    it was asked for and is left alone")
        .prints("because `carla` took it off")
        .prints("removed by carla")
        .prints("what Steward did before, from its comments");
    why(&gitlab, &[&item, "--label", "group::import"])
        .await
        .exits_with(0)
        .prints("o group::import\n    it is not on the item, and no rule asks for it")
        .prints("which Import owns");
    why(&gitlab, &[&item, "--label", "bug"]).await.exits_with(0).prints("`anna` set it on");
    why(&gitlab, &[&item, "--label", "import"])
        .await
        .exits_with(0)
        .prints("no rule and no entry of the catalog names it; similar: `group::import`");
}
