//! The three-way merge of what is neither label nor comment: assignees, milestone, last day, statuses, a
//! section of the description, issues that Steward opens beside the item, and the closing of it.
//!
//! What a person undid stays undone, and so the ledger keeps its records of what Steward set: each
//! is the memory of an answer.

mod assignees;
mod close;
mod due;
mod issues;
mod milestone;
mod report;
mod section;
mod statuses;

use crate::{
    model::{Action, Applied, Because, Effect, Held, Reason},
    plan::Detail,
    rules::{View, Wanted},
    words::WordsError,
};

pub use close::without_close;
pub(super) use report::PLAIN;
pub(super) use section::is_in as has_section;

/// What becomes of the fields.
#[derive(Debug, Default)]
pub(super) struct MergedFields {
    /// Assignees, milestone and description.
    pub(super) actions: Vec<Action>,
    /// Statuses, which come after the comments that explain them.
    pub(super) statuses: Vec<Action>,
    /// Issues that are opened beside it and linked to it.
    pub(super) issues: Vec<Action>,
    /// The closing, which comes last.
    pub(super) close: Option<Action>,
    /// How many items the rule that closes may close in 24 hours.
    pub(super) close_limit: Option<u32>,
    /// What was asked for and left alone.
    pub(super) held: Vec<Held>,
    /// What Steward has to its name once the actions are done.
    pub(super) applied: Vec<Applied>,
}

/// Merges the wanted fields with what is on the item and what Steward did before.
///
/// # Errors
/// When the report of a status or the section of the description cannot be put into words.
pub(super) fn merge<'a>(
    view: &View<'a>,
    wanted: &Wanted<'a>,
    detail: Detail,
) -> Result<MergedFields, WordsError> {
    let mut merged =
        MergedFields { applied: view.ledger.applied.clone(), ..MergedFields::default() };
    assignees::merge(view, &wanted.assignees, &mut merged);
    milestone::merge(view, &wanted.milestones, &mut merged);
    due::merge(view, wanted.due.as_ref(), &mut merged);
    statuses::merge(view, wanted, detail, &mut merged)?;
    close::merge(view, wanted.close.as_ref(), &mut merged);
    section::merge(view, wanted.section.as_ref(), &mut merged)?;
    issues::merge(view, &wanted.issues, &mut merged)?;
    Ok(merged)
}

impl MergedFields {
    fn hold(&mut self, reason: &Reason, because: Because) {
        self.held.push(Held { label: None, reason: Reason { because, ..reason.clone() } });
    }

    /// Remembers what was set last: at the end, and once.
    fn remember(&mut self, applied: Applied) {
        self.applied.retain(|one| *one != applied);
        self.applied.push(applied);
    }
}

fn action(effect: Effect, reason: &Reason) -> Action {
    Action { effect, reason: reason.clone() }
}
