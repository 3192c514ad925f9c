//! Another product on another forge, with no code of its own: GitHub, owners from CODEOWNERS, no
//! groups, no stages.

use steward::{
    app,
    forgesim::{Change, Face, SimSettings},
    lint,
    settings::Settings,
};

use crate::{
    shown::Said,
    world::{BOT, Item, PROJECT, World},
};

const LIGHT: &str = "homeassistant/components/hue/light.py";
const SENSOR: &str = "homeassistant/components/zha/sensor.py";

/// Its repository's CODEOWNERS, laid over the pack.
const OWNERS: &str = "# Made for this story.\n\
    /homeassistant/components/hue/ @carla\n\
    /tests/components/hue/ @carla\n\
    /homeassistant/components/zha/ @anna @Carla\n\
    /homeassistant/components/mqtt/ @anna mail@anna.example\n\
    /homeassistant/components/tado/\n";

async fn home_assistant() -> World {
    with_owners(OWNERS).await
}

async fn with_owners(owners: &str) -> World {
    let github = SimSettings { face: Face::Github, ..SimSettings::default() };
    let mut world = World::without_steward(github).await;
    let dir = world.folder().join("policies");
    std::fs::create_dir(&dir).expect("a folder");
    std::fs::write(dir.join("CODEOWNERS"), owners).expect("written");
    world.settings.policies.pack = "home-assistant".into();
    world.settings.policies.dir = dir;
    for name in ["hue", "zha", "mqtt", "tado", "huee", "wled"] {
        world.sim.add_label(PROJECT, &format!("integration: {name}"), "#428BCA");
    }
    for name in ["new-integration", "docs-missing"] {
        world.sim.add_label(PROJECT, name, "#428BCA");
    }
    world.steward_starts().await;
    world
}

/// What the rules of the pack say, which is not what routing says.
fn said_by_rules(world: &World, item: Item) -> Said {
    let shown = world.shows(item);
    let all = shown.0.comments_of(BOT);
    let its: Vec<_> = all.iter().filter(|note| note.body.contains("steward:rules ")).collect();
    assert_eq!(its.len(), 1, "{all:#?}");
    Said { id: its[0].id, body: its[0].body.clone() }
}

fn status(world: &World, item: Item) -> Option<(String, String)> {
    let sha = world.shows(item).0.sha.expect("a commit");
    let last = world.sim.statuses(PROJECT, &sha).pop()?;
    assert_eq!(last.name, "steward/docs");
    Some((last.state, last.description.unwrap_or_default()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_integration_waits_for_its_documentation() {
    let world = home_assistant().await;
    let files = |paths: &[&str]| -> Vec<Change> {
        paths.iter().map(|path| Change::added(*path, "x\n")).collect()
    };
    let manifest = "homeassistant/components/acme/manifest.json";
    let request = world.ben().opens_with_changes("Add Acme", files(&[manifest]));
    world.rests().await;
    world.shows(request).has_just(&["docs-missing", "new-integration"]);
    let first = said_by_rules(&world, request);
    insta::assert_snapshot!(first.body, @r#"
    A new integration, how nice! Reviewers get to it sooner when it is small: one platform is enough to begin with, and the others can follow. Besides its code it needs:

    - [ ] a link to its pull request in home-assistant/home-assistant.io
    - [ ] its owners in `CODEOWNERS`
    - [ ] tests

    Users will want to read about this. Please open a pull request to the documentation and put its address into the description.

    <sub>A label that you take off stays off. Comment `@steward-bot why` for the whole story.</sub>

    <!-- steward:rules {"v":1,"rule":"rules.new_integration","labels":["new-integration","docs-missing"],"applied":[{"kind":"status","name":"steward/docs","commit":"","state":"pending","text":"","rule":"rules.docs_missing"}],"rules":["rules.new_integration","rules.docs_missing"]} -->
    "#);
    let waits = "Waits for a pull request to the documentation";
    assert_eq!(status(&world, request), Some(("pending".into(), waits.into())));

    let tests = "tests/components/acme/test_init.py";
    world.ben().on(request).pushes(files(&[manifest, tests, "CODEOWNERS"])).expect("pushed");
    world.rests().await;
    assert_eq!(
        said_by_rules(&world, request).says("- [x] tests").says("- [ ] a link").id,
        first.id
    );
    assert_eq!(status(&world, request), Some(("pending".into(), waits.into())), "once more");

    let link = "Documentation: https://github.com/home-assistant/home-assistant.io/pull/41234";
    world.ben().describes(request, link);
    world.rests().await;
    world.shows(request).has_just(&["new-integration"]);
    let last = said_by_rules(&world, request);
    assert_eq!(last.id, first.id);
    insta::assert_snapshot!(last.body, @r#"
    A new integration, how nice! Reviewers get to it sooner when it is small: one platform is enough to begin with, and the others can follow. Besides its code it needs:

    - [x] a link to its pull request in home-assistant/home-assistant.io
    - [x] its owners in `CODEOWNERS`
    - [x] tests

    <sub>A label that you take off stays off. Comment `@steward-bot why` for the whole story.</sub>

    <!-- steward:rules {"v":1,"rule":"rules.new_integration","labels":["new-integration"],"rules":["rules.new_integration"]} -->
    "#);
    assert_eq!(status(&world, request).expect("a status").0, "success");
}

#[test]
fn the_pack_has_no_flaws() {
    let mut settings = Settings::default();
    settings.policies.pack = "home-assistant".into();
    let findings = lint::prove(&app::load_pack(&settings).expect("the pack is right"));
    assert!(!lint::fails(&findings, true), "{findings:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_owners_of_a_labelled_issue_are_called() {
    let world = home_assistant().await;
    let issue = world.ben().opens_labelled("Lights flicker", &["integration: hue"]);
    world.rests().await;
    let shown = world.shows(issue);
    shown.has_just(&["integration: hue"]);
    insta::assert_snapshot!(shown.one_comment().body, @r#"
    @carla: this issue is about **[Philips Hue](https://www.home-assistant.io/integrations/hue)**, which you look after. Could you have a look?

    <sub>The code owners stand in [`CODEOWNERS`](https://github.com/home-assistant/core/blob/dev/CODEOWNERS). Comment `@steward-bot why` for the whole story.</sub>

    <!-- steward:routing {"v":1,"rule":"routing.by_label","labels":[]} -->
    "#);
    assert_eq!(world.disturbed(), ["carla"]);

    world.ben().comments(issue, "Still so.");
    world.rests().await;
    world.shows(issue).one_comment();
    assert_eq!(world.disturbed(), ["carla"], "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_two_integrations_gets_both_labels_and_calls_each_owner_once() {
    let world = home_assistant().await;
    let request = world.ben().opens_merge_request("Tidy up", &[LIGHT, SENSOR, "setup.cfg"]);
    world.rests().await;
    let shown = world.shows(request);
    shown.has_just(&["integration: hue", "integration: zha"]);
    // Who owns which is told with handles that call nobody once more.
    let body = shown.one_comment().body.replace('\u{2060}', "·");
    insta::assert_snapshot!(body, @r#"
    @carla, @anna: this pull request touches integrations that you look after. Could you have a look?

    - **[Philips Hue](https://www.home-assistant.io/integrations/hue)**: \@·carla
    - **[Zigbee Home Automation](https://www.home-assistant.io/integrations/zha)**: \@·anna, \@·Carla

    Labelled `integration: hue` and `integration: zha` after the files that it changes.

    <sub>The code owners stand in [`CODEOWNERS`](https://github.com/home-assistant/core/blob/dev/CODEOWNERS). A label that you take off stays off. Comment `@steward-bot why` for the whole story.</sub>

    <!-- steward:routing {"v":1,"rule":"routing.by_path","labels":["integration: hue","integration: zha"]} -->
    "#);
    assert_eq!(world.disturbed(), ["carla", "anna"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_is_not_called_about_what_they_opened() {
    let world = home_assistant().await;
    let issue = world.carla().opens_labelled("A plan", &["integration: hue"]);
    world.rests().await;
    world.shows(issue).has_just(&["integration: hue"]).no_comment();

    let request = world.carla().opens_merge_request("Better light", &[LIGHT]);
    world.rests().await;
    let shown = world.shows(request);
    shown.has_just(&["integration: hue"]);
    insta::assert_snapshot!(shown.one_comment().body, @r#"
    This pull request is about **[Philips Hue](https://www.home-assistant.io/integrations/hue)**.

    Labelled `integration: hue` after the files that it changes.

    <sub>The code owners stand in [`CODEOWNERS`](https://github.com/home-assistant/core/blob/dev/CODEOWNERS). A label that you take off stays off. Comment `@steward-bot why` for the whole story.</sub>

    <!-- steward:routing {"v":1,"rule":"routing.by_path","labels":["integration: hue"]} -->
    "#);
    assert!(world.disturbed().is_empty(), "{:?}", world.disturbed());

    // Who owns it with them is called.
    let request = world.carla().opens_merge_request("Better radio", &[SENSOR]);
    world.rests().await;
    world.shows(request).one_comment().says("@anna: this pull request").does_not_say("@Carla");
    assert_eq!(world.disturbed(), ["anna"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_called_by_an_address_or_for_what_nobody_owns() {
    let world = home_assistant().await;
    let mqtt =
        world.ben().opens_labelled("No messages", &["integration:mqtt", "integration: mqtt"]);
    let tado = world.ben().opens_labelled("It is cold", &["integration: tado"]);
    world.rests().await;
    world.shows(mqtt).one_comment().says("@anna").says("MQTT").does_not_say("anna.example");
    world.shows(tado).no_comment();
    assert_eq!(world.disturbed(), ["anna"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_label_of_an_unknown_integration_is_told_with_the_nearest() {
    let world = home_assistant().await;
    let near = world.ben().opens_labelled("Lights flicker", &["integration: huee"]);
    let none = world.ben().opens_labelled("Lights flicker", &["integration: wled"]);
    world.rests().await;
    insta::assert_snapshot!(world.shows(near).one_comment().body, @r#"
    Nobody was called about this issue: no code owner is known for `huee`.

    Should it be one of these? Then change the label:

    - `integration: hue` (Philips Hue)

    <!-- steward:routing {"v":1,"rule":"routing.unknown","labels":[]} -->
    "#);
    insta::assert_snapshot!(world.shows(none).one_comment().body, @r#"
    Nobody was called about this issue: no code owner is known for `wled`.

    <!-- steward:routing {"v":1,"rule":"routing.unknown","labels":[]} -->
    "#);

    world.ben().unlabels(near, "integration: huee");
    world.ben().labels(near, "integration: hue");
    world.rests().await;
    world.shows(near).one_comment().says("@carla: this issue is about");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_the_whole_code_base_calls_nobody() {
    let world = home_assistant().await;
    let labels: Vec<String> = (0..6).map(|n| format!("integration: none{n}")).collect();
    for label in &labels {
        world.sim.add_label(PROJECT, label, "#428BCA");
    }
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    let issue = world.ben().opens_labelled("All of them", &labels);
    world.rests().await;
    world.shows(issue).has_just(&labels).no_comment();
    assert!(world.disturbed().is_empty());
}

/// A file as large as the real one.
fn many_owners() -> String {
    let one = |number: u32| {
        let owner = ["@anna", "@carla", "@example/core @carla"][number as usize % 3];
        format!(
            "/homeassistant/components/made_up_{number}/ {owner}\n/tests/components/made_up_{number}/ \
             {owner}\n"
        )
    };
    OWNERS.to_owned() + &(1..=1_396).map(one).collect::<String>()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fourteen_hundred_integrations_are_looked_after() {
    let world = with_owners(&many_owners()).await;
    let health = reqwest::get(world.steward_url("/healthz")).await.expect("an answer");
    let health: serde_json::Value = health.json().await.expect("JSON");
    assert!(health["policies"].is_string(), "{health}");
    for name in ["made_up_1", "made_up_2", "made_up_1396"] {
        world.sim.add_label(PROJECT, &format!("integration: {name}"), "#428BCA");
    }

    // A label reaches its owners, once.
    let issue = world.ben().opens_labelled("It is dark", &["integration: made_up_1"]);
    world.rests().await;
    world.ben().comments(issue, "Still dark.");
    world.rests().await;
    world.shows(issue).has_just(&["integration: made_up_1"]);
    world.shows(issue).one_comment().says("@carla: this issue is about");
    assert_eq!(world.disturbed(), ["carla"]);

    // Who owns what they change is not called.
    let path = "homeassistant/components/made_up_1396/sensor.py";
    let own = world.carla().opens_merge_request("Better sensor", &[path]);
    world.rests().await;
    world.shows(own).has_just(&["integration: made_up_1396"]);
    world.shows(own).one_comment().says("made_up_1396").does_not_say("@carla");

    // More than the policy's limit is nobody's own.
    let paths: Vec<String> =
        (1..=6).map(|n| format!("homeassistant/components/made_up_{n}/light.py")).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let all = world.ben().opens_merge_request("Rename a helper", &paths);
    world.rests().await;
    world.shows(all).has_just(&[]).no_comment();
}
