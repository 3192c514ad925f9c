//! The milestone: set where there is none, replaced where the one that is there is Steward's own.

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect},
    rules::{MilestoneWanted, View},
};

pub(super) fn merge(view: &View<'_>, wanted: &[MilestoneWanted], merged: &mut MergedFields) {
    let Some((first, others)) = wanted.split_first() else { return };
    for other in others.iter().filter(|other| other.title != first.title) {
        let because =
            Because::AnotherRuleFirst { rule: first.reason.rule.clone(), what: told(&other.title) };
        merged.hold(&other.reason, because);
    }
    let records: Vec<&str> = view.ledger.applied.iter().filter_map(title_of).collect();
    let record = Applied::Milestone { title: first.title.clone() };
    let decided = match &view.snapshot.milestone {
        Some(now) if now.title == first.title => {
            // Written, and nobody knew whether it went through: it did. Or Steward opened the item so.
            if view.ledger.uncertain || view.is_own() {
                merged.remember(record);
            }
            return;
        }
        // As Steward opened it, where it never set another.
        Some(_) if view.is_own() && records.is_empty() => false,
        Some(now) => records.last() != Some(&now.title.as_str()),
        // Taken off after Steward had set it.
        None => records.contains(&first.title.as_str()),
    };
    if decided {
        merged.hold(&first.reason, Because::PersonDecided { what: told(&first.title) });
        return;
    }
    match view.milestone_on_forge(&first.title) {
        Some(milestone) => {
            let effect = Effect::MilestoneSet { milestone: milestone.clone() };
            merged.actions.push(action(effect, &first.reason));
            merged.remember(record);
        }
        None => merged.hold(&first.reason, Because::NotOnForge { what: told(&first.title) }),
    }
}

fn title_of(applied: &Applied) -> Option<&str> {
    match applied {
        Applied::Milestone { title } => Some(title),
        _ => None,
    }
}

fn told(title: &str) -> String {
    format!("milestone {title}")
}
