//! A checkout of somebody who adds a plugin, with the checklist of the page beside it.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Ended, run, steward};

pub(super) const PAGE: &str = include_str!("../../../docs/checks.md");
pub(super) const MODEL: &str = "plugins/slack/plugin.rb";
pub(super) const DOCS: &str = "docs/plugins/slack.md";
pub(super) const LIST: &str = "config/all plugins.txt";
pub(super) const DEFINITION: &str = "config/plugins/slack.yml";

/// The first block of a language in the page.
pub(super) fn block(language: &str) -> &'static str {
    let start = format!("```{language}\n");
    let (_, rest) = PAGE.split_once(&start).expect("the block");
    rest.split_once("```").expect("its end").0
}

/// A checkout on a branch of its own, with the checklist of the page beside it.
pub(super) struct Desk {
    pub(super) folder: TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let desk = Self { folder: TempDir::new().expect("a folder") };
        let policy = desk.folder.path().join("policies/checklists/plugin.yml");
        fs::create_dir_all(policy.parent().expect("a parent")).expect("made");
        fs::write(policy, block("yaml")).expect("written");
        fs::create_dir(desk.repository()).expect("made");
        desk.git(&["init", "-q", "-b", "main"]);
        desk.write("VERSION", "18.10.0-pre\n");
        desk.write(LIST, "list\n  jira\nend\n");
        desk.write("Gemfile", "gem 'old'\n");
        desk.write(".gitignore", "/docs/plugins/ignored.md\n/secret\n");
        desk.commits("As it was");
        desk.git(&["switch", "-q", "-c", "slack"]);
        desk
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.folder.path().join("a checkout")
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.repository().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Git, with nothing of this machine's configuration; the same commits are made every time.
    pub(super) fn git_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(self.repository())
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_DATE", "2026-06-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-06-01T00:00:00Z");
        command
    }

    #[track_caller]
    pub(super) fn git(&self, arguments: &[&str]) {
        let done = self.git_command(arguments).output().expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    pub(super) fn commits(&self, subject: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", subject]);
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = steward(&self.repository(), &["check", "--policies", "../policies"]);
        command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").env("COLUMNS", "100");
        command
    }

    pub(super) async fn checks(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    /// The check as a program sees it.
    pub(super) async fn json(&self, arguments: &[&str]) -> Value {
        let mut all = vec!["--format", "json"];
        all.extend(arguments);
        json(&self.checks(&all).await)
    }

    /// What came of each row of the only sheet.
    pub(super) async fn rows(&self, arguments: &[&str]) -> Vec<(String, String)> {
        let told = self.json(arguments).await;
        let sheets = told["sheets"].as_array().expect("sheets");
        assert_eq!(sheets.len(), 1, "{told:#}");
        let rows = sheets[0]["rows"].as_array().expect("rows");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        rows.iter().map(|row| (text(&row["key"]), text(&row["status"]))).collect()
    }

    pub(super) async fn row(&self, key: &str) -> String {
        let rows = self.rows(&[]).await;
        rows.into_iter().find(|row| row.0 == key).expect("the row").1
    }

    /// Applies what the check can write.
    pub(super) async fn applies_the_patch(&self) {
        let patch = self.checks(&["--patch"]).await.exits_with(0).out();
        let file = self.folder.path().join("patch");
        fs::write(&file, patch).expect("written");
        self.git(&["apply", "--whitespace=error-all", file.to_str().expect("UTF-8")]);
    }
}

pub(super) fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out())
        .unwrap_or_else(|_| panic!("{}\n{}", ended.out(), ended.err()))
}

pub(super) const SLACK: &str = "class Slack\n  field :url\n  field :token\nend\n";

pub(super) fn slack() -> Desk {
    let desk = Desk::new();
    desk.write(MODEL, SLACK);
    desk.write("Gemfile", "gem 'old'\ngem 'new'\n");
    desk
}
