//! Statuses on the newest commit of a merge request. A status is Steward's alone, so that there
//! is nothing of other people's to respect: it says what the rules say.

use super::{MergedFields, action};
use crate::{
    model::{Action, Applied, Because, Effect, Reason, StatusState},
    rules::{StatusWanted, View, Wanted},
    words::Style,
};

pub(super) fn merge(view: &View<'_>, wanted: &Wanted<'_>, merged: &mut MergedFields) {
    let Some(head) = view.snapshot.head.as_deref() else { return };
    let mut firsts: Vec<&StatusWanted> = Vec::new();
    for status in &wanted.statuses {
        match firsts.iter().find(|first| first.name == status.name) {
            None => {
                set(head, status, merged);
                firsts.push(status);
            }
            Some(first) if (first.state, &first.text) != (status.state, &status.text) => {
                let because = Because::AnotherRuleFirst {
                    rule: first.reason.rule.clone(),
                    what: format!("status {}", status.name),
                };
                merged.hold(&status.reason, because);
            }
            Some(_) => {}
        }
    }
    for applied in &view.ledger.applied {
        let Applied::Status { name, rule, .. } = applied else { continue };
        if !firsts.iter().any(|first| first.name == *name) && !wanted.keep_rules.has(rule) {
            merged.statuses.extend(withdraw(view, head, applied));
            merged.applied.retain(|one| one != applied);
        }
    }
}

fn set(head: &str, wanted: &StatusWanted, merged: &mut MergedFields) {
    let StatusWanted { name, state, text, reason } = wanted;
    let says_so = |one: &Applied| {
        matches!(one, Applied::Status { name: of, commit, state: says, text: told, .. }
            if of == name && commit == head && says == state && told == text)
    };
    if merged.applied.iter().any(says_so) {
        return;
    }
    let effect = Effect::StatusSet {
        commit: head.to_owned(),
        name: name.clone(),
        state: *state,
        text: text.clone(),
    };
    merged.statuses.push(action(effect, reason));
    // One live status for each name: what stands on older commits is history.
    merged.applied.retain(|one| !matches!(one, Applied::Status { name: of, .. } if of == name));
    merged.applied.push(Applied::Status {
        name: name.clone(),
        commit: head.to_owned(),
        state: *state,
        text: text.clone(),
        rule: reason.rule.clone(),
    });
}

/// What nothing asks for must not stand in anybody's way. On an older commit, or when it says
/// "success" already, it does not.
fn withdraw(view: &View<'_>, head: &str, applied: &Applied) -> Option<Action> {
    let Applied::Status { name, commit, state, rule, .. } = applied else { return None };
    // From a marker, which does not tell the commit: it may be this one.
    let known = !commit.is_empty();
    if known && (commit != head || *state == StatusState::Success) {
        return None;
    }
    let because = Because::StatusWithdrawn { status: name.clone() };
    let text = view.pack.words.reason(&because, Style::Plain);
    let effect = Effect::StatusSet {
        commit: head.to_owned(),
        name: name.clone(),
        state: StatusState::Success,
        text,
    };
    Some(Action { effect, reason: Reason { rule: rule.clone(), cite: None, because } })
}
