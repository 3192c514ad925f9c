//! Closing an item, which Steward does once: whoever opens it again has decided.

use super::{MergedFields, action};
use crate::{
    model::{Applied, Because, Effect, Held, Ledger, Plan, Reason, State},
    plan::comment::hash_of,
    rules::{CloseWanted, View},
    words::Marker,
};

pub(super) fn merge(view: &View<'_>, wanted: Option<&CloseWanted>, merged: &mut MergedFields) {
    let Some(CloseWanted { at_most_a_day, reason }) = wanted else { return };
    if view.snapshot.state != State::Open {
        return;
    }
    if view.ledger.closed_by().is_some() {
        merged.hold(reason, Because::PersonDecided { what: "closing it".into() });
        return;
    }
    if view.ledger.uncertain && view.ledger.closing.is_some() && !is_untouched(view) {
        merged.hold(reason, Because::CloseUnknown);
        // Held for good: what a person may have decided is not asked again.
        merged.remember(Applied::Closed { rule: reason.rule.clone() });
        return;
    }
    merged.close = Some(action(Effect::Closed, reason));
    merged.close_limit = Some(*at_most_a_day);
    merged.remember(Applied::Closed { rule: reason.rule.clone() });
}

/// Whether nobody has changed the item since Steward tried to close it: then it is open because the
/// closing never arrived, since opening it again would have been a change.
fn is_untouched(view: &View<'_>) -> bool {
    view.ledger.activity.is_some_and(|known| view.active_at() <= known.others)
}

/// The plan without the closing, since the rule has closed as many items in a day as it may: all
/// else is done, and nothing remembers a closing that did not happen. `before` is the ledger with
/// which it was decided.
pub fn without_close(mut plan: Plan, before: &Ledger) -> Plan {
    let is_close = |effect: &Effect| matches!(effect, Effect::Closed);
    let Some(at) = plan.actions.iter().position(|action| is_close(&action.effect)) else {
        return plan;
    };
    let reason = plan.actions.remove(at).reason;
    let limit = plan.close_limit.take().unwrap_or_default();
    let because = Because::CloseLimit { limit };
    plan.held.push(Held { label: None, reason: Reason { because, ..reason } });
    let after = &mut plan.ledger_after;
    after.applied.retain(|applied| !matches!(applied, Applied::Closed { .. }));
    plan.actions.retain_mut(|action| {
        let (topic, body, edits) = match &mut action.effect {
            Effect::CommentPosted { topic, body } => (topic, body, false),
            Effect::CommentEdited { topic, body, .. } => (topic, body, true),
            _ => return true,
        };
        let Some(mut marker) = Marker::of(body) else { return true };
        marker.applied.retain(|applied| !matches!(applied, Applied::Closed { .. }));
        *body = format!("{}\n\n{}", Marker::strip(body), marker.to_line());
        let body_hash = hash_of(body);
        let as_it_stands =
            edits && before.comment(topic).is_some_and(|live| live.body_hash == body_hash);
        if let Some(live) = after.comments.iter_mut().find(|live| live.topic == *topic) {
            live.body_hash = body_hash;
            // Made of something else next time.
            live.made_of.clear();
        }
        !as_it_stands
    });
    plan
}
