//! `steward demo`

use std::process::ExitCode;

use clap::Args;

use super::{CliError, out::say, serve::stop_signal};
use crate::{
    demo::{Demo, DemoError, Screen},
    terminal::Look,
};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Stay up afterwards, to look around and try things out
    #[arg(long)]
    serve: bool,
}

pub(super) async fn run(args: DemoArgs) -> Result<ExitCode, CliError> {
    let mut out = std::io::stdout();
    let look = Look::of_stdout();
    let mut screen = Screen::new(&mut out, look.colour, look.width);
    let demo = match Demo::tell(&mut screen).await {
        Ok(demo) => demo,
        // Whoever closes the pipe has seen enough.
        Err(DemoError::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(CliError::Other(error.to_string())),
    };
    if args.serve {
        say!("\nStill up, until Ctrl-C:");
        say!("  {}   the simulated GitLab: projects, issues, comments", demo.gitlab());
        say!("  http://{}/healthz   how Steward's queue stands", demo.app().address());
        say!("Put a label on an issue, as anna, and look at what Steward says:");
        say!(
            "  curl -X PUT -H 'PRIVATE-TOKEN: glpat-sim-anna' -d add_labels=Integration::Jenkins \\"
        );
        say!("    '{}/api/v4/projects/example%2Fproduct/issues/2'", demo.gitlab());
        say!("  {}/example/product/-/issues/2", demo.gitlab());
        stop_signal().await?;
    }
    demo.end().await;
    Ok(ExitCode::SUCCESS)
}
