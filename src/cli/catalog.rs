//! `steward catalog`

use std::process::ExitCode;

use clap::Subcommand;

use super::CliError;
use crate::{
    app::StartError,
    catalog::import::{self, ImportArgs, ImportError},
    policy::{self, PolicyErrors},
    terminal::Look,
};

#[derive(Debug, Subcommand)]
pub(super) enum CatalogCommand {
    Import(ImportArgs),
}

pub(super) fn run(command: CatalogCommand) -> Result<ExitCode, CliError> {
    let CatalogCommand::Import(args) = command;
    let Look { colour, width } = Look::of_stdout();
    import::run(&args, &mut std::io::stdout().lock(), colour, width).map_err(|error| match error {
        ImportError::Policies(errors) => CliError::Start(StartError::Policies(errors)),
        ImportError::Page(error) => {
            CliError::Other(policy::render(&PolicyErrors::from(error), colour, width))
        }
        other => CliError::Other(other.to_string()),
    })
}
