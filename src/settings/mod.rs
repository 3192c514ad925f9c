//! Settings: `steward.toml`, the environment over it, secrets from the environment alone.

mod environment;
mod fields;
mod secrets;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::model::ForgeKind;

pub use environment::environment;
pub use secrets::Secrets;

/// The file that documents every option; it holds the defaults.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

const PREFIX: &str = "STEWARD_";

/// Every option, described in `src/settings/default.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// The policies.
    pub policies: Policies,
    /// The product's code.
    pub code: Code,
    /// The GitLab that is looked after.
    pub gitlab: Gitlab,
    /// The GitHub that is looked after.
    pub github: Github,
    /// The mirror.
    pub mirror: Mirror,
    /// The worker.
    pub worker: Worker,
    /// The log.
    pub log: Log,
}

/// The HTTP server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    #[serde(deserialize_with = "fields::listen")]
    pub listen: SocketAddr,
}

/// The database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// The SQLite file.
    pub path: PathBuf,
    /// Days for which deliveries are kept.
    pub keep_days: NonZeroU32,
}

/// The policies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// The name of the built-in pack.
    pub pack: String,
    /// The overlay directory; empty for none.
    pub dir: PathBuf,
    /// Whether the built-in pack lies under it.
    pub built_in: bool,
    /// Seconds between two looks at the files; 0 for none.
    pub reload_seconds: u64,
}

/// The product's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Code {
    /// A folder in a git repository; empty for none.
    pub repository: PathBuf,
    /// A branch or commit.
    pub revision: String,
}

/// The GitLab that is looked after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gitlab {
    /// Its address.
    #[serde(deserialize_with = "fields::url")]
    pub url: String,
    /// Projects for the doctor, for schedules and for cleanups.
    pub projects: Vec<String>,
    /// Seconds.
    #[serde(deserialize_with = "fields::count")]
    pub connect_timeout_seconds: NonZeroU64,
    /// Seconds.
    #[serde(deserialize_with = "fields::count")]
    pub timeout_seconds: NonZeroU64,
    /// Comments in a minute, for estimates.
    pub comments_per_minute: NonZeroU32,
    /// Other calls in a minute, for estimates.
    pub calls_per_minute: NonZeroU32,
}

/// The GitHub that is looked after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Github {
    /// Its address.
    #[serde(deserialize_with = "fields::url")]
    pub url: String,
    /// The same, for GitHub: repositories.
    pub projects: Vec<String>,
    /// The App's number; 0 for none.
    pub app_id: u64,
    /// The installation's number; 0 for each repository's own.
    pub installation_id: u64,
    /// Seconds.
    #[serde(deserialize_with = "fields::count")]
    pub connect_timeout_seconds: NonZeroU64,
    /// Seconds.
    #[serde(deserialize_with = "fields::count")]
    pub timeout_seconds: NonZeroU64,
    /// Comments in a minute, for estimates.
    pub comments_per_minute: NonZeroU32,
    /// Other calls in a minute, for estimates.
    pub calls_per_minute: NonZeroU32,
}

/// The mirror: the local copy of open items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mirror {
    /// The SQLite file; empty for the one beside the database.
    pub path: PathBuf,
    /// Projects for `steward sync`.
    pub projects: Vec<String>,
    /// Calls in a minute.
    pub calls_per_minute: NonZeroU32,
}

/// The worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Write nothing to the forge.
    pub dry_run: bool,
    /// Subjects at the same time.
    #[serde(deserialize_with = "fields::count")]
    pub concurrency: NonZeroUsize,
    /// Seconds.
    #[serde(deserialize_with = "fields::count")]
    pub lease_seconds: NonZeroU64,
    /// Seconds in which a comment that was posted without an answer may still appear.
    pub settle_seconds: u64,
    /// Failures before a subject is put aside.
    #[serde(deserialize_with = "fields::count")]
    pub max_attempts: NonZeroU32,
    /// Milliseconds until the first retry; each wait is three times the one before.
    #[serde(deserialize_with = "fields::count")]
    pub first_retry_ms: NonZeroU64,
}

/// The log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Filter directives.
    #[serde(deserialize_with = "fields::level")]
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 8080)) }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { path: "steward.db".into(), keep_days: NonZeroU32::MIN.saturating_add(29) }
    }
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            pack: crate::policy::DEFAULT_PACK.into(),
            dir: PathBuf::new(),
            built_in: true,
            reload_seconds: 5,
        }
    }
}

impl Default for Code {
    fn default() -> Self {
        Self { repository: PathBuf::new(), revision: "HEAD".to_owned() }
    }
}

impl Default for Gitlab {
    fn default() -> Self {
        Self {
            url: "https://gitlab.com".into(),
            projects: Vec::new(),
            connect_timeout_seconds: nonzero(5),
            timeout_seconds: nonzero(30),
            comments_per_minute: NonZeroU32::MIN.saturating_add(59),
            calls_per_minute: NonZeroU32::MIN.saturating_add(299),
        }
    }
}

impl Default for Github {
    fn default() -> Self {
        Self {
            url: "https://github.com".into(),
            projects: Vec::new(),
            app_id: 0,
            installation_id: 0,
            connect_timeout_seconds: nonzero(5),
            timeout_seconds: nonzero(30),
            comments_per_minute: NonZeroU32::MIN.saturating_add(7),
            calls_per_minute: NonZeroU32::MIN.saturating_add(79),
        }
    }
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            path: PathBuf::new(),
            projects: Vec::new(),
            calls_per_minute: NonZeroU32::MIN.saturating_add(299),
        }
    }
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            dry_run: false,
            concurrency: NonZeroUsize::MIN.saturating_add(319),
            lease_seconds: nonzero(120),
            settle_seconds: 60,
            max_attempts: NonZeroU32::MIN.saturating_add(9),
            first_retry_ms: nonzero(5000),
        }
    }
}

fn nonzero(seconds: u64) -> NonZeroU64 {
    NonZeroU64::new(seconds).unwrap_or(NonZeroU64::MIN)
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".into(), format: LogFormat::Text }
    }
}

/// What is wrong with the settings. Every message names the file and line or the variable.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The settings file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The file is not what it should be.
    #[error("{path}: {reason}")]
    File {
        /// The settings file.
        path: String,
        /// What is wrong, with the line.
        reason: String,
    },
    /// A variable of the environment is not what it should be.
    #[error("environment variable {name}: {reason}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong; never its value where it may be a secret.
        reason: String,
    },
}

impl Settings {
    /// Reads the file (`steward.toml` when none is named and it is there), then the environment.
    ///
    /// # Errors
    /// The first mistake, with its place and the nearest valid name.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let path = file.unwrap_or(Path::new("steward.toml"));
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => {
                return Err(SettingsError::Unreadable { path: shown, reason: error.to_string() });
            }
        };
        Self::from_text(&shown, &text, environment)
    }

    fn from_text(
        path: &str,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        // Typed first, for errors that show the line.
        let _: Settings = toml::from_str(text).map_err(|error| SettingsError::File {
            path: path.to_owned(),
            reason: explain(&error),
        })?;
        let mut table: Table = toml::from_str(text).map_err(|error| SettingsError::File {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let known = variables();
        for (name, value) in environment {
            if !name.starts_with(PREFIX) || secrets::is_secret(&name) {
                continue;
            }
            let wrong = |reason: String| SettingsError::Variable { name: name.clone(), reason };
            let Some((section, key, default)) =
                known.iter().find(|(variable, ..)| *variable == name).map(|(_, at)| at.clone())
            else {
                let mut names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                for secret in secrets::names() {
                    names.push(secret);
                }
                let near = crate::policy::nearest(&name, names)
                    .map(|near| format!("; did you mean {near}?"))
                    .unwrap_or_default();
                return Err(wrong(format!("there is no such option{near}")));
            };
            let value = typed(&value, &default).map_err(wrong)?;
            table
                .entry(&section)
                .or_insert_with(|| Value::Table(Table::new()))
                .as_table_mut()
                .map(|section| section.insert(key, value));
            // One at a time, so that a mistake is put down to its variable.
            Value::Table(table.clone()).try_into::<Settings>().map_err(|error| {
                SettingsError::Variable { name: name.clone(), reason: error.message().to_owned() }
            })?;
        }
        Value::Table(table).try_into().map_err(|error: toml::de::Error| SettingsError::File {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    /// The projects that the section of a forge names.
    pub fn projects(&self, forge: ForgeKind) -> &[String] {
        match forge {
            ForgeKind::Gitlab => &self.gitlab.projects,
            ForgeKind::Github => &self.github.projects,
        }
    }

    /// The mirror's file: the one that is named, else `steward-mirror.db` beside the database.
    pub fn mirror_path(&self) -> PathBuf {
        if self.mirror.path.as_os_str().is_empty() {
            self.database.path.with_file_name("steward-mirror.db")
        } else {
            self.mirror.path.clone()
        }
    }

    /// The overlay directory of the policies, if there is one.
    pub fn policies_dir(&self) -> Option<&Path> {
        (!self.policies.dir.as_os_str().is_empty()).then_some(self.policies.dir.as_path())
    }
}

/// Section, key and default of each variable.
type Place = (String, String, Value);

fn variables() -> Vec<(String, Place)> {
    let Ok(Value::Table(defaults)) = Value::try_from(Settings::default()) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (section, options) in defaults {
        for (key, value) in options.as_table().cloned().unwrap_or_default() {
            let name = format!("{PREFIX}{section}_{key}").to_uppercase();
            all.push((name, (section.clone(), key, value)));
        }
    }
    all
}

/// A variable's text as the type of its default.
fn typed(text: &str, default: &Value) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text
            .trim()
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("expected a whole number from 1, found `{text}`")),
        Value::Boolean(_) => match text.trim() {
            "true" | "1" => Ok(Value::Boolean(true)),
            "false" | "0" => Ok(Value::Boolean(false)),
            other => Err(format!("expected `true` or `false`, found `{other}`")),
        },
        Value::Array(_) => Ok(Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        )),
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// The library's error, with the nearest valid name for an option that does not exist.
fn explain(error: &toml::de::Error) -> String {
    let message = error.message();
    let mut words = message.split('`').skip(1).step_by(2);
    let near = match (message.starts_with("unknown field"), words.next()) {
        // The library's own text would show the line, and with it the secret.
        (true, Some(wrong)) if secrets::looks_secret(wrong) => {
            return format!(
                "secrets such as `{wrong}` do not belong in this file: set STEWARD_GITLAB_TOKEN, \
                 STEWARD_GITLAB_WEBHOOK_SECRET or STEWARD_GITLAB_SIGNING_TOKEN in the environment, \
                 or those that begin with STEWARD_GITHUB_"
            );
        }
        (true, Some(wrong)) => {
            crate::policy::nearest(wrong, words).map(|near| format!("did you mean `{near}`?"))
        }
        _ => None,
    };
    match near {
        Some(near) => format!("{error}{near}"),
        None => error.to_string(),
    }
}
