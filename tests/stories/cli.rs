//! The commands, as an operator types them.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

use rstest::rstest;
use serde_json::Value;
use steward::{forgesim::Face, model::Effect, settings::Settings};
use tempfile::TempDir;

use crate::{
    process::{Ended, run, settings_of, steward},
    world::{Item, PROJECT, World},
};

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// A command of somebody who has set up everything.
fn equipped(gitlab: &World, arguments: &[&str]) -> Command {
    let mut command = steward(&gitlab.folder(), arguments);
    settings_of(gitlab, &mut command);
    command
}

fn address(gitlab: &World, item: Item) -> String {
    let below = if gitlab.face == Face::Gitlab { "/-" } else { "" };
    format!("{}/{}{below}/issues/{}", gitlab.sim.url(), item.project, item.iid)
}

async fn serve_with(name: &str, value: &str) -> Ended {
    let folder = folder();
    let mut command = steward(folder.path(), &["serve"]);
    command.env(name, value);
    run(command).await.exits_with(1)
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_shows_comments_labels_and_reasons(#[case] face: Face) {
    let folder = folder();
    let forge = if face == Face::Gitlab { "gitlab" } else { "github" };
    run(steward(folder.path(), &["demo", "--forge", forge]))
        .await
        .exits_with(0)
        .prints("+ group::project management")
        .prints("because the label `Integration::Jira`, set by `anna`, names Jira")
        .prints("comment posted")
        .prints("comment edited in place")
        .prints("your group")
        .prints("The end.");
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(left.is_empty(), "the demo leaves nothing behind: {left:?}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_printed_and_nothing_is_written(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let issue = gitlab.anna().opens_issue("Jira is down");
    let warm = gitlab.anna().opens_labelled("Done already", &["Integration::Jira"]);
    gitlab.rests().await;
    // Steward itself is not up: nothing but the command calls.
    let mut gitlab = gitlab;
    gitlab.steward_stops().await;
    gitlab.anna().labels(issue, "Integration::Jira");
    gitlab.sim.clear_requests();

    let url = address(&gitlab, issue);
    run(equipped(&gitlab, &["plan", &url]))
        .await
        .exits_with(0)
        .prints("+ label group::project management")
        .prints("+ label devops::plan")
        .prints("because the label `Integration::Jira`, set by `anna`, names Jira")
        .prints("routing.by_label at policies/catalog/integrations/issue_trackers.yml:")
        .prints("+ comment")
        .prints("which your group owns")
        .prints("example/product#1 \"Jira is down\" (policies ")
        .prints("Nothing was written.\n");
    run(equipped(&gitlab, &["plan", "example/product#2"]))
        .await
        .exits_with(0)
        .prints("Nothing to do.");
    assert_eq!(warm.iid, 2);
    let json = run(equipped(&gitlab, &["plan", "--json", &url])).await.exits_with(0).out();
    let plan: steward::model::Plan = serde_json::from_str(&json).expect("a plan");
    assert_eq!(plan.subject, issue.subject());
    assert_eq!(plan.actions.len(), 3);
    assert!(matches!(plan.actions[2].effect, Effect::CommentPosted { .. }));

    let calls = gitlab.calls();
    assert!(!calls.is_empty() && calls.iter().all(|call| call.method == "GET"), "{calls:#?}");
    gitlab.shows(issue).has_just(&["Integration::Jira"]).no_comment();
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_for_what_is_no_item_says_what_one_is(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let nonsense = run(equipped(&gitlab, &["plan", "nonsense"])).await.exits_with(1);
    assert!(nonsense.err().contains("nonsense"), "{}", nonsense.err());
    run(equipped(&gitlab, &["plan", "example/product#404"])).await.exits_with(1).complains("404");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_policies_name_and_the_forge_lacks_is_a_mistake(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    let team = gitlab.folder().join("team");
    std::fs::create_dir_all(team.join("rules")).expect("a folder");
    let rules = "rules:\n  urgent:\n    about: What is urgent is done by Carla\n    when: { label: \
                 urgent }\n    then: { assign: '@carla', mention: '@nobody-at-all', milestone: '18.10' }\n";
    std::fs::write(team.join("rules/team.yml"), rules).expect("written");
    let online = ["lint", "team", "--online"];
    run(equipped(&gitlab, &online)).await.exits_with(1).complains("no project to ask");
    let asks = async || {
        let mut command = equipped(&gitlab, &online);
        command.env(gitlab.projects_variable(), PROJECT);
        run(command).await
    };
    let lacks = |what: &str| format!("example/product has no {what}");
    let told = asks().await.exits_with(1).prints(&lacks("milestone 18.10"));
    let told = told.prints(&lacks("account nobody-at-all")).prints("rules/team.yml:").out();
    assert!(!told.contains("label") && !told.contains("carla"), "{told}");

    gitlab.sim.add_milestone(PROJECT, "18.10", None, None);
    gitlab.sim.add_user("nobody-at-all", "Somebody");
    asks().await.exits_with(0);
    let label = gitlab.sim.add_group_label("example", "group::import", "#428BCA");
    gitlab.sim.delete_label(label);
    asks().await.exits_with(1).prints(&lacks("label group::import")).prints("groups.yml:");
    let calls = gitlab.calls();
    assert!(calls.iter().all(|call| call.method == "GET"), "it only looks: {calls:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_in_the_policies_keeps_steward_from_starting() {
    let folder = folder();
    let policies = folder.path().join("overlay");
    std::fs::create_dir(&policies).expect("the folder");
    let text = include_str!("../../policies/routing.yml")
        .replace("\nmost_integrations:", "\nmost_integration:");
    std::fs::write(policies.join("routing.yml"), &text).expect("the file");
    let line = 1 + text.lines().position(|line| line.starts_with("most_i")).expect("the slip");
    let mut command = steward(folder.path(), &["serve"]);
    command.env("STEWARD_POLICIES_DIR", &policies);
    run(command)
        .await
        .exits_with(1)
        .complains(&format!("routing.yml:{line}:1"))
        .complains("most_integration: 3")
        .complains("did you mean `most_integrations`?")
        .complains("The policies have 1 mistake; nothing was started.");
    std::fs::create_dir_all(policies.join("templates/routing")).expect("the folder");
    std::fs::write(policies.join("templates/routing/ownd.hbs"), "Hello").expect("the file");
    let mut command = steward(folder.path(), &["doctor"]);
    command.env("STEWARD_POLICIES_DIR", &policies);
    run(command)
        .await
        .exits_with(1)
        .complains("did you mean `templates/routing/owned.hbs`?")
        .complains("The policies have 2 mistakes.");
    let mut command = steward(folder.path(), &["doctor"]);
    command.env("STEWARD_POLICIES_BUILT_IN", "false");
    command.env("STEWARD_POLICIES_DIR", folder.path().join("empty"));
    std::fs::create_dir(folder.path().join("empty")).expect("the folder");
    run(command).await.exits_with(1).complains("empty/catalog/groups.yml");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_in_the_settings_keeps_steward_from_starting() {
    let folder = folder();
    let path = folder.path().join("steward.toml");
    std::fs::write(&path, "[worker]\n\ndry_runn = true\n").expect("the file");
    run(steward(folder.path(), &["serve"]))
        .await
        .exits_with(1)
        .complains("steward.toml")
        .complains("line 3, column 1")
        .complains("did you mean `dry_run`?");
    std::fs::write(&path, "[gitlab]\ntoken = \"glpat-in-the-wrong-place\"\n").expect("the file");
    let wrong_place = run(steward(folder.path(), &["serve"])).await.exits_with(1);
    let said = wrong_place.err();
    assert!(said.contains("STEWARD_GITLAB_TOKEN") && !said.contains("glpat"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_variable_is_named() {
    serve_with("STEWARD_SERVER_LISTN", "127.0.0.1:1")
        .await
        .complains("STEWARD_SERVER_LISTN")
        .complains("did you mean STEWARD_SERVER_LISTEN?");
    serve_with("STEWARD_WORKER_CONCURRENCY", "many")
        .await
        .complains("STEWARD_WORKER_CONCURRENCY")
        .complains("expected a whole number");
    for wrong in ["loud", "steward=loud"] {
        serve_with("STEWARD_LOG_LEVEL", wrong)
            .await
            .complains("STEWARD_LOG_LEVEL")
            .complains("expected error, warn, info, debug, trace or off");
    }
    for secret in ["not+a+signing+token!", "opensesame"] {
        let refused = serve_with("STEWARD_GITLAB_SIGNING_TOKEN", secret)
            .await
            .complains("STEWARD_GITLAB_SIGNING_TOKEN: expected `whsec_` and Base64")
            .complains("belongs in STEWARD_GITLAB_WEBHOOK_SECRET");
        assert!(!refused.err().contains(secret), "{}", refused.err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_named_with_what_to_set() {
    let folder = folder();
    run(steward(folder.path(), &["serve"]))
        .await
        .exits_with(1)
        .complains("STEWARD_GITLAB_SIGNING_TOKEN");
    let mut command = steward(folder.path(), &["serve"]);
    command.env("STEWARD_GITLAB_WEBHOOK_SECRET", "open sesame");
    run(command).await.exits_with(1).complains("STEWARD_GITLAB_TOKEN");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_printed_settings_are_the_defaults() {
    let folder = folder();
    let printed = run(steward(folder.path(), &["settings"])).await.exits_with(0).out();
    assert_eq!(printed, steward::settings::DEFAULT_FILE);
    let path = folder.path().join("steward.toml");
    std::fs::write(&path, &printed).expect("the file");
    let loaded = Settings::load(Some(&path), []).expect("the printed settings load");
    assert_eq!(loaded, Settings::default());
    let sections: BTreeSet<_> =
        toml::from_str::<toml::Table>(&printed).expect("TOML").keys().cloned().collect();
    let known = Value::as_object(&serde_json::to_value(Settings::default()).expect("JSON"))
        .map(|all| all.keys().cloned().collect());
    assert_eq!(Some(sections), known, "every section is printed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_ownership_page_is_noticed() {
    let folder = folder();
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/ownership.md");
    let page = page.to_str().expect("a path");
    let found = run(steward(folder.path(), &["catalog", "import", page, "--check"]))
        .await
        .exits_with(1)
        .prints("group: project_management → product_planning")
        .prints("+ Zorgle")
        .prints("1 added")
        .out();
    // Without --check the same is only shown.
    let shown = run(steward(folder.path(), &["catalog", "import", page])).await.exits_with(0);
    assert_eq!(shown.out(), found);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("the folder").collect();
    assert!(left.is_empty(), "nothing is written: {left:?}");
    let other = folder.path().join("other.md");
    std::fs::write(&other, "# A page\n\nIt owns nothing.\n").expect("the page");
    let other = other.to_str().expect("a path");
    run(steward(folder.path(), &["catalog", "import", other])).await.exits_with(2);
    run(steward(folder.path(), &["catalog", "import", other, "--check"])).await.exits_with(2);
    run(steward(folder.path(), &["catalog", "import", "nowhere.md"])).await.exits_with(2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_of_gitlab_triage_become_rules_and_nothing_is_written_over() {
    let folder = folder();
    let rule = "resource_rules:\n  issues:\n    rules:\n      - name: Ask for labels\n        \
                conditions: {state: opened, labels: [None]}\n        actions: {labels: [ask]}\n";
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    file("good.yml", rule);
    file("part.yml", &format!("{rule}        limits: {{oldest: 5}}\n"));
    file("bad.yml", "resource_rules: [\n");
    let import = |arguments: &[&str]| {
        run(steward(folder.path(), &[&["import", "gitlab-triage"], arguments].concat()))
    };
    import(&["good.yml"])
        .await
        .exits_with(0)
        .prints("  ask_for_labels:\n")
        .prints("mode: shadow")
        .complains("1 carried whole");
    import(&["good.yml", "--on"]).await.exits_with(0).prints("mode: on");
    import(&["part.yml"]).await.exits_with(3).prints("mode: off").complains("`limits`");
    let report = import(&["part.yml", "--json"]).await.exits_with(3).err();
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!(report["rules"][0]["left_out"][0]["line"], 7);
    import(&["bad.yml"]).await.exits_with(1).complains("bad.yml:");
    import(&["none.yml"]).await.exits_with(1).complains("none.yml cannot be read");
    import(&["good.yml", "--write", "team"]).await.exits_with(0).complains("Written to");
    let written = folder.path().join("team/rules/imported.yml");
    let before = std::fs::read_to_string(&written).expect("the rules");
    import(&["part.yml", "--write", "team"]).await.exits_with(1).complains("there already");
    assert_eq!(std::fs::read_to_string(&written).expect("the rules"), before);
}
