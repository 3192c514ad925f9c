//! `steward why`: the way to a decision, with what was seen.

use std::{fmt::Write, process::ExitCode, sync::Arc};

use clap::Args;

use super::{CliError, out::say, records};
use crate::{
    app::{self, StartError},
    model::{LabelName, Ledger, Reason, Subject},
    pack::rules::Mode,
    plan::explain::{Explanation, Fate, LabelTold, OtherTold},
    rules::{
        Step,
        declared::{Explained, Truth},
    },
    settings::{Secrets, Settings},
    store::Records,
    terminal::{BOLD, DIM, GREEN, Look, YELLOW, hanging, plain, wrap},
    words::{Style, Words},
    worker::{Sources, explain_now},
};

/// So many events of a label are shown.
const HISTORY: usize = 8;

#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Web address of an issue or merge request (GitHub: pull request), or `group/project#12`,
    /// `group/project!3`
    subject: String,
    /// Only what concerns this label, whether or not it is on the item
    #[arg(long, value_name = "NAME")]
    label: Option<String>,
    /// Print the explanation as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(
    args: WhyArgs,
    settings: Settings,
    secrets: Secrets,
) -> Result<ExitCode, CliError> {
    let pack = Arc::new(app::load_pack(&settings).map_err(StartError::Policies)?);
    let client = app::client(&settings, &secrets)?;
    let subject = client.parse_subject(&args.subject).map_err(CliError::Other)?;
    let forge = client.forge();
    let beside = records::beside(&settings, &secrets).await?;
    let (ledger, from) = ledger(&settings, &subject).await;
    let label = args.label.as_deref().map(|name| LabelName::new(name.trim_start_matches('~')));
    let about: Vec<LabelName> = label.iter().cloned().collect();
    let explained =
        explain_now(Sources { forge, beside: Some(&beside) }, &pack, &subject, &ledger, &about)
            .await
            .map_err(|error| CliError::Other(error.to_string()))?;
    if args.json {
        let json = serde_json::to_string_pretty(&explained.explanation)
            .map_err(|error| CliError::Other(error.to_string()))?;
        say!("{json}");
        return Ok(ExitCode::SUCCESS);
    }
    let look = Look::of_stdout();
    say!("{}", told(&explained.explanation, label.as_ref(), &pack.words, look));
    let read = explained.facets.iter().map(|facet| format!(", {facet}")).collect::<String>();
    say!("{}", hanging("", 6, &plain(&format!("Read: the item{read}; {from}")), look.width));
    say!("Nothing was written.");
    Ok(ExitCode::SUCCESS)
}

/// What Steward did before, and where that is known from. Without a database it is read back from
/// Steward's comments and the label history.
async fn ledger(settings: &Settings, subject: &Subject) -> (Ledger, &'static str) {
    let recovered = "what Steward did before, from its comments";
    let Ok(records) = Records::open(&settings.database.path).await else {
        return (Ledger::default(), recovered);
    };
    match records.ledger(subject).await {
        Ok(ledger) => (ledger, "what Steward did before, from the database"),
        Err(_) => (Ledger::default(), recovered),
    }
}

/// An explanation for a person to read.
pub(super) fn told(
    explained: &Explanation,
    label: Option<&LabelName>,
    words: &Words,
    look: Look,
) -> String {
    let mut out = String::new();
    let (reference, title) = (explained.subject.reference(), plain(&explained.title));
    let head = format!("{reference} \"{title}\" (policies {})", explained.policy_version);
    for line in wrap(&head, look.width) {
        let _ = writeln!(out, "{}", look.paint(BOLD, &line));
    }
    let told_label = label.and_then(|label| explained.label(label));
    let heading = |out: &mut String, text: &str| {
        let _ = writeln!(out, "\n{}", look.paint(BOLD, text));
    };
    match told_label {
        Some(told) => {
            let _ = writeln!(out);
            of_label(&mut out, told, words, look);
        }
        None => {
            heading(&mut out, "Labels");
            if explained.labels.is_empty() {
                let _ = writeln!(out, "  none on the item, and none asked for");
            }
            for told in &explained.labels {
                of_label(&mut out, told, words, look);
            }
            heading(&mut out, "Comments and all else");
            if explained.others.is_empty() {
                let _ = writeln!(out, "  nothing is asked for");
            }
            for other in &explained.others {
                of_other(&mut out, other, words, look);
            }
            if let Some(idle) = &explained.idle {
                heading(&mut out, "Nothing to do");
                because(&mut out, idle, words, look);
            }
        }
    }
    if !explained.routing.is_empty() {
        heading(&mut out, "Routing, step by step");
    }
    for step in &explained.routing {
        of_step(&mut out, step, words, look);
    }
    if !explained.rules.is_empty() {
        heading(&mut out, "Rules");
    }
    for rule in &explained.rules {
        let lead = format!("  {} ", truth(rule.tree.truth, look));
        let mode = match rule.mode {
            Mode::On => String::new(),
            mode => format!(" (mode: {})", mode.name()),
        };
        let says = plain(&format!("{}{mode}: {}", rule.rule, rule.tree.asked));
        let _ = writeln!(out, "{}", hanging(&lead, 6, &says, look.width));
        let _ = writeln!(out, "      {}", look.paint(DIM, &format!("[{}]", rule.cite)));
        for clause in &rule.tree.children {
            of_clause(&mut out, clause, 6, look);
        }
    }
    out
}

fn of_label(out: &mut String, told: &LabelTold, words: &Words, look: Look) {
    let (sign, code) = match &told.fate {
        Fate::StewardSet { .. } | Fate::WillBeSet => ("+", GREEN),
        Fate::WillBeTakenOff => ("-", YELLOW),
        Fate::Held | Fate::Kept { .. } => ("=", YELLOW),
        Fate::PersonSet { .. } => ("*", DIM),
        Fate::Off { .. } | Fate::Never => ("o", DIM),
    };
    let name = format!("{sign} {}", plain(told.label.as_str()));
    let _ = writeln!(out, "{}", look.paint(code, &name));
    let says = words.why(&told.fate, Style::Plain);
    let _ = writeln!(out, "{}", hanging("    ", 4, &says, look.width));
    if let Some(reason) = &told.reason {
        because(out, reason, words, look);
    }
    for would in &told.would {
        let says = words.why(&would.would, Style::Plain);
        let _ = writeln!(out, "{}", hanging("    ", 4, &says, look.width));
        if let Some(cite) = &would.cite {
            let _ = writeln!(out, "    {}", look.paint(DIM, &format!("[{cite}]")));
        }
    }
    let skipped = told.history.len().saturating_sub(HISTORY);
    if skipped > 0 {
        let _ = writeln!(out, "    {}", look.paint(DIM, &format!("... {skipped} events before")));
    }
    for event in &told.history[skipped..] {
        let by = event.by.as_ref().map_or("somebody", |by| by.username.as_str());
        let what = if event.added { "set" } else { "removed" };
        let at = event.at.format("%Y-%m-%d %H:%M");
        let _ = writeln!(out, "    {}", look.paint(DIM, &format!("{at} {what} by {}", plain(by))));
    }
}

fn of_other(out: &mut String, other: &OtherTold, words: &Words, look: Look) {
    let says = words.why(&other.thing, Style::Plain);
    let _ = writeln!(out, "{}", hanging("  ", 2, &says, look.width));
    because(out, &other.reason, words, look);
}

fn of_step(out: &mut String, step: &Step, words: &Words, look: Look) {
    let (sign, code) = if step.held { ("yes", GREEN) } else { ("no ", DIM) };
    let says = format!("{}: {}", step.rule, words.why(&step.saw, Style::Plain));
    let lead = format!("  {} ", look.paint(code, sign));
    let _ = writeln!(out, "{}", hanging(&lead, 6, &says, look.width));
    if let Some(cite) = &step.cite {
        let _ = writeln!(out, "      {}", look.paint(DIM, &format!("[{cite}]")));
    }
}

/// A clause with what it asked and saw, and those that it is made of below it.
fn of_clause(out: &mut String, clause: &Explained, indent: usize, look: Look) {
    let asked = if clause.asked.is_empty() { String::new() } else { format!(" {}", clause.asked) };
    let saw = if clause.saw.is_empty() { String::new() } else { format!("; saw {}", clause.saw) };
    let line = if clause.line == 0 { String::new() } else { format!(" [{}]", clause.line) };
    let lead = format!("{}{} ", " ".repeat(indent), truth(clause.truth, look));
    let says = plain(&format!("{}{asked}{saw}{line}", clause.clause));
    let _ = writeln!(out, "{}", hanging(&lead, indent + 4, &says, look.width));
    for child in &clause.children {
        of_clause(out, child, indent + 2, look);
    }
}

fn truth(truth: Truth, look: Look) -> String {
    match truth {
        Truth::Yes => look.paint(GREEN, "yes"),
        Truth::No => look.paint(DIM, "no "),
        Truth::CannotTell => look.paint(YELLOW, "?  "),
    }
}

/// The reason, and below it where the rule was written that gave it.
fn because(out: &mut String, reason: &Reason, words: &Words, look: Look) {
    let text = format!("because {}", words.reason(&reason.because, Style::Plain));
    let _ = writeln!(out, "{}", hanging("    ", 4, &text, look.width));
    let place = reason.cite.as_ref().map(|cite| format!(" at {cite}")).unwrap_or_default();
    let _ = writeln!(out, "    {}", look.paint(DIM, &format!("[{}{place}]", reason.rule)));
}
