//! What is lost or doubled when something goes wrong. These figures must hold on every machine.

use std::time::Duration;

use super::{Options, PATIENCE};
use crate::{
    bench::{
        BenchError, Figure, load,
        stage::{Scenery, Stage},
    },
    forgesim::{Fault, FaultKind, ItemWrites, WriteTotals},
    model::ForgeKind,
};

/// Events where a forge in trouble is what matters and not the load.
const EVENTS: u64 = 100;
/// Steward is killed when so many issues have their labels and not yet their comment.
const HALF_DONE: u64 = 20;
/// Steward waits longer after each failure; five seconds after the first.
const LONG_PATIENCE: Duration = Duration::from_secs(90);

/// Kills Steward while writes are under way, and starts it again.
pub(super) async fn crash(scenery: Scenery, options: &Options) -> Result<Vec<Figure>, BenchError> {
    let events = options.crash_events;
    // With a slow forge there are writes of which nobody knows how they ended.
    let scenery = Scenery { issues: events, latency: options.latency, ..scenery };
    let mut stage = Stage::set(scenery).await?;
    let hooks = stage.hooks(events);
    let address = stage.steward.address;
    let (lost, ()) = {
        let sending = load::burst_into_trouble(address, &hooks);
        let killing = async {
            // In the middle of the work, when many issues have one write of two.
            let in_the_middle = |done: &WriteTotals| {
                let half_done = done.changes.saturating_sub(done.comments);
                done.both >= events * 2 / 5 || (done.both >= events / 10 && half_done >= HALF_DONE)
            };
            stage.wait_until(in_the_middle, events, PATIENCE).await?;
            stage.steward.kill();
            Ok::<_, BenchError>(())
        };
        futures::try_join!(sending, killing)?
    };
    let begun = stage.writes().await?;
    stage.start_again().await?;
    // What was not answered shows as failed at the forge and is sent again from there, under the
    // same key.
    let again: Vec<_> =
        hooks.into_iter().enumerate().filter(|(at, _)| lost.contains(at)).map(|(_, h)| h).collect();
    load::burst(stage.steward.address, &again).await?;
    let finished = match stage.wait_until_done(events, LONG_PATIENCE).await {
        Ok(totals) => totals.both,
        Err(BenchError::NotDone { done, .. }) => done,
        Err(error) => return Err(error),
    };
    stage.wait_until_quiet(LONG_PATIENCE).await?;
    let items = stage.written_items().await?;
    let never = usize::try_from(events.saturating_sub(finished)).unwrap_or(usize::MAX);
    let half = usize::try_from(begun.changes.saturating_sub(begun.comments)).unwrap_or(0);
    Ok(vec![
        Figure::exactly(format!("SIGKILL amid {events} events: never finished"), never, 0),
        Figure::exactly("SIGKILL: doubled comments", doubled(&items), 0),
        Figure::new(
            "SIGKILL: labelled and not commented at that moment",
            half as f64,
            crate::bench::Unit::Count,
        ),
    ])
}

/// Sends each of 20 webhooks ten times.
pub(super) async fn repeat(scenery: Scenery) -> Result<Vec<Figure>, BenchError> {
    const EVENTS: u64 = 20;
    let mut stage = Stage::set(Scenery { issues: EVENTS, ..scenery }).await?;
    let hooks = stage.hooks(EVENTS);
    for _ in 0..10 {
        load::burst(stage.steward.address, &hooks).await?;
    }
    stage.wait_until_done(EVENTS, PATIENCE).await?;
    stage.wait_until_quiet(PATIENCE).await?;
    let comments: u32 = stage.written_items().await?.iter().map(|item| item.comments).sum();
    let name = "comments after the same webhook ten times, 20 events";
    Ok(vec![Figure::exactly(name, comments as usize, EVENTS as usize)])
}

/// Lets the forge ask to wait for a while.
pub(super) async fn limited(scenery: Scenery) -> Result<Vec<Figure>, BenchError> {
    let mut stage = Stage::set(Scenery { issues: EVENTS, ..scenery }).await?;
    let hooks = stage.hooks(EVENTS);
    stage.fails(&Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).forever()).await?;
    load::burst(stage.steward.address, &hooks).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let calls: u64 = stage.calls().await?.values().sum();
    stage.fails_no_more().await?;
    let done = match stage.wait_until_done(EVENTS, LONG_PATIENCE).await {
        Ok(totals) => totals.both,
        Err(BenchError::NotDone { done, .. }) => done,
        Err(error) => return Err(error),
    };
    let status = match scenery.forge {
        ForgeKind::Gitlab => 429,
        ForgeKind::Github => 403,
    };
    let name = format!("{EVENTS} events while the forge answers {status}: done afterwards");
    Ok(vec![
        Figure::exactly(name, done as usize, EVENTS as usize),
        Figure::new(
            format!("{status}: calls in two seconds"),
            calls as f64,
            crate::bench::Unit::Count,
        ),
    ])
}

/// Answers 502 to each comment: once after it was applied, and once before.
pub(super) async fn lost(scenery: Scenery) -> Result<Vec<Figure>, BenchError> {
    let after = bad_gateway(scenery, FaultKind::BadGatewayAfter).await?;
    let before = bad_gateway(scenery, FaultKind::BadGatewayBefore).await?;
    let finished = before.iter().filter(|item| item.comments > 0).count();
    let doubled_after = format!("answer lost for {EVENTS} comments: doubled comments");
    let done_before = format!("502 for {EVENTS} comments, not applied: done afterwards");
    Ok(vec![
        Figure::exactly(doubled_after, doubled(&after), 0),
        Figure::exactly(done_before, finished, EVENTS as usize),
    ])
}

async fn bad_gateway(scenery: Scenery, kind: FaultKind) -> Result<Vec<ItemWrites>, BenchError> {
    let mut stage = Stage::set(Scenery { issues: EVENTS, ..scenery }).await?;
    let hooks = stage.hooks(EVENTS);
    let comments = match scenery.forge {
        ForgeKind::Gitlab => "/notes",
        ForgeKind::Github => "/comments",
    };
    let fault = Fault::new(kind).on("POST").at(comments).times(EVENTS as u32);
    stage.fails(&fault).await?;
    load::burst(stage.steward.address, &hooks).await?;
    let labelled = |done: &WriteTotals| done.changes >= EVENTS;
    stage.wait_until(labelled, EVENTS, PATIENCE).await?;
    // What became of the comments Steward has to find out by itself.
    stage.wait_until_quiet(LONG_PATIENCE).await?;
    stage.written_items().await
}

/// Comments beyond the first of each item, deleted ones included.
fn doubled(items: &[ItemWrites]) -> usize {
    items.iter().map(|item| item.comments.saturating_sub(1) as usize).sum()
}
