//! Operations that are committed together do not get into each other's way.

use futures::future::join_all;

use super::*;
use crate::store::StoreError;

pub(super) async fn a_guilty_operation_does_not_disturb_its_neighbours(home: &impl Home) {
    let store = home.open().await;
    for n in 0..3 {
        accept(&store, &format!("k{n}"), n, 0).await;
    }
    let claims = store.claim(3, LEASE, at(0)).await.expect("claims");
    let id = Uuid::now_v7();
    record(&store, &claims[0], id, false).await.expect("recorded");
    // All asked at once, so that they share a batch; the second uses an id that is taken.
    let (accepted, guilty, innocent, finished, claimed) = tokio::join!(
        store.accept(delivery("new", 9, 1)),
        record(&store, &claims[1], id, false),
        record(&store, &claims[2], Uuid::now_v7(), false),
        store.finish(&claims[0], ended(2, Next::Done)),
        store.claim(5, LEASE, at(3)),
    );
    assert_eq!(accepted.expect("accepted"), Accepted::New);
    assert!(matches!(guilty, Err(StoreError::Database(_))), "{guilty:?}");
    innocent.expect("recorded");
    finished.expect("finished");
    assert_eq!(claimed.expect("claims").len(), 1);
    assert!(store.audit(&issue(1)).await.expect("rows").is_empty(), "nothing of the guilty one");
    assert_eq!(store.audit(&issue(2)).await.expect("rows").len(), 3);
    assert_eq!(store.inbox_counts().await.expect("counts"), [(Disposition::Queued, 4)]);
}

pub(super) async fn a_mixed_crowd_loses_nothing(home: &impl Home) {
    let store = home.open().await;
    let senders = join_all((0..8u64).map(|sender| {
        let store = store.clone();
        async move {
            for n in 0..60u64 {
                accept(&store, &format!("{sender}-{n}"), (sender * 7 + n) % 20, 0).await;
            }
        }
    }));
    let workers = join_all((0..4).map(|_| {
        let store = store.clone();
        async move {
            let mut signal = store.work_available();
            loop {
                let claims = store.claim(3, LEASE, at(1)).await.expect("claims");
                for claim in &claims {
                    let id = Uuid::now_v7();
                    record(&store, claim, id, false).await.expect("recorded");
                    let finished = Finished {
                        plan: Some(id),
                        settled: settled(AuditState::Applied),
                        ..ended(2, Next::Done)
                    };
                    store.finish(claim, finished).await.expect("finished");
                }
                if claims.is_empty() {
                    signal.wait().await;
                }
            }
        }
    }));
    tokio::select! {
        _ = senders => {}
        _ = workers => unreachable!("workers do not end"),
    }
    // The workers are gone in mid-work: what they held comes back, and nothing else.
    let counts = store.inbox_counts().await.expect("counts");
    assert_eq!(counts, [(Disposition::Queued, 480)]);
    let stats = store.stats(at(1)).await.expect("stats");
    assert!(stats.ready + stats.running <= 20);
    let rest = store.claim(100, LEASE, at(100_000)).await.expect("claims");
    for claim in &rest {
        store.finish(claim, ended(100_001, Next::Done)).await.expect("finished");
    }
    assert!(nothing_at(&store, 1_000_000).await);
    let mut settled = 0;
    for n in 0..20 {
        let rows = store.audit(&issue(n)).await.expect("rows");
        settled += rows.iter().filter(|row| row.state == AuditState::Applied).count();
    }
    assert!(settled > 0);
}

pub(super) async fn operations_on_one_subject_keep_their_order(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    let claim = claim_one(&store, 0).await;
    // The event comes first: the worker has not seen it, so the subject must come back.
    let (accepted, finished) = tokio::join!(
        store.accept(delivery("b", 1, 1)),
        store.finish(&claim, ended(2, Next::Done)),
    );
    accepted.expect("accepted");
    finished.expect("finished");
    let claim = claim_one(&store, 3).await;
    assert_eq!(claim.generation, 2);
    // Parked first, then the event: revived. The other way round would revive it as well, so
    // the count of events tells: the row was not made anew.
    let subject = issue(1);
    let (finished, accepted, unparked) = tokio::join!(
        store.finish(&claim, ended(4, park())),
        store.accept(delivery("c", 1, 5)),
        store.unpark(&subject, at(6)),
    );
    finished.expect("finished");
    accepted.expect("accepted");
    assert!(!unparked.expect("answered"), "the event has revived it before");
    let claim = claim_one(&store, 7).await;
    assert_eq!((claim.generation, claim.since), (3, at(5)));
    // Finished first, then an event: the work is a new one.
    let (finished, accepted) = tokio::join!(
        store.finish(&claim, ended(8, Next::Done)),
        store.accept(delivery("d", 1, 9)),
    );
    finished.expect("finished");
    accepted.expect("accepted");
    assert_eq!(claim_one(&store, 10).await.generation, 1);
}
