//! When which item was written to over the API: what a benchmark measures by. Kept beside the
//! record of requests, since a write whose answer is lost on the way counts all the same.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use chrono::Utc;
use serde::{Deserialize, Serialize};

use crate::forgesim::world::types::ItemKey;

/// A write that was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// The item itself was changed.
    Change,
    /// A comment was posted.
    Comment,
}

/// What was written so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WriteTotals {
    /// Changes of items.
    pub changes: u64,
    /// Comments that were posted.
    pub comments: u64,
    /// Items with at least one of both.
    pub both: u64,
    /// When the last write was applied, in microseconds of Unix time; 0 for never.
    pub last_micros: i64,
}

/// What was written to one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemWrites {
    /// Its number in its project.
    pub iid: u64,
    /// How often it was changed.
    pub changes: u32,
    /// How many comments were posted.
    pub comments: u32,
    /// When the last write was applied, in microseconds of Unix time.
    pub last_micros: i64,
}

/// The record of writes; bounded by the number of items.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    totals: WriteTotals,
    items: HashMap<ItemKey, ItemWrites>,
}

impl Writes {
    pub(crate) fn note(&self, key: ItemKey, write: Write) {
        let now = Utc::now().timestamp_micros();
        let mut state = self.state();
        let State { totals, items } = &mut *state;
        let item = items.entry(key).or_insert(ItemWrites {
            iid: key.iid,
            changes: 0,
            comments: 0,
            last_micros: 0,
        });
        let had_both = item.changes > 0 && item.comments > 0;
        match write {
            Write::Change => {
                item.changes += 1;
                totals.changes += 1;
            }
            Write::Comment => {
                item.comments += 1;
                totals.comments += 1;
            }
        }
        item.last_micros = now;
        totals.last_micros = now;
        totals.both += u64::from(!had_both && item.changes > 0 && item.comments > 0);
    }

    pub(crate) fn totals(&self) -> WriteTotals {
        self.state().totals
    }

    pub(crate) fn items(&self) -> Vec<ItemWrites> {
        self.state().items.values().copied().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forgesim::ItemKind;

    #[test]
    fn an_item_counts_once_when_it_has_both() {
        let writes = Writes::default();
        let key = |iid| ItemKey { project: 1, kind: ItemKind::Issue, iid };
        writes.note(key(1), Write::Change);
        assert_eq!(writes.totals().both, 0);
        writes.note(key(1), Write::Comment);
        writes.note(key(1), Write::Comment);
        writes.note(key(2), Write::Change);
        let totals = writes.totals();
        assert_eq!((totals.changes, totals.comments, totals.both), (2, 2, 1));
        assert!(totals.last_micros > 0);
        assert_eq!(writes.items().len(), 2);
    }
}
