//! What is assumed where the mirror does not know, and how often that was asked for.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::{
    Access, Changes, Facet, FacetValue, FileContent, FoundMilestone, LabelEvent, LabelName, Ledger,
    Person, Snapshot, Unreadable,
};

/// Where it is known from what Steward did before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ledgers {
    /// The database told.
    Known,
    /// There is no database: what the old policies ask for and is there counts as Steward's.
    Assumed,
}

/// How often something was assumed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Assumed {
    /// Items without a ledger: labels and comments that the old policies ask for count as
    /// Steward's.
    pub ledgers: u64,
    /// Items whose label history was taken to be empty: what people put on or took off is not
    /// known there.
    pub histories: u64,
    /// Merge requests whose changed files the mirror does not have.
    pub files: u64,
    /// Files that a rule looks into and that were not read.
    pub contents: u64,
    /// Labels of projects whose labels are not known, taken to exist.
    pub labels: BTreeSet<String>,
    /// Authors, taken to be no members.
    pub authors: u64,
    /// Milestones, taken to exist.
    pub milestones: BTreeSet<String>,
    /// Accounts, taken to exist.
    pub accounts: BTreeSet<String>,
}

impl std::ops::AddAssign for Assumed {
    fn add_assign(&mut self, more: Self) {
        self.ledgers += more.ledgers;
        self.histories += more.histories;
        self.files += more.files;
        self.contents += more.contents;
        self.labels.extend(more.labels);
        self.authors += more.authors;
        self.milestones.extend(more.milestones);
        self.accounts.extend(more.accounts);
    }
}

/// What stands for a facet that the mirror does not have. `labels` are those of the project, by
/// name in lower case, if they are known.
pub(super) fn facet(
    facet: &Facet,
    labels: Option<&HashMap<String, LabelName>>,
    assumed: &mut Assumed,
) -> FacetValue {
    match facet {
        Facet::LabelHistory => {
            assumed.histories += 1;
            FacetValue::LabelHistory(Vec::new())
        }
        Facet::OwnComments => FacetValue::OwnComments(Vec::new()),
        Facet::Changes => {
            assumed.files += 1;
            FacetValue::Changes(Changes { files: Vec::new(), complete: false })
        }
        Facet::Label(name) => FacetValue::Label(match labels {
            Some(labels) => labels.get(&name.as_str().to_lowercase()).cloned(),
            None => {
                assumed.labels.insert(name.as_str().to_owned());
                Some(name.clone())
            }
        }),
        Facet::AuthorAccess => {
            assumed.authors += 1;
            FacetValue::AuthorAccess(Access::None)
        }
        Facet::Milestone(title) => {
            assumed.milestones.insert(title.clone());
            FacetValue::Milestone(Some(FoundMilestone { id: 0, title: title.clone() }))
        }
        Facet::Account(handle) => {
            assumed.accounts.insert(handle.clone());
            FacetValue::Account(Some(Person {
                id: stand_in_id(handle),
                username: handle.clone(),
                name: handle.clone(),
            }))
        }
        Facet::File(_) => {
            assumed.contents += 1;
            FacetValue::File(FileContent::Unreadable(Unreadable::NotRecorded))
        }
        Facet::Membership(_) => FacetValue::Membership(false),
        Facet::Removals => FacetValue::Removals(Vec::new()),
        Facet::Standings => FacetValue::Standings(Ok(Vec::new())),
        Facet::Standing(_) => {
            let why = "a preview does not look at the product's code".to_owned();
            FacetValue::Standing(Box::new(Err(why)))
        }
        Facet::OwnStatuses => FacetValue::OwnStatuses(Vec::new()),
        Facet::OwnIssues => FacetValue::OwnIssues(Vec::new()),
    }
}

/// An id for an account of which only the handle is known: the same for the same handle, and
/// beyond those that a forge gives away.
fn stand_in_id(handle: &str) -> u64 {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    handle.to_lowercase().bytes().fold(0xcbf2_9ce4_8422_2325, fnv) | (1 << 63)
}

/// The label history as far as the ledger knows it: what Steward set, and what was seen off or on
/// again since, by whomever.
pub(super) fn history(ledger: &Ledger, snapshot: &Snapshot, me: &Person) -> Vec<LabelEvent> {
    let mut events = Vec::new();
    let event = |label: &LabelName, added, by, at: DateTime<Utc>| LabelEvent {
        label: Some(label.clone()),
        added,
        by,
        at,
    };
    for applied in &ledger.labels {
        events.push(event(&applied.name, true, Some(me.clone()), applied.at));
        let there = snapshot.label(&applied.name).is_some();
        let since = snapshot.updated_at.max(applied.at);
        if applied.gone || !there {
            events.push(event(&applied.name, false, None, since));
        }
        if applied.gone && there {
            events.push(event(&applied.name, true, None, since));
        }
    }
    events.sort_by_key(|event| event.at);
    events
}
