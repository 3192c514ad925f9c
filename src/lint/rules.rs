//! Rules against themselves and against each other.

use super::{
    cases::{Case, both, cases},
    item::Item,
    solve::{Answer, solve},
    war,
};
use crate::{
    model::{LabelName, State, SubjectKind},
    pack::{
        Pack,
        rules::{Condition, Mode, Rule},
    },
    policy::{Finding, OneOrMany, Severity},
    rules::declared::Truth,
};

/// What can be said about the rules of a pack.
pub(super) fn check(pack: &Pack) -> Vec<Finding> {
    let mut findings = Vec::new();
    let open = open();
    let rules: Vec<&Rule> = pack.rules.iter().filter(|rule| rule.mode != Mode::Off).collect();
    let mut examples: Vec<Item> = Vec::new();
    let mut alive: Vec<&Rule> = Vec::new();
    for rule in rules {
        match looked_at(pack, rule, &[], &open) {
            Answer::Never(part) => findings.push(dead(rule, part)),
            Answer::Can(item) => {
                examples.push(*item);
                alive.push(rule);
            }
            Answer::Unknown => alive.push(rule),
        }
    }
    for (at, later) in alive.iter().enumerate() {
        for earlier in &alive[..at] {
            if is_shadowed(pack, earlier, later, &open) {
                findings.push(shadowed(earlier, later));
                break;
            }
        }
        for earlier in &alive[..at] {
            let Some((what, help)) = quarrel(earlier, later) else { continue };
            if let Answer::Can(item) = looked_at(pack, later, &[(*earlier, true)], &open) {
                let message = format!("`{}` and `{}` fight: {what}", earlier.key, later.key);
                findings.push(Finding {
                    example: Some(item.told()),
                    ..Finding::at(Severity::Warning, "fight", &later.cite, message, help)
                });
                examples.push(*item);
            }
        }
    }
    findings.extend(war::check(pack, &examples));
    findings
}

/// Whether a rule can hold together with what is said about others.
fn looked_at(pack: &Pack, rule: &Rule, others: &[(&Rule, bool)], open: &Condition) -> Answer {
    let Some(mut all) = whole(rule, true, open) else { return Answer::Unknown };
    for (other, holds) in others {
        match whole(other, *holds, open).and_then(|other| both(all, other)) {
            Some(joined) => all = joined,
            None => return Answer::Unknown,
        }
    }
    let (mut never, mut unknown) = (None, false);
    for kind in kinds(rule, others) {
        for case in &all {
            match solve(pack, kind, case) {
                Answer::Can(item) if agrees(pack, &item, rule, others) => return Answer::Can(item),
                Answer::Never(part) => never = never.or(Some(part)),
                _ => unknown = true,
            }
        }
    }
    match never {
        Some(part) if !unknown => Answer::Never(part),
        // Where one rule leaves no case at all, it always holds, and the other is never without it.
        None if !unknown && all.is_empty() => Answer::Never("everything"),
        _ => Answer::Unknown,
    }
}

/// Kinds of items that the rule and the others that shall hold look at.
fn kinds(rule: &Rule, others: &[(&Rule, bool)]) -> Vec<SubjectKind> {
    let mut kinds = rule.on.clone();
    for (other, _) in others.iter().filter(|(_, holds)| *holds) {
        kinds.retain(|kind| other.on.contains(kind));
    }
    kinds
}

/// The engine's word on an example.
fn agrees(pack: &Pack, item: &Item, rule: &Rule, others: &[(&Rule, bool)]) -> bool {
    item.asks(pack, rule) == Truth::Yes
        && others.iter().all(|(other, holds)| {
            item.asks(pack, other) == if *holds { Truth::Yes } else { Truth::No }
        })
}

/// The cases of a rule's `when`, with the state that it looks at. What an expression in CEL says is
/// not looked into.
fn whole<'c>(rule: &'c Rule, holds: bool, open: &'c Condition) -> Option<Vec<Case<'c>>> {
    let when = match &rule.when {
        Some(when) => cases(when, holds)?,
        None if holds => vec![Vec::new()],
        None => Vec::new(),
    };
    let state = (!rule.asks_state).then(|| cases(open, holds)).flatten();
    match (state, holds) {
        (None, _) => Some(when),
        (Some(state), true) => both(when, state),
        (Some(state), false) => Some(when.into_iter().chain(state).collect()),
    }
}

fn dead(rule: &Rule, part: &str) -> Finding {
    let message = format!("`{}` never holds: what it asks of the {part} excludes itself", rule.key);
    let help = "correct `when`, or remove the rule";
    Finding::at(Severity::Mistake, "dead_rule", &rule.cite, message, help)
}

fn shadowed(earlier: &Rule, later: &Rule) -> Finding {
    let message = format!(
        "`{}` changes nothing: whenever it holds, `{}` ({}) holds too and comes first",
        later.key, earlier.key, earlier.cite
    );
    let help = "remove one of them, put the narrower one first, or exclude it in the wider one";
    Finding::at(Severity::Warning, "shadowed_rule", &later.cite, message, help)
}

/// Whether a later rule holds only where an earlier one does, and asks for nothing that is done.
fn is_shadowed(pack: &Pack, earlier: &Rule, later: &Rule, open: &Condition) -> bool {
    // What the expression says is not known, so that it might not hold.
    let sure = earlier.expr.is_none() && earlier.mode == Mode::On;
    if !sure
        || later.on.iter().any(|kind| !earlier.on.contains(kind))
        || !is_covered(earlier, later)
    {
        return false;
    }
    matches!(looked_at(pack, later, &[(earlier, false)], open), Answer::Never(_))
}

/// Whether all that a later rule asks for an earlier one asks for too, or keeps from being done.
fn is_covered(earlier: &Rule, later: &Rule) -> bool {
    let (first, then) = (&earlier.then, &later.then);
    let labels = |rule: &Rule| -> Vec<LabelName> {
        let adds = rule.then.labels.iter().flat_map(|labels| &labels.add);
        adds.map(|label| LabelName::new(label.as_str())).collect()
    };
    let (before, after) = (labels(earlier), labels(later));
    let covered = |label: &LabelName| {
        before.iter().any(|other| other.same(label) || other.shares_scope(label))
    };
    let removes = |rule: &Rule| -> Vec<String> {
        let removes = rule.then.labels.iter().flat_map(|labels| &labels.remove);
        removes.map(|pattern| pattern.as_str().to_lowercase()).collect()
    };
    let gone = removes(earlier);
    let keeps = then.labels.as_ref().is_some_and(|labels| labels.keep)
        && first.labels.as_ref().is_none_or(|labels| !labels.keep);
    let something = !after.is_empty()
        || !removes(later).is_empty()
        || then.milestone.is_some()
        || then.assign.is_some();
    something
        && !keeps
        && !later.speaks()
        && then.status.is_none()
        && then.close.is_none()
        && then.request_review.is_none()
        && after.iter().all(covered)
        && removes(later).iter().all(|pattern| gone.contains(pattern))
        && (then.milestone.is_none() || first.milestone.is_some())
        && (then.assign.is_none()
            || then.assign.as_ref().map(|to| &to.value)
                == first.assign.as_ref().map(|to| &to.value))
}

/// What two rules want that excludes each other, and what to do about it.
fn quarrel(earlier: &Rule, later: &Rule) -> Option<(String, String)> {
    let adds = |rule: &Rule| -> Vec<LabelName> {
        let labels = rule.then.labels.iter().flat_map(|labels| &labels.add);
        labels.map(|label| LabelName::new(label.as_str())).collect()
    };
    let removes = |rule: &Rule, label: &LabelName| {
        let labels = rule.then.labels.iter().flat_map(|labels| &labels.remove);
        labels.into_iter().any(|pattern| pattern.fits(label.as_str()))
    };
    let say = |wants: &Rule, label: &LabelName, other: &Rule| {
        (
            format!("`{}` wants the label `{label}` on, `{}` wants it off", wants.key, other.key),
            "exclude one in the `when` of the other; as it is, the label stays on".to_owned(),
        )
    };
    for (wants, other) in [(earlier, later), (later, earlier)] {
        if let Some(label) = adds(wants).iter().find(|label| removes(other, label)) {
            return Some(say(wants, label, other));
        }
    }
    adds(earlier).iter().find_map(|first| {
        let second =
            adds(later).into_iter().find(|one| one.shares_scope(first) && !one.same(first))?;
        Some((
            format!("they want `{first}` and `{second}`, two values of one scope"),
            format!("exclude one in the `when` of the other; as it is, `{}` wins", earlier.key),
        ))
    })
}

/// The state that a rule looks at that does not ask for one.
fn open() -> Condition {
    Condition::State(OneOrMany(vec![State::Open]))
}

/// An item on which a rule holds.
#[cfg(test)]
pub(super) fn example(pack: &Pack, rule: &Rule) -> Option<Item> {
    match looked_at(pack, rule, &[], &open()) {
        Answer::Can(item) => Some(*item),
        _ => None,
    }
}
