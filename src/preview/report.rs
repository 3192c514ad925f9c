//! What people are told.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Assumed, Change, Ledgers, Sides, Totals};

/// One of the two policies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// Where they came from, as the caller named it.
    pub place: String,
    /// Their version.
    pub version: String,
}

/// Something, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What.
    pub name: String,
    /// How often.
    pub times: u64,
}

/// What a forge takes in a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// New comments.
    pub comments_per_minute: u32,
    /// Other calls.
    pub calls_per_minute: u32,
}

/// What it would cost to carry all of it out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calls {
    /// Calls that post a comment.
    pub comments: u64,
    /// All other calls, reading included.
    pub others: u64,
    /// Hours at the budget, both going on at once.
    pub hours: f64,
    /// The budget.
    pub budget: Budget,
}

/// What a change of the policies would do to all open items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The policies as they are.
    pub old: Side,
    /// The policies as they would be.
    pub new: Side,
    /// When the oldest of the projects in the mirror was last read to its end.
    pub mirrored_at: Option<DateTime<Utc>>,
    /// Items that were looked at.
    pub items: u64,
    /// Items to which something would be done.
    pub changed: u64,
    /// Items that hang on changed files which the mirror does not have.
    pub cannot_tell: u64,
    /// Items that could not be read or decided.
    pub broken: u64,
    /// Why the first of them could not.
    pub first_broken: Option<String>,
    /// Labels that would be set, the most frequent first.
    pub labels_added: Vec<Counted>,
    /// Labels that would be taken off, the most frequent first.
    pub labels_removed: Vec<Counted>,
    /// New comments.
    pub comments: u64,
    /// Comments that would read otherwise.
    pub edits: u64,
    /// Comments that would be deleted.
    pub deletions: u64,
    /// Who would be called by name in new comments, the most frequent first.
    pub notified: Vec<Counted>,
    /// Who would get a to-do, and no e-mail, from an edited comment.
    pub todos: Vec<Counted>,
    /// Items that somebody would be assigned to.
    pub assigned: u64,
    /// Items that would get a milestone.
    pub milestones: u64,
    /// Statuses that would be set.
    pub statuses: u64,
    /// Reactions to comments.
    pub reactions: u64,
    /// Issues that would be opened beside others.
    pub opened: u64,
    /// Merge requests that would be blocked and are not now.
    pub blocked: u64,
    /// Items that would be closed.
    pub closed: u64,
    /// What it would cost.
    pub calls: Calls,
    /// Where it is known from what Steward did before.
    pub ledgers: Ledgers,
    /// What was assumed, and how often.
    pub assumed: Assumed,
    /// The first of the changes.
    pub first: Vec<Change>,
}

impl Report {
    /// The report on all that was seen. `places` say where the old and the new policies came from.
    pub fn new(
        sides: &Sides<'_>,
        places: [&str; 2],
        mirrored_at: Option<DateTime<Utc>>,
        budget: Budget,
        totals: Totals,
    ) -> Self {
        let (old, new) = sides.packs();
        let [old_place, new_place] = places;
        let side = |place: &str, version: &str| Side {
            place: place.to_owned(),
            version: version.to_owned(),
        };
        let minutes = f64::max(
            totals.comments as f64 / f64::from(budget.comments_per_minute),
            totals.other_calls as f64 / f64::from(budget.calls_per_minute),
        );
        Self {
            old: side(old_place, &old.version),
            new: side(new_place, &new.version),
            mirrored_at,
            items: totals.items,
            changed: totals.changed,
            cannot_tell: totals.cannot_tell,
            broken: totals.broken,
            first_broken: totals.first_broken,
            labels_added: most_first(totals.added),
            labels_removed: most_first(totals.removed),
            comments: totals.comments,
            edits: totals.edits,
            deletions: totals.deletions,
            notified: most_first(totals.notified),
            todos: most_first(totals.todos),
            assigned: totals.assigned,
            milestones: totals.milestones,
            statuses: totals.statuses,
            reactions: totals.reactions,
            opened: totals.opened,
            blocked: totals.blocked,
            closed: totals.closed,
            calls: Calls {
                comments: totals.comments,
                others: totals.other_calls,
                hours: minutes / 60.0,
                budget,
            },
            ledgers: sides.ledgers(),
            assumed: totals.assumed,
            first: totals.first.into_values().collect(),
        }
    }
}

fn most_first(times: BTreeMap<String, u64>) -> Vec<Counted> {
    let mut all: Vec<Counted> =
        times.into_iter().map(|(name, times)| Counted { name, times }).collect();
    // Stable: what is equally frequent stays in order of name.
    all.sort_by_key(|one| std::cmp::Reverse(one.times));
    all
}
