//! `steward preview`: what other policies would do to all open items.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::mpsc::sync_channel,
    thread,
};

use chrono::Utc;
use clap::{Args, ValueEnum};

use super::{CliError, out::say, progress::Bar};
use crate::{
    app::{self, StartError},
    mirror::{MirrorReader, MirroredProject, Place, feed},
    model::ForgeKind,
    pack::Pack,
    policy::{PolicyErrors, PolicySource},
    preview::{self, Budget, Ledgers, Report, Sides},
    settings::{Secrets, Settings},
    store::LedgerReader,
    terminal::Look,
};

/// The exit code when more items change than were allowed.
const TOO_MANY: u8 = 3;
/// Chunks that wait to be compared: memory is bounded by them.
const WAITING: usize = 8;
/// The folder of a revision that is named without one.
const FOLDER: &str = "policies";

#[derive(Debug, Args)]
pub(super) struct PreviewArgs {
    /// The policies as they are: a folder, `built-in`, or a git revision, `REV` or `REV:FOLDER`
    /// [default: those of the settings]
    #[arg(long, value_name = "WHERE")]
    old: Option<String>,
    /// The policies as they would be, named in the same way
    #[arg(long, value_name = "WHERE")]
    new: String,
    /// A folder holds all policies, whatever `built_in` in [policies] says; otherwise it is laid
    /// over the built-in ones as that option says
    #[arg(long)]
    alone: bool,
    /// The form of the report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// How many of the items that change are shown
    #[arg(long, default_value_t = 20, value_name = "N")]
    limit: usize,
    /// Exit with 3 when more items change than this: for CI
    #[arg(long, value_name = "N")]
    fail_above: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// Everything, for machines
    Json,
    /// For a comment on a merge request
    Markdown,
}

pub(super) fn run(
    args: PreviewArgs,
    settings: &Settings,
    secrets: &Secrets,
) -> Result<ExitCode, CliError> {
    let policies = |errors: PolicyErrors| CliError::Start(StartError::Policies(errors));
    let alone = args.alone || !settings.policies.built_in;
    let from = |place: &str| {
        let source = source_of(place, alone, settings)?;
        app::load(&source).map_err(policies)
    };
    let (old_place, old) = match &args.old {
        Some(place) => (place.clone(), from(place)?),
        None => (place_of(settings), app::load_pack(settings).map_err(policies)?),
    };
    let new = from(&args.new)?;
    let wanted = app::place_of(settings, secrets);
    let report = compare(settings, wanted, [(&old_place, &old), (&args.new, &new)], args.limit)?;
    match args.format {
        Format::Text => {
            let look = Look::of_stdout();
            say!("{}", preview::text(&report, look.colour, look.width).trim_end());
        }
        Format::Json => say!("{}", preview::json(&report).map_err(told)?),
        Format::Markdown => say!("{}", preview::markdown(&report).trim_end()),
    }
    Ok(match args.fail_above {
        Some(most) if report.changed > most => ExitCode::from(TOO_MANY),
        _ => ExitCode::SUCCESS,
    })
}

/// Compares all items of the mirror.
fn compare(
    settings: &Settings,
    wanted: Option<Place>,
    [(old_place, old), (new_place, new)]: [(&str, &Pack); 2],
    limit: usize,
) -> Result<Report, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::Other(format!("the runtime cannot be started: {error}")))?;
    let Opened { mut mirror, forge, projects, count, ledgers } =
        runtime.block_on(open(settings, wanted.as_ref()))?;
    let known = if ledgers.is_some() { Ledgers::Known } else { Ledgers::Assumed };
    let mut sides = Sides::new(old, new, Utc::now(), known);
    for project in &projects {
        sides.knows_labels(&project.project, project.labels.iter().cloned());
    }
    let bar = Bar::to(count, "comparing");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let totals = thread::scope(|scope| {
        let (sender, chunks) = sync_channel(WAITING);
        let reader = scope.spawn(move || runtime.block_on(feed(&mut mirror, ledgers, &sender)));
        let moved = |items| bar.moves(items);
        let totals = preview::run(&sides, chunks, threads, limit, &moved);
        match reader.join() {
            Ok(fed) => fed.map(|()| totals).map_err(told),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    bar.goes();
    // A project whose first reading is not over is as old as can be.
    let mirrored_at = projects.iter().map(|project| project.synced_at).min().flatten();
    let (comments, calls) = match forge {
        Some(ForgeKind::Github) => {
            (settings.github.comments_per_minute, settings.github.calls_per_minute)
        }
        Some(ForgeKind::Gitlab) | None => {
            (settings.gitlab.comments_per_minute, settings.gitlab.calls_per_minute)
        }
    };
    let budget = Budget { comments_per_minute: comments.get(), calls_per_minute: calls.get() };
    Ok(Report::new(&sides, [old_place, new_place], mirrored_at, budget, totals?))
}

/// What a preview reads.
struct Opened {
    mirror: MirrorReader,
    forge: Option<ForgeKind>,
    projects: Vec<MirroredProject>,
    count: u64,
    ledgers: Option<LedgerReader>,
}

async fn open(settings: &Settings, wanted: Option<&Place>) -> Result<Opened, CliError> {
    let mut mirror = MirrorReader::open(&settings.mirror_path(), wanted).await.map_err(told)?;
    let projects = mirror.projects().await.map_err(told)?;
    let count = mirror.count().await.map_err(told)?;
    let forge = mirror.forge();
    let database = &settings.database.path;
    let ledgers = match database.is_file() {
        true => Some(LedgerReader::open(database).await.map_err(told)?),
        false => None,
    };
    Ok(Opened { mirror, forge, projects, count, ledgers })
}

/// The policies that somebody names.
fn source_of(place: &str, alone: bool, settings: &Settings) -> Result<PolicySource, CliError> {
    let policies = |errors: PolicyErrors| CliError::Start(StartError::Policies(errors));
    if place == "built-in" {
        return PolicySource::pack(&settings.policies.pack).map_err(policies);
    }
    let folder = Path::new(place);
    let over = if folder.is_dir() {
        PolicySource::from_dir(folder).map_err(policies)?
    } else {
        let (revision, path) = match place.split_once(':') {
            Some((revision, path)) => (revision, PathBuf::from(path)),
            None => (place, folder_in_revision(settings)),
        };
        let looks_like_a_path =
            place.starts_with(['/', '.']) || !place.contains(':') && place.ends_with('/');
        if revision.is_empty() || looks_like_a_path {
            return Err(CliError::Other(format!(
                "`{place}` is no folder; expected a folder, `built-in`, or a git revision such as \
                 `main` or `main:policies`"
            )));
        }
        let path = path.to_string_lossy();
        PolicySource::from_git(Path::new("."), revision, &path).map_err(policies)?
    };
    let under = if alone {
        PolicySource::words()
    } else {
        PolicySource::pack(&settings.policies.pack).map_err(policies)?
    };
    Ok(under.overlaid(over))
}

/// Where the policies of the settings stand in a revision.
fn folder_in_revision(settings: &Settings) -> PathBuf {
    match settings.policies_dir() {
        // As a path of the settings, it is counted from here.
        Some(dir) if dir.is_relative() => {
            Path::new("./").join(dir.strip_prefix("./").unwrap_or(dir))
        }
        _ => PathBuf::from(FOLDER),
    }
}

fn place_of(settings: &Settings) -> String {
    settings.policies_dir().map_or("built-in".to_owned(), |dir| dir.display().to_string())
}

fn told(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}
