//! `steward import`: policies of other programs, turned into rules.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};

use super::{CliError, out::say};
use crate::{
    app::StartError,
    import::gitlab_triage::{self, Choices},
    policy::{MAX_FILE_BYTES, Origin, PolicyErrors, SourceFile},
    terminal::{Look, hanging, plain},
};

/// Exit code of an import that left something out.
const LEFT_OUT: u8 = 3;
/// Where `--write` puts the rules.
const WRITTEN: &str = "rules/imported.yml";

#[derive(Debug, Subcommand)]
pub(super) enum ImportCommand {
    GitlabTriage(GitlabTriageArgs),
}

/// Turn a policy file of the gem gitlab-triage into rules
///
/// Prints the rules, and on standard error what became of each, with what cannot be carried line
/// by line. Rules that were carried whole are on trial (`mode: shadow`); rules of which something
/// is missing are off. Ends with 0 if all was carried, 3 if something was left out, 1 if the file
/// is broken.
#[derive(Debug, Args)]
pub(super) struct GitlabTriageArgs {
    /// The policy file, such as .triage-policies.yml
    file: PathBuf,
    /// Write the rules to DIR/rules/imported.yml, which must not be there yet
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Let rules that were carried whole act at once (`mode: on`)
    #[arg(long)]
    on: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: ImportCommand) -> Result<ExitCode, CliError> {
    let ImportCommand::GitlabTriage(args) = command;
    let file = read(&args.file)?;
    let imported = gitlab_triage::import(&file, Choices { on: args.on }).map_err(broken)?;
    let look = Look::of_stderr();
    let written = match &args.write {
        Some(dir) => Some(write_new(&dir.join(WRITTEN), &imported.rules)?),
        None => None,
    };
    if written.is_none() {
        say!("{}", imported.rules.trim_end());
    }
    let report = &imported.report;
    if args.json {
        let json = serde_json::to_string_pretty(report)
            .map_err(|error| CliError::Other(error.to_string()))?;
        eprintln!("{json}");
    } else {
        eprint!("{}", report.told(look));
        if let Some(path) = written {
            let text = format!("Written to {}.", plain(&path.display().to_string()));
            eprintln!("\n{}", hanging("", 0, &text, look.width));
        }
    }
    Ok(if report.is_whole() { ExitCode::SUCCESS } else { ExitCode::from(LEFT_OUT) })
}

fn broken(errors: PolicyErrors) -> CliError {
    CliError::Start(StartError::Policies(errors))
}

fn read(path: &Path) -> Result<SourceFile, CliError> {
    let wrong = |error: String| {
        CliError::Other(format!("{} cannot be read: {error}", plain(&path.display().to_string())))
    };
    let size = fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
    if size > MAX_FILE_BYTES {
        return Err(wrong(format!("it is larger than {MAX_FILE_BYTES} bytes")));
    }
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let name = path.display().to_string();
    Ok(SourceFile::new(name, Origin::File(path.to_owned()), text))
}

/// Writes a file that must not be there.
fn write_new(path: &Path, text: &str) -> Result<PathBuf, CliError> {
    let wrong = |error: std::io::Error| {
        let why = match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                "it is there already; move it away, or choose another folder".to_owned()
            }
            _ => error.to_string(),
        };
        CliError::Other(format!("{} is not written: {why}", plain(&path.display().to_string())))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    let mut file = fs::File::create_new(path).map_err(wrong)?;
    file.write_all(text.as_bytes()).map_err(wrong)?;
    Ok(path.to_owned())
}
