//! Everything that decides, loaded and checked together: policies, catalog and words.

pub mod calendar;
pub mod checklists;
mod commands;
mod current;
mod files;
pub mod lifecycle;
mod places;
pub mod removals;
mod routing;
pub mod rules;
mod schedules;
pub mod schema;
pub mod tracking;

pub use commands::Commands;
pub use current::Current;
pub use places::Places;
pub use routing::{Closest, PathPattern, Routing, RoutingMode, SeveralOwners, Unknown};
pub use schedules::{
    Items, Job, Limits, Reconcile, Redelivery, ScheduleMode, Scheduled, Schedules, SchedulesFile,
};

use self::{
    calendar::ReleaseCalendar, checklists::Checklists, lifecycle::Lifecycle, removals::Removals,
    rules::Rules,
};
use crate::{
    catalog::Catalog,
    policy::{PolicyError, PolicyErrors, PolicySource},
    words::Words,
};

/// A checked set of policies with its version. Deciding takes nothing else that people can
/// change.
#[derive(Debug)]
pub struct Pack {
    /// Integrations and the groups that own them.
    pub catalog: Catalog,
    /// Who gets which item.
    pub routing: Routing,
    /// What people may ask for in comments.
    pub commands: Commands,
    /// The rules that the team wrote itself.
    pub rules: Rules,
    /// What a change must come with.
    pub checklists: Checklists,
    /// Which releases there are, and when; without it nothing is counted in releases.
    pub calendar: Option<ReleaseCalendar>,
    /// How integrations leave.
    pub lifecycle: Lifecycle,
    /// Which integrations leave, and when.
    pub removals: Removals,
    /// What is done by the clock.
    pub schedules: Schedules,
    /// What Steward says.
    pub words: Words,
    /// Where people see the files.
    pub places: Places,
    /// A hash of all files: recorded with every plan.
    pub version: String,
    /// The commit of the repository that the files lie in, where that is known.
    pub commit: Option<String>,
}

impl Pack {
    /// Loads and checks a pack.
    ///
    /// # Errors
    /// Everything that is wrong, in all files, each with its place.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        let rules = rules::Files::read(source);
        let known = files::known(source, rules.templates());
        let mut errors = source.unread(&known.iter().map(String::as_str).collect::<Vec<_>>());
        let commands = Commands::load(source).map_err(|found| errors.extend(found));
        let mut words = Words::load(source).map_err(|found| errors.extend(found));
        let catalog = Catalog::load(source).map_err(|found| errors.extend(found));
        // Routing names groups of the catalog: it is checked when there is one.
        let routing = match &catalog {
            Ok(catalog) => Routing::load(source, catalog).map_err(|found| errors.extend(found)),
            Err(()) => Err(()),
        };
        let names = rules::Known::of(catalog.as_ref().ok());
        let rules = rules.load(&names, words.as_mut().ok()).map_err(|found| errors.extend(found));
        let checklists = checklists::load(source).map_err(|found| errors.extend(found));
        let calendar = ReleaseCalendar::load(source).map_err(|found| errors.extend(found));
        // Whether a calendar that cannot be read is there is no second mistake.
        let has_calendar = calendar.as_ref().map_or(true, Option::is_some);
        let lifecycle = Lifecycle::load(source, has_calendar).map_err(|found| errors.extend(found));
        if let (Ok(rules), Ok(checklists)) = (&rules, &checklists) {
            errors.extend(shared_topics(rules, checklists));
        }
        // Removals name integrations and checklists: they are checked when there are both.
        let removals = match (&catalog, &checklists) {
            (Ok(catalog), Ok(checklists)) => {
                Removals::load(source, catalog, checklists).map_err(|found| errors.extend(found))
            }
            _ => Err(()),
        };
        let schedules = Schedules::load(source).map_err(|found| errors.extend(found));
        let when = (calendar, lifecycle, removals, schedules);
        let all = (catalog, routing, commands, rules, checklists, when, words);
        match all {
            (
                Ok(catalog),
                Ok(routing),
                Ok(commands),
                Ok(rules),
                Ok(checklists),
                (Ok(calendar), Ok(lifecycle), Ok(removals), Ok(schedules)),
                Ok(words),
            ) if errors.is_empty() => {
                let version = source.version();
                let places = Places::new(source, &routing);
                let commit = None;
                Ok(Self {
                    catalog,
                    routing,
                    commands,
                    rules,
                    checklists,
                    calendar,
                    lifecycle,
                    removals,
                    schedules,
                    words,
                    places,
                    version,
                    commit,
                })
            }
            _ => Err(errors),
        }
    }
}

/// A rule that would speak in the comment of a checklist: two would edit it in turns.
fn shared_topics(rules: &Rules, checklists: &Checklists) -> PolicyErrors {
    let mut errors = PolicyErrors::default();
    for rule in rules.iter() {
        let topic = rule.then.comment.as_ref().and_then(|comment| comment.topic.as_ref());
        let Some(taken) = topic.filter(|topic| checklists.get(topic).is_some()) else { continue };
        let message = format!(
            "the rule `{}` speaks on the topic `{}`, which is a checklist's",
            rule.key, taken.value
        );
        errors.push(
            PolicyError::whole_file(format!("{}:{}", rule.cite.file, rule.cite.line), message)
                .with_help("give the rule another topic".to_owned()),
        );
    }
    errors
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wrong_tests;
