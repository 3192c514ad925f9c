//! The log.

use tracing_subscriber::EnvFilter;

use super::CliError;
use crate::{
    settings::{Log, LogFormat},
    terminal::Look,
};

/// Starts logging to standard error.
pub(super) fn start(log: &Log) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(&log.level).map_err(|error| {
        CliError::Other(format!(
            "[log] level `{}` is not understood: {error}; write `info`, or `steward=debug,info`",
            log.level
        ))
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(Look::of_stderr().colour);
    match log.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
    Ok(())
}
