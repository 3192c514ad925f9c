//! `steward demo`

use std::process::ExitCode;

use clap::Args;

use super::{CliError, log, serve::stop_signal};
use crate::demo::{Demo, Screen};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Stay up afterwards, to look around and try things out
    #[arg(long)]
    serve: bool,
}

pub(super) async fn run(args: DemoArgs) -> Result<ExitCode, CliError> {
    let mut out = std::io::stdout();
    let mut screen = Screen::new(&mut out, log::colour_on_stdout(), log::width());
    let demo = Demo::tell(&mut screen).await.map_err(|error| CliError::Other(error.to_string()))?;
    if args.serve {
        println!("\nStill up, until Ctrl-C:");
        println!("  {}   the simulated GitLab: projects, issues, comments", demo.gitlab());
        println!("  http://{}/healthz   how Steward's queue stands", demo.app().address());
        stop_signal().await?;
    }
    demo.end().await;
    Ok(ExitCode::SUCCESS)
}
