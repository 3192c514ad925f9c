//! From what the rules want to what is done: a three-way merge of *last applied by Steward*,
//! *now on the forge* and *wanted*.
//!
//! Deciding is pure: the same function serves the webhook, `steward plan`, the dry run, the demo
//! and the tests.

mod comment;
mod labels;
mod rehearsal;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    model::{Because, Facet, Ledger, Person, Plan, Reason, Snapshot},
    pack::Pack,
    rules::{View, routing},
    words::{Marker, WordsError},
};

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
    /// As an outline, and labels that the rules want and that are on the subject count as set by
    /// Steward. For guessing what it did where no ledger is at hand.
    Adopted,
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
    let recovered = recover(snapshot, ledger, me);
    let view = View::new(snapshot, recovered.as_ref().unwrap_or(ledger), pack, me, now);
    let wanted = routing::route(&view);
    // Which files changed says what the item is about: nothing else is worth a call before.
    if !view.needs().is_empty() && view.needs().contains(&Facet::Changes) {
        return Ok(Decision::Needs(view.needs()));
    }
    let mut merged = labels::merge(&view, &wanted, now);
    if detail == Detail::Adopted {
        merged.adopt(now);
    }
    let comment = comment::merge(&view, &wanted, &merged, detail)?;
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
    let mut actions = merged.actions;
    actions.extend(comment.actions);
    let mut held = merged.held;
    held.extend(comment.held);
    Ok(Decision::Plan(Box::new(Plan {
        subject: snapshot.subject.clone(),
        policy_version: pack.version.clone(),
        decided_at: now,
        idle: actions.is_empty().then(idle),
        actions,
        held,
        shadow: wanted.shadow,
        ledger_after: Ledger {
            labels: merged.ours,
            comments: comment.live,
            applied: view.ledger.applied.clone(),
            known: ledger.known || comment.looked,
            uncertain: false,
        },
    })))
}

/// What the database does not know and the forge still tells: the labels that Steward had set, by
/// its own comments' markers when the database was lost, and by the label history after a write
/// whose outcome nobody knows.
fn recover(snapshot: &Snapshot, ledger: &Ledger, me: &Person) -> Option<Ledger> {
    if ledger.known && !ledger.uncertain {
        return None;
    }
    let mut recovered = ledger.clone();
    if !ledger.known {
        for comment in snapshot.facets.own_comments.iter().flatten() {
            let marker = Marker::of(&comment.body);
            for name in marker.map(|marker| marker.labels).unwrap_or_default() {
                recovered.learn(name, comment.created_at);
            }
        }
    }
    if ledger.uncertain {
        for label in &snapshot.labels {
            let event = snapshot.last_label_event(label).filter(|event| event.added);
            let mine = event.filter(|event| event.by.as_ref().is_some_and(|by| by.id == me.id));
            if let Some(event) = mine {
                recovered.learn(label.clone(), event.at);
            }
        }
    }
    (recovered.labels.len() > ledger.labels.len()).then_some(recovered)
}
