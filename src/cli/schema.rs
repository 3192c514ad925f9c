//! `steward schema`: what editors need to complete and check policies.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{CliError, out::say};
use crate::{
    pack::schema::{FileSchema, all},
    policy::nearest,
};

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// Print this one alone: rules, routing, groups, integrations, codeowners, commands,
    /// schedules, lifecycle, checklist, reasons, proofs or why
    #[arg(conflicts_with = "dir")]
    name: Option<String>,
    /// Write each as <name>.schema.json into this folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

pub(super) fn run(args: &SchemaArgs) -> Result<ExitCode, CliError> {
    let all = all();
    match (&args.name, &args.dir) {
        (Some(name), _) => {
            let one = all.iter().find(|one| one.name == name).ok_or_else(|| {
                let names: Vec<&str> = all.iter().map(|one| one.name).collect();
                let near = nearest(name, names.iter().copied());
                let near = near.map(|near| format!("did you mean `{near}`? "));
                CliError::Other(format!(
                    "there is no schema `{name}`; {}there are {}",
                    near.unwrap_or_default(),
                    names.join(", ")
                ))
            })?;
            say!("{}", text(one)?);
        }
        (None, Some(dir)) => {
            let failed = |path: &PathBuf, error: std::io::Error| {
                CliError::Other(format!("{} cannot be written: {error}", path.display()))
            };
            std::fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
            for one in &all {
                let path = dir.join(format!("{}.schema.json", one.name));
                std::fs::write(&path, format!("{}\n", text(one)?))
                    .map_err(|error| failed(&path, error))?;
                say!("{} for {}", path.display(), one.files);
            }
        }
        (None, None) => {
            let schemas: serde_json::Map<_, _> =
                all.into_iter().map(|one| (one.name.to_owned(), one.schema)).collect();
            say!("{}", pretty(&serde_json::Value::Object(schemas))?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn text(one: &FileSchema) -> Result<String, CliError> {
    pretty(&one.schema)
}

fn pretty(value: &serde_json::Value) -> Result<String, CliError> {
    serde_json::to_string_pretty(value).map_err(|error| CliError::Other(error.to_string()))
}
