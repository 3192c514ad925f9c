//! Rules that a team wrote itself, in a folder laid over the built-in policies.

mod closing;
mod comments;
mod fields;
mod labels;
mod reviews;
mod told;
mod trial;

use steward::{
    forgesim::{Face, SimSettings},
    settings::Settings,
};

use crate::world::{PROJECT, World};

/// A project whose Steward has these rules besides its own. The labels that stories need are there.
async fn team_on(face: Face, rules: &str) -> World {
    let settings = SimSettings { face, ..SimSettings::default() };
    let mut world = World::without_steward(settings).await;
    for label in ["urgent", "triage", "needs-docs", "stale", "duplicate", "community", "seen"] {
        world.sim.add_label(PROJECT, label, "#428BCA");
    }
    write(&mut world, rules);
    world.steward_starts().await;
    world
}

/// Puts the rules into the team's folder.
fn write(world: &mut World, rules: &str) {
    let dir = world.folder().join("policies");
    std::fs::create_dir_all(dir.join("rules")).expect("a folder");
    std::fs::write(dir.join("rules/team.yml"), format!("rules:{rules}")).expect("written");
    let Settings { policies, .. } = &mut world.settings;
    policies.dir = dir;
}

/// Steward goes on with other rules.
async fn team_writes(world: &mut World, rules: &str) {
    world.steward_stops().await;
    write(world, rules);
    world.steward_starts().await;
}
