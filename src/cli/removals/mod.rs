//! `steward removals`: what leaves the product, what is proven of it, and what is due.

mod ics;
mod markdown;
mod table;

use std::{path::PathBuf, process::ExitCode};

use chrono::{NaiveDate, Utc};
use clap::{Args, ValueEnum};

use super::{CliError, out::say, policies::PolicyArgs, records};
use crate::{
    app::{self, StartError},
    checkout::Tree,
    model::Version,
    removals::{self, Asked},
    settings::{Secrets, Settings, SettingsError},
    terminal::Look,
};

#[derive(Debug, Args)]
pub(super) struct RemovalsArgs {
    /// A folder in a git repository of the product; a bare mirror will do
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    repo: PathBuf,
    /// The branch or commit whose files are looked at
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    at: String,
    /// Only what is due or removed in this milestone
    #[arg(long, value_name = "X.Y")]
    milestone: Option<Version>,
    /// Whether this milestone may be released: exits with 1 and the reasons if not
    #[arg(long, value_name = "X.Y", conflicts_with = "milestone")]
    gate: Option<Version>,
    /// Look as on another day [default: today, in UTC]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Ask the forge what is still open with the labels of what leaves, and whether these are archived
    #[arg(long)]
    online: bool,
    #[command(flatten)]
    policies: PolicyArgs,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// Everything, for programs
    Json,
    /// For an issue or a page
    Markdown,
    /// What is due when, for calendars
    Ics,
}

pub(super) async fn run(
    args: RemovalsArgs,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
    secrets: impl FnOnce() -> Result<Secrets, SettingsError>,
) -> Result<ExitCode, CliError> {
    let settings = settings()?;
    let records = records::removals(&settings).await.map_err(StartError::Store)?;
    let asker = match args.online {
        true => Some(app::asker(&settings, &secrets()?)?),
        false => None,
    };
    let pack = args.policies.load(settings)?;
    let other = |error: &dyn std::fmt::Display| CliError::Other(error.to_string());
    let tree = Tree::open(&args.repo, &args.at).map_err(|error| other(&error))?;
    let today = args.today.unwrap_or_else(|| Utc::now().date_naive());
    let asked = match &asker {
        Some(asker) => asker.ask(&pack, &records, today, None).await,
        None => Asked::new(),
    };
    let report =
        removals::look(&tree, &pack, records, today, asked).map_err(|error| other(&error))?;
    if let Some(milestone) = args.gate {
        let gate = removals::gate(&report, milestone);
        match args.format {
            Format::Json => say!("{:#}", json(&gate)?),
            _ => say!("{}", table::gate(&gate, Look::of_stdout())),
        }
        return Ok(if gate.open { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    let report = match args.milestone {
        Some(milestone) => report.of_milestone(milestone),
        None => report,
    };
    match args.format {
        Format::Table => say!("{}", table::told(&report, Look::of_stdout())),
        Format::Json => say!("{:#}", json(&report)?),
        Format::Markdown => say!("{}", markdown::told(&report)),
        Format::Ics => say!("{}", ics::told(&report)),
    }
    Ok(ExitCode::SUCCESS)
}

fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, CliError> {
    serde_json::to_value(value).map_err(|error| CliError::Other(error.to_string()))
}
