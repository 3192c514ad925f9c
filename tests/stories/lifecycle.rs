//! The release calendar and the entries about deprecations, as a release manager asks for them.

use std::{fs, path::Path};

use rstest::rstest;
use steward::forgesim::Face;
use tempfile::TempDir;

use crate::{
    process::{run, settings_of, steward},
    world::{PROJECT, World},
};

const ENTRY: &str = "\
- title: \"Jira connector of the first kind\"
  announcement_milestone: \"19.10\"
  removal_milestone: \"20.0\"
  breaking_change: true
  reporter: anna
  stage: plan
  issue_url: https://gitlab.example.com/example/product/-/issues/1
  body: |
    Use the second kind.
";

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

fn write(dir: &Path, path: &str, text: &str) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::write(path, text).expect("written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_manager_asks_until_when_a_removal_can_be_announced() {
    let folder = folder();
    let ask = |removal: &'static str| {
        steward(folder.path(), &["calendar", "--today", "2026-11-20", "--removal", removal])
    };
    run(ask("20.0"))
        .await
        .exits_with(0)
        .prints("19.7     2026-12-17 Thu  in work")
        .prints("20.0    2027-05-20  <- 19.9    2027-02-18  in 90 days")
        .prints("Today is 2026-11-20: 19.7 is in work.");
    run(ask("15.0")).await.exits_with(0).prints("15.0    2022-05-22  <- 14.8    2022-02-22  over");
    run(ask("14.11"))
        .await
        .exits_with(1)
        .complains("there is no release 14.11: after 14.10 comes 15.0");
    run(ask("18")).await.exits_with(2).complains("`18` is not a version such as `18.10`");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn milestones_of_the_forge_know_the_days_better(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    let due = |day: &str| Some(day.parse().expect(day));
    // On GitHub they stand in a repository.
    let (place, list) = match face {
        Face::Gitlab => ("example", "/groups/example/milestones"),
        Face::Github => (PROJECT, "/repos/example/product/milestones"),
    };
    let add = |title, day| match face {
        Face::Gitlab => gitlab.sim.add_group_milestone(place, title, None, day),
        Face::Github => gitlab.sim.add_milestone(place, title, None, day),
    };
    add("19.7", due("2026-12-10"));
    add("19.8", due("2062-01-21"));
    add("Backlog", None);
    let policies = folder();
    write(policies.path(), "calendar.yml", &format!("milestones_of: {place}\n"));
    let ask = |more: &[&str]| {
        let mut arguments = vec!["calendar", "--from", "19.7", "--count", "2"];
        arguments.extend(more);
        let mut command = steward(&gitlab.folder(), &arguments);
        settings_of(&gitlab, &mut command);
        command.env("STEWARD_POLICIES_DIR", policies.path());
        command
    };
    run(ask(&[])).await.exits_with(0).prints("19.7     2026-12-17");
    run(ask(&["--online"]))
        .await
        .exits_with(0)
        .prints("19.7     2026-12-10")
        .prints("19.8     2027-01-21")
        .complains("the milestone 19.8 (due 2062-01-21)")
        .complains(&format!(" of {place} does not fit"));
    let calls = gitlab.calls();
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert!(calls[0].path.contains(list), "{calls:#?}");

    write(policies.path(), "calendar.yml", "milestones_of: nowhere\n");
    run(ask(&["--online"])).await.exits_with(1).complains("the milestones of nowhere");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_with_a_short_window_fails_until_somebody_answers_for_it() {
    let repository = folder();
    write(repository.path(), "data/deprecations/19-10-jira.yml", ENTRY);
    write(repository.path(), "data/deprecations/templates/example.yml", "- nothing\n");
    let policies = folder();
    let lint = |more: &[&str]| {
        let mut arguments = vec!["deprecations", "lint", "."];
        arguments.extend(more);
        let mut command = steward(repository.path(), &arguments);
        command.env("STEWARD_POLICIES_DIR", policies.path());
        command
    };
    run(lint(&[]))
        .await
        .exits_with(1)
        .prints("MISTAKE  data/deprecations/19-10-jira.yml:3")
        .prints("the removal in 20.0 comes 2 releases after the announcement in 19.10")
        .prints("the last announcement for 20.0 is 19.9 (2027-02-18)")
        .prints("the exception for `window_short` of `15-7-remove-flowdock-integration.yml` matches nothing")
        .prints("1 mistake, 0 warnings, 0 notes; 0 granted.");
    let parse = |text: String| serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    let sarif = parse(run(lint(&["--format", "sarif"])).await.exits_with(1).out());
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "deprecations.window_short");
    let quality = parse(run(lint(&["--format", "code-quality"])).await.exits_with(1).out());
    assert_eq!(quality[0]["location"]["path"], "data/deprecations/19-10-jira.yml");
    assert_eq!(quality[0]["severity"], "major");

    let own = include_str!("../../policies/lifecycle.yml")
        .replace("15-7-remove-flowdock-integration.yml", "19-10-*.yml");
    write(policies.path(), "lifecycle.yml", &own);
    run(lint(&["--all"]))
        .await
        .exits_with(0)
        .prints("granted  data/deprecations/19-10-jira.yml:3")
        .prints("The service shut down on 2022-08-15")
        .prints("0 mistakes, 0 warnings, 0 notes; 1 granted.");
    let json = parse(run(lint(&["--format", "json"])).await.exits_with(0).out());
    assert_eq!(json["fails"], false);
    assert_eq!(json["entries"][0]["removal"]["value"]["version"], "20.0");

    let without = own.replace("      reason: The service", "      # The service");
    write(policies.path(), "lifecycle.yml", &without);
    run(lint(&[])).await.exits_with(2).complains("the field `reason` is missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_without_a_calendar_says_so() {
    let folder = folder();
    for arguments in [&["calendar"][..], &["deprecations", "lint", "."]] {
        let mut command = steward(folder.path(), arguments);
        command.env("STEWARD_POLICIES_PACK", "home-assistant");
        let ended = run(command).await;
        assert!(ended.err().contains("no release calendar"), "{}", ended.err());
    }
}
