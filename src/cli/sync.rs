//! `steward sync`: the open items of projects into the mirror.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;

use super::{
    CliError,
    out::{counted, say},
    progress::Bar,
    serve::stop_signal,
};
use crate::{
    app::{self, StartError},
    forge::Source,
    mirror::{Mirror, Pace, Patience, Sync, Synced},
    pack::Pack,
    settings::{Secrets, Settings},
};

#[derive(Debug, Args)]
pub(super) struct SyncArgs {
    /// Full paths of projects [default: `projects` in [mirror]]
    #[arg(value_name = "PROJECT")]
    projects: Vec<String>,
    /// Read all open items again, and drop those that were deleted or moved away
    #[arg(long)]
    full: bool,
    /// Read also the changed files of merge requests that no label says an integration of
    #[arg(long)]
    files: bool,
}

pub(super) async fn run(
    args: SyncArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let projects =
        if args.projects.is_empty() { &settings.mirror.projects } else { &args.projects };
    if projects.is_empty() {
        return Err(CliError::Other(
            "no project: name some, as in `steward sync group/project`, or set `projects` in \
             [mirror]"
                .to_owned(),
        ));
    }
    let pack = match args.files {
        true => Some(app::load_pack(&settings).map_err(StartError::Policies)?),
        false => None,
    };
    let client = app::client(&settings, &secrets)?;
    let path = settings.mirror_path();
    let mirror = Mirror::open(&path, client.place()).await.map_err(told)?;
    let bar = Bar::new();
    let began = Instant::now();
    let sync = Sync::new(
        client.source(),
        &mirror,
        &bar,
        Pace::new(settings.mirror.calls_per_minute.get()),
        Patience {
            first: Duration::from_millis(settings.worker.first_retry_ms.get()),
            ..Patience::default()
        },
    );
    // What was read before a signal is kept: each page is a transaction.
    let read = tokio::select! {
        read = read(&sync, projects, args.full, pack.as_ref()) => read,
        signal = stop_signal() => Err(CliError::Other(format!(
            "stopped by {}; the next `steward sync` goes on there", signal?
        ))),
    };
    bar.goes();
    let calls = sync.calls();
    mirror.close().await;
    let synced = read?;
    let Synced { items, files } = synced;
    let files = if args.files { format!(", files of {files}") } else { String::new() };
    say!(
        "{}: {} new, {} changed, {} gone{files}; {} in {:.1} s",
        counted(projects.len(), "project", "projects"),
        items.new,
        items.changed,
        items.gone,
        counted(usize::try_from(calls).unwrap_or(usize::MAX), "call", "calls"),
        began.elapsed().as_secs_f64(),
    );
    Ok(ExitCode::SUCCESS)
}

async fn read(
    sync: &Sync<'_, dyn Source>,
    projects: &[String],
    full: bool,
    pack: Option<&Pack>,
) -> Result<Synced, CliError> {
    let mut all = Synced::default();
    for project in projects {
        let synced = sync.project(project, full).await.map_err(told)?;
        all.items += synced.items;
        if let Some(pack) = pack {
            all.files += sync.files(project, pack).await.map_err(told)?;
        }
    }
    Ok(all)
}

fn told(error: impl std::fmt::Display) -> CliError {
    CliError::Other(error.to_string())
}
