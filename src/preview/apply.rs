//! A plan, taken as carried out.

use crate::model::{Action, Applied, Due, Effect, Ledger, Milestone, Plan, Snapshot, State};

/// A comment's number, where none was given: it is only asked whether there is one.
pub(super) const POSTED: u64 = 1;

/// The ledger once all of a plan has gone through.
pub(super) fn ledger_after(plan: Plan) -> Ledger {
    let mut ledger = plan.ledger_after;
    for action in &plan.actions {
        match &action.effect {
            Effect::CommentPosted { topic, .. } => {
                let posted = ledger.comments.iter_mut().find(|live| live.topic == *topic);
                if let Some(live) = posted {
                    live.id = Some(POSTED);
                }
            }
            Effect::IssueOpened { issue } => ledger.learn_applied(Applied::Opened {
                mark: issue.mark.clone(),
                number: POSTED,
                url: String::new(),
                linked: true,
            }),
            _ => {}
        }
    }
    ledger.known = true;
    ledger.uncertain = false;
    ledger
}

/// Carries actions out on a snapshot.
pub(super) fn apply(actions: &[Action], snapshot: &mut Snapshot) {
    for action in actions {
        match &action.effect {
            Effect::LabelPresent { label } => {
                if snapshot.label(label).is_none() {
                    snapshot.labels.push(label.clone());
                }
            }
            Effect::LabelAbsent { label } => snapshot.labels.retain(|on| !on.same(label)),
            Effect::Assigned { people } => snapshot.assignees.clone_from(people),
            Effect::MilestoneSet { milestone } => {
                snapshot.milestone = Some(Milestone { title: milestone.title.clone(), due: None });
            }
            Effect::DescriptionSet { description } => {
                snapshot.description.clone_from(description);
            }
            Effect::DueSet { day } => snapshot.facets.due = Some(Due { day: Some(*day) }),
            Effect::Closed => snapshot.state = State::Closed,
            // Comments and statuses stand in the ledger; who reacted to what, in no snapshot.
            Effect::IssueOpened { .. }
            | Effect::IssueLinked { .. }
            | Effect::CommentPosted { .. }
            | Effect::CommentEdited { .. }
            | Effect::CommentDeleted { .. }
            | Effect::StatusSet { .. }
            | Effect::Reacted { .. } => {}
        }
    }
}
