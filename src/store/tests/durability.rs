//! What was answered is there after the process has gone.

use super::*;
use crate::store::StoreError;

pub(super) async fn nothing_is_lost_when_the_store_is_dropped(home: &impl Home) {
    let store = home.open().await;
    for n in 0..20 {
        accept(&store, &format!("k{n}"), n, 0).await;
    }
    drop(store);
    let store = home.open().await;
    assert_eq!(store.stats(at(0)).await.expect("stats").ready, 20);
    assert_eq!(store.accept(delivery("k3", 3, 1)).await.expect("answer"), Accepted::Duplicate);
}

pub(super) async fn work_of_a_dead_process_is_ready_at_once(home: &impl Home) {
    let store = home.open().await;
    accept(&store, "a", 1, 0).await;
    accept(&store, "b", 2, 0).await;
    let claims = store.claim(1, LEASE, at(1)).await.expect("claims");
    record(&store, &claims[0], Uuid::now_v7(), false).await.expect("recorded");
    let dead = claims[0].clone();
    drop(store);

    let store = home.open().await;
    let claims = store.claim(9, LEASE, at(2)).await.expect("claims");
    assert_eq!(claims.len(), 2);
    let claim = claims.iter().find(|claim| claim.subject == dead.subject).expect("it is back");
    assert!(claim.ledger.uncertain, "its intents have no outcome");
    assert_eq!(claim.attempts, 1, "a crash counts");
    let late = store.finish(&dead, ended(3, Next::Done)).await;
    assert!(matches!(late, Err(StoreError::LeaseLost(_))));
    let other = claims.iter().find(|claim| claim.subject != dead.subject).expect("the other");
    assert_eq!((other.attempts, other.ledger.uncertain), (0, false));
}

pub(super) async fn a_crowd_is_not_blamed_for_a_crash(home: &impl Home) {
    let store = home.open().await;
    assert_eq!(store.interrupted(), 0);
    for n in 0..9 {
        accept(&store, &format!("k{n}"), n, 0).await;
    }
    let claims = store.claim(9, LEASE, at(1)).await.expect("claims");
    drop(store);
    let store = home.open().await;
    assert_eq!(store.interrupted(), 9);
    let again = store.claim(9, LEASE, at(2)).await.expect("claims");
    assert_eq!(again.len(), claims.len());
    assert!(again.iter().all(|claim| claim.attempts == 0), "{again:?}");
    for claim in &again[3..] {
        store.finish(claim, ended(3, Next::Done)).await.expect("finished");
    }
    drop(store);
    let store = home.open().await;
    let few = store.claim(9, LEASE, at(4)).await.expect("claims");
    assert_eq!(few.iter().map(|claim| claim.attempts).collect::<Vec<_>>(), [1, 1, 1]);
}

pub(super) async fn without_its_writer_a_store_is_not_well(home: &impl Home) {
    let store = home.open().await;
    let (done, closed) = tokio::sync::oneshot::channel();
    // The writer alone ends; reading still goes on.
    store.ops.send(crate::store::op::Op::Close(done)).await.expect("sent");
    closed.await.expect("ended");
    store.gone().await;
    assert!(store.inbox_counts().await.is_ok());
    assert!(matches!(store.stats(at(0)).await, Err(StoreError::Closed)));
}

pub(super) async fn a_closed_store_says_so(home: &impl Home) {
    let store = home.open().await;
    let other = store.clone();
    accept(&store, "a", 1, 0).await;
    let (_, last) = tokio::join!(async { other.close().await }, async {
        // Asked after the closing was: carried out or refused, and never left without answer.
        store.accept(delivery("b", 2, 0)).await
    });
    assert!(matches!(last, Ok(Accepted::New) | Err(StoreError::Closed)), "{last:?}");
    assert!(matches!(store.accept(delivery("c", 3, 0)).await, Err(StoreError::Closed)));
    assert!(matches!(store.stats(at(0)).await, Err(StoreError::Closed)));
    store.close().await;
    let store = home.open().await;
    assert!(store.stats(at(0)).await.expect("stats").ready >= 1);
}
