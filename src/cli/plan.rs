//! `steward plan`: what would be done and why.

use std::{fmt::Write, process::ExitCode};

use clap::Args;

use super::{CliError, out::say};
use crate::{
    app::{self, StartError},
    model::{Effect, LabelName, Ledger, Plan, Reason},
    policy::sanitize,
    settings::{Secrets, Settings},
    terminal::{BOLD, CYAN, DIM, GREEN, Look, YELLOW, hanging, plain, wrap},
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
        let look = Look::of_stdout();
        say!("{}", told(&reading.plan, &reading.snapshot.title, &pack.words, look));
        let facets: Vec<String> = reading.facets.iter().map(|facet| facet.to_string()).collect();
        let read = facets.iter().fold("Read: the item".to_owned(), |all, one| all + ", " + one);
        say!("{}", hanging("", 6, &plain(&read), look.width));
        say!("Nothing was written.");
    }
    Ok(ExitCode::SUCCESS)
}

/// A plan for a person to read.
pub(super) fn told(plan: &Plan, title: &str, words: &Words, look: Look) -> String {
    let mut out = String::new();
    let head = format!(
        "{} \"{}\" (policies {})",
        plan.subject.reference(),
        plain(title),
        plan.policy_version
    );
    for line in wrap(&head, look.width) {
        let _ = writeln!(out, "{}", look.paint(BOLD, &line));
    }
    out.push('\n');
    if plan.actions.is_empty() {
        let _ = writeln!(out, "Nothing to do.");
        if let Some(idle) = &plan.idle {
            because(&mut out, idle, words, look);
        }
    }
    for action in &plan.actions {
        let (code, what) = match &action.effect {
            Effect::LabelPresent { label } => (GREEN, format!("+ label {}", shown(label))),
            Effect::LabelAbsent { label } => (YELLOW, format!("- label {}", shown(label))),
            Effect::CommentPosted { .. } => (GREEN, "+ comment".to_owned()),
            Effect::CommentEdited { id, .. } => (CYAN, format!("~ comment {id}")),
            Effect::CommentDeleted { id, .. } => (YELLOW, format!("- comment {id}")),
            Effect::Assigned { people } => {
                let handles: Vec<String> =
                    people.iter().map(|one| format!("@{}", plain(&one.username))).collect();
                (GREEN, format!("+ assigned to {}", handles.join(", ")))
            }
            Effect::MilestoneSet { milestone } => {
                (GREEN, format!("+ milestone {}", plain(&milestone.title)))
            }
            Effect::StatusSet { name, state, text, .. } => {
                (CYAN, format!("~ status {} {state:?}: {}", plain(name), plain(text)))
            }
            Effect::Closed => (YELLOW, "- closed".to_owned()),
        };
        let _ = writeln!(out, "{}", look.paint(code, &what));
        because(&mut out, &action.reason, words, look);
        if let Effect::CommentPosted { body, .. } | Effect::CommentEdited { body, .. } =
            &action.effect
        {
            let bar = look.paint(DIM, "|");
            for line in body.lines() {
                for part in wrap(&sanitize(line), look.width.saturating_sub(6)) {
                    let _ = writeln!(out, "    {bar} {part}");
                }
            }
        }
    }
    for held in &plan.held {
        let what = match &held.label {
            Some(label) => format!("= label {} is left alone", shown(label)),
            None => "= comment is left alone".to_owned(),
        };
        let _ = writeln!(out, "{}", look.paint(YELLOW, &what));
        because(&mut out, &held.reason, words, look);
    }
    out
}

fn shown(label: &LabelName) -> String {
    plain(&label.to_string())
}

/// The reason, and below it where the rule was written that gave it.
fn because(out: &mut String, reason: &Reason, words: &Words, look: Look) {
    let text = format!("because {}", words.reason(&reason.because, Style::Plain));
    let _ = writeln!(out, "{}", hanging("    ", 4, &text, look.width));
    let place = reason.cite.as_ref().map(|cite| format!(" at {cite}")).unwrap_or_default();
    let place = look.paint(DIM, &format!("[{}{place}]", reason.rule));
    let _ = writeln!(out, "    {place}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Action, Because, Cite, Subject, Topic},
        pack::Pack,
        policy::PolicySource,
    };

    #[test]
    fn a_plan_fits_the_screen_and_cites_on_a_line_of_its_own() {
        let pack = Pack::load(&PolicySource::built_in()).expect("valid");
        let reason = Reason {
            rule: "routing.by_label".into(),
            because: Because::StageOfGroup { stage: "Plan".into(), group: "group::chat".into() },
            cite: Some(Cite { file: "policies/catalog/groups.yml".into(), line: 7 }),
        };
        let action = |effect| Action { effect, reason: reason.clone() };
        let body = "one two three four five six seven eight nine ten".to_owned();
        let plan = Plan {
            actions: vec![
                action(Effect::LabelPresent { label: "devops::plan".into() }),
                action(Effect::CommentPosted { topic: Topic::ROUTING, body }),
            ],
            subject: Subject::gitlab_issue("a/b", 1),
            idle: None,
            shadow: Vec::new(),
            close_limit: None,
            policy_version: "5311cfca8bd7".into(),
            decided_at: chrono::DateTime::UNIX_EPOCH,
            held: Vec::new(),
            ledger_after: Ledger::default(),
        };
        let look = Look { colour: false, width: 40 };
        insta::assert_snapshot!(told(&plan, "Jira \u{1b}[2J is down", &pack.words, look));
    }
}
