//! Carrying out a plan: one call for all labels, one for assignees, milestone and description, one for each
//! comment, reaction and status, the closing last; and the outcome of each.

mod fields;
mod issues;

use chrono::Utc;

use crate::{
    forge::{Forge, ForgeError, Outcome},
    model::{Activity, Applied, Effect, LabelName, Ledger, LiveComment, Plan},
    store::{AuditState, Settled},
};

/// What became of a plan.
#[derive(Debug)]
pub(super) struct Executed {
    /// The outcome of each action.
    pub(super) settled: Vec<Settled>,
    /// What Steward has to its name now.
    pub(super) ledger: Ledger,
    /// The first error; nothing was tried after it.
    pub(super) error: Option<ForgeError>,
    learnt: Vec<LiveComment>,
    /// Issues that were opened or linked, as they stand in the ledger.
    opened: Vec<Applied>,
}

/// Carries out a plan, in order, and stops at the first error.
pub(super) async fn execute(forge: &dyn Forge, plan: &Plan, before: &Ledger) -> Executed {
    let mut run = Executed {
        settled: Vec::with_capacity(plan.actions.len()),
        ledger: Ledger { uncertain: false, closing: None, ..before.clone() },
        error: None,
        learnt: Vec::new(),
        opened: Vec::new(),
    };
    fields::keep(plan, &mut run);
    labels(forge, plan, &mut run).await;
    fields::change_item(forge, plan, &mut run).await;
    for (position, action) in plan.actions.iter().enumerate() {
        match &action.effect {
            // Done before, in one call each.
            Effect::LabelPresent { .. }
            | Effect::LabelAbsent { .. }
            | Effect::Assigned { .. }
            | Effect::MilestoneSet { .. }
            | Effect::DueSet { .. }
            | Effect::DescriptionSet { .. } => {}
            _ if run.error.is_some() => run.not_tried(position),
            Effect::CommentPosted { .. }
            | Effect::CommentEdited { .. }
            | Effect::CommentDeleted { .. } => {
                comment(forge, plan, position, &action.effect, &mut run).await;
            }
            Effect::StatusSet { .. } => {
                fields::status(forge, plan, position, &action.effect, &mut run).await;
            }
            Effect::Reacted { comment, emoji } => {
                react(forge, plan, position, (*comment, emoji), &mut run).await;
            }
            Effect::IssueOpened { issue } => {
                issues::open(forge, plan, position, issue, &mut run).await;
            }
            Effect::IssueLinked { mark, number } => {
                issues::link(forge, plan, position, (mark, *number), &mut run).await;
            }
            Effect::Closed => fields::close(forge, plan, position, &mut run).await,
        }
    }
    if run.error.is_none() {
        run.ledger.known = plan.ledger_after.known;
        run.ledger.comments.clone_from(&plan.ledger_after.comments);
        run.ledger.applied.clone_from(&plan.ledger_after.applied);
    }
    // The forge has noted these writes, the failed ones perhaps too, as changes of the subject.
    run.ledger.activity =
        plan.ledger_after.activity.map(|known| Activity { wrote: Utc::now(), ..known });
    // The plan could not know the number of a comment that was not there yet.
    for live in std::mem::take(&mut run.learnt) {
        run.ledger.comments.retain(|had| had.topic != live.topic);
        run.ledger.comments.push(live);
    }
    issues::keep(&mut run);
    run
}

async fn labels(forge: &dyn Forge, plan: &Plan, run: &mut Executed) {
    let mut positions = Vec::new();
    let mut add: Vec<LabelName> = Vec::new();
    let mut remove: Vec<LabelName> = Vec::new();
    for (position, action) in plan.actions.iter().enumerate() {
        match &action.effect {
            Effect::LabelPresent { label } => add.push(label.clone()),
            Effect::LabelAbsent { label } => remove.push(label.clone()),
            _ => continue,
        }
        positions.push(position);
    }
    if positions.is_empty() {
        run.ledger.labels.clone_from(&plan.ledger_after.labels);
        return;
    }
    let result = forge.change_labels(&plan.subject, &add, &remove).await;
    if run.settle_call(&positions, result) {
        run.ledger.labels.clone_from(&plan.ledger_after.labels);
    }
}

async fn comment(
    forge: &dyn Forge,
    plan: &Plan,
    position: usize,
    effect: &Effect,
    run: &mut Executed,
) {
    let subject = &plan.subject;
    let (topic, result) = match effect {
        Effect::CommentPosted { topic, body } => {
            (topic.clone(), forge.post_comment(subject, body).await.map(Some))
        }
        Effect::CommentEdited { topic, id, body } => {
            (topic.clone(), forge.edit_comment(subject, *id, body).await.map(|()| Some(*id)))
        }
        Effect::CommentDeleted { topic, id } => {
            let result = forge.delete_comment(subject, *id).await.map(|()| Some(*id));
            match result {
                // Gone is what was wanted.
                Ok(_) | Err(ForgeError::NotFound { .. }) => {
                    run.settle(position, AuditState::Applied, None, Some(*id));
                    return;
                }
                Err(error) => (topic.clone(), Err(error)),
            }
        }
        // No comment.
        _ => return,
    };
    let wanted = plan.ledger_after.comment(&topic);
    match result {
        Ok(id) => {
            run.settle(position, AuditState::Applied, None, id);
            run.learnt.extend(wanted.map(|live| LiveComment { id, ..live.clone() }));
        }
        // Somebody deleted it: that is remembered, and it is not posted again.
        Err(error @ ForgeError::NotFound { .. })
            if matches!(effect, Effect::CommentEdited { .. }) =>
        {
            run.settle(position, AuditState::Failed, Some(error.to_string()), None);
            run.learnt.extend(wanted.map(|live| LiveComment { id: None, ..live.clone() }));
        }
        Err(error) => {
            run.settle_error(position, &error);
            run.error = Some(error);
        }
    }
}

async fn react(
    forge: &dyn Forge,
    plan: &Plan,
    position: usize,
    (comment, emoji): (u64, &str),
    run: &mut Executed,
) {
    match forge.react(&plan.subject, comment, emoji).await {
        // Somebody deleted the comment: that is no reason to leave the rest undone.
        Err(error @ ForgeError::NotFound { .. }) => run.settle_error(position, &error),
        result => {
            run.settle_call(&[position], result);
        }
    }
}

impl Executed {
    /// Whether an issue was opened or linked.
    pub(super) fn opens(&self) -> bool {
        !self.opened.is_empty()
    }

    fn settle(
        &mut self,
        position: usize,
        state: AuditState,
        error: Option<String>,
        forge_id: Option<u64>,
    ) {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        self.settled.push(Settled { position, state, error, forge_id, answered: true });
    }

    /// Nothing is tried after an error.
    fn not_tried(&mut self, position: usize) {
        self.settle(position, AuditState::Failed, Some("not tried".into()), None);
    }

    /// Notes how a call went that stands for these actions.
    fn settle_call(&mut self, positions: &[usize], result: Result<(), ForgeError>) -> bool {
        match result {
            Ok(()) => {
                for position in positions {
                    self.settle(*position, AuditState::Applied, None, None);
                }
                true
            }
            Err(error) => {
                for position in positions {
                    self.settle_error(*position, &error);
                }
                self.error = Some(error);
                false
            }
        }
    }

    fn settle_error(&mut self, position: usize, error: &ForgeError) {
        self.settle(position, state_of(error), Some(error.to_string()), None);
        if let Some(settled) = self.settled.last_mut() {
            settled.answered = !error.may_still_land();
        }
    }
}

fn state_of(error: &ForgeError) -> AuditState {
    match error.outcome() {
        Outcome::NotApplied => AuditState::Failed,
        Outcome::Unknown => AuditState::Unknown,
    }
}
