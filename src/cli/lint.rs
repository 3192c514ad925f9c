//! `steward lint`: whether policies are right, before they are in force.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use futures::{StreamExt, stream};

use super::{
    CliError,
    out::{counted, say},
};
use crate::{
    app::{self, Client, StartError},
    lint,
    model::FacetValue,
    pack::Pack,
    policy::{self, Finding, Severity},
    settings::{Secrets, Settings, SettingsError},
    terminal::{Look, hanging, plain},
};

/// Look-ups at the same time: a check must not eat the budget of calls.
const SIDE_BY_SIDE: usize = 8;

#[derive(Debug, Args)]
pub(super) struct LintArgs {
    /// The folder of policies [default: `dir` in [policies]]
    dir: Option<PathBuf>,
    /// The folder is all there is; it is not laid over the built-in policies
    #[arg(long, requires = "dir")]
    alone: bool,
    /// How the findings are told
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Warnings are a reason to fail, and notes are told too
    #[arg(long)]
    strict: bool,
    /// Ask the forge whether it has the labels, milestones and accounts that are named
    #[arg(long)]
    online: bool,
    /// The project that is asked with --online [default: `projects` of the forge]
    #[arg(long, value_name = "PATH", requires = "online")]
    project: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// GitLab's Code Quality report
    Codequality,
}

pub(super) async fn run(
    args: LintArgs,
    mut settings: Settings,
    secrets: impl FnOnce() -> Result<Secrets, SettingsError>,
) -> Result<ExitCode, CliError> {
    if let Some(dir) = args.dir {
        settings.policies.dir = dir;
        settings.policies.built_in = settings.policies.built_in && !args.alone;
    }
    let mut checked = None;
    let mut findings = match app::load_pack(&settings) {
        Ok(pack) => {
            checked = Some(what(&settings, &pack));
            let mut findings = lint::prove(&pack);
            if args.online {
                let client = app::client(&settings, &secrets()?)?;
                let projects = match args.project.is_empty() {
                    true => settings.projects(client.kind()).to_vec(),
                    false => args.project,
                };
                findings.extend(online(&client, &pack, &projects).await?);
            }
            findings
        }
        Err(errors) if args.format == Format::Text => {
            return Err(CliError::Start(StartError::Policies(errors)));
        }
        Err(errors) => errors.findings(),
    };
    findings.retain(|one| args.strict || one.severity != Severity::Note);
    match args.format {
        Format::Json => say!("{:#}", policy::json(&findings)),
        Format::Codequality => say!("{:#}", policy::code_quality(&findings)),
        Format::Text => {
            let look = Look::of_stdout();
            let told = lint::text(&findings, look);
            if !told.is_empty() {
                say!("{told}");
            }
            let count = |of| findings.iter().filter(|one| one.severity == of).count();
            let mistakes = counted(count(Severity::Mistake), "mistake", "mistakes");
            let warnings = counted(count(Severity::Warning), "warning", "warnings");
            let sum = format!("{}{mistakes}, {warnings}.", checked.unwrap_or_default());
            say!("{}", hanging("", 2, &sum, look.width));
        }
    }
    Ok(match lint::fails(&findings, args.strict) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// What was checked: somebody may have meant another folder.
fn what(settings: &Settings, pack: &Pack) -> String {
    let crate::settings::Policies { dir, pack: name, built_in, .. } = &settings.policies;
    let rules = counted(pack.rules.iter().count(), "rule", "rules");
    let integrations = counted(pack.catalog.integrations().len(), "integration", "integrations");
    let own = plain(&dir.display().to_string());
    let place = match (dir.as_os_str().is_empty(), built_in) {
        (true, _) => format!("the built-in policies `{name}`"),
        (false, true) => format!("{own} over the built-in policies `{name}`"),
        (false, false) => own,
    };
    format!("Checked {place}: {rules}, {integrations}; ")
}

/// What the policies name and a project's forge does not have.
async fn online(
    client: &Client,
    pack: &Pack,
    projects: &[String],
) -> Result<Vec<Finding>, CliError> {
    if projects.is_empty() {
        return Err(CliError::Other(
            "no project to ask: name one with --project, or `projects` of the forge in steward.toml".into(),
        ));
    }
    let (mut findings, forge) = (Vec::new(), client.forge());
    for project in projects {
        let asker = &lint::asker(client.kind(), project);
        let asked: Vec<_> = stream::iter(lint::named(pack))
            .map(
                |(facet, cite)| async move { (forge.read_facet(asker, &facet).await, facet, cite) },
            )
            .buffered(SIDE_BY_SIDE)
            .collect()
            .await;
        for (found, facet, cite) in asked {
            let found = found.map_err(|error| CliError::Other(format!("{project}: {error}")))?;
            let missing = matches!(
                found,
                FacetValue::Label(None) | FacetValue::Milestone(None) | FacetValue::Account(None)
            );
            if missing {
                let message = format!("{project} has no {facet}");
                let help = "create it there, or correct its name here; Steward creates none";
                let one = Finding::at(Severity::Mistake, "not_on_forge", &cite, message, help);
                findings.push(one);
            }
        }
    }
    Ok(findings)
}
