//! `steward deprecations`: the entries that announce what leaves.
//!
//! [`files`] finds them, [`text`], [`json`] and [`sarif`] tell what is wrong with them.

mod files;
mod json;
mod sarif;
mod summary;
mod text;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand, ValueEnum};

use super::{CliError, calendar::calendar, out::say, policies::PolicyArgs};
use crate::{
    evidence::deprecations::{Report, Told, lint},
    pack::Pack,
    policy::{self, Finding, Severity},
    settings::{Settings, SettingsError},
    terminal::Look,
};

#[derive(Debug, Subcommand)]
pub(super) enum DeprecationsCommand {
    /// Check the entries: milestones, windows, keys and names
    ///
    /// Reads all entries and checks them against the policies and the release calendar. Exits with
    /// 0 when there is no mistake that nobody answered for, with 1 when there is one, with 2 when
    /// the check could not be made.
    Lint(LintArgs),
}

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// The top of a repository, the folder of the entries in it, or one entry
    path: PathBuf,
    #[command(flatten)]
    policies: PolicyArgs,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Tell notes too, and what somebody answered for
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// Everything, for programs
    Json,
    /// SARIF 2.1.0, for editors and code scanning
    Sarif,
    /// GitLab's Code Quality report
    #[value(alias = "codequality")]
    CodeQuality,
}

pub(super) fn run(
    command: DeprecationsCommand,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
) -> Result<ExitCode, CliError> {
    let DeprecationsCommand::Lint(args) = command;
    let settings = settings()?;
    let pack = args.policies.load(settings)?;
    let calendar = calendar(&pack)?;
    let expected = pack.lifecycle.deprecations.as_ref().ok_or_else(nothing_expected)?;
    let found = files::find(&args.path, expected).map_err(CliError::Other)?;
    let mut report = lint(&found.files, expected, calendar);
    // Of a part of the entries nobody can tell what the others need.
    if !found.whole {
        report.unused.clear();
    }
    match args.format {
        Format::Text => say!("{}", text::told(&report, &pack, args.all, Look::of_stdout())),
        Format::Json => say!("{:#}", json::told(&report, &pack)),
        Format::Sarif => say!("{:#}", sarif::told(&report)),
        Format::CodeQuality => {
            let open: Vec<Finding> = report.open().map(finding).collect();
            say!("{:#}", policy::code_quality(&open));
        }
    }
    Ok(match report.fails() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn nothing_expected() -> CliError {
    CliError::Other(
        "the policies expect nothing of entries: `deprecations` in `lifecycle.yml` does (see \
         docs/lifecycle.md)"
            .into(),
    )
}

/// A finding as the other checks have them.
fn finding(told: &Told<'_>) -> Finding {
    let one = &told.finding;
    let number = |number: u32| usize::try_from(number).ok();
    Finding {
        severity: told.severity,
        check: format!("deprecations.{}", one.kind),
        file: told.file.clone(),
        line: number(one.at.line),
        column: number(one.at.column),
        end_line: None,
        end_column: None,
        message: one.message.clone(),
        help: Some(one.expected.clone()),
        example: None,
        steps: Vec::new(),
    }
}

/// Exceptions that nothing needs, each at its line of the policies.
fn unused(report: &Report<'_>, pack: &Pack) -> Vec<Finding> {
    let one = |exception: &&crate::evidence::deprecations::Exception| {
        let mut cite = exception.cite.clone();
        cite.file = pack.places.shown(&cite.file).to_owned();
        let message = format!(
            "the exception for `{}` of `{}` matches nothing",
            exception.finding,
            exception.files.glob()
        );
        let help = "remove it, or correct the name of the file or of the finding";
        Finding::at(Severity::Note, "deprecations.unused_exception", &cite, message, help)
    };
    report.unused.iter().map(one).collect()
}
