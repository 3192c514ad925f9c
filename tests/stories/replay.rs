//! `steward replay`, beside a server that is up.

use rstest::rstest;
use steward::forgesim::Face;

use crate::{
    process::{Ended, run, settings_of, steward},
    world::World,
};

async fn replay(gitlab: &World, policies: Option<&std::path::Path>, arguments: &[&str]) -> Ended {
    let mut command = steward(&gitlab.folder(), &[&["replay"], arguments].concat());
    settings_of(gitlab, &mut command);
    command.env_remove(gitlab.token_variable());
    if let Some(policies) = policies {
        command.env("STEWARD_POLICIES_DIR", policies);
    }
    run(command).await
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_policies_shows_in_what_was_decided(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let first = gitlab.sim.deliveries().first().expect("the webhook").idempotency_key.to_string();
    let other = gitlab.anna().opens_issue("Nothing here");
    gitlab.rests().await;

    let item = issue.subject().reference();
    replay(&gitlab, None, &[&item])
        .await
        .exits_with(0)
        .prints(" same\n")
        .prints(" 0 other, 0 not to tell");

    let policies = gitlab.folder().join("policies");
    std::fs::create_dir(&policies).expect("the folder");
    let routing = include_str!("../../policies/routing.yml")
        .replace("label_stage: true", "label_stage: false");
    std::fs::write(policies.join("routing.yml"), routing).expect("the file");
    gitlab.sim.clear_requests();
    for which in [item.as_str(), &first] {
        replay(&gitlab, Some(&policies), &[which])
            .await
            .exits_with(0)
            .prints(" other\n")
            .prints("- set label devops::plan")
            .prints("because Plan is the stage of `group::project management`")
            .prints(" 1 other");
    }
    let json =
        replay(&gitlab, Some(&policies), &["--json", "--since", "1 day"]).await.exits_with(0).out();
    let all: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let decisions = all["decisions"].as_array().expect("decisions");
    let came = |iid: u64| {
        let its = decisions.iter().filter(|one| one["subject"]["number"] == iid);
        its.map(|one| one["came_to"].as_str().expect("a result")).collect::<Vec<_>>()
    };
    assert_eq!(came(other.iid), ["same"], "what asked for nothing is replayed too: {json}");
    assert!(came(issue.iid).contains(&"other"), "{json}");
    assert!(gitlab.calls().is_empty(), "nobody is asked: {:#?}", gitlab.calls());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_is_said(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_labelled("Jira is down", &["Integration::Jira"]);
    gitlab.rests().await;
    let policies = gitlab.folder().join("policies");
    std::fs::create_dir_all(policies.join("catalog")).expect("the folder");
    let groups = include_str!("../../policies/catalog/groups.yml")
        .replace("group::project management", "group::other name");
    std::fs::write(policies.join("catalog/groups.yml"), groups).expect("the file");
    replay(&gitlab, Some(&policies), &[&issue.subject().reference()])
        .await
        .exits_with(0)
        .prints("cannot tell without reading: label group::other name");
    replay(&gitlab, None, &["example/product#404"])
        .await
        .exits_with(1)
        .complains("no decision on example/product#404 is recorded");
    replay(&gitlab, None, &["--since", "soon"]).await.exits_with(1).complains("`soon` is no time");
    replay(&gitlab, None, &["nonsense"]).await.exits_with(1).complains("no delivery `nonsense`");
}
