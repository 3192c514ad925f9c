//! Policies change while Steward runs.

use std::{fs, path::Path, time::Duration};

use rstest::rstest;
use serde_json::Value;
use steward::forgesim::Face;
use tempfile::TempDir;

use crate::world::{World, until};

const OURS: &str = "category: Ours
integrations:
  jira:
    name: Jira issue integration
    group: import
    rationale: It moved
    kind: model
    code_names: [jira]
    label: Jira
";

fn write(policies: &Path, path: &str, text: &str) {
    let path = policies.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

/// Steward over a folder of a team's own, which it looks at each second.
async fn with_policies(face: Face) -> (World, TempDir) {
    let policies = tempfile::tempdir().expect("a folder");
    let dir = policies.path().to_owned();
    let gitlab = World::on_with(face, |settings| {
        settings.policies.dir = dir;
        settings.policies.reload_seconds = 1;
    })
    .await;
    (gitlab, policies)
}

async fn health(gitlab: &World) -> Value {
    let answer = reqwest::get(gitlab.steward_url("/healthz")).await.expect("an answer");
    serde_json::from_str(&answer.text().await.expect("a text")).expect("JSON")
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_that_moved_is_routed_anew_without_a_restart(#[case] face: Face) {
    let (gitlab, policies) = with_policies(face).await;
    let issue = gitlab.anna().opens_labelled("Fails", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]);
    let old = health(&gitlab).await["policies"].clone();

    write(policies.path(), "catalog/integrations/ours.yml", OURS);
    until("the new policies", async || health(&gitlab).await["policies"] != old).await;
    gitlab.ben().comments(issue, "Any news?");
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::import"]);
    let plans = gitlab.audit(issue).await;
    assert!(!plans.is_empty());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_policies_are_refused_and_the_old_ones_stay(#[case] face: Face) {
    let (gitlab, policies) = with_policies(face).await;
    let old = health(&gitlab).await["policies"].clone();

    write(policies.path(), "catalog/integrations/ours.yml", &OURS.replace("import", "imprt"));
    until("the refusal", async || health(&gitlab).await["policies_refused"]["times"] == 1).await;
    let now = health(&gitlab).await;
    assert_eq!(now["policies"], old);
    let why = now["policies_refused"]["now"]["why"][0].as_str().expect("a reason");
    assert!(why.contains("ours.yml:5:12") && why.contains("imprt"), "{why}");

    // It goes on with the old ones, and does not count the same files again.
    let issue = gitlab.anna().opens_labelled("Fails", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_labels(&["group::project management"]);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(health(&gitlab).await["policies_refused"]["times"], 1);

    write(policies.path(), "catalog/integrations/ours.yml", OURS);
    until("the mended policies", async || health(&gitlab).await["policies"] != old).await;
    assert_eq!(health(&gitlab).await["policies_refused"]["now"], Value::Null);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_line_of_routing_is_enough_to_change_one_thing(#[case] face: Face) {
    let (gitlab, policies) = with_policies(face).await;
    let old = health(&gitlab).await["policies"].clone();
    write(policies.path(), "routing.yml", "label_stage: false\n");
    until("the new policies", async || health(&gitlab).await["policies"] != old).await;
    let issue = gitlab.anna().opens_labelled("Fails", &["Integration::Jira"]);
    gitlab.rests().await;
    gitlab.shows(issue).has_just(&["Integration::Jira", "group::project management"]);
}
