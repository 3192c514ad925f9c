//! `steward serve`

use std::process::ExitCode;

use tracing::info;

use super::CliError;
use crate::{
    app::App,
    settings::{Secrets, Settings},
};

/// Serves until SIGINT or SIGTERM, then ends what was begun.
pub(super) async fn run(settings: Settings, secrets: Secrets) -> Result<ExitCode, CliError> {
    let app = App::start(&settings, secrets).await?;
    let signal = stop_signal().await?;
    info!(signal, "stopping");
    app.stop().await;
    Ok(ExitCode::SUCCESS)
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
