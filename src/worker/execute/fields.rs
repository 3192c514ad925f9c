//! Assignees, milestone, description, statuses and the closing.

use super::Executed;
use crate::{
    forge::{CommitStatus, Forge, ItemChange},
    model::{Applied, Effect, Plan},
};

/// What a record is about; for a status, which one.
fn kind(applied: &Applied) -> (u8, &str) {
    match applied {
        Applied::Assignees { .. } => (0, ""),
        Applied::Milestone { .. } => (1, ""),
        Applied::Status { name, .. } => (2, name),
        Applied::Closed { .. } => (3, ""),
        // No effect leaves one: it is kept as soon as it is learnt.
        Applied::Waived { .. } => (4, ""),
        Applied::Section { .. } => (5, ""),
        // As a waiver.
        Applied::Leaves { .. } => (6, ""),
        // What was found; what is opened is added when it is there.
        Applied::Opened { .. } => (7, ""),
        Applied::Due { .. } => (8, ""),
    }
}

/// What an effect leaves in the record.
fn kind_of(effect: &Effect) -> Option<(u8, &str)> {
    match effect {
        Effect::Assigned { .. } => Some((0, "")),
        Effect::MilestoneSet { .. } => Some((1, "")),
        Effect::StatusSet { name, .. } => Some((2, name)),
        Effect::Closed => Some((3, "")),
        Effect::DescriptionSet { .. } => Some((5, "")),
        Effect::DueSet { .. } => Some((8, "")),
        _ => None,
    }
}

/// Keeps what needs no write: it has been learnt by looking, and must outlive a write that fails.
pub(super) fn keep(plan: &Plan, run: &mut Executed) {
    let written = |applied: &Applied| {
        plan.actions.iter().any(|action| kind_of(&action.effect) == Some(kind(applied)))
    };
    let mut applied: Vec<Applied> =
        run.ledger.applied.iter().filter(|applied| written(applied)).cloned().collect();
    let after = plan.ledger_after.applied.iter();
    applied.extend(after.filter(|applied| !written(applied)).cloned());
    run.ledger.applied = applied;
}

/// Takes over what is recorded of a kind once it is written.
fn adopt(plan: &Plan, of: (u8, &str), run: &mut Executed) {
    run.ledger.applied.retain(|applied| kind(applied) != of);
    let after = plan.ledger_after.applied.iter();
    run.ledger.applied.extend(after.filter(|applied| kind(applied) == of).cloned());
}

/// Assignees, milestone and description, in one call.
pub(super) async fn change_item(forge: &dyn Forge, plan: &Plan, run: &mut Executed) {
    let mut positions = Vec::new();
    let mut change = ItemChange::default();
    for (position, action) in plan.actions.iter().enumerate() {
        match &action.effect {
            Effect::Assigned { people } => change.assignees = Some(people.clone()),
            Effect::MilestoneSet { milestone } => change.milestone = Some(milestone.clone()),
            Effect::DueSet { day } => change.due = Some(*day),
            Effect::DescriptionSet { description } => {
                change.description = Some(description.clone());
            }
            _ => continue,
        }
        positions.push(position);
    }
    if positions.is_empty() {
        return;
    }
    if run.error.is_some() {
        positions.into_iter().for_each(|position| run.not_tried(position));
        return;
    }
    let result = forge.change_item(&plan.subject, &change).await;
    if run.settle_call(&positions, result) {
        for action in positions.iter().filter_map(|position| plan.actions.get(*position)) {
            if let Some(of) = kind_of(&action.effect) {
                adopt(plan, of, run);
            }
        }
    }
}

pub(super) async fn status(
    forge: &dyn Forge,
    plan: &Plan,
    position: usize,
    effect: &Effect,
    run: &mut Executed,
) {
    let Effect::StatusSet { commit, name, state, text, report } = effect else { return };
    let status = CommitStatus {
        commit: commit.clone(),
        name: name.clone(),
        state: *state,
        text: text.clone(),
        report: report.clone(),
    };
    let result = forge.set_status(&plan.subject, &status).await;
    if run.settle_call(&[position], result) {
        adopt(plan, (2, name), run);
    }
}

pub(super) async fn close(forge: &dyn Forge, plan: &Plan, position: usize, run: &mut Executed) {
    let change = ItemChange { close: true, ..ItemChange::default() };
    let result = forge.change_item(&plan.subject, &change).await;
    if run.settle_call(&[position], result) {
        adopt(plan, kind_of(&Effect::Closed).unwrap_or_default(), run);
    }
}
