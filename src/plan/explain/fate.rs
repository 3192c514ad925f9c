//! What became of each label.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{LabelTold, Outcome, RuleTold, would};
use crate::{
    model::{Effect, LabelEvent, LabelName, Reason},
    rules::View,
};

/// What became of a label. Each variant has its sentence in `templates/why.yml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fate {
    /// It is on the item by Steward's hand, and asked for.
    StewardSet {
        /// Since when.
        at: Option<DateTime<Utc>>,
    },
    /// It is on the item by somebody else's hand.
    PersonSet {
        /// Who set it.
        by: Option<String>,
        /// Since when.
        at: Option<DateTime<Utc>>,
    },
    /// It is on the item by Steward's hand, nothing asks for it, and it stays for now.
    Kept {
        /// Since when.
        at: Option<DateTime<Utc>>,
    },
    /// It is not on the item, and is set now.
    WillBeSet,
    /// It is on the item, and is taken off now.
    WillBeTakenOff,
    /// It was asked for, and left alone.
    Held,
    /// It is not on the item, nothing asks for it, and it was there once.
    Off {
        /// Who took it off.
        by: Option<String>,
        /// When.
        at: Option<DateTime<Utc>>,
    },
    /// It is not on the item, and nothing asks for it.
    Never,
}

/// The labels that the decision is about, those on the item, and those that somebody asks about:
/// what is decided comes first.
pub(super) fn of_labels(
    view: &View<'_>,
    outcome: Outcome<'_>,
    rules: &[RuleTold],
    about: &[LabelName],
) -> Vec<LabelTold> {
    let mut names: Vec<LabelName> = Vec::new();
    let mut add = |name: &LabelName| {
        if !names.iter().any(|had| had.same(name)) {
            names.push(name.clone());
        }
    };
    outcome.actions.iter().filter_map(|action| label_of(&action.effect)).for_each(&mut add);
    outcome.held.iter().filter_map(|held| held.label.as_ref()).for_each(&mut add);
    outcome.wanted.labels.iter().for_each(|wanted| add(&wanted.name));
    view.ledger.labels.iter().for_each(|applied| add(&applied.name));
    view.snapshot.labels.iter().for_each(&mut add);
    about.iter().for_each(&mut add);
    names.into_iter().map(|name| told(view, outcome, rules, name)).collect()
}

fn label_of(effect: &Effect) -> Option<&LabelName> {
    match effect {
        Effect::LabelPresent { label } | Effect::LabelAbsent { label } => Some(label),
        _ => None,
    }
}

fn told(view: &View<'_>, outcome: Outcome<'_>, rules: &[RuleTold], name: LabelName) -> LabelTold {
    let history: Vec<LabelEvent> = view
        .label_history()
        .iter()
        .filter(|event| event.label.as_ref().is_some_and(|label| label.same(&name)))
        .cloned()
        .collect();
    let (fate, reason) = fate(view, outcome, &name, history.last());
    // As the forge spells it.
    let label = view.snapshot.label(&name).cloned().unwrap_or(name);
    let would = match fate {
        Fate::Off { .. } | Fate::Never => would::set(view, rules, &label),
        _ => Vec::new(),
    };
    LabelTold { label, fate, reason, would, history }
}

fn fate(
    view: &View<'_>,
    outcome: Outcome<'_>,
    name: &LabelName,
    last: Option<&LabelEvent>,
) -> (Fate, Option<Reason>) {
    let action = outcome
        .actions
        .iter()
        .find(|action| label_of(&action.effect).is_some_and(|label| label.same(name)));
    let held =
        outcome.held.iter().find(|held| held.label.as_ref().is_some_and(|label| label.same(name)));
    if let Some(held) = held {
        return (Fate::Held, Some(held.reason.clone()));
    }
    if let Some(action) = action {
        let fate = match action.effect {
            Effect::LabelPresent { .. } => Fate::WillBeSet,
            _ => Fate::WillBeTakenOff,
        };
        return (fate, Some(action.reason.clone()));
    }
    let wanted = outcome.wanted.labels.iter().find(|wanted| wanted.name.same(name));
    let reason = wanted.map(|wanted| wanted.reason.clone());
    let by = |event: &LabelEvent| event.by.as_ref().map(|by| by.username.clone());
    let set = last.filter(|event| event.added);
    let at = set.map(|event| event.at);
    let mine = match set {
        Some(event) => view.is_mine(event),
        None => view.ledger.own(name).is_some(),
    };
    let fate = match (view.snapshot.label(name).is_some(), mine, &reason) {
        (true, true, Some(_)) => Fate::StewardSet { at },
        (true, true, None) => Fate::Kept { at },
        (true, false, _) => Fate::PersonSet { by: set.and_then(by), at },
        (false, ..) => match last.filter(|event| !event.added) {
            Some(event) => Fate::Off { by: by(event), at: Some(event.at) },
            None => Fate::Never,
        },
    };
    (fate, reason)
}
