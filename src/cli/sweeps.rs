//! `steward sweeps`: what runs by the clock, when next, and how the last run went.

use std::{collections::HashMap, fmt::Write as _, process::ExitCode};

use chrono::{DateTime, Utc};

use super::{CliError, out::say};
use crate::{
    app::{self, StartError},
    pack::{Job, Pack, ScheduleMode, Scheduled},
    policy::sanitize,
    settings::Settings,
    store::{Records, SweepRun, SweepState},
    terminal::{BOLD, Look},
};

/// So many of the next moments are shown.
const SHOWN: usize = 3;

pub(super) async fn run(settings: Settings) -> Result<ExitCode, CliError> {
    let pack = app::load_pack(&settings).map_err(StartError::Policies)?;
    // The file can be read beside a running server. Without one nothing has run yet.
    let last = match settings.database.path.exists() {
        true => {
            let told = |error: crate::store::StoreError| CliError::Other(error.to_string());
            let records = Records::open(&settings.database.path).await.map_err(told)?;
            records.last_sweeps().await.map_err(told)?
        }
        false => Vec::new(),
    };
    say!("{}", text(&pack, last, Utc::now(), Look::of_stdout()).trim_end());
    Ok(ExitCode::SUCCESS)
}

fn text(pack: &Pack, last: Vec<SweepRun>, now: DateTime<Utc>, look: Look) -> String {
    let mut last: HashMap<String, SweepRun> =
        last.into_iter().map(|run| (run.schedule.clone(), run)).collect();
    let mut out = String::new();
    for one in pack.schedules.iter() {
        // Into a text nothing can fail.
        let _ = write!(out, "{}", told(one, last.remove(&one.name), now, look));
    }
    if pack.schedules.iter().next().is_none() {
        out.push_str("The policies have no schedules (schedules.yml).\n");
    }
    out
}

fn told(one: &Scheduled, last: Option<SweepRun>, now: DateTime<Utc>, look: Look) -> String {
    let mut out = String::new();
    let off = if one.mode == ScheduleMode::Off { ", off" } else { "" };
    let head = format!("{} ({}{off}): {}", one.name, one.job.name(), one.schedule);
    let _ = writeln!(out, "{}", look.paint(BOLD, &sanitize(&head)));
    if !one.about.is_empty() {
        let _ = writeln!(out, "  {}", sanitize(&one.about));
    }
    let moments = one.schedule.upcoming(now).take(SHOWN).filter(|_| one.mode == ScheduleMode::On);
    for (at, moment) in moments.enumerate() {
        let local = moment.with_timezone(&one.schedule.zone());
        let lead = if at == 0 { "next" } else { "then" };
        let local = local.format("%a %Y-%m-%d %H:%M %Z");
        let _ = writeln!(out, "  {lead}  {local}  ({} UTC)", moment.format("%Y-%m-%d %H:%M"));
    }
    let _ = writeln!(
        out,
        "  last  {}\n",
        last.map_or_else(|| "none".to_owned(), |run| of(&one.job, &run))
    );
    out
}

fn of(job: &Job, run: &SweepRun) -> String {
    let at = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    let (found, queued) = (run.found, run.queued);
    let counts = match job {
        Job::Deliveries(_) => format!("{found} failed webhooks found, {queued} asked for again"),
        _ => format!("{found} found, {queued} put to work"),
    };
    let error = run.error.as_deref().map(|error| format!(": {}", sanitize(error)));
    let error = error.unwrap_or_default();
    let moment = at(run.moment);
    match run.state {
        SweepState::Noted => format!("none since {moment}, when it was seen first"),
        SweepState::Running => format!("for {moment}: running, {counts} so far"),
        SweepState::Waiting => {
            format!("for {moment}: not ended, tried again from {}{error}", at(run.until))
        }
        SweepState::Overtaken => format!("for {moment}: given up{error}"),
        SweepState::Done | SweepState::Failed => {
            let ended = run.finished_at.map(|ended| format!(" at {}", at(ended)));
            let how = if run.state == SweepState::Done { "done" } else { "failed" };
            format!("for {moment}: {how}{}, {counts}{error}", ended.unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_schedule_is_told_with_its_next_moments_and_its_last_run() {
        let mut source = crate::policy::PolicySource::built_in();
        let text_of = "schedules:\n  nightly:\n    about: Each night\n    cron: 30 2 * * *\n    zone: \
                       Europe/Berlin\n    do: { reconcile: {} }\n  asleep:\n    mode: off\n    cron: \
                       0 9 * * mon\n    zone: Etc/UTC\n    do: { reconcile: {} }\n";
        source.insert(crate::policy::SourceFile::new(
            "schedules.yml",
            crate::policy::Origin::BuiltIn,
            text_of,
        ));
        let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let run = SweepRun {
            schedule: "nightly".to_owned(),
            moment: at("2027-03-26T01:30:00Z"),
            timetable: String::new(),
            state: SweepState::Failed,
            until: at("2027-03-26T01:30:00Z"),
            attempts: 1,
            started_at: at("2027-03-26T01:30:00Z"),
            finished_at: Some(at("2027-03-26T01:31:05Z")),
            found: 12,
            queued: 3,
            error: Some("no \u{1b}[31mproject".to_owned()),
        };
        let look = Look { colour: false, width: 100 };
        let told = text(&pack, vec![run], at("2027-03-26T12:00:00Z"), look);
        insta::assert_snapshot!(told);
        assert!(!told.contains('\u{1b}'));
    }
}
