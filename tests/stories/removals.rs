//! How integrations left GitLab, or did not, told again on a made-up product: a repository that goes
//! from announcement to end, looked at on the days in between.

pub(crate) mod product;

use rstest::rstest;
use steward::{
    forgesim::{Change, Face, NoteView},
    words::Marker,
};

use self::product::Product;
use crate::{
    process::Serve,
    world::{BOT, Item, PROJECT, World},
};

const SLASH: &str = "announced: \"18.7\"\nremoval: \"19.0\"\nentry: data/deprecations/18-7-slack-slash-commands.yml";

/// Slack slash commands: announced in 18.7 for 19.0, three releases and more before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_integration_leaves_step_by_step_and_nobody_is_late() {
    let product = Product::with("slash_words", SLASH);
    let told = product.on("2025-12-01").await;
    // 18.8 (2026-01-15) is the last that is in time: nothing presses yet.
    assert_eq!(told.states(), ["ahead", "ahead", "ahead"]);
    assert_eq!(
        told.missing(0),
        ["announced.entry", "announced.entry_milestones", "announced.docs"]
    );

    product.is_announced("data/deprecations/18-7-slack-slash-commands.yml", "18.7", "19.0");
    let told = product.on("2025-12-10").await;
    assert_eq!(told.states(), ["done", "ahead", "ahead"]);
    assert_eq!(told.against(), [""; 0]);
    assert_eq!(told.0["reached"], "Announced");
    assert_eq!(told.0["distance"], 5);

    let told = product.on("2026-05-10").await;
    assert_eq!(told.states(), ["done", "due", "ahead"]);
    product
        .removals(&["--gate", "19.0", "--today", "2026-05-10"])
        .await
        .exits_with(1)
        .prints("\"Removed\" was due in 19.0, and 0 of");

    product.is_removed("19.0");
    let told = product.on("2026-05-15").await;
    assert_eq!(told.states(), ["done", "done", "ahead"], "{told:#?}");
    product.removals(&["--gate", "19.0", "--today", "2026-05-15"]).await.exits_with(0);

    let told = product.on("2026-06-01").await;
    assert_eq!(told.states(), ["done", "done", "due"]);
    assert_eq!(told.0["owner"], "import");
    product.is_cleaned_up();
    let told = product.on("2026-06-10").await;
    // What is left the forge alone can tell, and nobody asked it.
    assert_eq!(told.states(), ["done", "done", "in_code"], "{told:#?}");
    assert_eq!(told.missing(2), ["cleaned_up.items", "cleaned_up.label"]);
    assert_eq!(told.0["next"], "cleaned_up");
    assert_eq!(told.0["steps"][2]["missing"][0]["seen"][0], "the forge was not asked");
    product
        .removals(&["--gate", "19.1", "--today", "2026-06-10"])
        .await
        .exits_with(0)
        .prints("done in the code, and what else it takes the forge did not tell");
    // A metric that is deleted in place of being marked was not kept.
    product.deletes("config/metrics/counts_all/20210216175600_groups_{name}_active.yml");
    product.commits("Delete a metric");
    let told = product.on("2026-06-10").await;
    assert_eq!(told.missing(2)[0], "cleaned_up.metrics_groups");
    assert_eq!(told.states()[2], "due");
}

/// Shimo: announced in 15.7, and its metrics removed in 16.7, a minor milestone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_in_a_minor_milestone_is_told_and_may_be_allowed() {
    let entry = "data/deprecations/15-7-deprecate-shimo-integration.yml";
    let record = format!("announced: \"15.7\"\nremoval: \"16.7\"\nentry: {entry}");
    let product = Product::with("shimo", &record);
    product.is_announced(entry, "15.7", "16.7");
    product.is_removed("16.7");
    let told = product.on("2023-12-10").await;
    assert_eq!(told.states(), ["done", "done", "ahead"]);
    assert_eq!(told.against(), ["announced.major"]);
    product
        .removals(&["--gate", "16.7", "--today", "2023-12-10"])
        .await
        .exits_with(1)
        .prints("16.7 is a minor milestone");
    let allowed = "\nexceptions: [{ from: major, reason: The service ends }]";
    product.records(&format!("{record}{allowed}"));
    assert_eq!(product.on("2023-12-10").await.against(), [""; 0]);
    product.removals(&["--gate", "16.7", "--today", "2023-12-10"]).await.exits_with(0);
}

/// Flowdock: the service shut down, so it was announced and removed in one milestone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_that_shuts_down_needs_its_exceptions_recorded() {
    let entry = "data/deprecations/15-7-remove-flowdock-integration.yml";
    let record = format!("announced: \"15.7\"\nremoval: \"15.7\"\nentry: {entry}");
    let product = Product::with("flow_rock", &record);
    product.is_announced(entry, "15.7", "15.7");
    product.is_removed("15.7");
    let told = product.on("2022-12-10").await;
    assert_eq!(told.states(), ["done", "done", "ahead"]);
    assert_eq!(told.0["distance"], 0);
    assert_eq!(told.against(), ["announced.in_time", "announced.major"]);
    let seen = told.0["against"][0]["seen"][0].as_str().expect("a text");
    assert_eq!(seen, "announced in 15.7; 15.4 was the last milestone in time");
    let exception = "{ from: window, reason: It shut down on 2022-08-15 }, { from: major, reason: It shut down }";
    product.records(&format!("{record}\nexceptions: [{exception}]"));
    assert_eq!(product.on("2022-12-10").await.against(), [""; 0]);
}

/// Prometheus: out of the lists in 18.3, and the model still there in 18.9.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_stuck_between_two_steps_is_overdue() {
    let entry = "data/deprecations/15-0-deprecate-monitor-metrics.yml";
    let record = format!(
        "announced: \"14.7\"\nremoval: \"18.3\"\nentry: {entry}\n\
         exceptions: [{{ from: major, reason: It does nothing since 16.0 }}]"
    );
    let product = Product::with("prometheus", &record);
    product.is_announced(entry, "14.7", "18.3");
    product.is_removed("18.3");
    let told = product.on("2026-02-13").await;
    assert_eq!(told.states(), ["done", "done", "overdue"]);
    assert_eq!(told.0["reached"], "Removed");
    let missing = told.missing(2);
    assert!(missing.contains(&"cleaned_up.model"), "{missing:?}");
    let told = product.removals(&["--today", "2026-02-13"]).await.exits_with(0);
    insta::assert_snapshot!("a_removal_for_people", steady(&told.out()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_removed_too_early_is_told_with_its_milestone() {
    let product = Product::with("slash_words", SLASH);
    product.is_announced("data/deprecations/18-7-slack-slash-commands.yml", "18.7", "19.0");
    product.is_removed("19.0");
    let told = product.on("2026-02-13").await;
    assert_eq!(told.states(), ["done", "early", "ahead"]);
    assert_eq!(told.against(), ["removed.now"]);
    product
        .removals(&["--gate", "18.9", "--today", "2026-02-13"])
        .await
        .exits_with(1)
        .prints("\"Removed\" is done, and belongs to 19.0");
    // The metrics alone are missing: it is not removed.
    product.write(
        "config/metrics/counts_all/20210216175600_groups_{name}_active.yml",
        "status: active\n",
    );
    product.commits("Undo one");
    let told = product.on("2026-02-13").await;
    assert_eq!(told.missing(1), ["removed.metrics_groups"]);
    assert_eq!(told.against(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_is_for_calendars_pages_and_programs_too() {
    let product = Product::with("slash_words", SLASH);
    let ics = product.removals(&["--today", "2026-02-13", "--format", "ics"]).await.exits_with(0);
    insta::assert_snapshot!("removals_as_a_calendar", ics.out().replace('\r', ""));
    let page = product.removals(&["--today", "2026-02-13", "--format", "markdown"]).await;
    insta::assert_snapshot!("removals_as_a_page", steady(&page.exits_with(0).out()));
    product.removals(&["--milestone", "20.0"]).await.exits_with(0).prints("Nothing leaves");
    product
        .removals(&["--at", "nonsense"])
        .await
        .exits_with(2)
        .complains("has no commit `nonsense`");
}

const LISTS: &str = "app/models/concerns/integrations/base/integration.rb";
const BEFORE: &str = "module Integration\n  INTEGRATION_NAMES = %w[asana jira].freeze\nend\n";
const AFTER: &str = "module Integration\n  INTEGRATION_NAMES = %w[asana].freeze\nend\n";
const JIRA: &str = "module Integrations\n  class Jira < Integration\n  end\nend\n";

/// A world whose policies record that Jira leaves long after today.
async fn world_where_jira_leaves(face: Face) -> World {
    let mut world = World::stage(face).await;
    let dir = world.folder().join("policies");
    std::fs::create_dir_all(&dir).expect("a folder");
    let record = "removals:\n  jira: { announced: \"29.7\", removal: \"30.0\" }\n";
    std::fs::write(dir.join("removals.yml"), record).expect("written");
    world.settings.policies.dir = dir;
    world.steward_starts().await;
    world
}

/// The comment of a checklist, and what the newest commit says under its status.
fn sheet(gitlab: &World, item: Item, topic: &str) -> (String, String) {
    let shown = gitlab.shows(item);
    let of_topic = |note: &&NoteView| {
        Marker::of(&note.body).is_some_and(|marker| marker.topic.as_str() == topic)
    };
    let notes: Vec<NoteView> =
        shown.0.comments_of(BOT).into_iter().filter(of_topic).cloned().collect();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    let view = gitlab.sim.merge_request(PROJECT, item.iid).expect("it is there");
    let statuses = gitlab.sim.statuses(PROJECT, &view.sha.expect("a merge request"));
    let name = format!("steward/{topic}");
    let status = statuses.iter().rfind(|status| status.name == name).expect("a status");
    (notes[0].body.clone(), status.state.clone())
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_request_that_removes_too_early_learns_which_milestone_it_is_for(
    #[case] face: Face,
) {
    let gitlab = world_where_jira_leaves(face).await;
    let change = vec![Change::edited(LISTS, BEFORE, AFTER)];
    let item = gitlab.carla().opens_with_changes("Remove Jira", change);
    gitlab.rests().await;
    let (comment, status) = sheet(&gitlab, item, "removal");
    assert_eq!(status, "failed");
    assert!(comment.contains("The milestone 30.0 is reached"), "{comment}");
    assert!(comment.contains("30.0 is still to come in"), "{comment}");
    assert!(comment.contains("Merge it when 30.0 is in work"), "{comment}");

    let change = vec![Change::deleted("app/models/integrations/jira.rb", JIRA)];
    let item = gitlab.carla().opens_with_changes("Delete the model", change);
    gitlab.rests().await;
    let (comment, status) = sheet(&gitlab, item, "removal-cleanup");
    assert_eq!(status, "failed");
    assert!(comment.contains("30.1 is still to come in"), "{comment}");

    // A name that moves from one list to another is not dropped.
    let moved = BEFORE
        .replace("asana jira", "asana")
        .replace("end\n", "  PROJECT_LEVEL_ONLY_INTEGRATION_NAMES = %w[jira].freeze\nend\n");
    let change = vec![Change::edited(LISTS, BEFORE, moved)];
    let item = gitlab.carla().opens_with_changes("Move Jira", change);
    gitlab.rests().await;
    let topics = gitlab.shows(item).0;
    let topics = topics.comments_of(BOT).into_iter().filter_map(|note| Marker::of(&note.body));
    assert!(!topics.into_iter().any(|marker| marker.topic.as_str() == "removal"));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_asks_whether_a_release_may_go_out(#[case] face: Face) {
    let product = Product::with("slash_words", SLASH);
    let world = World::stage(face).await;
    let (repository, policies) = (product.repository(), product.policies());
    let named = [
        (world.projects_variable(), PROJECT),
        ("STEWARD_CODE_REPOSITORY", repository.to_str().expect("UTF-8")),
        ("STEWARD_POLICIES_DIR", policies.to_str().expect("UTF-8")),
    ];
    let _serve = Serve::starts(&world, &named).await;
    let ask = async |path: &str| {
        let answer = reqwest::get(world.steward_url(path)).await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<serde_json::Value>().await.expect("JSON"))
    };
    let (status, gate) = ask("/api/gates/removal/19.0").await;
    assert_eq!((status, &gate["open"]), (409, &false.into()), "{gate:#}");
    let reasons = gate["reasons"].as_array().expect("reasons");
    assert!(reasons.iter().any(|one| one.as_str().is_some_and(|one| one.contains("Removed"))));
    product.is_announced("data/deprecations/18-7-slack-slash-commands.yml", "18.7", "19.0");
    product.is_removed("19.0");
    product.is_cleaned_up();
    let (status, gate) = ask("/api/gates/removal/19.0").await;
    assert_eq!(status, 200, "{gate:#}");
    let (status, all) = ask("/api/removals").await;
    assert_eq!((status, &all["removals"][0]["reached"]), (200, &"Removed".into()), "{all:#}");
    assert_eq!(world.calls_of("GET", "labels/Integration%3A%3ALeaving"), 0);
    // There is no label of it: nothing can be open with it.
    let (status, all) = ask("/api/removals?online=true").await;
    assert_eq!((status, &all["removals"][0]["reached"]), (200, &"Cleaned up".into()), "{all:#}");
    assert_eq!(all["removals"][0]["forge"]["state"], "gone");
    let calls = world.calls().len();
    let (status, gate) = ask("/api/gates/removal/19.1?online=true").await;
    assert_eq!((status, &gate["untold"]), (200, &serde_json::Value::Null), "{gate:#}");
    assert_eq!(world.calls().len(), calls, "what the forge told is remembered");
    assert_eq!(
        reqwest::get(world.steward_url("/api/removals?onlin=true"))
            .await
            .expect("an answer")
            .status(),
        400
    );
    assert_eq!(ask("/api/gates/removal/soon").await.0, 400);
}

/// What differs from one run to the next.
fn steady(text: &str) -> String {
    let commit = regex::Regex::new(r"[0-9a-f]{40}|(Looked at\s)[0-9a-f]{12}").expect("valid");
    let policies = regex::Regex::new("by the policies [0-9a-f]+").expect("valid");
    let text = commit.replace_all(text, "${1}COMMIT");
    policies.replace_all(&text, "by the policies VERSION").into_owned()
}
