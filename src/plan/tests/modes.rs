//! Routing that is switched off or on trial.

use super::*;
use crate::policy::{Origin, SourceFile};

/// Decides with the built-in policies and one option of their routing changed.
fn decided((from, to): (&str, &str), item: &mut Snapshot, ledger: &Ledger) -> Plan {
    let mut source = PolicySource::built_in();
    let text = source.file("routing.yml").expect("there").text.to_string();
    assert!(text.contains(from), "{from}");
    source.insert(SourceFile::new("routing.yml", Origin::BuiltIn, text.replace(from, to)));
    let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    crate::plan::rehearse(&pack).unwrap_or_else(|errors| panic!("{errors}"));
    for _ in 0..4 {
        match decide(item, ledger, &pack, &person(1, "steward"), at(60)).expect("words") {
            Decision::Plan(plan) => return *plan,
            Decision::Needs(needs) => {
                for facet in needs {
                    let value = match &facet {
                        Facet::LabelHistory => FacetValue::LabelHistory(Vec::new()),
                        Facet::OwnComments => FacetValue::OwnComments(Vec::new()),
                        Facet::Label(name) => FacetValue::Label(Some(name.clone())),
                        other => panic!("{other:?} is not needed"),
                    };
                    item.fill(&facet, value);
                }
            }
        }
    }
    panic!("no plan");
}

#[test]
fn on_trial_it_says_what_it_would_do_and_does_nothing() {
    let mut item = Item::issue(&["Integration::Jira"]).snapshot;
    let plan = decided(("mode: on", "mode: shadow"), &mut item, &Ledger::default());
    assert!(plan.actions.is_empty(), "{plan:?}");
    let would: Vec<_> = plan.shadow.iter().map(|one| one.would.as_str()).collect();
    assert_eq!(
        would,
        [
            "labels: add group::project management",
            "labels: add devops::plan",
            "comment: routing/owned"
        ]
    );
    let idle = plan.idle.expect("said");
    assert_eq!(idle.because, Because::RoutingRests { mode: "shadow".into() });
}

#[test]
fn switched_off_it_keeps_what_it_did_and_asks_for_nothing() {
    let mut item = Item::issue(&["group::import"]).snapshot;
    let mut ledger = Ledger { known: true, ..Ledger::default() };
    ledger.learn("group::import".into(), at(0));
    let plan = decided(("mode: on", "mode: off"), &mut item, &ledger);
    assert!(plan.actions.is_empty() && plan.shadow.is_empty(), "{plan:?}");
    assert_eq!(plan.ledger_after.labels, ledger.labels);
    assert_eq!(plan.idle.expect("said").because, Because::RoutingRests { mode: "off".into() });
}

#[test]
fn all_owners_of_several_integrations_are_told_if_the_policy_says_so() {
    let mut item = Item::issue(&["Integration::Jira"]).snapshot;
    item.labels.push("Integration::Jenkins".into());
    let plan =
        decided(("several_owners: ask", "several_owners: tell_all"), &mut item, &Ledger::default());
    let Some(Effect::CommentPosted { body, .. }) = plan.actions.last().map(|one| &one.effect)
    else {
        panic!("{plan:?}");
    };
    assert!(body.contains("which your groups own"), "{body}");
    let labels: Vec<_> = plan
        .actions
        .iter()
        .filter_map(|one| match &one.effect {
            Effect::LabelPresent { label } => Some(label.as_str()),
            _ => None,
        })
        .collect();
    // Of labels that exclude each other one is set.
    assert_eq!(labels.len(), 2, "{labels:?}");
}
