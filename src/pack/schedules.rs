//! `schedules.yml`: what Steward does by the clock, and when.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    policy::{Located, LocatedMap, PolicyError, PolicyErrors, PolicySource, SourceFile, parse_all},
    sweeps::{Schedule, ScheduleError, zone},
};

const FILE: &str = "schedules.yml";
/// Longer names would break the lists in which they stand.
const LONGEST_NAME: usize = 40;

/// `schedules.yml`; the fields are described in `policies/schedules.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulesFile {
    /// The schedules by their names.
    pub schedules: LocatedMap<ScheduleFile>,
}

/// One schedule, as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleFile {
    /// What it is for, for those who read the list.
    #[serde(default)]
    pub about: String,
    /// Whether it runs: `on` or `off`.
    #[serde(default)]
    pub mode: ScheduleMode,
    /// Minute, hour, day of the month, month and day of the week, as in crontab(5).
    pub cron: Located<String>,
    /// By the clocks of this time zone: an IANA name such as `Europe/Berlin`.
    pub zone: Located<String>,
    /// What is done.
    #[serde(rename = "do")]
    pub job: Job,
    /// How fast and how much.
    #[serde(default)]
    pub limits: LimitsFile,
}

/// Whether a schedule runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleMode {
    /// It runs.
    #[default]
    On,
    /// It does not; it can be run by hand.
    Off,
}

/// What a schedule does. Here is the one place to add a kind.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Job {
    /// Puts open items to work, as if somebody had commented on each: what a lost webhook would have
    /// told is found.
    Reconcile(Reconcile),
    /// Looks at the issues that track removals, and at the one that shows them all: steps become due by
    /// the calendar, and are done in the code, without anybody touching these issues.
    Removals(Removals),
    /// Asks the forge for webhooks again that did not get through: GitHub sends none again by itself.
    Deliveries(Redelivery),
}

impl Job {
    /// Its name in the policies.
    pub fn name(&self) -> &'static str {
        match self {
            Job::Reconcile(_) => "reconcile",
            Job::Removals(_) => "removals",
            Job::Deliveries(_) => "deliveries",
        }
    }
}

/// How the issues that track removals are looked at. There is nothing to choose yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Removals {}

/// Which webhooks are asked for again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Redelivery {
    /// Full paths of the projects; without any, `projects` of the forge in the settings. A GitHub App
    /// has one webhook for all.
    pub projects: Vec<String>,
    /// The address of Steward's webhook, as the forge has it; without one, those count whose path ends
    /// as Steward's does.
    pub hook: String,
}

/// Which items are put to work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reconcile {
    /// Which of the open items.
    pub items: Items,
    /// Full paths of the projects; without any, `projects` in [gitlab] of the settings.
    pub projects: Vec<String>,
    /// Only items that have changed since the last run began that came to its end.
    pub changed_since_last_run: bool,
}

/// Which of the open items are put to work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Items {
    /// Those with a label that names an integration, those to which Steward has done something, and,
    /// where routing knows integrations by their files, merge requests.
    #[default]
    Likely,
    /// Every one.
    All,
}

/// Limits as they are written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsFile {
    /// So many items are put to work in a minute at the most.
    pub per_minute: Located<u32>,
    /// So many items in one run at the most; what is beyond is told as an error.
    pub most: Located<u32>,
}

impl Default for LimitsFile {
    fn default() -> Self {
        let usual = |value| Located { value, span: crate::policy::Span::default() };
        Self { per_minute: usual(60), most: usual(20_000) }
    }
}

/// How fast and how much, in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Items a minute, from 1.
    pub per_minute: u32,
    /// Items in all, from 1.
    pub most: u64,
}

/// A checked schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Whether it runs.
    pub mode: ScheduleMode,
    /// When.
    pub schedule: Schedule,
    /// What it does.
    pub job: Job,
    /// How fast and how much.
    pub limits: Limits,
}

/// The schedules, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedules(Vec<Scheduled>);

impl Schedules {
    /// Reads and checks `schedules.yml`, if it is there: without it nothing runs by the clock.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        let Some(file) = source.file(FILE) else { return Ok(Self::default()) };
        let read: SchedulesFile = parse_all(file)?;
        let mut errors = PolicyErrors::default();
        let mut schedules = Vec::new();
        for (name, one) in read.schedules.0 {
            errors.extend(named(file, &name));
            errors.extend(limited(file, &one.limits));
            let zone = zone(&one.zone).map_err(|wrong| errors.push(told(file, &one.zone, wrong)));
            // An expression is checked all the same when the zone is none.
            let checked = Schedule::new(&one.cron, zone.unwrap_or(chrono_tz::UTC))
                .map_err(|wrong| errors.push(told(file, &one.cron, wrong)));
            let Ok(schedule) = checked else { continue };
            schedules.push(Scheduled {
                name: name.value,
                about: one.about,
                mode: one.mode,
                schedule,
                job: one.job,
                limits: Limits {
                    per_minute: one.limits.per_minute.value,
                    most: one.limits.most.value.into(),
                },
            });
        }
        errors.or(Self(schedules))
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Scheduled> {
        self.0.iter()
    }

    /// One by its name.
    pub fn get(&self, name: &str) -> Option<&Scheduled> {
        self.0.iter().find(|one| one.name == name)
    }
}

fn told(file: &SourceFile, at: &Located<String>, wrong: ScheduleError) -> PolicyError {
    at.error(file, wrong.message).with_help(wrong.help)
}

fn named(file: &SourceFile, name: &Located<String>) -> Option<PolicyError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let fits = (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain);
    (!fits).then(|| {
        name.error(file, format!("`{}` cannot be the name of a schedule", name.value))
            .with_help(format!("expected 1 to {LONGEST_NAME} small letters, digits, `_` or `-`"))
    })
}

fn limited(file: &SourceFile, limits: &LimitsFile) -> Vec<PolicyError> {
    [("per_minute", &limits.per_minute), ("most", &limits.most)]
        .into_iter()
        .filter(|(_, limit)| limit.value == 0)
        .map(|(field, limit)| {
            limit
                .error(file, format!("`{field}` is 0: nothing could be done"))
                .with_help("expected 1 or more; `mode: off` switches a schedule off".to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Origin;

    fn load(text: &str) -> Result<Schedules, PolicyErrors> {
        let mut source = PolicySource::built_in();
        source.insert(SourceFile::new(FILE, Origin::File("schedules.yml".into()), text));
        Schedules::load(&source)
    }

    fn wrong(text: &str) -> String {
        let errors = load(text).expect_err(text);
        errors.iter().map(|error| format!("{error:?}\n")).collect()
    }

    const WHOLE: &str = "schedules:\n  nightly:\n    cron: 30 2 * * mon-fri\n    zone: \
                         Europe/Berlin\n    do: { reconcile: { items: all } }\n";

    #[test]
    fn what_is_left_out_is_as_usual() {
        let schedules = load(WHOLE).unwrap_or_else(|errors| panic!("{errors}"));
        let one = schedules.get("nightly").expect("there");
        assert_eq!(one.mode, ScheduleMode::On);
        assert_eq!(one.limits, Limits { per_minute: 60, most: 20_000 });
        let all = Reconcile { items: Items::All, ..Reconcile::default() };
        assert_eq!((one.job.name(), &one.job), ("reconcile", &Job::Reconcile(all)));
        assert_eq!(one.schedule.to_string(), "30 2 * * mon-fri Europe/Berlin");
        let bare = load(&WHOLE.replace("{ items: all }", "{}")).expect("right");
        let likely = Job::Reconcile(Reconcile::default());
        assert_eq!(bare.iter().map(|one| &one.job).collect::<Vec<_>>(), [&likely]);
    }

    #[test]
    fn mistakes_name_file_line_and_field() {
        for (from, to, told) in [
            ("30 2", "30 24", "schedules.yml:3:11: the field for the hour, `24`: `24` is none"),
            (" mon-fri", "", "schedules.yml:3:11: `30 2 * *` has 4 fields (expected five: minute"),
            ("Europe/Berlin", "Europe/Berln", "4:11: `Europe/Berln` is no time zone (did you mean"),
            ("nightly", "Every Night", "2:3: `Every Night` cannot be the name of a schedule"),
            ("reconcile:", "reconcil:", "unknown value `reconcil` (did you mean `reconcile`?"),
            ("items: all", "items: most", "unknown value `most`"),
            ("items: all", "changed_since_last_run: 1", "expected `true` or `false`"),
            ("    cron: 30 2 * * mon-fri\n", "", "the field `cron` is missing"),
        ] {
            let found = wrong(&WHOLE.replace(from, to));
            assert!(found.contains(told), "{found}\nshould tell {told}");
        }
        let found = wrong(&format!("{WHOLE}    limits: {{ per_minute: 0, most: 0 }}\n"));
        let both = ["6:27: `per_minute` is 0", "6:36: `most` is 0"];
        assert!(both.iter().all(|told| found.contains(told)), "{found}");
        // All at once.
        let found = wrong(&WHOLE.replace("30 2", "x 2").replace("Europe", "Europ"));
        assert!(found.contains("the minute, `x`") && found.contains("`Europ/Berlin`"), "{found}");
    }
}
