//! The last day: set where there is none, replaced where the one that is there is Steward's own. Only on
//! a forge on which an issue has one besides its milestone's.

use chrono::NaiveDate;

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Due, Effect},
    rules::{DueWanted, View},
};

pub(super) fn merge(view: &View<'_>, wanted: Option<&DueWanted>, merged: &mut MergedFields) {
    let (Some(wanted), Some(Due { day: now })) = (wanted, view.snapshot.facets.due) else { return };
    let records: Vec<NaiveDate> = view.ledger.applied.iter().filter_map(day_of).collect();
    let record = Applied::Due { day: wanted.day };
    let decided = match now {
        Some(now) if now == wanted.day => {
            // Written, and nobody knew whether it went through: it did. Or Steward opened the item so.
            if view.ledger.uncertain || view.is_own() {
                merged.remember(record);
            }
            return;
        }
        // As Steward opened it, where it never set another.
        Some(_) if view.is_own() && records.is_empty() => false,
        Some(now) => records.last() != Some(&now),
        // Taken off after Steward had set it.
        None => records.contains(&wanted.day),
    };
    if decided {
        let what = format!("last day {}", wanted.day);
        merged.hold(&wanted.reason, Because::PersonDecided { what });
        return;
    }
    merged.actions.push(action(Effect::DueSet { day: wanted.day }, &wanted.reason));
    merged.remember(record);
}

fn day_of(applied: &Applied) -> Option<NaiveDate> {
    match applied {
        Applied::Due { day } => Some(*day),
        _ => None,
    }
}
