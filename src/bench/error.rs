//! Why a measurement came to nothing.

use std::{path::PathBuf, time::Duration};

/// Why a measurement came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// Something else.
    #[error("{0}")]
    Other(String),
    /// A child process did not get up.
    #[error("`steward {command}` did not answer within {} s{}", waited.as_secs(), said(log))]
    NotUp {
        /// Its subcommand.
        command: &'static str,
        /// How long it was waited for.
        waited: Duration,
        /// What it said last.
        log: String,
    },
    /// A child process ended by itself.
    #[error("`steward {command}` ended ({status}){}", said(log))]
    Ended {
        /// Its subcommand.
        command: &'static str,
        /// How it ended.
        status: String,
        /// What it said last.
        log: String,
    },
    /// A child process could not be started.
    #[error("`{program}` could not be started: {error}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The work was not done in time.
    #[error("only {done} of {events} events were done within {} s{}", waited.as_secs(), said(log))]
    NotDone {
        /// How many were done.
        done: u64,
        /// How many there were.
        events: u64,
        /// How long it was waited for.
        waited: Duration,
        /// What `steward serve` said last.
        log: String,
    },
    /// An answer that no measurement can stand on.
    #[error("{what} was answered with {status}")]
    Refused {
        /// What was asked.
        what: String,
        /// The status.
        status: u16,
    },
    /// The network between the processes, or the temporary folder.
    #[error("{what}: {error}")]
    Io {
        /// What was being done.
        what: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// An answer that is not what was expected.
    #[error("{what} answered something unexpected: {error}")]
    Json {
        /// What was asked.
        what: String,
        /// What did not fit.
        error: serde_json::Error,
    },
}

impl BenchError {
    /// An error of the system while doing something.
    pub(super) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        |error| Self::Io { what, error }
    }
}

fn said(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!("; it said last:\n{log}") }
}
