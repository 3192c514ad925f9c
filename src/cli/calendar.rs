//! `steward calendar`: which releases there are and when, and until when a removal can be announced.

use std::{borrow::Cow, fmt::Write, process::ExitCode};

use chrono::{NaiveDate, Utc};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    CliError,
    out::{counted, failure, say},
};
use crate::{
    app::{self, StartError},
    model::{Calendar, Release, Version},
    pack::Pack,
    settings::{Secrets, Settings, SettingsError},
    terminal::{BOLD, DIM, Look, hanging, plain},
};

/// The form of what is printed for programs.
const VERSION: u32 = 1;
/// So many releases before the one in work are told, unless somebody asks for others.
const BEFORE: usize = 3;

#[derive(Debug, Args)]
pub(super) struct CalendarArgs {
    /// The first release that is told [default: the third before the one in work]
    #[arg(long, value_name = "VERSION")]
    from: Option<Version>,
    /// So many releases are told
    #[arg(long, value_name = "N", default_value_t = 12)]
    count: usize,
    /// Something leaves in this release: until when can it be announced? Several by several
    /// --removal
    #[arg(long, value_name = "VERSION")]
    removal: Vec<Version>,
    /// As if it were this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    today: Option<NaiveDate>,
    /// Ask the forge for the milestones of the place in `milestones_of`: they know the days better
    #[arg(long)]
    online: bool,
    /// How it is told
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

pub(super) async fn run(
    args: CalendarArgs,
    settings: Settings,
    secrets: impl FnOnce() -> Result<Secrets, SettingsError>,
) -> Result<ExitCode, CliError> {
    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    let known = calendar(&pack)?;
    let calendar = match args.online {
        true => Cow::Owned(completed(known, &pack, &settings, secrets()?).await?),
        false => Cow::Borrowed(known),
    };
    let asked = Asked::new(&args, &pack, &calendar, Utc::now().date_naive())?;
    match args.format {
        Format::Table => say!("{}", asked.table(Look::of_stdout())),
        Format::Json => say!("{:#}", asked.json()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The calendar that commands go by; without one they cannot say anything.
pub(super) fn calendar(pack: &Pack) -> Result<&Calendar, CliError> {
    pack.calendar.as_ref().map(|calendar| &calendar.releases).ok_or_else(|| {
        CliError::Other(
            "the policies have no release calendar: it stands in `calendar.yml` (see \
             docs/lifecycle.md)"
                .into(),
        )
    })
}

/// The calendar with what the forge's milestones know better. Those that do not fit are told on
/// standard error.
async fn completed(
    known: &Calendar,
    pack: &Pack,
    settings: &Settings,
    secrets: Secrets,
) -> Result<Calendar, CliError> {
    let place = pack.calendar.as_ref().and_then(|calendar| calendar.milestones_of.as_deref());
    let place = place.ok_or_else(|| {
        CliError::Other("no place to ask: `milestones_of` in `calendar.yml` names it".into())
    })?;
    let milestones = app::client(settings, &secrets)?
        .source()
        .milestones_of(place)
        .await
        .map_err(|error| CliError::Other(format!("the milestones of {place}: {error}")))?;
    let (calendar, passed_over) = known.completed(&milestones);
    for one in passed_over {
        let due = one.due.map(|due| format!(" (due {due})")).unwrap_or_default();
        let told = format!(
            "the milestone {}{due} of {place} does not fit between the releases around it and is \
             passed over",
            plain(&one.title)
        );
        eprintln!("{}", failure(&told, Look::of_stderr()));
    }
    Ok(calendar)
}

/// A removal, and until when it can be announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Removal {
    release: Release,
    last: Option<Release>,
}

/// What is to be told.
#[derive(Debug)]
struct Asked<'c> {
    today: NaiveDate,
    in_work: Option<Release>,
    releases: &'c [Release],
    removals: Vec<Removal>,
    /// So many releases a removal comes after its announcement.
    window: Option<usize>,
}

impl<'c> Asked<'c> {
    fn new(
        args: &CalendarArgs,
        pack: &Pack,
        calendar: &'c Calendar,
        now: NaiveDate,
    ) -> Result<Self, CliError> {
        let today = args.today.unwrap_or(now);
        let in_work = calendar.in_work(today);
        let all = calendar.releases();
        let start = match (args.from, in_work) {
            (Some(from), _) => index(calendar, from)?,
            (None, Some(now)) => calendar.index(now.version).unwrap_or(0).saturating_sub(BEFORE),
            (None, None) => all.len().saturating_sub(args.count),
        };
        let rest = all.get(start..).unwrap_or_default();
        let window = pack.lifecycle.deprecations.as_ref().map(|expected| expected.window);
        let removals = args.removal.iter().map(|version| {
            let release = all.get(index(calendar, *version)?).copied();
            let (Some(release), Some(window)) = (release, window) else {
                return Err(CliError::Other(
                    "the policies do not say how early a removal is announced: `window` below \
                     `deprecations` in `lifecycle.yml` does (see docs/lifecycle.md)"
                        .into(),
                ));
            };
            Ok(Removal { release, last: calendar.last_legal_announcement(*version, window) })
        });
        Ok(Self {
            today,
            in_work,
            releases: rest.get(..args.count).unwrap_or(rest),
            removals: removals.collect::<Result<_, _>>()?,
            window,
        })
    }

    fn table(&self, look: Look) -> String {
        let mut out = String::new();
        for one in self.releases {
            let in_work = self.in_work == Some(*one);
            let note = match in_work {
                true => "in work",
                false if one.version.is_major() => "major",
                false => "",
            };
            let day = one.date.format("%Y-%m-%d %a");
            let line = format!("{:<7}  {day}  {note}", one.version);
            let line = line.trim_end();
            let code = match (in_work, one.date < self.today) {
                (true, _) => Some(BOLD),
                (false, true) => Some(DIM),
                (false, false) => None,
            };
            let line = code.map_or_else(|| line.to_owned(), |code| look.paint(code, line));
            let _ = writeln!(out, "{line}");
        }
        if self.releases.is_empty() {
            out.push_str("No release is known there.\n");
        }
        out.push('\n');
        if let (Some(window), false) = (self.window, self.removals.is_empty()) {
            let asked = counted(window, "release", "releases");
            let head = format!("{:<23}announced at the latest, {asked} before", "removed");
            let _ = writeln!(out, "{}", look.paint(BOLD, &head));
            for removal in &self.removals {
                let _ = writeln!(out, "{}", self.told(removal));
            }
            out.push('\n');
        }
        let sum = match self.in_work {
            Some(now) => format!("Today is {}: {} is in work.", self.today, now.version),
            None => format!("Today is {}: the calendar has ended.", self.today),
        };
        out.push_str(&hanging("", 2, &sum, look.width));
        out
    }

    /// `18.0 2025-05-15 <- 17.9 2025-02-20`, and how long that is still to come.
    fn told(&self, removal: &Removal) -> String {
        let Removal { release, last } = removal;
        let start = format!("{:<7} {}  <-", release.version, release.date);
        let Some(last) = last else {
            return format!("{start} the calendar does not reach back that far");
        };
        let left = (last.date - self.today).num_days();
        let left = match left {
            0 => "today".to_owned(),
            1.. => format!("in {}", counted(usize::try_from(left).unwrap_or(0), "day", "days")),
            _ => "over".to_owned(),
        };
        format!("{start} {:<7} {}  {left}", last.version, last.date)
    }

    fn json(&self) -> Value {
        let release = |one: &Release| {
            json!({
                "version": one.version,
                "date": one.date,
                "major": one.version.is_major(),
                "in_work": self.in_work == Some(*one),
            })
        };
        let removal = |one: &Removal| {
            json!({
                "removal": one.release,
                "window": self.window,
                "last_announcement": one.last,
                "over": one.last.map(|last| last.date < self.today),
            })
        };
        json!({
            "version": VERSION,
            "today": self.today,
            "in_work": self.in_work,
            "releases": self.releases.iter().map(release).collect::<Vec<_>>(),
            "removals": self.removals.iter().map(removal).collect::<Vec<_>>(),
        })
    }
}

/// The place of a release, or which ones there are around it.
fn index(calendar: &Calendar, version: Version) -> Result<usize, CliError> {
    calendar.index(version).ok_or_else(|| {
        let releases = calendar.releases();
        let next = releases.partition_point(|one| one.version < version);
        let before = next.checked_sub(1).and_then(|at| releases.get(at));
        let around = match (before, releases.get(next)) {
            (Some(before), Some(after)) => {
                format!("after {} comes {}", before.version, after.version)
            }
            (None, Some(first)) => format!("the calendar begins with {}", first.version),
            (Some(last), None) => format!("the calendar ends with {}", last.version),
            (None, None) => "the calendar is empty".to_owned(),
        };
        CliError::Other(format!("there is no release {version}: {around}"))
    })
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
