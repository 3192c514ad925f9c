//! Statuses on the newest commit of a merge request. A status is Steward's alone, so that there
//! is nothing of other people's to respect: it says what the rules say.

use super::{MergedFields, action, report::Making};
use crate::{
    model::{Action, Applied, Because, Effect, Reason, StatusState},
    plan::Detail,
    rules::{StatusWanted, View, Wanted},
    words::{Style, WordsError},
};

pub(super) fn merge<'a>(
    view: &View<'a>,
    wanted: &Wanted<'a>,
    detail: Detail,
    merged: &mut MergedFields,
) -> Result<(), WordsError> {
    let Some(head) = view.snapshot.head.as_deref() else { return Ok(()) };
    let mut firsts: Vec<&StatusWanted<'a>> = Vec::new();
    for status in &wanted.statuses {
        match firsts.iter().find(|first| first.name == status.name) {
            None => {
                set(view, head, status, detail, merged)?;
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
            merged.statuses.extend(withdraw(view, head, applied, detail)?);
            merged.applied.retain(|one| one != applied);
        }
    }
    Ok(())
}

fn set<'a>(
    view: &View<'a>,
    head: &str,
    wanted: &StatusWanted<'a>,
    detail: Detail,
    merged: &mut MergedFields,
) -> Result<(), WordsError> {
    let StatusWanted { name, state, text, reason, .. } = wanted;
    let making = Making::of(view, wanted);
    let report = making.as_ref().map_or_else(String::new, |making| making.hash.clone());
    let says_so = |one: &Applied| {
        matches!(one, Applied::Status { name: of, commit, state: says, text: told, report: beneath, .. }
            if of == name && commit == head && says == state && told == text && *beneath == report)
    };
    // Where people may ask for a check to be made again, it says so only while it stands there.
    let stands = || {
        let standing = || view.own_statuses().iter().find(|one| one.name == *name);
        making.is_none() || standing().is_some_and(|one| one.state == *state)
    };
    if merged.applied.iter().any(says_so) && stands() {
        return Ok(());
    }
    let effect = Effect::StatusSet {
        commit: head.to_owned(),
        name: name.clone(),
        state: *state,
        text: text.clone(),
        report: making.map(|making| making.report(view, detail)).transpose()?.flatten(),
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
        report,
    });
    Ok(())
}

/// What nothing asks for must not stand in anybody's way. On an older commit, or when it says
/// "success" already, it does not.
fn withdraw(
    view: &View<'_>,
    head: &str,
    applied: &Applied,
    detail: Detail,
) -> Result<Option<Action>, WordsError> {
    let Applied::Status { name, commit, state, rule, .. } = applied else { return Ok(None) };
    // From a marker, which does not tell the commit: it may be this one.
    let known = !commit.is_empty();
    if known && (commit != head || *state == StatusState::Success) {
        return Ok(None);
    }
    let because = Because::StatusWithdrawn { status: name.clone() };
    let reason = Reason { rule: rule.clone(), cite: None, because };
    let text = view.pack.words.reason(&reason.because, Style::Plain);
    let state = StatusState::Success;
    let wanted = StatusWanted { name: name.clone(), state, text, report: None, reason };
    let making = Making::of(view, &wanted);
    let effect = Effect::StatusSet {
        commit: head.to_owned(),
        name: wanted.name,
        state,
        text: wanted.text,
        report: making.map(|making| making.report(view, detail)).transpose()?.flatten(),
    };
    Ok(Some(Action { effect, reason: wanted.reason }))
}
