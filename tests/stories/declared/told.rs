//! Declared rules in `steward why` and `steward preview`.

use rstest::rstest;
use steward::forgesim::Face;

use super::team_on;
use crate::{
    process::{Ended, run, settings_of, steward},
    world::{PROJECT, World},
};

const RULES: &str = "
  urgent:
    about: What is broken and urgent is done by Carla
    when:
      all:
        - label: urgent
        - any: [{ title: { contains: broken } }, { title: { contains: down } }]
        - not: { label: stale }
    then: { labels: { add: [triage] }, assign: '@carla', milestone: '18.10' }
  documented:
    about: A feature is documented
    on: [merge_request]
    when: { all: [{ label: feature }, { not: { link: 'https://docs.example.com/*' } }] }
    then:
      status: { name: steward/docs, state: failed, text: Waits for documentation }
  duplicate:
    about: A duplicate is talked about elsewhere
    on: [issue]
    when: { label: duplicate }
    then: { comment: { text: This was reported before. }, close: { at_most_a_day: 2 } }
";

async fn asks(gitlab: &World, arguments: &[&str]) -> Ended {
    let mut command = steward(&gitlab.folder(), arguments);
    settings_of(gitlab, &mut command);
    command.env("STEWARD_POLICIES_DIR", &gitlab.settings.policies.dir);
    run(command).await
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_shows_the_clause_that_failed(#[case] face: Face) {
    let gitlab = team_on(face, RULES).await;
    gitlab.sim.add_milestone(PROJECT, "18.10", None, None);
    let issue = gitlab.ben().opens_labelled("It is slow", &["urgent"]);
    gitlab.rests().await;
    let item = issue.subject().reference();
    let told = asks(&gitlab, &["why", &item, "--label", "triage"]).await.exits_with(0);
    let tree = "      yes on issue, merge_request, epic; saw issue
      yes state open; saw open
      no  all [5]
        yes label urgent; saw urgent [6]
        no  any [7]
          no  title contains broken; saw It is slow [7]
          no  title contains down; saw It is slow [7]
        yes not [8]
          no  label stale; saw none [8]
";
    told.prints("o triage\n    it is not on the item, and no rule asks for it\n")
        .prints("the rule `rules.urgent` sets it, and does not hold: `title` asks for `contains broken`")
        .prints("  no  rules.urgent: What is broken and urgent is done by Carla")
        .prints("rules/team.yml:2]")
        .prints(tree)
        .prints("Nothing was written.");
    gitlab.anna().renames(issue, "It is down");
    gitlab.rests().await;
    let told = asks(&gitlab, &["why", &item]).await.exits_with(0);
    told.prints("+ triage\n    it is on the item: Steward set it on ")
        .prints("because What is broken and urgent is done by Carla (label: urgent; title: It is down; label: none)")
        .prints("          yes title contains down; saw It is down [7]\n");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_counts_what_rules_would_do(#[case] face: Face) {
    let mut gitlab = World::stage(face).await;
    for label in ["urgent", "triage", "duplicate", "feature"] {
        gitlab.sim.add_label(PROJECT, label, "#428BCA");
    }
    gitlab.sim.add_milestone(PROJECT, "18.10", None, None);
    gitlab.ben().opens_labelled("It is broken", &["urgent"]);
    gitlab.ben().opens_labelled("It is down", &["urgent"]);
    gitlab.ben().opens_labelled("Again", &["duplicate"]);
    gitlab.ben().opens_issue("Nothing");
    let request = gitlab.ben().opens_merge_request("New", &["lib/a.rb"]);
    gitlab.anna().labels(request, "feature");
    asks(&gitlab, &["sync", "--files", PROJECT]).await.exits_with(0);
    super::write(&mut gitlab, RULES);
    let arguments = ["preview", "--old", "built-in", "--new", "policies", "--format", "json"];
    let report = asks(&gitlab, &arguments).await.exits_with(0).out();
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    for (what, count) in [
        ("items", 5),
        ("changed", 4),
        ("assigned", 2),
        ("milestones", 2),
        ("statuses", 1),
        ("blocked", 1),
        ("closed", 1),
        ("comments", 1),
    ] {
        assert_eq!(report[what], count, "{what}: {report:#}");
    }
    assert_eq!(report["labels_added"][0]["name"], "triage");
    assert_eq!(report["labels_added"][0]["times"], 2);
    let told = asks(&gitlab, &arguments[..5]).await.exits_with(0);
    told.prints("set       + triage         2\n")
        .prints(
            "besides   1 merge request newly blocked, 1 item closed, 2 items assigned, \
             2 milestones set, 1 status set\n",
        )
        .prints("example/product#1 It is broken\n  + triage, assigned, milestone\n")
        .prints("  comment, closed\n")
        .prints("! 1 account was taken to exist.\n");
}
