//! From what the rules want to what is done: a three-way merge of *last applied by Steward*,
//! *now on the forge* and *wanted*.
//!
//! Deciding is pure: the same function serves the webhook, `steward plan`, the dry run, the demo
//! and the tests.

mod comment;
mod fields;
mod labels;
mod recover;
mod rehearsal;
mod rehearsed_rules;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    model::{Because, Facet, Ledger, Person, Plan, Reason, Snapshot},
    pack::Pack,
    rules::{View, Wanted, declared, routing},
    words::WordsError,
};

use comment::Done;
use recover::recover;

pub use fields::without_close;
pub use rehearsal::rehearse;

/// What deciding came to.
#[derive(Debug)]
pub enum Decision {
    /// These facets must be read first.
    Needs(BTreeSet<Facet>),
    /// What shall be done.
    Plan(Box<Plan>),
}

/// How much of a plan is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it, the text of each comment included.
    Full,
    /// New comments are not put into words: their bodies stay empty. For counting.
    Outline,
}

/// Decides what shall be done about a subject. Reads no clock, calls nobody.
///
/// # Errors
/// When a template cannot be rendered: the policies' fault, not the subject's.
pub fn decide(
    snapshot: &Snapshot,
    ledger: &Ledger,
    pack: &Pack,
    me: &Person,
    now: DateTime<Utc>,
) -> Result<Decision, WordsError> {
    decide_in(Detail::Full, snapshot, ledger, pack, me, now)
}

/// As [`decide`], in the detail that the caller needs.
///
/// # Errors
/// As [`decide`].
pub fn decide_in(
    detail: Detail,
    snapshot: &Snapshot,
    ledger: &Ledger,
    pack: &Pack,
    me: &Person,
    now: DateTime<Utc>,
) -> Result<Decision, WordsError> {
    // After a write whose outcome nobody knows, the truth is read before anything else.
    let truth = BTreeSet::from([Facet::LabelHistory, Facet::OwnComments]);
    if ledger.uncertain && !truth.iter().all(|facet| snapshot.has(facet)) {
        return Ok(Decision::Needs(truth));
    }
    let recovered = recover(snapshot, ledger, pack, me);
    let view = View::new(snapshot, recovered.as_ref().unwrap_or(ledger), pack, me, now);
    let mut wanted = routing::route(&view);
    // Which files changed says what the item is about: nothing else is worth a call before.
    if view.lacks(&Facet::Changes) {
        return Ok(Decision::Needs(view.needs()));
    }
    declared::ask(&view, &mut wanted);
    if view.lacks(&Facet::Changes) {
        return Ok(Decision::Needs(view.needs()));
    }
    merge(&view, wanted, detail)
}

/// Merges what the rules want with what is there.
fn merge(view: &View<'_>, wanted: Wanted, detail: Detail) -> Result<Decision, WordsError> {
    let labels = labels::merge(view, &wanted, view.now);
    let fields = fields::merge(view, &wanted);
    let done = Done { labels: &labels, applied: &fields.applied };
    let comment = comment::merge(view, &wanted, done, detail)?;
    let needs = view.needs();
    if !needs.is_empty() {
        return Ok(Decision::Needs(needs));
    }
    let idle = || {
        wanted.idle.clone().unwrap_or_else(|| Reason {
            rule: "plan".into(),
            cite: None,
            because: Because::AsItShouldBe,
        })
    };
    let mut actions = labels.actions;
    actions.extend(fields.actions);
    actions.extend(comment.actions);
    actions.extend(fields.statuses);
    actions.extend(fields.close);
    let mut held = labels.held;
    held.extend(fields.held);
    held.extend(comment.held);
    Ok(Decision::Plan(Box::new(Plan {
        subject: view.snapshot.subject.clone(),
        policy_version: view.pack.version.clone(),
        policy_commit: view.pack.commit.clone(),
        decided_at: view.now,
        close_limit: fields.close_limit,
        idle: actions.is_empty().then(idle),
        actions,
        held,
        shadow: wanted.shadow,
        ledger_after: Ledger {
            labels: labels.ours,
            comments: comment.live,
            applied: fields.applied,
            known: view.ledger.known || comment.looked,
            uncertain: false,
            closing: None,
        },
    })))
}
