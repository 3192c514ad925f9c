//! All changes together.

use std::collections::{BTreeMap, BTreeSet};

use super::{Assumed, Change, Seen};

/// What all items together come to. Two of them add up, in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Totals {
    /// Items that were looked at.
    pub items: u64,
    /// Items to which something would be done.
    pub changed: u64,
    /// Items of which it cannot be told.
    pub cannot_tell: u64,
    /// Items that could not be read or decided.
    pub broken: u64,
    /// Why the first of them could not.
    pub first_broken: Option<String>,
    /// How often each label would be set.
    pub added: BTreeMap<String, u64>,
    /// How often each label would be taken off.
    pub removed: BTreeMap<String, u64>,
    /// New comments.
    pub comments: u64,
    /// Edited comments.
    pub edits: u64,
    /// Deleted comments.
    pub deletions: u64,
    /// How often each handle would be called.
    pub notified: BTreeMap<String, u64>,
    /// How often each handle would get a to-do from an edited comment.
    pub todos: BTreeMap<String, u64>,
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
    /// Calls to the forge but for new comments.
    pub other_calls: u64,
    /// What was assumed.
    pub assumed: Assumed,
    /// The first changes, by their place among all items.
    pub first: BTreeMap<u64, Change>,
}

impl Totals {
    /// Adds what was seen of the item at a place. Of the changes, the first `limit` are kept.
    pub fn add(&mut self, place: u64, seen: Seen, limit: usize) {
        self.items += 1;
        match seen {
            Seen::Same => {}
            Seen::CannotTell => self.cannot_tell += 1,
            Seen::Broken(why) => {
                self.broken += 1;
                self.first_broken.get_or_insert(why);
            }
            Seen::Changed(change) => self.add_change(place, *change, limit),
        }
    }

    fn add_change(&mut self, place: u64, change: Change, limit: usize) {
        self.changed += 1;
        count(&mut self.added, change.added.iter().map(|label| label.as_str()));
        count(&mut self.removed, change.removed.iter().map(|label| label.as_str()));
        self.comments += change.comments;
        self.edits += change.edits;
        self.deletions += change.deletions;
        count(&mut self.notified, change.notified.iter().map(String::as_str));
        count(&mut self.todos, change.todos.iter().map(String::as_str));
        let once = |holds: bool| u64::from(holds);
        self.assigned += once(!change.assigned.is_empty());
        self.milestones += once(change.milestone.is_some());
        self.statuses += change.statuses;
        self.reactions += change.reactions;
        self.opened += change.opened;
        self.blocked += once(change.blocked);
        self.closed += once(change.closed);
        self.other_calls += other_calls(&change);
        self.first.insert(place, change);
        while self.first.len() > limit {
            self.first.pop_last();
        }
    }

    /// Adds what another thread has seen.
    pub fn merge(&mut self, other: Self, limit: usize) {
        self.items += other.items;
        self.changed += other.changed;
        self.cannot_tell += other.cannot_tell;
        self.broken += other.broken;
        self.first_broken = self.first_broken.take().or(other.first_broken);
        self.comments += other.comments;
        self.edits += other.edits;
        self.deletions += other.deletions;
        self.assigned += other.assigned;
        self.milestones += other.milestones;
        self.statuses += other.statuses;
        self.reactions += other.reactions;
        self.opened += other.opened;
        self.blocked += other.blocked;
        self.closed += other.closed;
        self.other_calls += other.other_calls;
        self.assumed += other.assumed;
        for (mine, theirs) in [
            (&mut self.added, other.added),
            (&mut self.removed, other.removed),
            (&mut self.notified, other.notified),
            (&mut self.todos, other.todos),
        ] {
            for (name, times) in theirs {
                *mine.entry(name).or_default() += times;
            }
        }
        self.first.extend(other.first);
        while self.first.len() > limit {
            self.first.pop_last();
        }
    }

    /// Everybody who would be called or get a to-do.
    pub fn people(&self) -> BTreeSet<&str> {
        self.notified.keys().chain(self.todos.keys()).map(String::as_str).collect()
    }
}

fn count<'a>(times: &mut BTreeMap<String, u64>, names: impl Iterator<Item = &'a str>) {
    for name in names {
        match times.get_mut(name) {
            Some(times) => *times += 1,
            None => drop(times.insert(name.to_owned(), 1)),
        }
    }
}

/// The calls that one item costs, but for new comments: reading it, its label history before a
/// label is set, one call for all labels, and one for whatever else is done.
fn other_calls(change: &Change) -> u64 {
    let once = |holds: bool| u64::from(holds);
    let labels = !change.added.is_empty() || !change.removed.is_empty();
    1 + 2 * once(labels)
        + change.edits
        + change.deletions
        + change.statuses
        + change.reactions
        + change.opened
        + once(!change.assigned.is_empty())
        + once(change.milestone.is_some())
        + once(change.closed)
}
