//! What is recorded of a decision, and deciding it again.

use super::{declared::rules, *};
use crate::{
    model::{FileAt, Unreadable},
    plan::{Input, RecordedInput, Replayed, StoredInput, decide_input, replay, without_close},
};

const CLOSES: &str = "
rules:
  duplicate:
    about: What was reported before is closed.
    when: { label: duplicate }
    then: { comment: { text: Good bye. }, close: { at_most_a_day: 1 } }
";

/// The item with all that deciding asks for, and the decision.
fn decided(item: &Item, snapshot: &mut Snapshot) -> Plan {
    let me = person(1, "steward");
    loop {
        let (ledger, now) = (&item.ledger, at(item.minute));
        let input = Input { snapshot, ledger, me: &me, now, questions: &[] };
        match decide_input(Detail::Full, input, item.pack).expect("renders") {
            Decision::Plan(plan) => return *plan,
            Decision::Needs(needs) => {
                needs.iter().for_each(|facet| snapshot.fill(facet, item.reads(facet)));
            }
        }
    }
}

/// As it goes through the database.
fn recorded(item: &Item, snapshot: &Snapshot) -> (String, StoredInput) {
    let me = person(1, "steward");
    let input = RecordedInput::new(snapshot, &item.ledger, &me, &[]);
    let json = serde_json::to_string(&input).expect("JSON");
    let stored = serde_json::from_str(&json).expect("the same");
    (json, stored)
}

#[test]
fn what_a_limit_kept_from_closing_is_the_same_again() {
    let item = Item::issue(&["duplicate"]).under(rules(CLOSES));
    let mut snapshot = item.snapshot.clone();
    let whole = decided(&item, &mut snapshot);
    let (_, input) = recorded(&item, &snapshot);
    let limited = without_close(whole.clone(), &item.ledger);
    assert_ne!(limited, whole);
    for then in [&limited, &whole] {
        let again = replay(&input, then, then.decided_at, item.pack).expect("renders");
        assert_eq!(again, Replayed::Same);
    }
}

#[test]
fn what_was_not_known_of_a_closing_is_recorded_too() {
    let mut item = Item::issue(&["duplicate"]).under(rules(CLOSES));
    item.ledger = Ledger { uncertain: true, ..Ledger::default() };
    item.ledger.closing = Some("rules.duplicate".into());
    let mut snapshot = item.snapshot.clone();
    let plan = decided(&item, &mut snapshot);
    assert!(plan.held.iter().any(|held| held.reason.because == Because::CloseUnknown), "{plan:#?}");
    let (_, input) = recorded(&item, &snapshot);
    let again = replay(&input, &plan, plan.decided_at, item.pack).expect("renders");
    assert_eq!(again, Replayed::Same);
}

#[test]
fn files_are_not_recorded_and_what_may_hang_on_them_is_not_told() {
    let item = Item::issue(&["duplicate"]).under(rules(CLOSES));
    let mut snapshot = item.snapshot.clone();
    let mut plan = decided(&item, &mut snapshot);
    let file = FileAt::head("app/secret.rb");
    snapshot.facets.files.insert(file.clone(), FileContent::text("SECRET = 1"));
    let (json, input) = recorded(&item, &snapshot);
    assert!(!json.contains("SECRET") && json.contains("app/secret.rb"), "{json}");
    assert_eq!(
        input.snapshot.facets.files[&file],
        FileContent::Unreadable(Unreadable::NotRecorded)
    );
    let again = |plan: &Plan| replay(&input, plan, plan.decided_at, item.pack).expect("renders");
    assert_eq!(again(&plan), Replayed::Same);
    plan.actions.clear();
    assert_eq!(again(&plan), Replayed::CannotTell { lacks: BTreeSet::from([Facet::File(file)]) });
}
