//! The end of an integration with so many items, killed at random moments and slowed down by the
//! forge: each is closed once, nothing else is touched, and all of it comes back.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{BenchError, Figure, Unit};
use crate::{
    app,
    catalog::Integration,
    forgesim::{Fault, FaultKind, Sim, SimSettings, State, User, access},
    settings::Settings,
    temp_folder::TempFolder,
};

const PROJECT: &str = "example/product";
const MANAGERS: &str = "example/managers";
/// How often the process is killed on the way there, and on the way back.
const KILLS: u64 = 8;
/// Of ten items with the label one is closed already, and one more has another label.
const EVERY: u64 = 10;
/// How often the forge is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(600);

/// The integration that ends, one that stays, and who owns the first.
struct Cast {
    integration: String,
    label: String,
    other: String,
    owners: String,
}

impl Cast {
    /// Out of the built-in policies: two integrations, the first of a group with a handle.
    fn built_in() -> Result<Self, BenchError> {
        let pack = app::load_pack(&Settings::default())
            .map_err(|errors| BenchError::Other(errors.to_string()))?;
        let all = pack.catalog.integrations();
        let owners = |one: &Integration| {
            let handle = pack.catalog.owner(one)?.handles().next()?;
            Some(handle.trim_start_matches('@').to_owned())
        };
        let label = |one: &Integration| format!("{}{}", *pack.routing.label_prefix, one.label);
        all.iter()
            .find_map(|one| {
                let owners = owners(one)?;
                let other = all.iter().find(|other| label(other) != label(one))?;
                let integration = one.key.to_string();
                Some(Self { integration, label: label(one), other: label(other), owners })
            })
            .ok_or_else(|| BenchError::Other("no integration has an owner to ask".to_owned()))
    }
}

/// A forge with items, and where the commands run.
struct Stage {
    cast: Cast,
    sim: Sim,
    bot: User,
    folder: TempFolder,
    items: u64,
}

/// Closes so many items and opens them again.
pub(super) async fn cleanup(items: u64) -> Result<Vec<Figure>, BenchError> {
    let stage = Stage::set(items).await?;
    let before = stage.states()?;
    let id = stage.proposed().await?;
    for person in ["olga", "max"] {
        let text = format!("@steward approve-cleanup {id}");
        stage.sim.person(person).on_issue(PROJECT, 1).comments(&text).map_err(forgesim)?;
    }
    let began = Instant::now();
    stage.carried_out(&["cleanup", "run", &id], true).await?;
    let closing = began.elapsed();
    let closed = stage.closed()?;
    let calls = stage.sim.requests().counts.values().sum::<u64>();
    let file = stage.folder.path().join(format!("cleanups/{id}.restore.json"));
    let began = Instant::now();
    stage.carried_out(&["restore", &file.display().to_string()], false).await?;
    let opening = began.elapsed();
    let same = stage.states()?.iter().zip(&before).filter(|(now, was)| now == was).count();
    let written = usize::try_from(stage.sim.write_totals().changes).unwrap_or(usize::MAX);
    let count = usize::try_from(items).unwrap_or(usize::MAX);
    let seconds = |name: String, took: Duration| {
        Figure::new(name, took.as_secs_f64() * 1e3, Unit::Milliseconds)
    };
    Ok(vec![
        Figure::exactly(format!("closed of {items}, killed {KILLS} times"), closed, count),
        Figure::exactly("items as before after bringing them back", same, before.len()),
        Figure::exactly("changes of items in all, there and back", written, 2 * count),
        Figure::new("calls until all were closed", calls as f64, Unit::Count),
        seconds(format!("closing {items}"), closing),
        seconds(format!("opening {items}"), opening),
    ])
}

impl Stage {
    async fn set(items: u64) -> Result<Self, BenchError> {
        let folder = TempFolder::new("steward-cleanup").map_err(BenchError::io("a folder"))?;
        let policies = folder.path().join("policies");
        std::fs::create_dir_all(&policies).map_err(BenchError::io("a folder"))?;
        let text = format!(
            "cleanup:\n  release_managers: {MANAGERS}\n  window_days: 7\n  canary: 5\n  \
             pause_minutes: 0\n  per_minute: 60000\n  delete_after_days: 0\n"
        );
        std::fs::write(policies.join("lifecycle.yml"), text).map_err(BenchError::io("a file"))?;
        let cast = Cast::built_in()?;
        let sim = Sim::start(SimSettings::default()).await.map_err(forgesim)?;
        sim.add_project(PROJECT);
        for label in [&cast.label, &cast.other] {
            sim.add_group_label("example", label, "#428BCA");
        }
        let bot = sim.add_user("steward", "Steward");
        sim.add_group_member("example", &bot, access::DEVELOPER);
        for (name, group) in
            [("anna", "example"), ("olga", cast.owners.as_str()), ("max", MANAGERS)]
        {
            let user = sim.add_user(name, name);
            sim.add_group_member(group, &user, access::DEVELOPER);
        }
        let anna = sim.person("anna");
        let open = |title: &str, labels: &[&str]| {
            anna.opens_issue(PROJECT, title, "", labels).map_err(forgesim)
        };
        open("It leaves", &[])?;
        for number in 1..=items {
            open("It is down", &[&cast.label])?;
            if number % EVERY == 0 {
                open("Another one is down", &[&cast.other])?;
                let old = open("It was down", &[&cast.label])?;
                anna.on_issue(PROJECT, old).closes().map_err(forgesim)?;
            }
        }
        drop(anna);
        Ok(Self { cast, sim, bot, folder, items })
    }

    fn command(&self, arguments: &[&str]) -> Result<(Command, PathBuf), BenchError> {
        let program = std::env::current_exe().map_err(BenchError::io("looking for myself"))?;
        let mut command = Command::new(&program);
        let folder: &Path = self.folder.path();
        command
            .args(arguments)
            .env_clear()
            .current_dir(folder)
            .env("STEWARD_DATABASE_PATH", folder.join("steward.db"))
            .env("STEWARD_GITLAB_URL", self.sim.url())
            .env("STEWARD_GITLAB_TOKEN", &self.bot.token)
            .env("STEWARD_GITLAB_PROJECTS", PROJECT)
            .env("STEWARD_POLICIES_DIR", folder.join("policies"))
            .env("STEWARD_WORKER_SETTLE_SECONDS", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok((command, program))
    }

    fn begins(&self, arguments: &[&str]) -> Result<Child, BenchError> {
        let (mut command, program) = self.command(arguments)?;
        command.spawn().map_err(|error| BenchError::Spawn { program, error })
    }

    /// Posts the list, and answers the cleanup's name: that of the one file.
    async fn proposed(&self) -> Result<String, BenchError> {
        let issue = format!("{PROJECT}#1");
        let mut child =
            self.begins(&["cleanup", "propose", &self.cast.integration, "--issue", &issue])?;
        ended(&mut child).await?;
        let folder = self.folder.path().join("cleanups");
        let files = std::fs::read_dir(folder).map_err(BenchError::io("the folder of cleanups"))?;
        let names = files.filter_map(|file| file.ok()?.file_name().into_string().ok());
        names
            .filter_map(|name| name.strip_suffix(".proposal.json").map(str::to_owned))
            .next()
            .ok_or_else(|| BenchError::Other("no list was posted".to_owned()))
    }

    /// Runs a command to its end, and kills it on the way at random moments.
    async fn carried_out(&self, arguments: &[&str], closes: bool) -> Result<(), BenchError> {
        let began = self.sim.write_totals().changes;
        let mut moments: Vec<u64> =
            (0..KILLS).map(|_| rand::random_range(1..self.items.max(2))).collect();
        moments.sort_unstable();
        for moment in moments {
            // In a process that has been killed before it wrote anything, nothing was to be seen.
            let slow = FaultKind::TooManyRequests { retry_after: 1 };
            self.sim.fails(Fault::new(slow).on("PUT"));
            let mut child = self.begins(arguments)?;
            let started = Instant::now();
            while self.sim.write_totals().changes - began < moment {
                if started.elapsed() > PATIENCE {
                    return Err(BenchError::Other(format!(
                        "only {} of {moment} items were written to (closing: {closes})",
                        self.sim.write_totals().changes - began
                    )));
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
            child.kill().map_err(BenchError::io("killing a process"))?;
            child.wait().map_err(BenchError::io("waiting for a process"))?;
        }
        self.sim.clear_faults();
        ended(&mut self.begins(arguments)?).await
    }

    /// State and labels of every issue.
    fn states(&self) -> Result<Vec<(State, Vec<String>)>, BenchError> {
        let all = 1..=(1 + self.items + 2 * (self.items / EVERY));
        all.map(|iid| {
            let issue = self.sim.issue(PROJECT, iid).map_err(forgesim)?;
            Ok((issue.state, issue.labels))
        })
        .collect()
    }

    /// How many issues with the label are closed that were open.
    fn closed(&self) -> Result<usize, BenchError> {
        let closed = |(state, labels): &&(State, Vec<String>)| {
            *state == State::Closed && labels.contains(&self.cast.label)
        };
        let before = usize::try_from(self.items / EVERY).unwrap_or_default();
        Ok(self.states()?.iter().filter(closed).count().saturating_sub(before))
    }
}

/// Waits for the end of a process, which must be a good one.
async fn ended(child: &mut Child) -> Result<(), BenchError> {
    loop {
        match child.try_wait().map_err(BenchError::io("waiting for a process"))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                let (command, log) = ("cleanup", String::new());
                return Err(BenchError::Ended { command, status: status.to_string(), log });
            }
            None => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

fn forgesim(error: impl std::fmt::Display) -> BenchError {
    BenchError::Other(format!("the simulated GitLab: {error}"))
}
