//! `calendar.yml`: which releases there are, and when.

mod file;
mod make;
mod values;

#[cfg(test)]
mod tests;

pub use file::{CalendarFile, DayRule, FirstRelease, LastMinor, Majors};
pub use values::{Day, DayOfWeek, Month};

use crate::{
    model::Calendar,
    policy::{Layered, PolicyErrors, PolicySource, parse_all},
};

/// The file, in a pack that has a calendar.
pub(super) const FILE: &str = "calendar.yml";

/// The calendar of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseCalendar {
    /// The releases, as the policies work them out.
    pub releases: Calendar,
    /// The group of the forge whose milestones know the days better, if there is one.
    pub milestones_of: Option<String>,
}

impl ReleaseCalendar {
    /// Reads `calendar.yml`, checks it and works out the releases; `None` for a pack without it.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(source: &PolicySource) -> Result<Option<Self>, PolicyErrors> {
        let Some(file) = source.file(FILE) else { return Ok(None) };
        let layered = Layered::new(file, source.beneath(FILE));
        let read = |layered: &Layered| {
            let file: CalendarFile = parse_all(layered.file())?;
            let releases = make::releases(&file, layered.file())?;
            let milestones_of = file.milestones_of.map(|group| group.value);
            Ok(Self { releases, milestones_of })
        };
        read(&layered).map(Some).map_err(|errors| layered.errors(errors))
    }
}
