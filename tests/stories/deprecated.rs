//! Somebody from outside the team works on an integration whose removal is announced: they are told
//! once, politely, and whoever repairs what is urgent is left in peace.

use rstest::rstest;
use steward::{
    forgesim::{Change, Face},
    words::Marker,
};

use crate::world::{BOT, Item, PROJECT, World};

const GROUPS: &str = include_str!("../../policies/catalog/groups.yml");
const LISTS: &str = "app/models/concerns/integrations/base/integration.rb";
const BEFORE: &str = "module Integration\n  INTEGRATION_NAMES = %w[asana youtrack].freeze\nend\n";
const AFTER: &str = "module Integration\n  INTEGRATION_NAMES = %w[asana].freeze\nend\n";

/// A world in which YouTrack leaves in 30.0, which users know since long.
async fn world(face: Face, lifecycle: &str) -> World {
    let mut world = World::stage(face).await;
    let dir = world.folder().join("policies");
    std::fs::create_dir_all(dir.join("catalog")).expect("a folder");
    let write = |path: &str, text: &str| std::fs::write(dir.join(path), text).expect("written");
    let named = "name: Project Management\n    product_manager: '@petra'\n";
    let groups = GROUPS.replace("name: Project Management\n", named);
    assert_ne!(groups, GROUPS);
    write("catalog/groups.yml", &groups);
    write(
        "removals.yml",
        "removals:\n  youtrack: { announced: \"19.1\", removal: \"30.0\", \
         issue: https://forge.example.com/example/product/-/issues/7 }\n  \
         redmine: { announced: \"29.7\", removal: \"30.0\" }\n",
    );
    if !lifecycle.is_empty() {
        write("lifecycle.yml", lifecycle);
    }
    for label in ["severity::1", "Community contribution", "type::feature"] {
        world.sim.add_label(PROJECT, label, "#428BCA");
    }
    world.settings.policies.dir = dir;
    world.steward_starts().await;
    world
}

/// What Steward says of what leaves, without the marker.
fn told(world: &World, item: Item) -> Vec<String> {
    let shown = world.shows(item);
    let of_topic =
        |body: &&str| Marker::of(body).is_some_and(|marker| marker.topic.as_str() == "deprecated");
    let bodies = shown.0.comments_of(BOT).into_iter().map(|note| note.body.as_str());
    bodies.filter(of_topic).map(|body| Marker::strip(body).to_owned()).collect()
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_adds_to_what_leaves_is_told_once_and_who_repairs_it_is_not(#[case] face: Face) {
    let world = world(face, "").await;
    let path = ["app/models/integrations/youtrack.rb"];
    let item = world.ben().opens_merge_request("Add tags to YouTrack", &path);
    world.rests().await;
    let said = told(&world, item);
    assert_eq!(said.len(), 1, "{said:#?}");
    match face {
        Face::Gitlab => insta::assert_snapshot!("what_is_told_about_what_leaves", said[0]),
        Face::Github => {
            insta::assert_snapshot!("what_is_told_about_what_leaves_on_github", said[0])
        }
    }
    // Another push, another look: said once.
    world.ben().renames(item, "Add tags to YouTrack, again");
    world.rests().await;
    assert_eq!(told(&world, item), said);

    // It is urgent after all.
    world.anna().labels(item, "severity::1");
    world.rests().await;
    let said = told(&world, item);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].contains("so it is taken although the integration leaves"), "{said:#?}");
    assert!(!said[0].contains("@petra"), "{said:#?}");
    world.anna().unlabels(item, "severity::1");
    world.rests().await;
    assert!(told(&world, item)[0].contains("@petra"));

    // Those whom it does not concern hear nothing.
    let of_the_team = world.carla().opens_merge_request("Add more", &path);
    let urgent = world.ben().opens_merge_request("Close a hole", &path);
    world.anna().labels(urgent, "severity::1");
    let announced_later =
        world.ben().opens_merge_request("Add tags", &["app/models/integrations/redmine.rb"]);
    let stays = world.ben().opens_merge_request("Add tags", &["app/models/integrations/jira.rb"]);
    let removal =
        world.ben().opens_with_changes("Remove it", vec![Change::edited(LISTS, BEFORE, AFTER)]);
    world.anna().labels(removal, "Integration::YouTrack");
    let issue = world.ben().opens_labelled("Tags", &["Integration::YouTrack"]);
    world.rests().await;
    for item in [of_the_team, announced_later, stays, removal, issue] {
        assert_eq!(told(&world, item), [""; 0], "{item:?}");
    }
    // The label may have come a moment after the merge request.
    assert!(told(&world, urgent).iter().all(|said| said.contains("it is taken")));

    // The label of the forge tells as well as the author's access.
    let label = world.carla().opens_merge_request("For a friend", &path);
    world.carla().labels(label, "Community contribution");
    world.rests().await;
    assert_eq!(told(&world, label).len(), 1);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn issues_that_ask_for_features_are_told_where_policy_says_so(#[case] face: Face) {
    let policy = "deprecated:\n  kinds: [issue]\n  features: [\"type::feature\"]\n  \
                  community: { author_below: developer }\n  taken: [\"severity::1\"]\n";
    let world = world(face, policy).await;
    let labels = ["Integration::YouTrack", "type::feature"];
    let feature = world.ben().opens_labelled("Tags", &labels);
    let bug = world.ben().opens_labelled("It breaks", &["Integration::YouTrack"]);
    let path = ["app/models/integrations/youtrack.rb"];
    let request = world.ben().opens_merge_request("Add tags", &path);
    world.rests().await;
    let said = told(&world, feature);
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(said[0].starts_with("Thank you for this issue."), "{said:#?}");
    assert_eq!(told(&world, bug), [""; 0]);
    assert_eq!(told(&world, request), [""; 0]);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_shadow_nobody_is_told_and_it_is_recorded(#[case] face: Face) {
    let policy =
        "deprecated:\n  mode: shadow\n  community: { author_below: developer }\n  taken: []\n";
    let world = world(face, policy).await;
    let path = ["app/models/integrations/youtrack.rb"];
    let item = world.ben().opens_merge_request("Add tags", &path);
    world.rests().await;
    assert_eq!(told(&world, item), [""; 0]);
}
