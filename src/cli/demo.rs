//! `steward demo`

use std::process::ExitCode;

use clap::Args;

use super::{CliError, forge::ForgeArg, out::say, serve::stop_signal};
use crate::{
    demo::{Demo, DemoError, Screen},
    model::ForgeKind,
    terminal::Look,
};

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// Stay up afterwards, to look around and try things out
    #[arg(long)]
    serve: bool,
    /// The forge that is simulated
    #[arg(long, value_enum, default_value_t = ForgeArg::Gitlab)]
    forge: ForgeArg,
}

pub(super) async fn run(args: DemoArgs) -> Result<ExitCode, CliError> {
    let mut out = std::io::stdout();
    let look = Look::of_stdout();
    let mut screen = Screen::new(&mut out, look.colour, look.width);
    let forge = ForgeKind::from(args.forge);
    let demo = match Demo::tell(forge, &mut screen).await {
        Ok(demo) => demo,
        // Whoever closes the pipe has seen enough.
        Err(DemoError::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(CliError::Other(error.to_string())),
    };
    if args.serve {
        say!("\nStill up, until Ctrl-C:");
        let (at, name) = (demo.forge(), forge.name());
        say!("  {at}   the simulated {name}: projects, issues, comments");
        say!("  http://{}/healthz   how Steward's queue stands", demo.app().address());
        say!("Put a label on an issue, as anna, and look at what Steward says:");
        match args.forge {
            ForgeArg::Gitlab => {
                say!(
                    "  curl -X PUT -H 'PRIVATE-TOKEN: glpat-sim-anna' -d \
                     add_labels=Integration::Jenkins \\"
                );
                say!("    '{at}/api/v4/projects/example%2Fproduct/issues/2'");
            }
            ForgeArg::Github => {
                say!("  curl -H 'Authorization: Bearer glpat-sim-anna' \\");
                say!("    -d '{{\"labels\":[\"Integration::Jenkins\"]}}' \\");
                say!("    '{at}/api/v3/repos/example/product/issues/2/labels'");
            }
        }
        say!("  {at}/example/product/-/issues/2");
        stop_signal().await?;
    }
    demo.end().await;
    Ok(ExitCode::SUCCESS)
}
