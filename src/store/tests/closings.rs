//! How many items a rule may close in a day, and what is known of a closing.

use futures::future::join_all;

use super::*;
use crate::store::{Recorded, StoreError};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A plan that closes the issue.
fn closing(number: u64, rule: &str, limit: u32, now: i64) -> Plan {
    let reason = Reason { rule: rule.to_owned(), cite: None, because: Because::TellsOwner };
    Plan {
        actions: vec![Action { effect: Effect::Closed, reason }],
        held: Vec::new(),
        close_limit: Some(limit),
        decided_at: at(now),
        ..plan(issue(number))
    }
}

async fn keep(store: &Store, claim: &Claim, plan: &Plan, id: Uuid) -> Result<Recorded, StoreError> {
    let actions = [ActionNote { reason: "because".to_owned(), before: None }];
    let record = PlanRecord { id, plan, actions: &actions, held: &[], input: None, dry_run: false };
    store.record_plan(claim, record).await
}

/// Lets a rule close an issue, with that outcome.
async fn closes(store: &Store, number: u64, now: i64, state: Option<AuditState>) -> Recorded {
    accept(store, &format!("{number}-{now}"), number, now).await;
    let claim = claim_one(store, now).await;
    let id = Uuid::now_v7();
    let plan = closing(number, "rules.stale", 2, now);
    let recorded = keep(store, &claim, &plan, id).await.expect("answered");
    let settled = state.map(|state| Settled {
        position: 0,
        state,
        error: None,
        forge_id: None,
        answered: true,
    });
    let (plan, settled) = match recorded {
        Recorded::Kept => (Some(id), settled.into_iter().collect()),
        Recorded::CloseLimit { .. } => (None, Vec::new()),
    };
    store
        .finish(&claim, Finished { plan, settled, ..ended(now, Next::Done) })
        .await
        .expect("finished");
    recorded
}

pub(super) async fn a_rule_closes_as_many_as_it_may_in_a_day(home: &impl Home) {
    let store = home.open().await;
    let applied = Some(AuditState::Applied);
    assert_eq!(closes(&store, 1, 0, applied).await, Recorded::Kept);
    assert_eq!(closes(&store, 2, 10, Some(AuditState::Failed)).await, Recorded::Kept);
    assert_eq!(closes(&store, 1, 20, applied).await, Recorded::Kept, "the same takes one place");
    assert_eq!(closes(&store, 3, 30, None).await, Recorded::Kept, "nobody knows how it ended");
    let full = Recorded::CloseLimit { due_at: at(DAY) };
    assert_eq!(closes(&store, 4, 40, applied).await, full, "when the first was closed");
    assert!(store.audit(&issue(4)).await.expect("rows").is_empty(), "nothing is recorded");

    accept(&store, "other", 5, 50).await;
    let claim = claim_one(&store, 50).await;
    let id = Uuid::now_v7();
    let other = closing(5, "rules.other", 1, 50);
    assert_eq!(keep(&store, &claim, &other, id).await.expect("answered"), Recorded::Kept);
    let row = store.audit(&issue(5)).await.expect("rows").remove(0);
    assert_eq!((row.effect.as_str(), row.target.as_deref()), ("closed", Some("rules.other")));
    store.finish(&claim, ended(51, Next::Done)).await.expect("finished");

    assert_eq!(closes(&store, 4, DAY + 25, applied).await, Recorded::Kept);
}

pub(super) async fn two_at_once_do_not_both_take_the_last_place(home: &impl Home) {
    let store = home.open().await;
    for number in 0..20 {
        accept(&store, &format!("k{number}"), number, 0).await;
    }
    let claims = store.claim(20, LEASE, at(1)).await.expect("claims");
    let plans: Vec<Plan> =
        claims.iter().map(|claim| closing(claim.subject.number, "rules.stale", 3, 1)).collect();
    let all =
        claims.iter().zip(&plans).map(|(claim, plan)| keep(&store, claim, plan, Uuid::now_v7()));
    let kept = join_all(all).await;
    let kept = kept.iter().filter(|kept| matches!(kept, Ok(Recorded::Kept))).count();
    assert_eq!(kept, 3);
}

pub(super) async fn a_closing_without_an_outcome_is_told_with_the_claim(home: &impl Home) {
    let store = home.open().await;
    closes(&store, 1, 0, Some(AuditState::Unknown)).await;
    accept(&store, "b", 1, 10).await;
    let claim = claim_one(&store, 10).await;
    assert!(claim.ledger.uncertain);
    assert_eq!(claim.ledger.closing.as_deref(), Some("rules.stale"));
    let resolved = Finished {
        ledger: Some(claim.ledger.clone()),
        resolved_uncertainty: true,
        ..ended(11, Next::Done)
    };
    store.finish(&claim, resolved).await.expect("finished");
    accept(&store, "c", 1, 20).await;
    assert_eq!(claim_one(&store, 20).await.ledger.closing, None);
}

pub(super) async fn a_second_look_comes_in_time_or_with_an_event(home: &impl Home) {
    let store = home.open().await;
    let later = || Next::LookAgain { due_at: at(1000) };
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 1).await;
    store.finish(&claim, ended(2, later())).await.expect("finished");
    assert!(nothing_at(&store, 999).await);
    accept(&store, "b", 1, 500).await;
    let claim = claim_one(&store, 500).await;
    // An event while it is worked on comes first as well.
    accept(&store, "c", 1, 501).await;
    store.finish(&claim, ended(502, later())).await.expect("finished");
    let claim = claim_one(&store, 503).await;
    store.finish(&claim, ended(504, later())).await.expect("finished");
    let claim = claim_one(&store, 1000).await;
    assert_eq!((claim.attempts, claim.error), (0, None));
}
