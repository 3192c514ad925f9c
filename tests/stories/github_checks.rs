//! As a GitHub App, Steward says what it says of a commit as a check run: with the sheet beneath it,
//! and notes on the lines.

use rstest::rstest;
use serde_json::json;
use steward::forgesim::{Change, CheckRunView, Face, Fault, FaultKind};

use crate::{
    checklists::{model, without_steward},
    github::{hook, status},
    process::{run, settings_of, steward},
    world::{Item, PROJECT, WEBHOOK_SECRET, World, app_secrets},
};

async fn app() -> World {
    let mut world = without_steward(Face::Github).await;
    world.steward_starts_as_an_app(false).await;
    world
}

fn head(github: &World, item: Item) -> String {
    github.shows(item).0.sha.expect("a commit")
}

fn checks(github: &World, item: Item) -> Vec<CheckRunView> {
    github.sim.check_runs(PROJECT, &head(github, item))
}

fn only(github: &World, item: Item) -> CheckRunView {
    let checks = checks(github, item);
    assert_eq!(checks.len(), 1, "{checks:#?}");
    checks[0].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sheet_stands_beneath_the_check_and_its_lines_are_annotated() {
    let github = app().await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    let check = only(&github, request);
    assert_eq!(check.name, "steward/parts");
    assert_eq!(check.state, "completed failure");
    assert_eq!(check.title, "Foo Bar: missing docs and spec");
    let sha = head(&github, request);
    let at = github.sim.url();
    insta::assert_snapshot!(
        check.summary.replace(&sha, "HEAD").replace(at, "https://github.example")
    );
    let line = "app/models/integrations/foo_bar.rb:2 failure ";
    assert_eq!(check.annotations.len(), 1, "{check:#?}");
    assert!(check.annotations[0].starts_with(line), "{check:#?}");
    assert_eq!(github.sim.statuses(PROJECT, &sha), [], "one way is enough");

    // The next commit has a check of its own; a rename of the request changes neither.
    let doc = Change::added("doc/foo_bar.md", "# Foo Bar\n\nThe `url` of it.\n");
    let spec = Change::added("spec/foo_bar_spec.rb", "RSpec.describe FooBar\n");
    github.ben().on(request).pushes(vec![model(), doc, spec]).expect("pushed");
    github.rests().await;
    let check = only(&github, request);
    assert_eq!((check.state.as_str(), check.annotations.len()), ("completed success", 0));
    github.sim.clear_requests();
    github.ben().renames(request, "Add Foo Bar, at last");
    github.rests().await;
    let writes = github.calls().into_iter().filter(|call| call.method != "GET").count();
    assert_eq!(writes, 0, "nothing is new: {:#?}", github.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_waived_changes_the_check_in_place() {
    let github = app().await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    github.person("olga").says(request, "@steward waive spec Its model has no *code*.");
    github.rests().await;
    let check = only(&github, request);
    assert_eq!(check.title, "Foo Bar: missing docs");
    assert!(check.summary.contains("#### Waived"), "{}", check.summary);
    assert!(!check.summary.contains("*code*"), "users' text is escaped: {}", check.summary);
    assert_eq!(check.annotations.len(), 1, "added once: {check:#?}");
}

#[rstest]
#[case::refused(FaultKind::BadGatewayBefore)]
#[case::the_answer_is_lost(FaultKind::CutAfter)]
#[case::applied_and_502(FaultKind::BadGatewayAfter)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_whose_outcome_nobody_knows_is_there_once(#[case] kind: FaultKind) {
    let github = app().await;
    github.sim.fails(Fault::new(kind).on("POST").at("/check-runs"));
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    assert_eq!(only(&github, request).annotations.len(), 1);
    assert_eq!(github.stats().await.parked, 0);
}

#[rstest]
#[case::from_a_branch(true)]
#[case::from_a_fork(false)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_somebody_asks_for_again_is_made_again(#[case] names_it: bool) {
    let github = app().await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    let before = only(&github, request);
    github.sim.rerequests_checks(PROJECT, &head(&github, request));
    assert_eq!(only(&github, request).state, "queued");
    // Where the commit came from a fork, GitHub names no pull request.
    let pulls = if names_it { json!([{ "number": request.iid }]) } else { json!([]) };
    let body = json!({
        "action": "rerequested",
        "check_run": { "id": 1, "external_id": before.external_id, "pull_requests": pulls },
        "repository": { "full_name": PROJECT },
        "sender": { "id": 4711, "login": "anna", "type": "User" },
    });
    let again = hook(&github, "check_run", "again", &body.to_string(), WEBHOOK_SECRET);
    assert_eq!(status(again).await, 200);
    github.rests().await;
    assert_eq!(only(&github, request), before, "with the same notes, and not twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_write_no_checks_sets_statuses() {
    let mut github = without_steward(Face::Github).await;
    let public = include_str!("../data/made-up-github-app.pub.pem");
    let app = github.sim.add_app("steward", "example", public).expect("a key");
    github.sim.forbids_checks();
    github.settings.github.app_id = app.id;
    github.steward_starts_with(app_secrets()).await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    github.rests().await;
    assert_eq!(checks(&github, request), []);
    let statuses = github.sim.statuses(PROJECT, &head(&github, request));
    assert_eq!(statuses.len(), 1, "{statuses:#?}");
    assert_eq!(statuses[0].state, "failed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_shows_what_will_stand_there() {
    let github = without_steward(Face::Github).await;
    let request = github.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    let public = include_str!("../data/made-up-github-app.pub.pem");
    let app = github.sim.add_app("steward", "example", public).expect("a key");
    let mut command = steward(&github.folder(), &["plan", &format!("{PROJECT}!{}", request.iid)]);
    settings_of(&github, &mut command);
    command.env("STEWARD_POLICIES_DIR", &github.settings.policies.dir);
    command.env_remove("STEWARD_GITHUB_TOKEN");
    command.env("STEWARD_GITHUB_APP_ID", app.id.to_string());
    command.env("STEWARD_GITHUB_APP_KEY", include_str!("../data/made-up-github-app.pem"));
    run(command)
        .await
        .exits_with(0)
        .prints("~ status steward/parts on")
        .prints("| ### Foo Bar: 2 required pieces missing")
        .prints("app/models/integrations/foo_bar.rb:2 Foo Bar: Each field is documented.");
    assert_eq!(checks(&github, request), []);
}
