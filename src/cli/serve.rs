//! `steward serve`

use std::process::ExitCode;

use tracing::{error, info, warn};

use super::CliError;
use crate::{
    app::App,
    settings::{Secrets, Settings},
};

/// Serves until SIGINT or SIGTERM, then ends what was begun; a second signal ends at once. A part
/// that breaks off ends it all, with an error, so that whoever supervises Steward starts it again.
pub(super) async fn run(settings: Settings, secrets: Secrets) -> Result<ExitCode, CliError> {
    let mut app = App::start(&settings, secrets).await?;
    let broken = tokio::select! {
        signal = stop_signal() => {
            info!(signal = signal?, "stopping");
            None
        }
        part = app.breaks_off() => {
            error!(part, "a part has ended that should not have; stopping");
            Some(part)
        }
    };
    tokio::select! {
        () = app.stop() => {}
        signal = stop_signal() => {
            warn!(signal = signal?, "stopping at once; the next start takes up what was begun");
            return Ok(ExitCode::FAILURE);
        }
    }
    match broken {
        None => Ok(ExitCode::SUCCESS),
        Some(part) => Err(CliError::Other(format!("{part} has ended that should not have"))),
    }
}

/// Waits for the signal to stop, and names it.
pub(super) async fn stop_signal() -> Result<&'static str, CliError> {
    use tokio::signal::unix::{SignalKind, signal};
    let on = |kind| signal(kind).map_err(|error| CliError::Other(error.to_string()));
    let mut interrupt = on(SignalKind::interrupt())?;
    let mut terminate = on(SignalKind::terminate())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => "SIGINT",
        _ = terminate.recv() => "SIGTERM",
    })
}
