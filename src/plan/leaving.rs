//! `deprecate`, `slip`, `cancel` and `approve-exception`: what people decide about an integration that
//! leaves. Who may is policy, and membership is asked of the forge at that moment.
//!
//! What was decided is noted in the ledger of the tracking issue and in the marker of Steward's comment
//! there, from which it is read again should the database be lost.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::waivers::{forge_groups, is_in_one_of};
use crate::{
    catalog::{Integration, Kind},
    commands::{Command, Question},
    model::{
        Applied, Calendar, Excepted, Ledger, RemovalRecord, Slip, Spoken, SubjectKind, Version,
    },
    pack::tracking::Tracking,
    rules::{
        View,
        lifecycle::{find, near_releases, track},
    },
};

/// The options that `deprecate` takes.
const OPTIONS: [&str; 4] = ["removal", "announce", "entry", "page"];

/// Why a command about a removal is refused. Each has its sentence in
/// `templates/answers/refused_removal.hbs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "refused", rename_all = "snake_case")]
pub(super) enum Refusal {
    /// The policies do not track removals, or know no calendar.
    NotTracked,
    /// The item is no issue.
    NoIssue,
    /// The catalog has no such integration.
    NoIntegration {
        /// What was written.
        what: String,
        /// Names of those that may be meant.
        names: Vec<String>,
    },
    /// It has no code that could be removed.
    NoCode {
        /// The integration's name.
        what: String,
    },
    /// An option that there is not.
    NoOption {
        /// What was written.
        what: String,
    },
    /// No milestone was named.
    NoMilestone,
    /// What was named is no release.
    NoRelease {
        /// What was written.
        what: String,
        /// The releases next to it.
        names: Vec<String>,
    },
    /// It would be removed before it is announced.
    TooEarly {
        /// The announcement.
        what: String,
    },
    /// It is in that milestone already.
    SameMilestone {
        /// Which.
        what: String,
    },
    /// Another issue tracks it.
    Elsewhere {
        /// The integration's name.
        what: String,
        /// Where.
        url: String,
    },
    /// This issue tracks another one, or this one already.
    TracksAlready {
        /// The integration's name.
        what: String,
    },
    /// This issue tracks nothing.
    TracksNothing,
    /// It was cancelled before.
    IsCancelled {
        /// The integration's name.
        what: String,
    },
    /// No reason was given.
    NoReason,
    /// The asker may not.
    MayNot {
        /// Paths of the groups whose members may.
        groups: Vec<String>,
    },
}

/// Notes what was decided.
pub(super) fn note(
    view: &View<'_>,
    ledger: &mut Ledger,
    question: &Question,
    command: &Command,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let tracking = view.pack.removals.tracking.as_ref().ok_or(Refusal::NotTracked)?;
    let calendar = view.pack.calendar.as_ref().ok_or(Refusal::NotTracked)?;
    if view.snapshot.subject.kind != SubjectKind::Issue {
        return Err(Refusal::NoIssue);
    }
    let asked = Asked { view, tracking, calendar: &calendar.releases, question, now };
    let record = match command {
        Command::Deprecate { integration, options } => {
            asked.deprecate(ledger.removal(), integration, options)?
        }
        command => {
            let here = ledger.removal().cloned().or_else(|| asked.of_policies());
            let mut record = here.ok_or(Refusal::TracksNothing)?;
            asked.change(&mut record, command)?;
            record
        }
    };
    ledger.applied.retain(|applied| !matches!(applied, Applied::Leaves { .. }));
    ledger.applied.push(Applied::Leaves { record });
    Ok(())
}

struct Asked<'a, 'v> {
    view: &'a View<'v>,
    tracking: &'a Tracking,
    calendar: &'a Calendar,
    question: &'a Question,
    now: DateTime<Utc>,
}

impl Asked<'_, '_> {
    fn deprecate(
        &self,
        here: Option<&RemovalRecord>,
        integration: &str,
        options: &[(String, String)],
    ) -> Result<RemovalRecord, Refusal> {
        if let Some((name, _)) = options.iter().find(|(name, _)| !OPTIONS.contains(&name.as_str()))
        {
            return Err(Refusal::NoOption { what: name.clone() });
        }
        let integration = find(self.view, integration).map_err(|near| Refusal::NoIntegration {
            what: integration.to_owned(),
            names: near.iter().map(|one| one.name.clone()).collect(),
        })?;
        if integration.kind == Kind::RoutingOnly || integration.code_names.is_empty() {
            return Err(Refusal::NoCode { what: integration.name.clone() });
        }
        if let Some(had) = here.filter(|had| had.cancelled.is_none()) {
            return Err(Refusal::TracksAlready { what: self.name_of(&had.integration) });
        }
        let own = &self.view.snapshot.url;
        let elsewhere = self.view.removal_records().iter().find(|record| {
            record.integration == integration.key.as_str()
                && record.cancelled.is_none()
                && record.url != *own
        });
        if let Some(record) = elsewhere {
            let what = integration.name.clone();
            return Err(Refusal::Elsewhere { what, url: record.url.clone() });
        }
        let option = |key: &str| options.iter().rfind(|(name, _)| name == key).map(|(_, it)| it);
        let removal = self.release(option("removal").map_or("", String::as_str))?;
        let announced = match option("announce") {
            Some(text) => self.release(text)?,
            None => {
                let today = self.calendar.in_work(self.now.date_naive());
                today.map(|release| release.version).ok_or(Refusal::NotTracked)?
            }
        };
        if announced > removal {
            return Err(Refusal::TooEarly { what: announced.to_string() });
        }
        self.entitled(self.owners_and_managers(integration))?;
        Ok(RemovalRecord {
            integration: integration.key.to_string(),
            url: own.clone(),
            announced,
            removal,
            entry: option("entry").cloned(),
            page: option("page").cloned(),
            recorded: self.spoken(""),
            slipped: Vec::new(),
            exceptions: Vec::new(),
            cancelled: None,
        })
    }

    /// What the policies record of this issue, for whoever changes it here.
    fn of_policies(&self) -> Option<RemovalRecord> {
        let written = track::written(self.view)?;
        Some(RemovalRecord {
            integration: written.integration.to_string(),
            url: self.view.snapshot.url.clone(),
            announced: written.announced,
            removal: written.removal,
            entry: None,
            page: None,
            recorded: self.spoken(""),
            slipped: Vec::new(),
            exceptions: Vec::new(),
            cancelled: None,
        })
    }

    fn change(&self, record: &mut RemovalRecord, command: &Command) -> Result<(), Refusal> {
        let what = self.name_of(&record.integration);
        if record.cancelled.is_some() {
            return Err(Refusal::IsCancelled { what });
        }
        let catalog = &self.view.pack.catalog;
        let integration = catalog.integration(&record.integration);
        let anybody =
            || integration.map_or_else(|| self.managers(), |one| self.owners_and_managers(one));
        match command {
            Command::Slip { to, why } => {
                let to = self.release(to)?;
                if to == record.removal {
                    return Err(Refusal::SameMilestone { what: to.to_string() });
                }
                if to < record.announced {
                    return Err(Refusal::TooEarly { what: record.announced.to_string() });
                }
                let said = self.with_reason(why)?;
                self.entitled(anybody())?;
                record.slipped.push(Slip { from: record.removal, said });
                record.removal = to;
            }
            Command::Cancel { why } => {
                let said = self.with_reason(why)?;
                self.entitled(anybody())?;
                record.cancelled = Some(said);
            }
            Command::ApproveException { why } => {
                let said = self.with_reason(why)?;
                self.entitled(self.managers())?;
                let (announced, removal) = (record.announced, record.removal);
                record.exceptions.push(Excepted { announced, removal, said });
            }
            // No other command changes it.
            _ => {}
        }
        Ok(())
    }

    fn release(&self, text: &str) -> Result<Version, Refusal> {
        if text.is_empty() {
            return Err(Refusal::NoMilestone);
        }
        let version: Option<Version> = text.parse().ok();
        match version.filter(|version| self.calendar.index(*version).is_some()) {
            Some(version) => Ok(version),
            None => {
                let near = version.map(|version| near_releases(self.calendar, version));
                let names = near.unwrap_or_default().iter().map(Version::to_string).collect();
                Err(Refusal::NoRelease { what: text.to_owned(), names })
            }
        }
    }

    fn with_reason(&self, why: &str) -> Result<Spoken, Refusal> {
        match why.is_empty() {
            true => Err(Refusal::NoReason),
            false => Ok(self.spoken(why)),
        }
    }

    fn spoken(&self, reason: &str) -> Spoken {
        Spoken {
            by_id: self.question.by_id,
            by: self.question.by.clone(),
            at: self.now,
            reason: reason.to_owned(),
        }
    }

    fn entitled(&self, groups: Vec<String>) -> Result<(), Refusal> {
        match is_in_one_of(self.view, self.question.by_id, &groups) {
            true => Ok(()),
            false => Err(Refusal::MayNot { groups }),
        }
    }

    fn managers(&self) -> Vec<String> {
        self.tracking.managers.clone()
    }

    fn owners_and_managers(&self, integration: &Integration) -> Vec<String> {
        let owner = self.view.pack.catalog.owner(integration).filter(|_| self.tracking.owners);
        let mut groups: Vec<String> = owner.into_iter().flat_map(forge_groups).collect();
        groups.extend(self.managers());
        groups.dedup();
        groups
    }

    fn name_of(&self, key: &str) -> String {
        let known = self.view.pack.catalog.integration(key);
        known.map_or_else(|| key.to_owned(), |one| one.name.clone())
    }
}
