//! The command line: one file a command.

mod bench;
mod calendar;
mod catalog;
mod check;
mod cleanup;
mod demo;
mod deprecations;
mod doctor;
mod forge;
mod help;
mod import;
mod lint;
mod log;
mod out;
mod plan;
mod policies;
mod preview;
mod progress;
mod records;
mod removals;
mod replay;
mod sarif;
mod schema;
mod serve;
mod sweeps;
mod sync;
mod why;

use std::{path::PathBuf, process::ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use out::say;

use crate::{
    app::StartError,
    policy,
    settings::{Secrets, Settings, SettingsError, environment},
    terminal::Look,
};

/// Routes issues and merge requests about integrations to the groups that own them
#[derive(Debug, Parser)]
#[command(name = "steward", version, max_term_width = 100)]
struct Cli {
    /// The settings file [default: steward.toml, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

/// The first line of each is what `steward --help` shows, in the groups of [`help::GROUPS`].
#[derive(Debug, Subcommand)]
enum Command {
    /// See it work: a simulated GitLab, Steward, and a story
    ///
    /// A simulated GitLab, Steward, and a story of some ten events, told step by step.
    Demo(demo::DemoArgs),
    /// Take webhooks and look after what they are about
    Serve,
    /// What would be done about an item, and why
    ///
    /// Says what would be done about an issue or merge request now, and why. Writes nothing.
    Plan(plan::PlanArgs),
    /// Why an item has its labels, comments and all else, or has not
    ///
    /// Says what was seen, which rule decided, and what was left alone. Writes nothing.
    Why(why::WhyArgs),
    /// Check what a new integration must come with, in a git checkout
    ///
    /// Fills in the checklists of the policies for the change in a git checkout: what is committed,
    /// staged, in the working tree and not tracked yet, against the commit that the branch started
    /// from. Needs no forge, no token and no network, and writes nothing. Exits with 0 when
    /// everything that is required is there, with 1 when something is missing or cannot be told,
    /// with 2 when the check could not be made.
    Check(check::CheckArgs),
    /// What leaves the product, what is proven of it, and what is due
    ///
    /// Fills in the removal ledger: for each integration that `removals.yml` records, or people on a
    /// tracking issue (as the database of the settings has it, if it is there), which steps the files
    /// of a git repository prove, what is missing and until when. Needs no forge and no token, unless
    /// with --online, and writes nothing.
    Removals(removals::RemovalsArgs),
    /// What today's policies make of earlier decisions
    ///
    /// Decides again with today's policies what was decided earlier, and shows the difference.
    /// Writes nothing.
    Replay(replay::ReplayArgs),
    /// What runs by the clock, when next, and how the last run went
    ///
    /// Lists the schedules of the policies: the next three moments by their own clocks and in UTC,
    /// and the last run. Can be asked while the server runs. Writes nothing.
    Sweeps,
    /// Check token, webhook and labels
    ///
    /// Checks token, webhook and labels, and says what to do about what is missing.
    Doctor(doctor::DoctorArgs),
    /// Copy open items into the mirror, for previews
    ///
    /// Copies the open items of projects into the mirror, from which previews are made.
    Sync(sync::SyncArgs),
    /// What a change of the policies would do to all open items
    ///
    /// Says what other policies would do to all open items in the mirror (see `sync`). Writes
    /// nothing.
    Preview(preview::PreviewArgs),
    /// The releases and their days; how early a removal is announced
    ///
    /// Says which releases there are and when, which one is being worked on, and for a removal the
    /// last release in which it can be announced.
    Calendar(calendar::CalendarArgs),
    /// Look after the entries that announce what leaves
    #[command(subcommand)]
    Deprecations(deprecations::DeprecationsCommand),
    /// Compare the catalog with the handbook
    ///
    /// Compares the catalog with the handbook, and brings it up to date.
    #[command(subcommand)]
    Catalog(catalog::CatalogCommand),
    /// Close what is left of an integration, once two people approve
    ///
    /// Closes what is left of an integration that is gone, and puts its label away: a list is
    /// posted, two people approve, and it is done step by step.
    #[command(subcommand)]
    Cleanup(cleanup::CleanupCommand),
    /// Bring back what a cleanup closed
    ///
    /// Brings back what a cleanup did: the label, who carried it, and what was open. Can be stopped
    /// and run again.
    Restore(cleanup::RestoreArgs),
    /// Check policies: mistakes, and rules that do nothing or fight
    ///
    /// Loads policies, tries every text, and proves which rules never hold, do nothing or fight
    /// over a label.
    Lint(lint::LintArgs),
    /// JSON Schemas, with which editors complete and check policies
    Schema(schema::SchemaArgs),
    /// Turn policies of another program into rules
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// Serve a simulated GitLab
    Forgesim(crate::forgesim::command::ForgesimArgs),
    /// Measure what Steward does in a second
    ///
    /// Measures what Steward does in a second, and what is lost when things go wrong.
    Bench(bench::BenchArgs),
    /// Print every option of steward.toml with its default
    Settings,
}

/// Something that ends a command, told on standard error.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    Other(String),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let cli = Cli::from_arg_matches(&help::grouped(Cli::command()).get_matches())
        .unwrap_or_else(|error| error.exit());
    // Two TLS providers could be compiled in; naming ours keeps rustls from having to guess.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let serve = matches!(cli.command, Command::Serve);
    let failed = match cli.command {
        // There 1 says that page and catalog differ.
        Command::Catalog(_) => ExitCode::from(2),
        // There 1 says that something is missing.
        Command::Check(_) | Command::Deprecations(_) => ExitCode::from(2),
        // There 1 says that a release must wait.
        Command::Removals(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    match run(cli) {
        Ok(code) => code,
        Err(CliError::Start(StartError::Policies(errors))) => {
            let look = Look::of_stderr();
            eprint!("{}", policy::render(&errors, look.colour, look.width));
            let count = out::counted(errors.0.len(), "mistake", "mistakes");
            let so = if serve { "; nothing was started" } else { "" };
            eprintln!("The policies have {count}{so}.");
            failed
        }
        Err(error) => {
            eprintln!("{}", out::failure(&error.to_string(), Look::of_stderr()));
            failed
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, CliError> {
    let settings = || Settings::load(cli.config.as_deref(), environment(std::env::vars_os())?);
    let secrets = || Secrets::load(environment(std::env::vars_os())?);
    match cli.command {
        Command::Demo(args) => block_on(demo::run(args)),
        Command::Serve => {
            let settings = settings()?;
            log::start(&settings.log)?;
            block_on(serve::run(settings, secrets()?))
        }
        Command::Plan(args) => block_on(plan::run(args, settings()?, secrets()?)),
        Command::Why(args) => block_on(why::run(args, settings()?, secrets()?)),
        Command::Replay(args) => block_on(replay::run(args, settings()?)),
        Command::Sweeps => block_on(sweeps::run(settings()?)),
        Command::Cleanup(command) => block_on(cleanup::run(command, settings()?, secrets()?)),
        Command::Restore(args) => block_on(cleanup::restore(args, settings()?, secrets()?)),
        Command::Doctor(args) => block_on(doctor::run(args, settings()?, secrets()?)),
        Command::Sync(args) => block_on(sync::run(args, settings()?, secrets()?)),
        Command::Preview(args) => preview::run(args, &settings()?, &secrets()?),
        Command::Catalog(command) => catalog::run(command),
        Command::Check(args) => check::run(args, settings),
        Command::Calendar(args) => block_on(calendar::run(args, settings()?, secrets)),
        Command::Deprecations(command) => deprecations::run(command, settings),
        Command::Removals(args) => block_on(removals::run(args, settings, secrets)),
        Command::Lint(args) => block_on(lint::run(args, settings()?, secrets)),
        Command::Schema(args) => schema::run(&args),
        Command::Import(command) => import::run(command),
        Command::Forgesim(args) => {
            log::start(&settings()?.log)?;
            block_on(async {
                crate::forgesim::command::run(args)
                    .await
                    .map_err(|error| CliError::Other(error.to_string()))?;
                Ok(ExitCode::SUCCESS)
            })
        }
        Command::Bench(args) => bench::run(args),
        Command::Settings => {
            say!("{}", crate::settings::DEFAULT_FILE.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Other(format!("the runtime cannot be started: {error}")))?
        .block_on(work)
}
