//! `steward replay`: what today's policies would have made of what was decided earlier.

use std::{fmt::Write, process::ExitCode};

use chrono::{DateTime, NaiveDate, Utc};
use clap::Args;
use serde::Serialize;

use super::{
    CliError,
    out::{counted, say},
};
use crate::{
    app::{self, StartError},
    forge::{github, gitlab},
    model::{Facet, Plan, Subject},
    pack::{Pack, rules::TimeSpan},
    plan::{Difference, Replayed, StoredInput, What, replay},
    settings::Settings,
    store::{Decided, Records},
    terminal::{BOLD, DIM, GREEN, Look, YELLOW, hanging, plain},
    words::Style,
};

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["what", "since"]))]
pub(super) struct ReplayArgs {
    /// A delivery's key, or an item: its web address, `group/project#12` or `group/project!3`
    #[arg(value_name = "DELIVERY|ITEM")]
    what: Option<String>,
    /// All decisions since a time: `2026-05-01`, `2026-05-01T12:00:00Z` or `3 days`
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// A decision, and what became of it today.
#[derive(Debug, Serialize)]
struct Again {
    subject: Subject,
    decided_at: DateTime<Utc>,
    policy_version: Option<String>,
    #[serde(flatten)]
    result: Came,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Came {
    Replayed(Replayed),
    NotReplayed { not_replayed: String },
}

/// The whole result.
#[derive(Debug, Serialize)]
struct All {
    policy_version: String,
    decisions: Vec<Again>,
}

pub(super) async fn run(args: ReplayArgs, settings: Settings) -> Result<ExitCode, CliError> {
    let other = |error: String| CliError::Other(error);
    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    let records = Records::open(&settings.database.path)
        .await
        .map_err(|error| other(format!("{error}; nothing was recorded there yet?")))?;
    let decided = find(&args, &settings, &records).await?;
    let decisions = decided.into_iter().map(|one| again(one, &pack)).collect();
    let all = All { policy_version: pack.version.clone(), decisions };
    if args.json {
        let json = serde_json::to_string_pretty(&all).map_err(|error| other(error.to_string()))?;
        say!("{json}");
    } else {
        say!("{}", told(&all, &pack, Look::of_stdout()));
    }
    Ok(ExitCode::SUCCESS)
}

async fn find(
    args: &ReplayArgs,
    settings: &Settings,
    records: &Records,
) -> Result<Vec<Decided>, CliError> {
    let failed = |error: crate::store::StoreError| CliError::Other(error.to_string());
    if let Some(since) = &args.since {
        return records.since(time(since, Utc::now())?).await.map_err(failed);
    }
    let what = args.what.as_deref().unwrap_or_default();
    if let Some((subject, at)) = records.delivery(what).await.map_err(failed)? {
        let subject = subject.ok_or_else(|| {
            CliError::Other(format!("the delivery {what} was about nothing that is looked after"))
        })?;
        // Deliveries that come together are decided together: the first decision from then on.
        let decided = records.of(&subject).await.map_err(failed)?;
        let first = decided.into_iter().find(|one| one.at >= at);
        return first.map(|one| vec![one]).ok_or_else(|| {
            CliError::Other(format!(
                "no decision on {} since {at} is recorded",
                subject.reference()
            ))
        });
    }
    // The database may be of either forge, and no secret tells here which: what has decisions on
    // record is meant.
    let on_gitlab = gitlab::parse_subject(&settings.gitlab.url, what);
    let on_github = github::url::parse_subject_at(&settings.github.url, what);
    if let Ok(subject) = &on_github {
        let decided = records.of(subject).await.map_err(failed)?;
        if !decided.is_empty() || on_gitlab.is_err() {
            return told_of(subject, decided);
        }
    }
    let subject = on_gitlab.map_err(|error| {
        CliError::Other(format!("no delivery `{}` is kept, and {error}", plain(what)))
    })?;
    told_of(&subject, records.of(&subject).await.map_err(failed)?)
}

fn told_of(subject: &Subject, decided: Vec<Decided>) -> Result<Vec<Decided>, CliError> {
    match decided.is_empty() {
        true => Err(CliError::Other(format!("no decision on {} is recorded", subject.reference()))),
        false => Ok(decided),
    }
}

/// A time as people write it.
fn time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, CliError> {
    let text = text.trim();
    let exact = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let day = || {
        let day: NaiveDate = text.parse().ok()?;
        Some(day.and_hms_opt(0, 0, 0)?.and_utc())
    };
    let ago = || TimeSpan::try_from(text.to_owned()).ok().map(|span| span.before(now));
    exact().or_else(day).or_else(ago).ok_or_else(|| {
        CliError::Other(format!(
            "`{}` is no time; expected `2026-05-01`, `2026-05-01T12:00:00Z` or `3 days`",
            plain(text)
        ))
    })
}

fn again(decided: Decided, pack: &Pack) -> Again {
    let then: Result<Plan, _> = serde_json::from_str(&decided.plan);
    let policy_version = then.as_ref().ok().map(|plan| plan.policy_version.clone());
    let not = |why: &str| Came::NotReplayed { not_replayed: why.to_owned() };
    let result = match (&then, &decided.input) {
        (Err(_), _) => not("another version of Steward has recorded it"),
        (_, None) => not("what it was decided on was not recorded"),
        (Ok(then), Some(input)) => match serde_json::from_str::<StoredInput>(input) {
            Err(_) => not("another version of Steward has recorded what it was decided on"),
            Ok(input) => match replay(&input, then, then.decided_at, pack) {
                Ok(replayed) => Came::Replayed(replayed),
                Err(error) => not(&format!("a text could not be made: {error}")),
            },
        },
    };
    Again { subject: decided.subject, decided_at: decided.at, policy_version, result }
}

fn told(all: &All, pack: &Pack, look: Look) -> String {
    let mut out = String::new();
    let (mut same, mut different, mut unknown) = (0, 0, 0);
    for one in &all.decisions {
        let at = one.decided_at.format("%Y-%m-%d %H:%M:%S");
        let head = format!("{} {at}", plain(&one.subject.reference()));
        let (code, result) = match &one.result {
            Came::Replayed(Replayed::Same) => {
                same += 1;
                (DIM, "same".to_owned())
            }
            Came::Replayed(Replayed::Other { .. }) => {
                different += 1;
                (BOLD, "other".to_owned())
            }
            Came::Replayed(Replayed::CannotTell { lacks }) => {
                unknown += 1;
                let lacks: Vec<String> = lacks.iter().map(Facet::to_string).collect();
                (YELLOW, format!("cannot tell without reading: {}", plain(&lacks.join(", "))))
            }
            Came::NotReplayed { not_replayed } => {
                unknown += 1;
                (YELLOW, not_replayed.clone())
            }
        };
        let line = hanging("", 4, &format!("{head}  {result}"), look.width);
        let _ = writeln!(out, "{}", look.paint(code, &line));
        if let Came::Replayed(Replayed::Other { differences }) = &one.result {
            for difference in differences {
                of_difference(&mut out, difference, pack, look);
            }
        }
    }
    let _ = writeln!(
        out,
        "{}: {same} the same, {different} other, {unknown} not to tell (policies {}).",
        counted(all.decisions.len(), "decision", "decisions"),
        all.policy_version
    );
    out.push_str("- only then, + only today. Nothing was written.");
    out
}

fn of_difference(out: &mut String, difference: &Difference, pack: &Pack, look: Look) {
    let (sign, code) = if difference.today { ("+", GREEN) } else { ("-", YELLOW) };
    let what = match &difference.what {
        What::SetLabel { label } => format!("set label {label}"),
        What::TakeOffLabel { label } => format!("take off label {label}"),
        What::Say { topic, body } => format!("say on {topic}: {}", first_line(body)),
        What::RemoveComment { topic } => format!("remove a double on {topic}"),
        What::Assign { people } => format!("assign to {}", people.join(", ")),
        What::SetMilestone { title } => format!("set milestone {title}"),
        What::SetDue { day } => format!("set the last day {day}"),
        What::OpenIssue { title } => format!("open an issue: {title}"),
        What::LinkIssue { name } => format!("link the issue {name}"),
        What::Describe { .. } => "write its section of the description".to_owned(),
        What::SetStatus { name, state } => format!("set status {name} to {state:?}"),
        What::React { comment, emoji } => format!("react with :{emoji}: to comment {comment}"),
        What::Close => "close".to_owned(),
        What::Hold { label: Some(label), .. } => format!("leave label {label} alone"),
        What::Hold { label: None, rule } => format!("leave alone what {rule} asked for"),
    };
    let lead = format!("    {} ", look.paint(code, sign));
    let _ = writeln!(out, "{}", hanging(&lead, 6, &plain(&what), look.width));
    let why = pack.words.reason(&difference.reason.because, Style::Plain);
    let _ = writeln!(out, "{}", hanging("      ", 6, &format!("because {why}"), look.width));
    if let Some(cite) = &difference.reason.cite {
        let _ = writeln!(out, "      {}", look.paint(DIM, &format!("[{cite}]")));
    }
}

fn first_line(body: &str) -> &str {
    body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: DateTime<Utc> = "2026-05-10T12:00:00Z".parse().expect("a time");
        for (text, at) in [
            ("2026-05-01", "2026-05-01T00:00:00Z"),
            ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00Z"),
            ("3 days", "2026-05-07T12:00:00Z"),
        ] {
            let at: DateTime<Utc> = at.parse().expect("a time");
            assert_eq!(time(text, now).ok(), Some(at), "{text}");
        }
        assert!(time("yesterday", now).is_err());
    }
}
