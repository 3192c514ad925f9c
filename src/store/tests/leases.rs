//! Claiming, fencing, retrying, parking.

use tokio::time::timeout;

use super::*;
use crate::store::{Asked, Parked, Stats, StoreError};

pub(super) async fn work_comes_in_the_order_of_its_due_times(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 30).await;
    accept(&store, "b", 2, 10).await;
    accept(&store, "c", 3, 20).await;
    assert!(nothing_at(&store, 9).await);
    assert_eq!(store.next_due().await.expect("due"), Some(at(10)));
    let claims = store.claim(2, LEASE, at(100)).await.expect("claims");
    let subjects: Vec<_> = claims.iter().map(|claim| claim.subject.number).collect();
    assert_eq!(subjects, [2, 3]);
    assert_eq!(claim_one(&store, 100).await.subject, issue(1));
}

pub(super) async fn an_event_while_running_brings_the_subject_back(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let first = claim_one(&store, 1).await;
    accept(&store, "b", 1, 7).await;
    accept(&store, "c", 1, 8).await;
    assert!(nothing_at(&store, 9).await, "one worker at a time");
    store.finish(&first, ended(9, Next::Done)).await.expect("finished");
    let second = claim_one(&store, 10).await;
    assert_eq!((second.generation, second.attempts), (3, 0));
    assert_eq!(second.since, at(7));
    store.finish(&second, ended(11, Next::Done)).await.expect("finished");
    assert!(nothing_at(&store, 1000).await);
    assert_eq!(store.next_due().await.expect("due"), None);
}

pub(super) async fn a_claimed_subject_is_nobody_elses(home: &impl Home) {
    let store = home.open().await;
    for n in 0..50 {
        accept(&store, &format!("k{n}"), n, 0).await;
    }
    let claims = futures::future::join_all((0..20).map(|_| store.claim(4, LEASE, at(1)))).await;
    let mut numbers: Vec<_> =
        claims.into_iter().flat_map(|claims| claims.expect("claims")).collect();
    numbers.sort_by_key(|claim| claim.subject.number);
    let numbers: Vec<_> = numbers.iter().map(|claim| claim.subject.number).collect();
    assert_eq!(numbers, (0..50).collect::<Vec<_>>());
}

pub(super) async fn a_lost_lease_refuses_a_late_finish(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let late = claim_one(&store, 0).await;
    assert_eq!(store.next_due().await.expect("due"), Some(late.until));
    assert!(nothing_at(&store, 59_999).await);
    let heir = claim_one(&store, 60_000).await;
    assert_eq!(heir.attempts, 1, "a lost lease counts");
    assert!(heir.error.is_some());
    for next in [Next::Done, retry_at(0), park()] {
        let refused = store.finish(&late, ended(60_001, next)).await.expect_err("refused");
        assert!(matches!(&refused, StoreError::LeaseLost(subject) if **subject == issue(1)));
    }
    assert_eq!(store.renew(&[&late, &heir], at(70_000)).await.expect("renewed"), [false, true]);
    store.finish(&heir, ended(60_002, Next::Done)).await.expect("finished");
    assert!(nothing_at(&store, 1_000_000).await);
}

pub(super) async fn a_renewed_lease_holds(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    assert_eq!(store.renew(&[&claim], at(120_000)).await.expect("renewed"), [true]);
    assert!(nothing_at(&store, 119_999).await);
    assert_eq!(store.renew(&[], at(0)).await.expect("renewed"), Vec::<bool>::new());
    store.finish(&claim, ended(119_999, Next::Done)).await.expect("finished");
}

pub(super) async fn a_claim_that_nobody_awaits_goes_back(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    // Polled once, so that the question is on its way, and then dropped.
    let mut asked = Box::pin(store.claim(1, LEASE, at(1)));
    assert!(futures::poll!(&mut asked).is_pending());
    drop(asked);
    let mut signal = store.work_available();
    loop {
        let claims = store.claim(1, LEASE, at(1)).await.expect("claims");
        if let [claim] = claims.as_slice() {
            assert_eq!(claim.attempts, 0);
            return;
        }
        timeout(Duration::from_secs(10), signal.wait()).await.expect("it goes back by itself");
    }
}

pub(super) async fn a_retry_waits_its_time_and_counts(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    store.finish(&claim, ended(1, retry_at(500))).await.expect("finished");
    assert!(nothing_at(&store, 499).await);
    let claim = claim_one(&store, 500).await;
    assert_eq!((claim.attempts, claim.since), (1, at(0)));
    assert_eq!(claim.error.as_deref(), Some("502"));
    let innocent = Next::RetryAt { due_at: at(900), error: "429".to_owned(), count_attempt: false };
    store.finish(&claim, ended(501, innocent)).await.expect("finished");
    let claim = claim_one(&store, 900).await;
    assert_eq!(claim.attempts, 1);
    store.finish(&claim, ended(901, Next::Done)).await.expect("finished");
    accept(&store, "b", 1, 1000).await;
    let claim = claim_one(&store, 1000).await;
    assert_eq!((claim.attempts, claim.error), (0, None), "a clean slate after success");
}

pub(super) async fn an_event_does_not_cut_a_back_off_short(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    accept(&store, "b", 1, 1).await;
    store.finish(&claim, ended(2, retry_at(500))).await.expect("finished");
    accept(&store, "c", 1, 3).await;
    assert!(nothing_at(&store, 499).await);
    let claim = claim_one(&store, 500).await;
    assert_eq!((claim.generation, claim.attempts), (3, 1));
}

pub(super) async fn a_parked_subject_comes_back_with_an_event_and_not_with_a_sweep(
    home: &impl Home,
) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    store.finish(&claim, ended(1, retry_at(2))).await.expect("finished");
    let claim = claim_one(&store, 2).await;
    store.finish(&claim, ended(3, park())).await.expect("finished");
    let parked =
        Parked { subject: issue(1), at: at(3), since: at(0), attempts: 2, error: "403".to_owned() };
    assert_eq!(store.parked().await.expect("parked"), [parked]);
    assert_eq!(store.next_due().await.expect("due"), None);

    store.enqueue(&[issue(1), issue(2)], at(4), Asked::BySweep).await.expect("enqueued");
    assert_eq!(claim_one(&store, 10).await.subject, issue(2));

    accept(&store, "b", 1, 11).await;
    let claim = claim_one(&store, 11).await;
    assert_eq!((claim.attempts, claim.error.as_deref(), claim.since), (0, None, at(11)));
    assert!(store.parked().await.expect("parked").is_empty());
}

pub(super) async fn a_parked_subject_can_be_unparked(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    assert!(!store.unpark(&issue(1), at(0)).await.expect("answered"), "it is ready");
    let claim = claim_one(&store, 0).await;
    assert!(!store.unpark(&issue(1), at(0)).await.expect("answered"), "it is running");
    store.finish(&claim, ended(1, park())).await.expect("finished");
    assert!(!store.unpark(&issue(2), at(2)).await.expect("answered"), "there is none");
    assert!(store.unpark(&issue(1), at(2)).await.expect("answered"));
    assert_eq!(claim_one(&store, 2).await.attempts, 0);
}

pub(super) async fn an_event_while_running_revives_what_would_be_parked(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    accept(&store, "b", 1, 5).await;
    store.finish(&claim, ended(6, park())).await.expect("finished");
    assert_eq!(claim_one(&store, 6).await.attempts, 0);
}

pub(super) async fn sweeps_for_later_do_not_delay_events(home: &impl Home) {
    let store = home.open().await;
    let all: Vec<_> = (1..=3).map(issue).collect();
    store.enqueue(&all, at(1000), Asked::BySweep).await.expect("enqueued");
    store.enqueue(&[], at(0), Asked::BySweep).await.expect("nothing to do");
    accept(&store, "a", 2, 5).await;
    let claim = claim_one(&store, 5).await;
    assert_eq!(claim.subject, issue(2));
    // While it runs: a sweep for later, an event for now; the event decides.
    store.enqueue(&[issue(2)], at(2000), Asked::BySweep).await.expect("enqueued");
    accept(&store, "b", 2, 7).await;
    store.finish(&claim, ended(8, Next::Done)).await.expect("finished");
    assert_eq!(claim_one(&store, 8).await.subject, issue(2));
    assert_eq!(store.claim(9, LEASE, at(1000)).await.expect("claims").len(), 2);
}

pub(super) async fn a_second_finish_is_refused(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    let (one, two) = tokio::join!(
        store.finish(&claim, ended(1, retry_at(9))),
        store.finish(&claim, ended(1, Next::Done)),
    );
    assert!(one.is_ok());
    assert!(matches!(two, Err(StoreError::LeaseLost(_))));
    assert_eq!(claim_one(&store, 9).await.attempts, 1);
}

pub(super) async fn waiting_workers_all_hear_of_new_work(home: &impl Home) {
    let store = home.open().await;
    let (mut a, mut b) = (store.work_available(), store.work_available());
    // What was there before counts.
    a.wait().await;
    b.wait().await;
    assert!(timeout(Duration::from_millis(20), a.wait()).await.is_err());
    accept(&store, "a", 1, 0).await;
    timeout(Duration::from_secs(10), a.wait()).await.expect("told");
    timeout(Duration::from_secs(10), b.wait()).await.expect("told as well");
}

pub(super) async fn stats_count_by_what_is_waited_for(home: &impl Home) {
    let store = home.open().await;
    assert_eq!(store.stats(at(0)).await.expect("stats"), Stats::default());
    for n in 1..=5 {
        accept(&store, &format!("k{n}"), n, n as i64).await;
    }
    let claims = store.claim(3, LEASE, at(10)).await.expect("claims");
    store.finish(&claims[0], ended(11, retry_at(50_000))).await.expect("finished");
    store.finish(&claims[1], ended(11, park())).await.expect("finished");
    let stats = store.stats(at(1004)).await.expect("stats");
    let expected = Stats {
        ready: 2,
        waiting: 1,
        running: 1,
        parked: 1,
        oldest_ready: Some(Duration::from_secs(1)),
    };
    assert_eq!(stats, expected);
    let stats = store.stats(at(60_010)).await.expect("stats");
    assert_eq!((stats.ready, stats.running), (4, 0), "a lease that ran out can be claimed");
}
