//! Runs by the clock: each moment once, whoever asks.

use super::*;
use crate::store::{SweepClaim, SweepCounts, SweepDone, SweepNext, SweepState};

async fn begin(store: &Store, moment: i64, now: i64) -> Option<SweepClaim> {
    let begun = store.begin_sweep("nightly", "0 2 * * * UTC", at(moment), LEASE, at(now));
    begun.await.expect("an answer")
}

async fn settle(store: &Store, claim: &SweepClaim, next: SweepNext, now: i64) -> bool {
    let counts = SweepCounts { found: 7, queued: 3 };
    store.settle_sweep(claim, counts, next, at(now)).await.expect("an answer")
}

async fn states(store: &Store) -> Vec<(i64, SweepState, u32)> {
    let runs = store.last_sweeps().await.expect("an answer").into_iter();
    let told = |moment: DateTime<Utc>| (moment - at(0)).num_milliseconds();
    runs.map(|run| (told(run.moment), run.state, run.attempts)).collect()
}

/// A moment is one run, and one at a time of a schedule.
pub(super) async fn a_moment_is_run_by_one(home: &impl Home) {
    let store = home.open().await;
    let claim = begin(&store, 0, 1).await.expect("free");
    assert!(begin(&store, 0, 2).await.is_none(), "somebody is at it");
    assert!(begin(&store, 100, 101).await.is_none(), "also for the next moment");
    assert!(settle(&store, &claim, SweepNext::Done(None), 200).await);
    assert!(begin(&store, 0, 201).await.is_none(), "it has been");
    assert!(!settle(&store, &claim, SweepNext::Done(None), 202).await, "no lease any more");
    let run = store.last_sweeps().await.expect("an answer").remove(0);
    assert_eq!((run.found, run.queued, run.finished_at), (7, 3, Some(at(200))));
    assert!(begin(&store, 100, 203).await.is_some());
}

/// A run whose holder is silent is taken up; the late one learns of it.
pub(super) async fn a_lost_run_is_taken_up(home: &impl Home) {
    let store = home.open().await;
    let lost = begin(&store, 0, 1).await.expect("free");
    let heir = begin(&store, 0, 61_000).await.expect("the lease ran out");
    assert_eq!(heir.attempts, 2);
    assert!(!settle(&store, &lost, SweepNext::Done(None), 61_001).await);
    assert!(settle(&store, &heir, SweepNext::GoesOn(at(200_000)), 61_002).await);
    assert!(begin(&store, 0, 150_000).await.is_none(), "it was prolonged");
    let again = SweepNext::Again(at(170_000), "502".to_owned());
    assert!(settle(&store, &heir, again, 160_000).await);
    assert!(begin(&store, 0, 169_999).await.is_none(), "not yet");
    assert_eq!(begin(&store, 0, 170_000).await.expect("now").attempts, 3);
}

/// A process that dies leaves its runs to the next at once; another moment gives them up.
pub(super) async fn a_dead_process_leaves_its_runs(home: &impl Home) {
    let store = home.open().await;
    begin(&store, 0, 1).await.expect("free");
    store.close().await;
    let store = home.open().await;
    assert_eq!(states(&store).await, [(0, SweepState::Waiting, 1)]);
    begin(&store, 500, 501).await.expect("the next moment");
    assert_eq!(states(&store).await, [(500, SweepState::Running, 1)]);
    assert!(begin(&store, 0, 62_000).await.is_none(), "given up");
}

/// The last run of each schedule stays, however old.
pub(super) async fn old_runs_go_and_the_last_stays(home: &impl Home) {
    let store = home.open().await;
    store.note_schedule("weekly", "x", at(0)).await.expect("noted");
    for moment in [0, 10, 20] {
        let claim = begin(&store, moment, moment + 1).await.expect("free");
        assert!(settle(&store, &claim, SweepNext::Done(None), moment + 2).await);
    }
    assert_eq!(store.prune(at(1000), 100).await.expect("pruned"), 2);
    assert_eq!(states(&store).await, [(20, SweepState::Done, 1), (0, SweepState::Noted, 0)]);
    let done = |began, found| Some(SweepDone { began: at(began), found });
    assert_eq!(store.last_sweep_done("nightly").await.expect("read"), done(21, 7));
    assert_eq!(store.last_sweep_done("weekly").await.expect("read"), done(0, 0));
    assert_eq!(store.last_sweep_done("never").await.expect("read"), None);
}
