//! Labels that Steward would set and take off for ever: played with the function that decides on
//! real items, until it rests or comes back to where it was.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::item::{Item, NOW, me};
use crate::{
    model::{
        Action, Cite, Effect, Facet, FacetValue, FoundMilestone, LabelEvent, LabelName, Ledger,
        Milestone, Reason,
    },
    pack::Pack,
    plan::{Decision, Detail, decide_in},
    policy::{Finding, Severity},
};

/// After so many looks at an item it must have come to rest.
const ROUNDS: i64 = 20;
/// The most that is told of a war: it goes on as it begins.
const TOLD: usize = 6;

/// A label that was set again after it had been taken off.
struct War {
    label: LabelName,
    steps: Vec<String>,
    cite: Option<Cite>,
    rules: BTreeSet<String>,
}

/// The wars that break out on the examples, each label once.
pub(super) fn check(pack: &Pack, examples: &[Item]) -> Vec<Finding> {
    let mut told: Vec<LabelName> = Vec::new();
    let mut findings = Vec::new();
    for item in examples {
        let Some(war) = play(pack, item.clone()) else { continue };
        if told.iter().any(|label| label.same(&war.label)) {
            continue;
        }
        let rules: Vec<String> = war.rules.iter().map(|rule| format!("`{rule}`")).collect();
        let message = format!(
            "the label `{}` would be set and taken off for ever, by {}",
            war.label,
            rules.join(" and ")
        );
        let help = "let no rule hold because of a label whose absence another one needs";
        let cite = war.cite.unwrap_or(Cite { file: "rules".into(), line: 1 });
        findings.push(Finding {
            example: Some(item.told()),
            steps: war.steps,
            ..Finding::at(Severity::Mistake, "label_war", &cite, message, help)
        });
        told.push(war.label);
    }
    findings
}

/// Looks at an item again and again, as nobody else touches it.
fn play(pack: &Pack, mut item: Item) -> Option<War> {
    let mut ledger = Ledger::default();
    let (mut set, mut gone) = (Vec::<LabelName>::new(), Vec::<LabelName>::new());
    let mut steps: Vec<(LabelName, char, String, i64)> = Vec::new();
    for round in 1..=ROUNDS {
        let now = NOW + TimeDelta::minutes(round);
        let plan = decided(pack, &mut item, &ledger, now)?;
        if plan.actions.is_empty() {
            return None;
        }
        let mut again = None;
        for Action { effect, reason } in &plan.actions {
            apply(&mut item, effect, now);
            let (sign, label) = match effect {
                Effect::LabelPresent { label } => ('+', label),
                Effect::LabelAbsent { label } => ('-', label),
                _ => continue,
            };
            let rule = reason.rule.trim_start_matches(crate::rules::DECLARED).to_owned();
            steps.push((label.clone(), sign, rule, round));
            match sign {
                '-' => gone.push(label.clone()),
                _ if gone.iter().any(|one| one.same(label))
                    && set.iter().any(|one| one.same(label)) =>
                {
                    again = Some((label.clone(), reason.clone()));
                }
                _ => set.push(label.clone()),
            }
        }
        ledger = plan.ledger_after;
        ledger.comments.iter_mut().for_each(|live| live.id = live.id.or(Some(1)));
        if let Some((label, Reason { cite, .. })) = again {
            // Labels that came and stayed have no part in it.
            steps.retain(|(label, ..)| gone.iter().any(|one| one.same(label)));
            let set = steps.iter().filter(|(_, sign, ..)| *sign == '+');
            let rules = set.map(|(_, _, rule, _)| rule.clone()).collect();
            let told = steps.iter().take(TOLD).map(|(label, sign, rule, round)| match sign {
                '+' => format!("look {round}: + {label} ({rule})"),
                _ => format!("look {round}: - {label}"),
            });
            let steps = told.chain(["and so on".to_owned()]).collect();
            return Some(War { label, steps, cite, rules });
        }
    }
    None
}

/// A plan with everything read that it asks for: the forge has all labels, milestones and accounts.
fn decided(
    pack: &Pack,
    item: &mut Item,
    ledger: &Ledger,
    now: DateTime<Utc>,
) -> Option<crate::model::Plan> {
    for _ in 0..5 {
        let decision = decide_in(Detail::Outline, &item.snapshot, ledger, pack, &me(), now).ok()?;
        match decision {
            Decision::Plan(plan) => return Some(*plan),
            Decision::Needs(facets) => {
                for facet in facets {
                    let value = match &facet {
                        Facet::Label(name) => FacetValue::Label(Some(name.clone())),
                        Facet::Milestone(title) => FacetValue::Milestone(Some(FoundMilestone {
                            id: 1,
                            title: title.clone(),
                        })),
                        Facet::Account(handle) => {
                            FacetValue::Account(Some(super::item::person(9, handle)))
                        }
                        // All others are there from the beginning.
                        _ => return None,
                    };
                    item.snapshot.fill(&facet, value);
                }
            }
        }
    }
    None
}

fn apply(item: &mut Item, effect: &Effect, now: DateTime<Utc>) {
    let snapshot = &mut item.snapshot;
    snapshot.updated_at = now;
    let mut event = |label: &LabelName, added| {
        snapshot.facets.label_history.get_or_insert_default().push(LabelEvent {
            label: Some(label.clone()),
            added,
            by: Some(me()),
            at: now,
        });
    };
    match effect {
        Effect::LabelPresent { label } => {
            event(label, true);
            snapshot.labels.retain(|on| !on.shares_scope(label) && !on.same(label));
            snapshot.labels.push(label.clone());
        }
        Effect::LabelAbsent { label } => {
            event(label, false);
            snapshot.labels.retain(|on| !on.same(label));
        }
        Effect::Assigned { people } => snapshot.assignees = people.clone(),
        Effect::ReviewRequested { people, teams, .. } => {
            if let Some(requested) = &mut snapshot.reviewers {
                requested.add(people, teams);
            }
        }
        Effect::MilestoneSet { milestone } => {
            snapshot.milestone = Some(Milestone { title: milestone.title.clone(), due: None });
        }
        Effect::Closed => snapshot.state = crate::model::State::Closed,
        _ => {}
    }
}
