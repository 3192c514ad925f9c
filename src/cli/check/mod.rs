//! `steward check`: what a new integration must come with, filled in for a git checkout.
//!
//! [`sheets`] reads and asks, [`place`] says where a row is shown; [`text`], [`json`], [`sarif`]
//! and [`quality`] tell what came of it, [`patch`] writes what a machine can write.

mod json;
mod patch;
mod place;
mod quality;
mod sarif;
mod sheets;
mod text;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};

use super::{
    CliError,
    out::{failure, say},
    policies::PolicyArgs,
};
use crate::{
    app::StartError,
    checkout::{Checkout, Told},
    policy,
    settings::{Settings, SettingsError},
    terminal::{Look, plain},
};

/// The exit code when the check could not be made.
const NOT_MADE: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// A folder in the checkout [default: this one]
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    dir: PathBuf,
    /// The branch or commit that the change goes into; it is compared with the commit in which both
    /// parted [default: origin/HEAD, else origin/main, origin/master, main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Compare with --base itself: in a shallow clone, where the common commit is not there
    #[arg(long, requires = "base")]
    exact_base: bool,
    /// Address of the merge request, where it is known: some files name it
    #[arg(long, value_name = "URL")]
    merge_request: Option<String>,
    /// Title of the milestone in which the change appears, such as 18.10
    #[arg(long, value_name = "X.Y")]
    milestone: Option<String>,
    /// A label on the merge request; several by several --label
    #[arg(long, value_name = "NAME")]
    label: Vec<String>,
    #[command(flatten)]
    policies: PolicyArgs,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Tell every row, also those that pass
    #[arg(long)]
    all: bool,
    /// Print what a machine can write as a patch for `git apply`, and nothing else; exits with 0
    /// even if something else is missing
    #[arg(long, conflicts_with_all = ["format", "all"])]
    patch: bool,
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
    args: CheckArgs,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
) -> Result<ExitCode, CliError> {
    let format = args.format;
    match check(args, settings) {
        Err(error) => match format {
            Format::Text | Format::CodeQuality => Err(error),
            Format::Json => Ok(not_made(&error, json::failed)),
            Format::Sarif => Ok(not_made(&error, super::sarif::failed)),
        },
        done => done,
    }
}

/// Tells a program why there is no check, and a person too.
fn not_made(error: &CliError, told: fn(&[String]) -> serde_json::Value) -> ExitCode {
    let why = match error {
        CliError::Start(StartError::Policies(errors)) => {
            errors.iter().map(ToString::to_string).collect()
        }
        error => vec![error.to_string()],
    };
    say!("{:#}", told(&why));
    for one in &why {
        eprintln!("{}", failure(one, Look::of_stderr()));
    }
    ExitCode::from(NOT_MADE)
}

fn check(
    args: CheckArgs,
    settings: impl FnOnce() -> Result<Settings, SettingsError>,
) -> Result<ExitCode, CliError> {
    let settings = settings()?;
    if let Some(url) = &args.merge_request {
        is_address(url)?;
    }
    let told = Told { url: args.merge_request, milestone: args.milestone, labels: args.label };
    let pack = args.policies.load(settings)?;
    if pack.checklists.iter().next().is_none() {
        return Err(CliError::Other(
            "the policies have no checklist: it stands in `checklists/<name>.yml` (see \
             docs/policies.md)"
                .into(),
        ));
    }
    let mut checkout = Checkout::open(&args.dir, args.base.as_deref(), args.exact_base)
        .map_err(|error| CliError::Other(error.to_string()))?;
    let checked = sheets::fill(&mut checkout, &pack, &told)
        .map_err(|error| CliError::Other(error.to_string()))?;
    if args.patch {
        write(&checked);
        return Ok(ExitCode::SUCCESS);
    }
    match args.format {
        Format::Text => say!("{}", text::told(&checked, args.all, Look::of_stdout())),
        Format::Json => say!("{:#}", json::told(&checked)),
        Format::Sarif => say!("{:#}", sarif::told(&checked)),
        Format::CodeQuality => say!("{:#}", policy::code_quality(&quality::findings(&checked))),
    }
    Ok(match checked.is_complete() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// Prints the patch; what does not belong into it goes to standard error.
fn write(checked: &sheets::Checked<'_>) {
    let pieces = checked.sheets.iter().flat_map(|sheet| &sheet.rows).flat_map(|row| &row.ready);
    let made = patch::patch(pieces, |path| checked.text(path));
    match made.text.strip_suffix('\n') {
        Some(text) => say!("{text}"),
        None => eprintln!("steward: nothing is ready to be written"),
    }
    for path in &made.left {
        eprintln!(
            "steward: {}: there is another piece for this new file; check again when this one is \
             in place",
            plain(path)
        );
    }
}

fn is_address(url: &str) -> Result<(), CliError> {
    let parsed = url::Url::parse(url).ok();
    match parsed.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        true => Ok(()),
        false => Err(CliError::Other(format!(
            "`{url}` is no address; expected something like \
             https://gitlab.example.com/group/project/-/merge_requests/12 behind --merge-request"
        ))),
    }
}
