//! Who is asked to review a merge request: each once, besides whoever was asked by others. Whom a
//! person does not want asked any more, Steward does not ask again; nor whoever has answered, since
//! some forges then forget that they were asked.

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect, Person, Reason, Requested, Reviewer, State, TeamName},
    rules::{ReviewsWanted, View},
};

/// People and teams.
#[derive(Default)]
struct Known {
    people: Vec<Reviewer>,
    teams: Vec<TeamName>,
}

impl Known {
    fn has(&self, id: u64) -> bool {
        self.people.iter().any(|one| one.id == id)
    }

    fn knows(&self, handle: &str) -> bool {
        self.people.iter().any(|one| one.is_called(handle))
    }

    fn add_person(&mut self, person: Reviewer) {
        // Under the newest handle.
        self.people.retain(|one| one.id != person.id);
        self.people.push(person);
    }

    fn add_team(&mut self, team: &TeamName) {
        if !self.teams.contains(team) {
            self.teams.push(team.clone());
        }
    }

    fn add(&mut self, people: &[Reviewer], teams: &[TeamName]) {
        people.iter().for_each(|one| self.add_person(one.clone()));
        teams.iter().for_each(|one| self.add_team(one));
    }
}

pub(super) fn merge(view: &View<'_>, wanted: &[ReviewsWanted], merged: &mut MergedFields) {
    let snapshot = view.snapshot;
    let Some(now) = snapshot.reviewers.as_ref().filter(|_| snapshot.state == State::Open) else {
        return;
    };
    if wanted.is_empty() {
        return;
    }
    let head = snapshot.head.clone().unwrap_or_default();
    let (mut asked, mut refused) = (Known::default(), Known::default());
    for applied in &view.ledger.applied {
        match applied {
            Applied::ReviewRequested { people, teams } => asked.add(people, teams),
            // At another commit it is tried again.
            Applied::ReviewRefused { people, teams, head: at } if *at == head => {
                refused.add(people, teams);
            }
            _ => {}
        }
    }
    let stale =
        |one: &Applied| matches!(one, Applied::ReviewRefused { head: at, .. } if *at != head);
    merged.applied.retain(|one| !stale(one));
    let mut asking = Asking { view, now, asked, refused, asks: Known::default(), merged };
    for one in wanted {
        let people = asking.people(one);
        let teams = asking.teams(one);
        if !people.is_empty() || !teams.is_empty() {
            let (besides, head) = (now.people.clone(), head.clone());
            let effect = Effect::ReviewRequested { people, teams, besides, head };
            asking.merged.actions.push(action(effect, &one.reason));
        }
    }
    let Asking { mut asked, asks, merged, .. } = asking;
    asked.add(&asks.people, &asks.teams);
    let Known { people, teams } = asked;
    if !people.is_empty() || !teams.is_empty() {
        merged.applied.retain(|one| !matches!(one, Applied::ReviewRequested { .. }));
        merged.applied.push(Applied::ReviewRequested { people, teams });
    }
}

struct Asking<'m, 'v, 'a> {
    view: &'v View<'a>,
    now: &'v Requested,
    /// Whoever was asked before, by whomever.
    asked: Known,
    /// Whom the forge did not let Steward ask at this commit.
    refused: Known,
    /// Whoever is asked by this plan.
    asks: Known,
    merged: &'m mut MergedFields,
}

impl Asking<'_, '_, '_> {
    /// The people who are asked now.
    fn people(&mut self, wanted: &ReviewsWanted) -> Vec<Person> {
        let mut people = Vec::new();
        for handle in &wanted.handles {
            if let Some(person) = self.person(handle, &wanted.reason) {
                self.asks.add_person((&person).into());
                people.push(person);
            }
        }
        people
    }

    /// The account of somebody who is to be asked now; if they are not, it is said why, unless they
    /// are asked already.
    fn person(&mut self, handle: &str, reason: &Reason) -> Option<Person> {
        let author = &self.view.snapshot.author;
        if author.username.eq_ignore_ascii_case(handle) {
            let because = Because::ReviewByAuthor { author: author.username.clone() };
            self.merged.hold(reason, because);
            return None;
        }
        let called = |one: &&Person| one.username.eq_ignore_ascii_case(handle);
        if let Some(person) = self.now.people.iter().find(called) {
            self.asked.add_person(person.into());
            return None;
        }
        if self.asks.knows(handle) {
            return None;
        }
        let what = || format!("review by {handle}");
        // Whoever is known by name is not looked up again.
        if self.asked.knows(handle) {
            self.merged.hold(reason, Because::ReviewAskedBefore { what: what() });
            return None;
        }
        if self.refused.knows(handle) {
            self.merged.hold(reason, Because::ReviewRefused { what: what() });
            return None;
        }
        let Some(person) = self.view.account_on_forge(handle) else {
            let what = format!("account {handle}");
            self.merged.hold(reason, Because::NotOnForge { what });
            return None;
        };
        if self.asked.has(person.id) {
            self.merged.hold(reason, Because::ReviewAskedBefore { what: what() });
            return None;
        }
        Some(person.clone())
    }

    /// The teams that are asked now.
    fn teams(&mut self, wanted: &ReviewsWanted) -> Vec<TeamName> {
        let mut teams = Vec::new();
        for team in &wanted.teams {
            match self.not_now(team) {
                None => {
                    self.asks.add_team(team);
                    teams.push(team.clone());
                }
                Some(None) => {}
                Some(Some(because)) => self.merged.hold(&wanted.reason, because),
            }
        }
        teams
    }

    /// Why a team is not asked now, if it is not; without a reason where it is asked already.
    fn not_now(&mut self, team: &TeamName) -> Option<Option<Because>> {
        let what = || format!("review by the team {team}");
        let Some(now) = &self.now.teams else {
            return Some(Some(Because::ReviewsByPeopleOnly { what: what() }));
        };
        // Others' teams cannot be given access to a project.
        let owner = self.view.snapshot.subject.project.split('/').next().unwrap_or_default();
        if !team.organization().eq_ignore_ascii_case(owner) {
            let what = format!("team {team} in {owner}");
            return Some(Some(Because::NotOnForge { what }));
        }
        if now.contains(team) {
            self.asked.add_team(team);
            return Some(None);
        }
        if self.asks.teams.contains(team) {
            return Some(None);
        }
        if self.asked.teams.contains(team) {
            return Some(Some(Because::ReviewAskedBefore { what: what() }));
        }
        let refused = self.refused.teams.contains(team);
        refused.then(|| Some(Because::ReviewRefused { what: what() }))
    }
}
