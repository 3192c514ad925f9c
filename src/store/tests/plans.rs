//! Plans, intents, outcomes, ledgers.

use super::*;
use crate::store::StoreError;

pub(super) async fn a_plan_goes_from_intent_to_outcome(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 1).await;
    let id = Uuid::now_v7();
    record(&store, &claim, id, false).await.expect("recorded");

    let rows = store.audit(&issue(1)).await.expect("rows");
    let states: Vec<_> = rows.iter().map(|row| row.state).collect();
    assert_eq!(states, [AuditState::Intended, AuditState::Intended, AuditState::Held]);
    let stored = store.plan(id).await.expect("answered").expect("a plan");
    assert_eq!(stored.plan.as_ref(), Some(&plan(issue(1))), "to the letter, NUL included");
    assert_eq!((stored.subject, stored.dry_run), (issue(1), false));
    assert_eq!(store.plan(Uuid::now_v7()).await.expect("answered"), None);

    let finished = Finished {
        plan: Some(id),
        settled: settled(AuditState::Applied),
        ledger: Some(some_ledger()),
        ..ended(9, Next::Done)
    };
    store.finish(&claim, finished).await.expect("finished");
    let rows = store.audit(&issue(1)).await.expect("rows");
    let [label, comment, held] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(
        (label.effect.as_str(), label.target.as_deref()),
        ("label_present", Some("group::import"))
    );
    assert_eq!((label.state, label.settled_at), (AuditState::Applied, Some(at(9))));
    assert_eq!(label.before, Some(json!(["bug"])));
    assert_eq!(label.reason.as_ref().map(|reason| reason.rule.as_str()), Some("routing.by_label"));
    assert_eq!(comment.target.as_deref(), Some("routing"));
    assert_eq!((comment.state, comment.forge_id), (AuditState::Applied, Some(77)));
    assert_eq!((held.effect.as_str(), held.state), ("held", AuditState::Held));
    assert_eq!(held.reason_text, "a human said no");
    assert_eq!(held.target.as_deref(), Some("group::other"));
    assert!(rows.iter().enumerate().all(|(n, row)| row.position as usize == n && row.plan == id));

    accept(&store, "b", 1, 10).await;
    let claim = claim_one(&store, 10).await;
    assert_eq!(claim.ledger, some_ledger());
}

pub(super) async fn a_dry_run_leaves_nothing_uncertain(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 1).await;
    let id = Uuid::now_v7();
    record(&store, &claim, id, true).await.expect("recorded");
    store.finish(&claim, ended(9, Next::Done)).await.expect("finished");
    let states: Vec<_> =
        store.audit(&issue(1)).await.expect("rows").iter().map(|row| row.state).collect();
    assert_eq!(states, [AuditState::DryRun, AuditState::DryRun, AuditState::Held]);
    assert!(store.plan(id).await.expect("answered").expect("a plan").dry_run);
    accept(&store, "b", 1, 10).await;
    assert!(!claim_one(&store, 10).await.ledger.uncertain);
}

pub(super) async fn an_intent_without_outcome_makes_the_ledger_uncertain(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let lost = claim_one(&store, 1).await;
    record(&store, &lost, Uuid::now_v7(), false).await.expect("recorded");
    let heir = claim_one(&store, 100_000).await;
    assert!(heir.ledger.uncertain);
    // The late worker knows the outcome and may not tell it any more.
    let late = Finished { settled: settled(AuditState::Applied), ..ended(100_001, Next::Done) };
    assert!(matches!(store.finish(&lost, late).await, Err(StoreError::LeaseLost(_))));
    let states: Vec<_> =
        store.audit(&issue(1)).await.expect("rows").iter().map(|row| row.state).collect();
    assert_eq!(states[..2], [AuditState::Intended; 2]);
}

pub(super) async fn an_unknown_outcome_is_uncertain_until_resolved(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 1).await;
    let first = Uuid::now_v7();
    record(&store, &claim, first, false).await.expect("recorded");
    let finished = Finished {
        plan: Some(first),
        settled: settled(AuditState::Unknown),
        ..ended(2, retry_at(3))
    };
    store.finish(&claim, finished).await.expect("finished");

    let claim = claim_one(&store, 3).await;
    assert!(claim.ledger.uncertain);
    assert_eq!(claim.unsure_since, Some(at(2)), "no answer came to the comment");
    let second = Uuid::now_v7();
    record(&store, &claim, second, false).await.expect("recorded");
    let finished = Finished {
        plan: Some(second),
        settled: settled(AuditState::Unknown),
        ledger: Some(some_ledger()),
        resolved_uncertainty: true,
        ..ended(4, retry_at(5))
    };
    store.finish(&claim, finished).await.expect("finished");
    let rows = store.audit(&issue(1)).await.expect("rows");
    assert_eq!((rows[1].plan, rows[1].state), (first, AuditState::Resolved));
    assert_eq!(rows[0].state, AuditState::Applied, "what was known stays");
    assert_eq!((rows[4].plan, rows[4].state), (second, AuditState::Unknown));

    let claim = claim_one(&store, 5).await;
    assert!(claim.ledger.uncertain, "the second plan is uncertain in its turn");
    let finished = Finished { resolved_uncertainty: true, ..ended(6, Next::Done) };
    store.finish(&claim, finished).await.expect("finished");
    accept(&store, "b", 1, 7).await;
    assert_eq!(claim_one(&store, 7).await.ledger, some_ledger());
}

pub(super) async fn a_comment_is_unsure_only_while_no_answer_came(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let lost = claim_one(&store, 1).await;
    assert_eq!(lost.unsure_since, None);
    record(&store, &lost, Uuid::now_v7(), false).await.expect("recorded");
    // Nobody knows how far that one came: counted from its intent.
    let heir = claim_one(&store, 100_000).await;
    assert_eq!(heir.unsure_since, Some(at(5)));
    let id = Uuid::now_v7();
    record(&store, &heir, id, false).await.expect("recorded");
    let mut outcomes = settled(AuditState::Unknown);
    outcomes[1].answered = true;
    let finished = Finished {
        plan: Some(id),
        settled: outcomes,
        resolved_uncertainty: true,
        ..ended(100_001, retry_at(100_002))
    };
    store.finish(&heir, finished).await.expect("finished");
    let claim = claim_one(&store, 100_002).await;
    assert_eq!((claim.unsure_since, claim.ledger.uncertain), (None, true), "it was answered");
}

pub(super) async fn a_plan_needs_the_lease(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let lost = claim_one(&store, 0).await;
    let heir = claim_one(&store, 100_000).await;
    let (late, right) = tokio::join!(
        record(&store, &lost, Uuid::now_v7(), false),
        record(&store, &heir, Uuid::now_v7(), false),
    );
    assert!(matches!(late, Err(StoreError::LeaseLost(_))));
    right.expect("recorded");
    assert_eq!(store.audit(&issue(1)).await.expect("rows").len(), 3);
}

pub(super) async fn notes_must_match_the_plan(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    let id = Uuid::now_v7();
    for subject in [issue(1), issue(2)] {
        let plan = plan(subject);
        let record =
            PlanRecord { id, plan: &plan, actions: &[], held: &[], input: None, dry_run: false };
        let refused = store.record_plan(&claim, record).await.expect_err("refused");
        assert!(matches!(refused, StoreError::Invalid(_)), "{refused}");
    }
    assert!(store.audit(&issue(1)).await.expect("rows").is_empty());
}

pub(super) async fn the_ledger_reads_back(home: &impl Home) {
    let store = home.open().await;
    assert_eq!(store.ledger(&issue(1)).await.expect("a ledger"), Ledger::default());
    for times in 0..2 {
        accept(&store, &format!("k{times}"), 1, times).await;
        let claim = claim_one(&store, times).await;
        let mut ledger = some_ledger();
        ledger.comments[0].id = u64::try_from(times).ok();
        let finished = Finished { ledger: Some(ledger.clone()), ..ended(times, Next::Done) };
        store.finish(&claim, finished).await.expect("finished");
        assert_eq!(store.ledger(&issue(1)).await.expect("a ledger"), ledger);
    }
    // No ledger given: it stays.
    accept(&store, "k", 1, 5).await;
    let claim = claim_one(&store, 5).await;
    store.finish(&claim, ended(6, Next::Done)).await.expect("finished");
    assert!(!store.ledger(&issue(1)).await.expect("a ledger").is_empty());
}
