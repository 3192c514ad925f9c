//! Whether a rule holds. What costs a facet is asked only when nothing else decides.

use super::{At, Truth, conditions};
use crate::{
    model::State,
    pack::rules::{Condition, Rule},
    policy::Located,
    rules::View,
};

/// Whether a rule holds on an item. Facets that it needs and that were not read are noted by the
/// view; until then the answer is [`Truth::CannotTell`].
pub fn holds(rule: &Rule, view: &View<'_>) -> Truth {
    if !looks_at(rule, view) {
        return Truth::No;
    }
    whole(&At::deciding(view, rule))
}

/// Whether the item is one that the rule looks at: of its kinds, and open unless it asks for the
/// state itself.
pub(super) fn looks_at(rule: &Rule, view: &View<'_>) -> bool {
    let snapshot = view.snapshot;
    rule.on.contains(&snapshot.subject.kind) && (rule.asks_state || snapshot.state == State::Open)
}

/// `when` and `when_expr`.
fn whole(at: &At<'_, '_>) -> Truth {
    let when = at.rule.when.as_ref().map_or(Truth::Yes, |when| truth(when, at));
    match (&at.rule.expr, when) {
        (None, _) | (_, Truth::No) => when,
        // What is missing is read first: it may make the expression needless.
        (Some(_), Truth::CannotTell) if at.takes_missed() => when,
        (Some(expr), _) => when.and(conditions::expr::holds(expr, at)),
    }
}

/// Whether a condition holds.
pub(super) fn truth(condition: &Condition, at: &At<'_, '_>) -> Truth {
    match condition {
        Condition::All(list) => list_truth(list, Truth::No, at),
        Condition::Any(list) => list_truth(list, Truth::Yes, at),
        Condition::Not(inner) => !truth(inner, at),
        leaf => conditions::with(leaf, |predicate| predicate.holds(at)),
    }
}

/// `all`, which `No` decides, or `any`, which `Yes` does. What costs nothing is asked first.
fn list_truth(list: &[Located<Condition>], decides: Truth, at: &At<'_, '_>) -> Truth {
    let mut cannot_tell = false;
    for costly in [false, true] {
        for one in list.iter().filter(|one| costs(one) == costly) {
            match truth(one, at) {
                Truth::CannotTell => {
                    cannot_tell = true;
                    // One facet at a time: it may decide, and the others are not needed then.
                    if at.takes_missed() {
                        at.misses();
                        return Truth::CannotTell;
                    }
                }
                found if found == decides => return decides,
                _ => {}
            }
        }
    }
    if cannot_tell { Truth::CannotTell } else { !decides }
}

/// Whether a condition may cost a facet.
fn costs(condition: &Condition) -> bool {
    match condition {
        Condition::All(list) | Condition::Any(list) => list.iter().any(|one| costs(one)),
        Condition::Not(inner) => costs(inner),
        Condition::Author(author) => author.member.is_some() || author.at_least.is_some(),
        // Of some items the forge tells them with the item.
        Condition::LabelSet(_)
        | Condition::Votes(_)
        | Condition::Changes(_)
        | Condition::Integration(_)
        | Condition::Group(_) => true,
        _ => false,
    }
}
