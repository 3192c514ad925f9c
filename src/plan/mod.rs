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
    model::{AppliedLabel, Facet, Ledger, Person, Plan, Snapshot},
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
    let recovered = recover(snapshot, ledger);
    let view = View::new(snapshot, recovered.as_ref().unwrap_or(ledger), pack, me);
    let wanted = routing::route(&view);
    // Which files changed says what the item is about: nothing else is worth a call before.
    if !view.needs().is_empty() && view.needs().contains(&Facet::Changes) {
        return Ok(Decision::Needs(view.needs()));
    }
    let merged = labels::merge(&view, &wanted, now);
    let comment = comment::merge(&view, &wanted, &merged)?;
    let needs = view.needs();
    if !needs.is_empty() {
        return Ok(Decision::Needs(needs));
    }
    let mut actions = merged.actions;
    actions.extend(comment.actions);
    let mut held = merged.held;
    held.extend(comment.held);
    Ok(Decision::Plan(Box::new(Plan {
        subject: snapshot.subject.clone(),
        policy_version: pack.version.clone(),
        decided_at: now,
        actions,
        held,
        ledger_after: Ledger {
            labels: merged.ours,
            comments: comment.live.into_iter().collect(),
            known: ledger.known || comment.looked,
            uncertain: false,
        },
    })))
}

/// What the database lost and Steward's own comments still tell: the labels that it had set.
fn recover(snapshot: &Snapshot, ledger: &Ledger) -> Option<Ledger> {
    if ledger.known {
        return None;
    }
    let comments = snapshot.facets.own_comments.as_deref()?;
    let mut recovered = ledger.clone();
    for comment in comments {
        for name in Marker::of(&comment.body).map(|marker| marker.labels).unwrap_or_default() {
            if recovered.label(&name).is_none() {
                recovered.labels.push(AppliedLabel { name, at: comment.created_at });
            }
        }
    }
    (recovered.labels.len() > ledger.labels.len()).then_some(recovered)
}
