//! Deliveries: once each, with the work that follows.

use bytes::Bytes;
use futures::future::join_all;

use super::*;
use crate::store::StoreError;

pub(super) async fn a_second_delivery_changes_nothing(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "k1", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    store.finish(&claim, ended(1, Next::Done)).await.expect("finished");
    let again = store.accept(delivery("k1", 1, 2)).await.expect("answered");
    assert_eq!(again, Accepted::Duplicate);
    assert!(nothing_at(&store, 10).await);
    assert_eq!(store.inbox_counts().await.expect("counts"), [(Disposition::Queued, 1)]);
}

pub(super) async fn keys_are_compared_to_the_letter(home: &impl Home) {
    let store = home.open().await;
    for key in ["k", "K", " k", ""] {
        accept(&store, key, 1, 0).await;
    }
}

pub(super) async fn a_thousand_at_once_of_a_hundred_keys(home: &impl Home) {
    let store = home.open().await;
    let answers = join_all((0..1000u64).map(|n| {
        let store = store.clone();
        async move { store.accept(delivery(&format!("k{}", n % 100), n % 100 % 7, 0)).await }
    }))
    .await;
    let new = answers.iter().filter(|answer| matches!(answer, Ok(Accepted::New))).count();
    let old = answers.iter().filter(|answer| matches!(answer, Ok(Accepted::Duplicate))).count();
    assert_eq!((new, old), (100, 900));
    let stats = store.stats(at(0)).await.expect("stats");
    assert_eq!(stats.ready, 7);
}

pub(super) async fn events_on_one_subject_coalesce(home: &impl Home) {
    let store = home.open().await;
    for n in 0..5 {
        accept(&store, &format!("k{n}"), 1, 10 - n).await;
    }
    let claim = claim_one(&store, 100).await;
    assert_eq!(claim.subject, issue(1));
    assert_eq!(claim.generation, 5);
    assert_eq!(claim.since, at(6), "the oldest, although it came in last");
    assert_eq!(claim.last_delivery.as_deref(), Some("k4"));
    store.finish(&claim, ended(101, Next::Done)).await.expect("finished");
    assert!(nothing_at(&store, 1000).await);
}

pub(super) async fn only_what_is_queued_becomes_work(home: &impl Home) {
    let store = home.open().await;
    let others = [
        Disposition::Own,
        Disposition::NoSubject,
        Disposition::UnknownKind,
        Disposition::Unreadable,
    ];
    for disposition in others {
        let delivery = Delivery { disposition, ..delivery(disposition.as_str(), 1, 0) };
        store.accept(delivery).await.expect("accepted");
    }
    assert!(nothing_at(&store, 100).await);
    let mut counts = store.inbox_counts().await.expect("counts");
    counts.sort();
    assert_eq!(counts, others.map(|disposition| (disposition, 1)));
}

pub(super) async fn an_impossible_subject_is_refused(home: &impl Home) {
    let store = home.open().await;
    let mut delivery = delivery("k", 1, 0);
    delivery.subject = Some(Subject::gitlab_issue("a\0b", 1));
    let error = store.accept(delivery).await.expect_err("refused");
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
    assert!(store.inbox_counts().await.expect("counts").is_empty());
}

pub(super) async fn old_deliveries_go_and_pending_ones_stay(home: &impl Home) {
    let store = home.open().await;
    for n in 1..=4 {
        accept(&store, &format!("k{n}"), n, n as i64).await;
    }
    for claim in store.claim(3, LEASE, at(10)).await.expect("claims") {
        let next = if claim.subject == issue(2) { park() } else { Next::Done };
        store.finish(&claim, ended(11, next)).await.expect("finished");
    }
    assert_eq!(store.prune(at(3), 100).await.expect("pruned"), 1, "1; 2 is parked");
    assert_eq!(store.prune(at(100), 0).await.expect("pruned"), 0);
    assert_eq!(store.prune(at(100), 100).await.expect("pruned"), 1, "3; 4 is ready");
    assert_eq!(store.inbox_counts().await.expect("counts"), [(Disposition::Queued, 2)]);
}

pub(super) async fn any_bytes_are_kept(home: &impl Home) {
    let store = home.open().await;
    for (key, body) in [("empty", vec![]), ("nul", vec![0, 255, 0]), ("big", vec![b'x'; 3 << 20])] {
        let delivery = Delivery { body: Bytes::from(body), ..delivery(key, 1, 0) };
        assert_eq!(store.accept(delivery).await.expect("accepted"), Accepted::New);
    }
    let texts = Delivery {
        event: "\0\u{202e}".to_owned(),
        actor: Some("'; DROP TABLE inbox; --".to_owned()),
        ..delivery("🦀\"',\\", 1, 0)
    };
    store.accept(texts).await.expect("accepted");
    assert_eq!(claim_one(&store, 0).await.last_delivery.as_deref(), Some("🦀\"',\\"));
}
