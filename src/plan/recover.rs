//! What the database does not know and the forge still tells.

use chrono::{DateTime, Utc};

use crate::{
    model::{Applied, Facet, LabelName, Ledger, Person, Snapshot, State, Topic},
    pack::{
        Pack,
        rules::{Mode, Rule},
    },
    words::Marker,
};

/// What Steward has done here and the ledger does not say: by its own comments' markers when the
/// database was lost, by the label history then too and after a write whose outcome nobody knows,
/// and by the state of an item that Steward was about to close. `None` when that is nothing.
pub(super) fn recover(
    snapshot: &Snapshot,
    ledger: &Ledger,
    pack: &Pack,
    me: &Person,
) -> Option<Ledger> {
    if ledger.known && !ledger.uncertain {
        return None;
    }
    let mut recovered = ledger.clone();
    if !ledger.known {
        for comment in snapshot.facets.own_comments.iter().flatten() {
            let Some(marker) = Marker::of(&comment.body) else { continue };
            let declared = marker.topic != Topic::ROUTING;
            for name in marker.labels {
                let rule = declared.then(|| pack.rules.that_sets(&name)).flatten();
                learn(&mut recovered, name, comment.created_at, rule);
            }
            for applied in marker.applied {
                recovered.learn_applied(applied);
            }
        }
    }
    for label in &snapshot.labels {
        let event = snapshot.last_label_event(label).filter(|event| event.added);
        let mine = event.filter(|event| event.by.as_ref().is_some_and(|by| by.id == me.id));
        if let Some(event) = mine {
            learn(&mut recovered, label.clone(), event.at, pack.rules.that_sets(label));
        }
    }
    // Whoever opens it again has decided, also when Steward never learnt that it had closed it.
    if let Some(rule) = ledger.closing.clone().filter(|_| ledger.uncertain)
        && snapshot.state == State::Closed
    {
        recovered.learn_applied(Applied::Closed { rule });
    }
    (recovered != *ledger).then_some(recovered)
}

/// Whether the label history must be read to know what Steward has done here: where the ledger knows
/// nothing, and a label is there that a rule would set.
pub(super) fn needs_history(snapshot: &Snapshot, ledger: &Ledger, pack: &Pack) -> bool {
    if ledger.known || pack.rules.is_empty() || snapshot.has(&Facet::LabelHistory) {
        return false;
    }
    let may_have_set = |rule: &Rule, label: &LabelName| {
        rule.mode != Mode::Off
            && rule.on.contains(&snapshot.subject.kind)
            && (rule.asks_state || snapshot.state == State::Open)
            && rule.sets(label)
    };
    let mut unheard_of = snapshot.labels.iter().filter(|label| ledger.label(label).is_none());
    unheard_of.any(|label| pack.rules.iter().any(|rule| may_have_set(rule, label)))
}

/// Neither marker nor history tells which rule it was: the one that sets the label.
fn learn(ledger: &mut Ledger, name: LabelName, at: DateTime<Utc>, rule: Option<&Rule>) {
    if ledger.label(&name).is_none() {
        ledger.learn(name, at);
        if let Some(learnt) = ledger.labels.last_mut() {
            learnt.rule = rule.map(|rule| rule.name.clone());
            let labels = rule.and_then(|rule| rule.then.labels.as_ref());
            learnt.keep = labels.is_some_and(|labels| labels.keep);
        }
    }
}
