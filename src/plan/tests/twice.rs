//! Deciding twice in a row, with the effects applied, leaves nothing to do: whatever the rules want
//! and whatever people do in between.

use proptest::prelude::*;

use super::{
    fields::{assigned, close, comment, milestone, status},
    *,
};
use crate::rules::KeepRules;

fn any_wanted() -> impl Strategy<Value = Wanted<'static>> {
    let handles = proptest::sample::subsequence(vec!["anna", "bo", "nobody"], 0..=3);
    let assignees = proptest::collection::vec(handles, 0..3);
    let title = proptest::sample::select(vec!["18.9", "18.10", "never"]);
    let milestones = proptest::collection::vec(title, 0..3);
    let state = prop_oneof![
        Just(StatusState::Pending),
        Just(StatusState::Success),
        Just(StatusState::Failed)
    ];
    let name = proptest::sample::select(vec!["docs", "owner"]);
    let statuses = proptest::collection::vec((name, state), 0..3);
    (assignees, milestones, statuses, any::<[bool; 3]>()).prop_map(
        |(assignees, milestones, statuses, [closes, says, keeps])| Wanted {
            assignees: assignees.iter().map(|handles| assigned("a", handles)).collect(),
            milestones: milestones.iter().map(|title| milestone("m", title)).collect(),
            statuses: statuses.iter().map(|(name, state)| status(name, *state)).collect(),
            close: close().filter(|_| closes),
            comments: says.then(comment).into_iter().collect(),
            keep_rules: if keeps { KeepRules::All } else { KeepRules::None },
            ..Wanted::default()
        },
    )
}

/// What a person does between two looks.
fn meddles(item: &mut Item, what: u8) {
    match what {
        0 => item.snapshot.assignees.clear(),
        1 => item.snapshot.assignees = vec![person(3, "carla")],
        2 => item.snapshot.milestone = None,
        3 => item.snapshot.milestone = Some(Milestone { title: "17.0".into(), due: None }),
        4 => item.snapshot.head = Some(format!("c{}", item.statuses.len() + 2)),
        5 => item.snapshot.state = State::Open,
        6 => item.ledger.uncertain = true,
        _ => item.ledger = Ledger::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_is_decided_twice_is_done_once(
        rounds in proptest::collection::vec((any_wanted(), 0u8..8), 1..5),
    ) {
        let mut item = Item::merge_request(&[]).pushed("c1");
        item.missing = vec!["nobody", "never"];
        for (wanted, meddling) in rounds {
            item.wanted = Some(wanted);
            item.steward();
            let again = item.steward();
            prop_assert!(again.is_empty(), "a second look does something: {again:#?}");
            meddles(&mut item, meddling);
            let closed = item.ledger.closed_by().is_some();
            let plan = item.steward();
            let closes = plan.actions.iter().any(|action| action.effect == Effect::Closed);
            prop_assert!(!(closed && closes), "closed twice");
            let again = item.steward();
            prop_assert!(again.is_empty(), "a second look does something: {again:#?}");
        }
    }
}
