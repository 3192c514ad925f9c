//! `steward bench`

use std::{num::NonZeroU32, process::ExitCode, time::Duration};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{CliError, forge::ForgeArg, serve::stop_signal};
use crate::bench::{self, Figure, Measurement, Options, Summary};

#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// What to measure [default: everything]
    #[arg(value_enum)]
    what: Vec<Measurement>,
    /// The forge that is simulated; the end of an integration is measured with GitLab only
    #[arg(long, value_enum, default_value_t = ForgeArg::Gitlab, conflicts_with = "preview")]
    forge: ForgeArg,
    /// Events in a burst
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    events: u64,
    /// How long the slow forge takes for an answer, in milliseconds
    #[arg(long, default_value_t = 20, value_name = "MS")]
    latency_ms: u64,
    /// Events a second at an even pace
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// How long the even pace is kept
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Events that are under way when Steward is killed
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=100_000))]
    crash_events: u64,
    /// Items of an integration that comes to its end
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(10..=50_000))]
    cleanup_items: u64,
    /// How many subjects Steward works on at the same time [default: its own]
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Measure previews of policies over made-up items in a mirror, and nothing else
    #[arg(long, conflicts_with = "what")]
    preview: bool,
    /// How many items previews are measured over (repeatable) [default: 10,000, 100,000 and
    /// 1,000,000]
    #[arg(long, requires = "preview", value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    items: Vec<u64>,
    /// Measure so often, and show medians and ranges
    #[arg(long, default_value = "1", value_name = "N")]
    rounds: NonZeroU32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Measures and prints. One thread is enough to send, and leaves the others to what is measured.
pub(super) fn run(args: BenchArgs) -> Result<ExitCode, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Other(format!("the runtime cannot be started: {error}")))?;
    runtime.block_on(async {
        tokio::select! {
            result = measure(args) => result,
            // Leaving drops the stage, and with it the children.
            signal = stop_signal() => Err(CliError::Other(format!("stopped by {}", signal?))),
        }
    })
}

async fn measure(args: BenchArgs) -> Result<ExitCode, CliError> {
    let options = Options {
        forge: args.forge.into(),
        events: args.events,
        latency: Duration::from_millis(args.latency_ms),
        rate: f64::from(args.rate),
        steady: Duration::from_secs(args.seconds),
        crash_events: args.crash_events,
        cleanup_items: args.cleanup_items,
        concurrency: args.concurrency,
    };
    let (what, previews) = match (args.preview, args.what.is_empty(), args.items.is_empty()) {
        (true, _, true) => (&[][..], vec![10_000, 100_000, 1_000_000]),
        (true, _, false) => (&[][..], args.items),
        (false, true, _) => (Measurement::value_variants(), Vec::new()),
        (false, false, _) => (args.what.as_slice(), Vec::new()),
    };
    let on_this_forge =
        |one: &Measurement| args.forge == ForgeArg::Gitlab || *one != Measurement::Cleanup;
    if !what.iter().all(on_this_forge) {
        if !args.what.is_empty() {
            let problem = "cleanup is measured with a simulated GitLab: leave out `--forge github`";
            return Err(CliError::Other(problem.to_owned()));
        }
        eprintln!("cleanup is measured with a simulated GitLab only, and left out here");
    }
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures say nothing. Build with --release.");
    }
    let mut rounds: Vec<Vec<Figure>> = Vec::new();
    for round in 1..=args.rounds.get() {
        let mut figures = Vec::new();
        for &items in &previews {
            eprintln!("round {round}: preview of {items} items …");
            let measured = bench::preview(items).await;
            figures.extend(measured.map_err(|error| CliError::Other(error.to_string()))?);
        }
        for &one in what.iter().filter(|one| on_this_forge(one)) {
            if let Some(name) = one.to_possible_value() {
                eprintln!("round {round}: {} …", name.get_name());
            }
            let measured = bench::run(one, &options).await;
            figures.extend(measured.map_err(|error| CliError::Other(error.to_string()))?);
        }
        rounds.push(figures);
    }
    let summary = bench::summarise(&rounds);
    if args.json {
        let report = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
            "rounds": rounds,
            "summary": summary,
        });
        println!("{report:#}");
    } else {
        print(&summary);
    }
    let wrong = summary.iter().any(Summary::is_wrong);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(summary: &[Summary]) {
    let rows: Vec<[String; 4]> = summary
        .iter()
        .map(|one| {
            let must = one.must_be.map(|must| match one.is_wrong() {
                true => format!("WRONG: must be {must}"),
                false => format!("must be {must}"),
            });
            [one.name.clone(), one.shown(), one.range(), must.unwrap_or_default()]
        })
        .collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    };
    let (name, value, range) = (width(0), width(1), width(2));
    for [a, b, c, d] in &rows {
        let line = format!("{a:<name$}  {b:>value$}  {c:<range$}  {d}");
        println!("{}", line.trim_end());
    }
}
