//! Who is asked to review a merge request.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Person;

/// Who was asked for a review of a merge request and has not answered, as the forge shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// People.
    pub people: Vec<Person>,
    /// Teams; `None` on a forge that asks people only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<TeamName>>,
}

impl Requested {
    /// The same after some more were asked.
    pub fn add(&mut self, people: &[Person], teams: &[TeamName]) {
        self.people.extend(people.iter().cloned());
        if let Some(had) = &mut self.teams {
            had.extend(teams.iter().cloned());
        }
    }
}

/// Somebody whom Steward asked for a review, as it remembers them: the handle saves looking the
/// account up again, and the id knows them under another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// The immutable id.
    pub id: u64,
    /// The handle at that time.
    pub handle: String,
}

impl Reviewer {
    /// Whether a handle is theirs, as far as is known.
    pub fn is_called(&self, handle: &str) -> bool {
        self.handle.eq_ignore_ascii_case(handle)
    }
}

impl From<&Person> for Reviewer {
    fn from(person: &Person) -> Self {
        Self { id: person.id, handle: person.username.clone() }
    }
}

/// Whom a request for a review goes to, people first, each by name.
pub fn asked(people: &[Person], teams: &[TeamName]) -> Vec<String> {
    let people = people.iter().map(|one| one.username.clone());
    people.chain(teams.iter().map(TeamName::to_string)).collect()
}

/// A team of an organisation, such as `org/docs`, compared without regard to case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TeamName(String);

impl TeamName {
    /// The team that policies name: `org/docs`, or `docs` alone for one of the organisation that
    /// the project belongs to.
    pub fn in_project(name: &str, project: &str) -> Self {
        let owner = project.split('/').next().unwrap_or_default();
        match name.contains('/') {
            true => Self(name.to_owned()),
            false => Self(format!("{owner}/{name}")),
        }
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The organisation.
    pub fn organization(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(organization, _)| organization)
    }

    /// The team's name within it, by which the forge is asked.
    pub fn slug(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, slug)| slug)
    }
}

impl fmt::Display for TeamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for TeamName {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_lowercase() == other.0.to_lowercase()
    }
}

impl Eq for TeamName {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_is_of_the_projects_organisation_unless_it_says_so() {
        let docs = TeamName::in_project("docs", "Example/product");
        assert_eq!((docs.organization(), docs.slug()), ("Example", "docs"));
        assert_eq!(docs, TeamName::in_project("example/Docs", "other/product"));
        assert_ne!(docs, TeamName::in_project("docs", "other/product"));
    }
}
