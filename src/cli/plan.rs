//! `steward plan`: what would be done and why.

use std::{fmt::Write, process::ExitCode};

use clap::Args;

use super::{CliError, out::say};
use crate::{
    app::{self, StartError},
    model::{Cite, Effect, Ledger, Plan, Reason},
    settings::{Secrets, Settings},
    words::{Style, Words},
    worker::decide_now,
};

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Web address of an issue or merge request, or `group/project#12`, `group/project!3`
    subject: String,
    /// Print the plan as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(
    args: PlanArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    let forge = app::gitlab(&settings, secrets.gitlab_token)?;
    let subject =
        forge.parse_subject(&args.subject).map_err(|error| CliError::Other(error.to_string()))?;
    // Without the database's ledger, what Steward did before is read back from its comments.
    let reading = decide_now(&forge, &pack, &subject, &Ledger::default())
        .await
        .map_err(|error| CliError::Other(error.to_string()))?;
    if args.json {
        let json = serde_json::to_string_pretty(&reading.plan)
            .map_err(|error| CliError::Other(error.to_string()))?;
        say!("{json}");
    } else {
        say!("{}", told(&reading.plan, &pack.words));
        let facets: Vec<String> = reading.facets.iter().map(|facet| facet.to_string()).collect();
        say!("Read: the item{}", facets.iter().fold(String::new(), |all, one| all + ", " + one));
    }
    Ok(ExitCode::SUCCESS)
}

/// A plan for a person to read.
pub(super) fn told(plan: &Plan, words: &Words) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{} (policies {})\n", plan.subject.reference(), plan.policy_version);
    if plan.actions.is_empty() {
        let _ = writeln!(out, "Nothing to do.");
    }
    for action in &plan.actions {
        let what = match &action.effect {
            Effect::LabelPresent { label } => format!("+ label {label}"),
            Effect::LabelAbsent { label } => format!("- label {label}"),
            Effect::CommentPosted { .. } => "+ comment".to_owned(),
            Effect::CommentEdited { id, .. } => format!("~ comment {id}"),
            Effect::CommentDeleted { id, .. } => format!("- comment {id}"),
        };
        let _ = writeln!(out, "{what}\n    {}", because(&action.reason, words));
        if let Effect::CommentPosted { body, .. } | Effect::CommentEdited { body, .. } =
            &action.effect
        {
            for line in body.lines() {
                let _ = writeln!(out, "    | {line}");
            }
        }
    }
    for held in &plan.held {
        let label =
            held.label.as_ref().map_or("comment".to_owned(), |label| format!("label {label}"));
        let _ = writeln!(out, "= {label} is left alone\n    {}", because(&held.reason, words));
    }
    out
}

fn because(reason: &Reason, words: &Words) -> String {
    let cite = reason.cite.as_ref().map(Cite::to_string).unwrap_or_default();
    format!(
        "because {} [{}{}{cite}]",
        words.reason(&reason.because, Style::Plain),
        reason.rule,
        if cite.is_empty() { "" } else { " at " }
    )
}
