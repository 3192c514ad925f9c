//! The demo: a simulated GitLab or GitHub, Steward, and a story of some ten events, told step by step.
//!
//! Everything is real but the forge: the webhooks go over HTTP through the real router into a
//! real database, the worker calls the simulated forge through the real client.

mod scenes;
mod screen;
mod world;

use std::time::{Duration, Instant};

use crate::{
    app::{App, StartError},
    forgesim::SimError,
    model::ForgeKind,
    store::StoreError,
};

pub use screen::Screen;
use world::World;

/// How long one scene may take before the demo gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why the demo did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Steward did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The simulated forge refused something.
    #[error("the simulated forge: {0}")]
    Sim(#[from] SimError),
    /// The database failed.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// Nothing came of an event.
    #[error("nothing came of it within {} s", PATIENCE.as_secs())]
    Stuck,
    /// The story did not end as it should.
    #[error("the story did not end as it should: {0}")]
    Wrong(String),
    /// The terminal or the temporary folder failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A demo whose story has been told and that still runs.
#[derive(Debug)]
pub struct Demo {
    world: World,
}

impl Demo {
    /// Sets the stage and tells the story.
    ///
    /// # Errors
    /// When something does not start, or the story ends otherwise than it should.
    pub async fn tell(forge: ForgeKind, screen: &mut Screen<'_>) -> Result<Self, DemoError> {
        let started = Instant::now();
        let mut world = World::set_up(forge).await?;
        screen.opening(&world)?;
        scenes::tell(&mut world, screen).await?;
        let sum = world.sum().await?;
        screen.ending(forge, &sum, started.elapsed())?;
        Ok(Self { world })
    }

    /// The address of the simulated forge.
    pub fn forge(&self) -> &str {
        self.world.sim.url()
    }

    /// The running Steward.
    pub fn app(&self) -> &App {
        &self.world.app
    }

    /// Ends everything and removes the database.
    pub async fn end(self) {
        self.world.app.stop().await;
    }
}
