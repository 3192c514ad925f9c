//! The real binary, as an operator runs it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use steward::forgesim::Face;

use crate::world::{WEBHOOK_SECRET, World, signing, until};

/// The binary, with nothing of this machine's settings around it.
pub(crate) fn steward(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STEWARD_")) {
        command.env_remove(name);
    }
    // Wide, so that no line that a story looks for is broken.
    command.env("COLUMNS", "240");
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) async fn run(mut command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || command.output());
    Ended(output.await.expect("it runs").expect("it starts"))
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ended(Output);

impl Ended {
    #[track_caller]
    pub(crate) fn exits_with(self, code: i32) -> Self {
        assert_eq!(self.0.status.code(), Some(code), "{}\n{}", self.out(), self.err());
        self
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub(crate) fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.out().contains(text), "not printed: {text}\n\n{}", self.out());
        self
    }

    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.err().contains(text), "not complained about: {text}\n\n{}", self.err());
        self
    }
}

/// A running `steward serve` that is killed at the end of the story.
#[derive(Debug)]
pub(crate) struct Serve {
    child: Child,
    output: [PathBuf; 2],
}

impl Serve {
    /// Starts it with the world's settings in the environment and waits until it answers.
    pub(crate) async fn starts(world: &World, more: &[(&str, &str)]) -> Self {
        let folder = world.folder();
        let mut command = steward(&folder, &["serve"]);
        settings_of(world, &mut command);
        command.envs(more.iter().copied());
        let [out, err] = ["stdout", "stderr"].map(|name| folder.join(name));
        let open = |path: &PathBuf| {
            File::options().create(true).append(true).open(path).expect("a file for the output")
        };
        let child = command.stdout(open(&out)).stderr(open(&err)).spawn().expect("it starts");
        let mut serve = Self { child, output: [out, err] };
        let health = world.steward_url("/healthz");
        until("steward serve answers", async || {
            let answers = reqwest::get(&health).await.is_ok();
            // Another one may answer in its place.
            let ended = serve.child.try_wait().expect("it can be waited for");
            assert_eq!(ended, None, "{}", serve.said());
            answers
        })
        .await;
        serve
    }

    /// SIGKILL: nothing is ended in order.
    pub(crate) fn is_killed(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM: it ends what it began.
    pub(crate) async fn ends(&mut self) {
        self.is_told_to_end();
        assert_eq!(self.exit_code().await, Some(0), "{}", self.said());
    }

    /// SIGTERM, without waiting.
    pub(crate) fn is_told_to_end(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for its end; `None` when a signal ended it.
    pub(crate) async fn exit_code(&mut self) -> Option<i32> {
        let mut status = None;
        until("steward serve ends", async || {
            status = self.child.try_wait().expect("it can be waited for");
            status.is_some()
        })
        .await;
        status.and_then(|status| status.code())
    }

    /// All that it has written to its output so far.
    pub(crate) fn said(&self) -> String {
        self.output.iter().map(|path| std::fs::read_to_string(path).expect("its output")).collect()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives a command the world's settings and secrets.
pub(crate) fn settings_of(world: &World, command: &mut Command) {
    let settings = &world.settings;
    command
        .env("STEWARD_SERVER_LISTEN", settings.server.listen.to_string())
        .env("STEWARD_DATABASE_PATH", &settings.database.path)
        .env("STEWARD_WORKER_CONCURRENCY", settings.worker.concurrency.to_string())
        .env("STEWARD_WORKER_SETTLE_SECONDS", settings.worker.settle_seconds.to_string())
        .env("STEWARD_WORKER_FIRST_RETRY_MS", settings.worker.first_retry_ms.to_string())
        .env("STEWARD_POLICIES_PACK", &settings.policies.pack);
    match world.face {
        Face::Gitlab => command
            .env("STEWARD_GITLAB_URL", &settings.gitlab.url)
            .env("STEWARD_GITLAB_TIMEOUT_SECONDS", settings.gitlab.timeout_seconds.to_string())
            .env("STEWARD_GITLAB_TOKEN", &world.bot.token)
            .env("STEWARD_GITLAB_WEBHOOK_SECRET", WEBHOOK_SECRET)
            .env("STEWARD_GITLAB_SIGNING_TOKEN", signing()),
        Face::Github => command
            .env("STEWARD_GITHUB_URL", &settings.github.url)
            .env("STEWARD_GITHUB_TIMEOUT_SECONDS", settings.github.timeout_seconds.to_string())
            .env("STEWARD_GITHUB_TOKEN", &world.bot.token)
            .env("STEWARD_GITHUB_WEBHOOK_SECRET", WEBHOOK_SECRET),
    };
}
