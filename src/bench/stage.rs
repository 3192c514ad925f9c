//! The stage of a measurement: a simulated forge, Steward, a database, and questions to both.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;

use super::{
    BenchError,
    child::{Child, free_address},
    hooks::{Hook, hooks},
    http::{Connection, request},
};
use crate::{
    forgesim::{Fault, ItemWrites, WriteTotals, signing_token},
    model::ForgeKind,
    temp_folder::TempFolder,
};

const TOKEN: &str = "token-of-the-bench";
/// How often the forge is asked how far things are. When a write was applied is what the forge
/// noted, so that this need not be often.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How a stage is set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scenery {
    /// Which forge is simulated.
    pub(super) forge: ForgeKind,
    /// Issues that there are.
    pub(super) issues: u64,
    /// How long the forge takes for each answer.
    pub(super) latency: Duration,
    /// Overrides how many subjects Steward works on at the same time.
    pub(super) concurrency: Option<usize>,
    /// Whether the forge is there at all.
    pub(super) forge_is_down: bool,
}

/// A forge, Steward and a database. All end with it.
#[derive(Debug)]
pub(super) struct Stage {
    // In this order: first Steward ends, then its forge, then the folder goes.
    pub(super) steward: Child,
    forge: Option<Child>,
    control: Option<Connection>,
    at: SocketAddr,
    /// How long Steward took to start.
    pub(super) start: Duration,
    scenery: Scenery,
    /// What signs the webhooks.
    secret: String,
    folder: TempFolder,
}

impl Stage {
    pub(super) async fn set(scenery: Scenery) -> Result<Self, BenchError> {
        let folder = TempFolder::new("steward-bench").map_err(BenchError::io("a folder"))?;
        let at = free_address()?;
        let (forge, control) = if scenery.forge_is_down {
            (None, None)
        } else {
            let set_up = |command: &mut std::process::Command| {
                command.args(["--listen", &at.to_string(), "--token", TOKEN]);
                command.args(["--forge", scenery.forge.as_str()]);
                command.args(["--issues", &scenery.issues.to_string()]);
                command.args(["--latency-ms", &scenery.latency.as_millis().to_string()]);
            };
            let path = "/_sim/writes";
            let (forge, _) = Child::start("forgesim", at, path, folder.path(), set_up).await?;
            let control = Connection::open(at).await;
            (Some(forge), Some(control.map_err(BenchError::io("reaching the forge"))?))
        };
        let secret = signing_token(b"a key that only the bench and Steward know");
        let (steward, start) = start_steward(&folder, at, &secret, scenery).await?;
        Ok(Self { steward, forge, control, at, start, scenery, secret, folder })
    }

    /// Starts Steward again, on the same database, after it was killed.
    pub(super) async fn start_again(&mut self) -> Result<(), BenchError> {
        let (steward, start) =
            start_steward(&self.folder, self.at, &self.secret, self.scenery).await?;
        (self.steward, self.start) = (steward, start);
        Ok(())
    }

    /// Deliveries about the issues from 1 to this number, one each.
    pub(super) fn hooks(&self, issues: u64) -> Vec<Hook> {
        hooks(self.scenery.forge, 1..=issues, self.at, &self.secret)
    }

    pub(super) fn forge_pid(&self) -> Option<u32> {
        self.forge.as_ref().map(Child::pid)
    }

    /// Waits until this many issues have both writes, and answers what was written.
    pub(super) async fn wait_until_done(
        &mut self,
        events: u64,
        patience: Duration,
    ) -> Result<WriteTotals, BenchError> {
        self.wait_until(|totals| totals.both >= events, events, patience).await
    }

    /// Waits until enough was written of so many events, and answers what was.
    pub(super) async fn wait_until(
        &mut self,
        enough: impl Fn(&WriteTotals) -> bool,
        events: u64,
        patience: Duration,
    ) -> Result<WriteTotals, BenchError> {
        let started = Instant::now();
        loop {
            let totals = self.writes().await?;
            if enough(&totals) {
                return Ok(totals);
            }
            self.steward.is_alive()?;
            if started.elapsed() > patience {
                let log = self.steward.said();
                return Err(BenchError::NotDone {
                    done: totals.both,
                    events,
                    waited: patience,
                    log,
                });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Waits until Steward's queue is empty: nothing is left to be done, now or later.
    pub(super) async fn wait_until_quiet(&mut self, patience: Duration) -> Result<(), BenchError> {
        let io = BenchError::io("asking Steward how it is");
        let mut connection = Connection::open(self.steward.address).await.map_err(io)?;
        let started = Instant::now();
        loop {
            let health: serde_json::Value = ask(&mut connection, "GET", "/healthz", b"").await?;
            let left = ["ready", "waiting", "running"]
                .iter()
                .filter_map(|state| health["work"][state].as_u64())
                .sum::<u64>();
            if left == 0 || started.elapsed() > patience {
                return Ok(());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(super) async fn writes(&mut self) -> Result<WriteTotals, BenchError> {
        self.forge("GET", "/_sim/writes", b"").await
    }

    pub(super) async fn written_items(&mut self) -> Result<Vec<ItemWrites>, BenchError> {
        self.forge("GET", "/_sim/writes/items", b"").await
    }

    /// How many API requests the forge has answered, by method and route.
    pub(super) async fn calls(&mut self) -> Result<BTreeMap<String, u64>, BenchError> {
        self.forge("GET", "/_sim/requests/counts", b"").await
    }

    pub(super) async fn fails(&mut self, fault: &Fault) -> Result<(), BenchError> {
        let body = serde_json::to_vec(fault)
            .map_err(|error| BenchError::Json { what: "a fault".into(), error })?;
        self.forge::<()>("POST", "/_sim/faults", &body).await
    }

    pub(super) async fn fails_no_more(&mut self) -> Result<(), BenchError> {
        self.forge::<()>("DELETE", "/_sim/faults", b"").await
    }

    async fn forge<T: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<T, BenchError> {
        if let Some(forge) = &mut self.forge {
            forge.is_alive()?;
        }
        match &mut self.control {
            Some(control) => ask(control, method, path, body).await,
            None => Err(BenchError::Refused { what: format!("{method} {path}"), status: 0 }),
        }
    }
}

async fn start_steward(
    folder: &TempFolder,
    forge: SocketAddr,
    secret: &str,
    scenery: Scenery,
) -> Result<(Child, Duration), BenchError> {
    let address = free_address()?;
    Child::start("serve", address, "/healthz", folder.path(), |command| {
        command.env("STEWARD_SERVER_LISTEN", address.to_string());
        command.env("STEWARD_DATABASE_PATH", folder.path().join("steward.db"));
        let (prefix, signs) = match scenery.forge {
            ForgeKind::Gitlab => ("STEWARD_GITLAB", "SIGNING_TOKEN"),
            ForgeKind::Github => ("STEWARD_GITHUB", "WEBHOOK_SECRET"),
        };
        command.env(format!("{prefix}_URL"), format!("http://{forge}"));
        command.env(format!("{prefix}_TOKEN"), TOKEN);
        command.env(format!("{prefix}_{signs}"), secret);
        // The simulated forge applies nothing late: what is measured is work and not this wait.
        command.env("STEWARD_WORKER_SETTLE_SECONDS", "1");
        if let Some(concurrency) = scenery.concurrency {
            command.env("STEWARD_WORKER_CONCURRENCY", concurrency.to_string());
        }
    })
    .await
}

/// One question; an answer without a body reads as `()`.
async fn ask<T: DeserializeOwned>(
    connection: &mut Connection,
    method: &str,
    path: &str,
    body: &[u8],
) -> Result<T, BenchError> {
    let what = format!("{method} {path}");
    let answer = connection.exchange(&request(method, path, "", body)).await;
    let answer = answer.map_err(BenchError::io(&what))?;
    if !(200..300).contains(&answer.status) {
        return Err(BenchError::Refused { what, status: answer.status });
    }
    let body = if answer.body.is_empty() { b"null" } else { answer.body };
    serde_json::from_slice(body).map_err(|error| BenchError::Json { what, error })
}
