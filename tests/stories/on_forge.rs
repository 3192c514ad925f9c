//! The last step on the way out is proven by the forge: nothing is open with the integration's label, and
//! the label is put away. Who looks at the ledger says whether it is asked.

use rstest::rstest;
use serde_json::Value;
use steward::forgesim::{Change, Face};

use crate::{
    process::{Ended, run, settings_of, steward},
    removals::product::{Product, Told},
    world::{Item, PROJECT, World},
};

const RECORD: &str =
    "announced: \"18.7\"\nremoval: \"19.0\"\nentry: data/deprecations/18-7-one.yml";
const LABEL: &str = "Integration::Leaving";

/// A product, and a forge with Steward by the same policies.
struct Stage {
    world: World,
    product: Product,
}

impl Stage {
    async fn on(face: Face) -> Self {
        let product = Product::with("slash_words", RECORD);
        let mut world = World::stage(face).await;
        world.settings.policies.dir = product.policies();
        world.steward_starts().await;
        product.is_announced("data/deprecations/18-7-one.yml", "18.7", "19.0");
        product.is_removed("19.0");
        Self { world, product }
    }

    async fn asks(&self, project: &str, arguments: &[&str]) -> Ended {
        let mut command = steward(&self.product.repository(), &["removals", "--online"]);
        settings_of(&self.world, &mut command);
        command
            .args(["--policies", "../policies", "--today", "2026-07-30"])
            .args(arguments)
            .env(self.world.projects_variable(), project)
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        run(command).await
    }

    async fn told(&self, project: &str) -> Told {
        let out = self.asks(project, &["--format", "json"]).await.exits_with(0).out();
        let all: Value = serde_json::from_str(&out).expect("JSON");
        Told(all["removals"][0].clone())
    }
}

/// Where people see an issue.
fn url_of(world: &World, issue: Item) -> String {
    let issues = if world.face == Face::Gitlab { "-/issues" } else { "issues" };
    format!("{}/{PROJECT}/{issues}/{}", world.sim.url(), issue.iid)
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_open_with_the_label_keeps_the_last_step_from_being_done(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let world = &stage.world;
    let label = world.sim.add_label(PROJECT, LABEL, "#428BCA");
    let issues = [1, 2].map(|_| world.anna().opens_labelled("It breaks", &[LABEL]));
    let request = world.anna().opens_merge_request("Mend it", &["lib/x.rb"]);
    world.anna().labels(request, LABEL);
    // The issue that tracks it carries the label too, and stays until the end.
    let tracking = world.anna().opens_labelled("Remove it", &[LABEL]);
    world.rests().await;
    let issue = url_of(world, tracking);
    stage.product.records(&format!("{RECORD}\nissue: {issue}"));
    stage.product.is_cleaned_up();

    let told = stage.told(PROJECT).await;
    assert_eq!(told.states(), ["done", "done", "overdue"], "{told:#?}");
    let missing: &[&str] = match face {
        Face::Gitlab => &["cleaned_up.items", "cleaned_up.label"],
        Face::Github => &["cleaned_up.items"],
    };
    assert_eq!(told.missing(2), missing);
    let forge = &told.0["forge"];
    assert_eq!((&forge["issues"]["number"], &forge["state"]), (&2.into(), &"there".into()));
    let open = format!("{PROJECT}!{}", request.iid);
    assert_eq!(forge["open"][0]["reference"], open);
    let for_people = stage.asks(PROJECT, &[]).await.exits_with(0);
    let for_people = for_people.prints("open issues with it: 2").prints(&open);
    for_people.prints("No open issue or merge request carries its label");

    // Closed one by one.
    let close = |item: Item| world.anna().closes(item);
    issues.into_iter().chain([request]).for_each(close);
    let told = stage.told(PROJECT).await;
    let state = if face == Face::Github { "done" } else { "overdue" };
    assert_eq!(told.states(), ["done", "done", state], "{told:#?}");
    world.sim.delete_label(label);
    let told = stage.told(PROJECT).await;
    assert_eq!(told.states(), ["done", "done", "done"], "{told:#?}");
    assert_eq!(told.0["forge"]["state"], "gone");

    // Where nothing can be seen nothing is proven.
    let told = stage.told("example/nowhere").await;
    assert_eq!(told.states(), ["done", "done", "in_code"], "{told:#?}");
    let seen = told.0["steps"][2]["missing"][0]["seen"][0].as_str().expect("a text");
    assert!(seen.starts_with("the forge did not tell: "), "{seen}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_request_that_does_the_step_is_told_as_under_way(#[case] face: Face) {
    let stage = Stage::on(face).await;
    let world = &stage.world;
    world.sim.add_label(PROJECT, LABEL, "#428BCA");
    let model = "module Integrations\n  class SlashWords < Integration\n  end\nend\n";
    let change = vec![Change::deleted("app/models/integrations/slash_words.rb", model)];
    let item = world.carla().opens_with_changes("Delete the model", change);
    world.carla().labels(item, LABEL);
    let other = world.carla().opens_merge_request("Mend it", &["lib/x.rb"]);
    world.carla().labels(other, LABEL);
    world.rests().await;
    let told = stage.told(PROJECT).await;
    assert_eq!(told.states(), ["done", "done", "overdue"], "{told:#?}");
    let under_way = told.0["steps"][2]["under_way"].as_array().expect("a list");
    let named: Vec<&str> =
        under_way.iter().map(|one| one["reference"].as_str().expect("a text")).collect();
    assert_eq!(named, [format!("{PROJECT}!{}", item.iid)]);
    assert_eq!(told.0["forge"]["merge_requests"]["number"], 2);
    // Its own sheet does not ask for what is open: it is so itself.
    let shown = world.shows(item);
    assert!(!shown.0.comments().any(|note| note.body.contains("carries its label")));
}
