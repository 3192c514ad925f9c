//! `steward plan`: what would be done and why.

use std::{fmt::Write, process::ExitCode, sync::Arc};

use clap::Args;

use super::{CliError, out::say, records};
use crate::{
    app::{self, StartError},
    model::{Because, Effect, Held, LabelName, Ledger, Plan, Reason, StatusState, asked},
    policy::sanitize,
    settings::{Secrets, Settings},
    terminal::{BOLD, CYAN, DIM, GREEN, Look, YELLOW, hanging, plain, wrap},
    words::{Style, Words},
    worker::{Sources, decide_now},
};

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Web address of an issue or merge request (GitHub: pull request), or `group/project#12`,
    /// `group/project!3`
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
    let pack = Arc::new(app::load_pack(&settings).map_err(StartError::Policies)?);
    let client = app::client(&settings, &secrets)?;
    let subject = client.parse_subject(&args.subject).map_err(CliError::Other)?;
    let forge = client.forge();
    let beside = records::beside(&settings, &secrets).await?;
    // Without the database's ledger, what Steward did before is read back from its comments.
    let reading =
        decide_now(Sources { forge, beside: Some(&beside) }, &pack, &subject, &Ledger::default())
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
        let (code, what) = effect(&action.effect);
        let what = hanging("", 2, &what, look.width);
        let _ = writeln!(out, "{}", look.paint(code, &what));
        because(&mut out, &action.reason, words, look);
        if let Effect::CommentPosted { body, .. } | Effect::CommentEdited { body, .. } =
            &action.effect
        {
            barred(&mut out, body, look);
        }
        if let Effect::StatusSet { report: Some(report), .. } = &action.effect {
            barred(&mut out, &report.summary, look);
            for note in &report.annotations {
                let place = format!("{}:{}", plain(&note.path), note.line);
                let says = format!("{place} {}. {}", plain(&note.title), plain(&note.message));
                let _ = writeln!(out, "{}", hanging("    ", 6, &says, look.width));
            }
        }
    }
    for held in &plan.held {
        let what = hanging("", 2, &left_alone(held), look.width);
        let _ = writeln!(out, "{}", look.paint(YELLOW, &what));
        because(&mut out, &held.reason, words, look);
    }
    if !plan.shadow.is_empty() {
        let _ = writeln!(out, "\nRules on trial would, and do not:");
    }
    for shadow in &plan.shadow {
        let what = hanging("", 2, &format!("? {}", plain(&shadow.would)), look.width);
        let _ = writeln!(out, "{}", look.paint(DIM, &what));
        because(&mut out, &shadow.reason, words, look);
    }
    out
}

/// A text that people will see on the forge.
fn barred(out: &mut String, text: &str, look: Look) {
    let bar = look.paint(DIM, "|");
    for line in text.lines() {
        for part in wrap(&sanitize(line), look.width.saturating_sub(6)) {
            let _ = writeln!(out, "    {bar} {part}");
        }
    }
}

/// What is done, in its colour: `+` adds, `~` changes, `-` takes away.
fn effect(effect: &Effect) -> (&'static str, String) {
    match effect {
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
        Effect::ReviewRequested { people, teams, .. } => {
            let names = asked(people, teams);
            let handles: Vec<String> =
                names.iter().map(|name| format!("@{}", plain(name))).collect();
            (GREEN, format!("+ review asked of {}", handles.join(", ")))
        }
        Effect::MilestoneSet { milestone } => {
            (GREEN, format!("+ milestone {}", plain(&milestone.title)))
        }
        Effect::DueSet { day } => (GREEN, format!("+ last day {day}")),
        Effect::IssueOpened { issue } => {
            (GREEN, format!("+ an issue beside it: {}", plain(&issue.title)))
        }
        Effect::IssueLinked { mark, .. } => {
            (GREEN, format!("+ a link to the issue {}", plain(&mark.name())))
        }
        Effect::DescriptionSet { .. } => (CYAN, "~ its section of the description".to_owned()),
        Effect::StatusSet { name, state, text, commit, .. } => {
            let state = match state {
                StatusState::Pending => "pending",
                StatusState::Success => "success",
                StatusState::Failed => "failed",
            };
            let commit: String = commit.chars().take(8).collect();
            let what =
                format!("~ status {} on {commit}: {state}, \"{}\"", plain(name), plain(text));
            (CYAN, what)
        }
        Effect::Reacted { comment, emoji } => {
            (GREEN, format!("+ reaction :{}: to comment {comment}", plain(emoji)))
        }
        Effect::Closed => (YELLOW, "- closed".to_owned()),
    }
}

/// What a rule asked for and did not get.
fn left_alone(held: &Held) -> String {
    let what = match (&held.label, &held.reason.because) {
        (Some(label), _) => format!("label {}", shown(label)),
        (
            None,
            Because::PersonDecided { what }
            | Because::NotOnForge { what }
            | Because::ReviewsByPeopleOnly { what }
            | Because::ReviewAskedBefore { what }
            | Because::ReviewRefused { what }
            | Because::AnotherRuleFirst { what, .. },
        ) => plain(what),
        (None, Because::ReviewByAuthor { author }) => format!("review by {}", plain(author)),
        (None, Because::CommentTooLong) => return "= the comment is not written out".to_owned(),
        (None, Because::CloseUnknown) => return "= it is not closed again".to_owned(),
        (None, Because::CloseLimit { .. }) => return "= it is not closed for now".to_owned(),
        (None, _) => "comment".to_owned(),
    };
    format!("= {what} is left alone")
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
        model::{
            Action, Annotation, Cite, FoundMilestone, Person, Shadow, StatusReport, Subject,
            TeamName, Topic, Weight,
        },
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
            policy_commit: None,
            decided_at: chrono::DateTime::UNIX_EPOCH,
            held: Vec::new(),
            ledger_after: Ledger::default(),
        };
        let look = Look { colour: false, width: 40 };
        insta::assert_snapshot!(told(&plan, "Jira \u{1b}[2J is down", &pack.words, look));
    }

    #[test]
    fn all_that_rules_can_ask_for_is_told() {
        let pack = Pack::load(&PolicySource::built_in()).expect("valid");
        let reason = |because| Reason {
            rule: "rules.stale".into(),
            because,
            cite: Some(Cite { file: "policies/rules/stale.yml".into(), line: 12 }),
        };
        let holds = || Because::RuleHolds { about: "nobody answers".into(), evidence: vec![] };
        let action = |effect| Action { effect, reason: reason(holds()) };
        let held = |because| Held { label: None, reason: reason(because) };
        let what = "milestone 18.10".to_owned();
        let anna = Person { id: 2, username: "anna".into(), name: "Anna".into() };
        let text = "the page of this integration in the documentation is not there yet".into();
        let plan = Plan {
            subject: Subject::gitlab_merge_request("a/b", 1),
            policy_version: "5311cfca8bd7".into(),
            policy_commit: None,
            decided_at: chrono::DateTime::UNIX_EPOCH,
            actions: vec![
                action(Effect::Assigned { people: vec![anna.clone(), anna] }),
                action(Effect::ReviewRequested {
                    people: vec![Person { id: 3, username: "ben".into(), name: "Ben".into() }],
                    teams: vec![TeamName::in_project("docs", "a/b")],
                    besides: Vec::new(),
                    head: "0123456789abcdef".into(),
                }),
                action(Effect::MilestoneSet {
                    milestone: FoundMilestone { id: 1, title: "18.9\u{1b}[2J".into() },
                }),
                action(Effect::StatusSet {
                    commit: "0123456789abcdef".into(),
                    name: "steward/docs".into(),
                    state: StatusState::Pending,
                    text,
                    report: Some(StatusReport {
                        summary: "### Foo Bar: 1 required piece missing\n".into(),
                        annotations: vec![Annotation {
                            path: "app/foo_bar.rb".into(),
                            line: 2,
                            weight: Weight::Required,
                            title: "Foo Bar: Each field is documented".into(),
                            message: "url does not stand in doc/foo_bar.md\u{7}".into(),
                        }],
                    }),
                }),
                action(Effect::Reacted { comment: 7, emoji: "white_check_mark\u{7}".into() }),
                action(Effect::Closed),
            ],
            held: vec![
                held(Because::PersonDecided { what: what.clone() }),
                held(Because::NotOnForge { what: "account nobody".into() }),
                held(Because::AnotherRuleFirst { rule: "rules.first".into(), what }),
                held(Because::ReviewsByPeopleOnly { what: "review by the team a/docs".into() }),
                held(Because::ReviewByAuthor { author: "anna".into() }),
                held(Because::ReviewAskedBefore { what: "review by ben".into() }),
                held(Because::ReviewRefused { what: "review by ben".into() }),
                held(Because::CloseLimit { limit: 20 }),
                held(Because::CloseUnknown),
                held(Because::CommentTooLong),
                held(Because::CommentDeleted),
            ],
            shadow: vec![Shadow { would: "labels: add stale".into(), reason: reason(holds()) }],
            close_limit: Some(20),
            idle: None,
            ledger_after: Ledger::default(),
        };
        let look = Look { colour: false, width: 80 };
        insta::assert_snapshot!(told(&plan, "Jira is down", &pack.words, look));
    }
}
