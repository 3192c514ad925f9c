//! The three-way merge of labels.
//!
//! Steward owns only what it did. A label that a person took off is not put back, a value of the
//! same scope that a person set is kept, and what Steward had set and nothing asks for any more
//! is taken back.

use chrono::{DateTime, Utc};

use crate::{
    model::{Action, AppliedLabel, Because, Effect, Held, LabelName, Reason, State},
    rules::{DECLARED, LabelUnwanted, LabelWanted, View, Wanted},
};

/// What becomes of the labels.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Labels to set and to take off.
    pub(super) actions: Vec<Action>,
    /// Labels that were asked for and left alone.
    pub(super) held: Vec<Held>,
    /// The fate of each wanted label, for the comment.
    pub(super) fates: Vec<Fate>,
    /// Labels that are Steward's doing once the actions are done.
    pub(super) ours: Vec<AppliedLabel>,
}

impl Merged {
    /// Counts wanted labels that are there as set by Steward, whoever set them.
    pub(super) fn adopt(&mut self, now: DateTime<Utc>) {
        for fate in self.fates.iter_mut().filter(|fate| fate.there && !fate.ours) {
            fate.ours = true;
            let rule = fate.rule.starts_with(DECLARED).then(|| fate.rule.clone());
            let (name, keep) = (fate.label.clone(), fate.keep);
            self.ours.push(AppliedLabel { name, at: now, gone: false, rule, keep });
        }
    }
}

/// What becomes of one wanted label. Told so that it reads the same before and after the actions
/// are done, for otherwise each comment would be edited once for nothing.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    /// The label that was asked for.
    pub(super) label: LabelName,
    /// It is on the item, or will be.
    pub(super) there: bool,
    /// Steward set it.
    pub(super) ours: bool,
    /// The rule that asked for it.
    pub(super) rule: String,
    /// It stays when the rule asks for it no more.
    pub(super) keep: bool,
    /// Why it was asked for, or why it was left alone.
    pub(super) because: Because,
}

/// Merges the wanted labels with what is on the item and what Steward did before.
pub(super) fn merge(view: &View<'_>, wanted: &Wanted<'_>, now: DateTime<Utc>) -> Merged {
    let mut merged = Merged::default();
    for label in &wanted.labels {
        if let Some(first) = excluded_by(label, &merged) {
            let because =
                Because::AnotherRuleFirst { rule: first.to_owned(), what: label.name.to_string() };
            merged.held.push(Held {
                label: Some(label.name.clone()),
                reason: Reason { because, ..label.reason.clone() },
            });
        } else if !merged.fates.iter().any(|fate| fate.label.same(&label.name)) {
            one(view, label, now, &mut merged);
        }
    }
    for unwanted in &wanted.unwanted {
        take_off(view, wanted, unwanted, &mut merged);
    }
    for applied in &view.ledger.labels {
        // A label that another rule excludes has no fate: it is not to be there either.
        if !merged.fates.iter().any(|fate| fate.label.same(&applied.name)) {
            no_longer_wanted(view, wanted, applied, &mut merged);
        }
    }
    merged
}

/// The rule that asked before for another value of a label's scope.
fn excluded_by<'a>(wanted: &LabelWanted, merged: &'a Merged) -> Option<&'a str> {
    let fates = merged.fates.iter();
    fates
        .filter(|fate| fate.there && fate.rule != wanted.reason.rule)
        .find(|fate| fate.label.shares_scope(&wanted.name) && !fate.label.same(&wanted.name))
        .map(|fate| fate.rule.as_str())
}

/// Takes labels off that a rule does not want, unless another one does, or a person has put the
/// label back.
fn take_off(view: &View<'_>, wanted: &Wanted<'_>, unwanted: &LabelUnwanted, merged: &mut Merged) {
    for label in view.snapshot.labels.iter().filter(|on| unwanted.pattern.fits(on.as_str())) {
        let gone = merged.actions.iter().any(
            |action| matches!(&action.effect, Effect::LabelAbsent { label: gone } if gone.same(label)),
        );
        if gone {
            continue;
        }
        let first = wanted.labels.iter().find(|first| first.name.same(label));
        let because = match first {
            Some(first) => Some(Because::AnotherRuleFirst {
                rule: first.reason.rule.clone(),
                what: format!("no {label}"),
            }),
            None => stays(view, wanted, label).or_else(|| put_back(view, label)),
        };
        if let Some(because) = because {
            merged.held.push(Held {
                label: Some(label.clone()),
                reason: Reason { because, ..unwanted.reason.clone() },
            });
            continue;
        }
        merged.actions.push(Action {
            effect: Effect::LabelAbsent { label: label.clone() },
            reason: unwanted.reason.clone(),
        });
    }
}

/// Whether a label on an open item is of another rule that cannot tell now whether it is right:
/// nobody else decides that meanwhile. On items that are not open a rule that asks for the state
/// has the last word.
fn stays(view: &View<'_>, wanted: &Wanted, label: &LabelName) -> Option<Because> {
    if view.snapshot.state != State::Open {
        return None;
    }
    let own = ours(view, label).filter(|applied| wanted.stays(applied))?;
    let rule = own.rule.unwrap_or_else(|| "routing".to_owned());
    Some(Because::AnotherRuleFirst { rule, what: format!("no {label}") })
}

/// Whether somebody set a label again that Steward had taken off: an answer that stands.
fn put_back(view: &View<'_>, label: &LabelName) -> Option<Because> {
    let events = || {
        view.label_history()
            .iter()
            .filter(|event| event.label.as_ref().is_some_and(|of| of.same(label)))
    };
    let last = events().next_back().filter(|event| event.added && !view.is_mine(event))?;
    events().any(|event| !event.added && view.is_mine(event)).then(|| Because::SetByHuman {
        label: label.clone(),
        by: last.by.as_ref().map(|by| by.username.clone()),
        wanted: label.clone(),
    })
}

fn one(view: &View<'_>, wanted: &LabelWanted, now: DateTime<Utc>, merged: &mut Merged) {
    let there = view.snapshot.label(&wanted.name);
    let ours = there.and_then(|there| ours(view, there));
    let other = other_of_scope(view, wanted);
    // Where scopes do not exclude, a person's choice beside Steward's is a choice all the same.
    if let Some(other) = other.filter(|other| !is_mine(view, other))
        && (there.is_none() || ours.is_some())
    {
        if let (Some(there), Some(_)) = (there, ours) {
            merged.actions.push(take_back(there, wanted.reason.clone()));
        }
        let by = view
            .last_event(other)
            .filter(|event| event.added)
            .and_then(|event| event.by.as_ref())
            .map(|by| by.username.clone());
        let because = Because::SetByHuman { label: other.clone(), by, wanted: wanted.name.clone() };
        hold(view, wanted, because, merged);
        return;
    }
    if let Some(there) = there {
        merged.fates.push(Fate {
            label: there.clone(),
            there: true,
            ours: ours.is_some(),
            rule: wanted.reason.rule.clone(),
            keep: wanted.keep,
            because: wanted.reason.because.clone(),
        });
        // Whoever asks for it now answers for it.
        let (rule, keep) = (declared(&wanted.reason), wanted.keep);
        merged.ours.extend(ours.map(|ours| AppliedLabel { rule, keep, ..ours }));
        return;
    }
    let Some(name) = view.label_on_forge(&wanted.name) else {
        hold(view, wanted, Because::LabelMissing { label: wanted.name.clone() }, merged);
        return;
    };
    if let Some(removal) = view.taken_off(&wanted.name, wanted.since) {
        let because =
            Because::RemovedByHuman { label: wanted.name.clone(), by: removal.by, at: removal.at };
        hold(view, wanted, because, merged);
        return;
    }
    let times = times_set(view, &wanted.name);
    if times >= *view.pack.routing.breaker {
        let because = Because::LabelWar { label: wanted.name.clone(), times };
        hold(view, wanted, because, merged);
        return;
    }
    if let Some(other) = other {
        merged.actions.push(take_back(other, wanted.reason.clone()));
    }
    merged.fates.push(Fate {
        label: name.clone(),
        there: true,
        ours: true,
        rule: wanted.reason.rule.clone(),
        keep: wanted.keep,
        because: wanted.reason.because.clone(),
    });
    let rule = declared(&wanted.reason);
    let keep = wanted.keep;
    merged.ours.push(AppliedLabel { name: name.clone(), at: now, gone: false, rule, keep });
    merged.actions.push(Action {
        effect: Effect::LabelPresent { label: name.clone() },
        reason: wanted.reason.clone(),
    });
}

/// The rule of the policies that a reason is of.
fn declared(reason: &Reason) -> Option<String> {
    reason.rule.starts_with(DECLARED).then(|| reason.rule.clone())
}

/// Steward's record of a label that is on the item, unless somebody else has set it since.
fn ours(view: &View<'_>, there: &LabelName) -> Option<AppliedLabel> {
    let recorded = view.ledger.own(there)?;
    match view.snapshot.last_label_event(there) {
        Some(event) if event.added && !view.is_mine(event) => None,
        _ => Some(recorded.clone()),
    }
}

/// Whether a label on the item is Steward's doing. Asks for the history: it decides whether a
/// label is replaced.
fn is_mine(view: &View<'_>, label: &LabelName) -> bool {
    match view.last_event(label) {
        Some(event) if event.added => view.is_mine(event),
        _ => view.ledger.own(label).is_some(),
    }
}

/// Another value of the wanted label's scope on the item. What Steward set itself comes last:
/// a person's choice decides.
fn other_of_scope<'a>(view: &View<'a>, wanted: &LabelWanted) -> Option<&'a LabelName> {
    let others = || {
        let labels = view.snapshot.labels.iter();
        labels.filter(|on| on.shares_scope(&wanted.name) && !on.same(&wanted.name))
    };
    others().find(|on| view.ledger.own(on).is_none()).or_else(|| others().next())
}

fn take_back(label: &LabelName, reason: Reason) -> Action {
    Action {
        effect: Effect::LabelAbsent { label: label.clone() },
        reason: Reason { because: Because::NoLongerWanted { label: label.clone() }, ..reason },
    }
}

/// How often Steward has set a label here, by the forge's own record.
fn times_set(view: &View<'_>, label: &LabelName) -> u32 {
    let count = view
        .label_history()
        .iter()
        .filter(|event| event.added && view.is_mine(event))
        .filter(|event| event.label.as_ref().is_some_and(|of| of.same(label)))
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn hold(view: &View<'_>, wanted: &LabelWanted, because: Because, merged: &mut Merged) {
    merged.fates.push(Fate {
        label: wanted.name.clone(),
        there: false,
        ours: false,
        rule: wanted.reason.rule.clone(),
        keep: wanted.keep,
        because: because.clone(),
    });
    merged.held.push(Held {
        label: Some(wanted.name.clone()),
        reason: Reason { because, ..wanted.reason.clone() },
    });
    // A label that a person took off stays in the record: it is the memory of the answer.
    if let Some(applied) = view.ledger.label(&wanted.name) {
        merged.ours.push(AppliedLabel { gone: true, ..applied.clone() });
    }
}

fn no_longer_wanted(
    view: &View<'_>,
    wanted: &Wanted<'_>,
    applied: &AppliedLabel,
    merged: &mut Merged,
) {
    let replaced = merged.actions.iter().any(
        |action| matches!(&action.effect, Effect::LabelAbsent { label } if label.same(&applied.name)),
    );
    if replaced {
        return;
    }
    let Some(there) = view.snapshot.label(&applied.name) else {
        // Somebody took it off: remembered, so that it is not guessed again.
        merged.ours.push(AppliedLabel { gone: true, ..applied.clone() });
        return;
    };
    if applied.gone {
        // By somebody else's hand.
        return;
    }
    if wanted.keeps(applied) {
        merged.ours.push(applied.clone());
        return;
    }
    // A person who took it off and set it again has made it theirs.
    if view.last_event(there).is_some_and(|event| event.added && !view.is_mine(event)) {
        return;
    }
    let reason =
        Reason { rule: "plan.take_back".into(), cite: None, because: Because::AsItShouldBe };
    merged.actions.push(take_back(there, reason));
}
