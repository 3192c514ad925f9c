//! What is measured, each on a stage of its own.

use std::time::Duration;

use super::{
    BenchError, Figure, Unit, cleanup,
    figure::percentile,
    load, process,
    stage::{Scenery, Stage},
};
use crate::model::ForgeKind;

mod trouble;

/// How long the work of a measurement may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long Steward is left alone before its memory at rest is read.
const REST: Duration = Duration::from_millis(500);

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Measurement {
    /// Time to start, memory at rest
    Start,
    /// Webhooks taken while nothing else is done: the forge is down
    Accept,
    /// A burst: events worked off in a second, CPU time, memory, forge calls
    Burst,
    /// The same with a forge that takes its time
    Latency,
    /// Webhook to last write at an even pace
    Steady,
    /// SIGKILL in the middle of the work
    Crash,
    /// Each webhook ten times
    Repeat,
    /// The forge asks to wait: 429, or 403 on GitHub
    Limited,
    /// Writes go through and their answers are lost
    Lost,
    /// The end of an integration: many items closed, killed on the way, and brought back
    Cleanup,
}

/// How much is measured.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which forge is simulated.
    pub forge: ForgeKind,
    /// Events in a burst.
    pub events: u64,
    /// How long the slow forge takes for an answer.
    pub latency: Duration,
    /// Events a second at an even pace.
    pub rate: f64,
    /// How long the even pace is kept.
    pub steady: Duration,
    /// Events that are under way when Steward is killed.
    pub crash_events: u64,
    /// Items of an integration that comes to its end.
    pub cleanup_items: u64,
    /// Overrides Steward's `concurrency`.
    pub concurrency: Option<usize>,
}

/// Takes one measurement.
///
/// # Errors
/// When a process does not start or dies, or the work is not done in time.
pub async fn run(what: Measurement, options: &Options) -> Result<Vec<Figure>, BenchError> {
    let scenery = Scenery {
        forge: options.forge,
        issues: 0,
        latency: Duration::ZERO,
        concurrency: options.concurrency,
        forge_is_down: false,
    };
    match what {
        Measurement::Start => start(scenery).await,
        Measurement::Accept => accept(scenery, options).await,
        Measurement::Burst => burst(scenery, options).await,
        Measurement::Latency => {
            burst(Scenery { latency: options.latency, ..scenery }, options).await
        }
        Measurement::Steady => steady(scenery, options).await,
        Measurement::Crash => trouble::crash(scenery, options).await,
        Measurement::Repeat => trouble::repeat(scenery).await,
        Measurement::Limited => trouble::limited(scenery).await,
        Measurement::Lost => trouble::lost(scenery).await,
        Measurement::Cleanup => cleanup::cleanup(options.cleanup_items).await,
    }
}

async fn start(scenery: Scenery) -> Result<Vec<Figure>, BenchError> {
    let stage = Stage::set(scenery).await?;
    let mut figures = vec![Figure::new(
        "start to first answer",
        stage.start.as_secs_f64() * 1e3,
        Unit::Milliseconds,
    )];
    tokio::time::sleep(REST).await;
    if let Some(memory) = process::memory(stage.steward.pid()) {
        figures.push(megabytes("memory at rest", memory.now));
    }
    Ok(figures)
}

async fn accept(scenery: Scenery, options: &Options) -> Result<Vec<Figure>, BenchError> {
    let stage = Stage::set(Scenery { forge_is_down: true, ..scenery }).await?;
    let hooks = stage.hooks(options.events);
    let before = process::cpu_time(stage.steward.pid());
    let sent = load::burst(stage.steward.address, &hooks).await?;
    let mut figures = vec![Figure::new(
        "webhooks taken, nothing else to do",
        options.events as f64 / sent.took.as_secs_f64(),
        Unit::PerSecond,
    )];
    figures.extend(cpu("CPU of Steward per webhook taken", stage.steward.pid(), before, options));
    Ok(figures)
}

async fn burst(scenery: Scenery, options: &Options) -> Result<Vec<Figure>, BenchError> {
    let events = options.events;
    let mut stage = Stage::set(Scenery { issues: events, ..scenery }).await?;
    let hooks = stage.hooks(events);
    let (steward, forge) = (stage.steward.pid(), stage.forge_pid());
    let (before, forge_before) = (process::cpu_time(steward), forge.and_then(process::cpu_time));
    let sent = load::burst(stage.steward.address, &hooks).await?;
    let totals = stage.wait_until_done(events, PATIENCE).await?;
    let seconds = (totals.last_micros - sent.first_micros) as f64 / 1e6;
    let at = format!("forge latency {} ms", scenery.latency.as_millis());
    let mut figures = vec![
        Figure::new(format!("events end to end, {at}"), events as f64 / seconds, Unit::PerSecond),
        Figure::new(
            format!("webhooks taken meanwhile, {at}"),
            events as f64 / sent.took.as_secs_f64(),
            Unit::PerSecond,
        ),
    ];
    stage.wait_until_quiet(PATIENCE).await?;
    figures.extend(cpu(&format!("CPU of Steward per event, {at}"), steward, before, options));
    if let Some(forge) = forge {
        let name = format!("CPU of the simulated forge per event, {at}");
        figures.extend(cpu(&name, forge, forge_before, options));
    }
    if let Some(memory) = process::memory(steward) {
        figures.push(megabytes(format!("memory at most, {at}"), memory.peak));
    }
    let calls: u64 = stage.calls().await?.values().sum();
    figures.push(Figure::new(
        format!("forge calls per event, {at}"),
        // Who Steward is and which labels there are is asked once, not for each event.
        (calls as f64 / events as f64 * 100.0).round() / 100.0,
        Unit::Count,
    ));
    Ok(figures)
}

async fn steady(scenery: Scenery, options: &Options) -> Result<Vec<Figure>, BenchError> {
    let events = (options.steady.as_secs_f64() * options.rate).ceil().max(1.0) as u64;
    // The first event after a start asks what every later one knows: it is not counted.
    let mut stage = Stage::set(Scenery { issues: events + 1, ..scenery }).await?;
    let mut hooks = stage.hooks(events + 1);
    let first = hooks.split_off(hooks.len() - 1);
    load::burst(stage.steward.address, &first).await?;
    stage.wait_until_done(1, PATIENCE).await?;
    let sent = load::steadily(stage.steward.address, &hooks, options.rate).await?;
    stage.wait_until_done(events + 1, PATIENCE).await?;
    let items = stage.written_items().await?;
    let mut waits: Vec<f64> = hooks
        .iter()
        .zip(sent)
        .filter_map(|(hook, sent)| {
            let item = items.iter().find(|item| item.iid == hook.iid)?;
            Some((item.last_micros - sent) as f64 / 1e3)
        })
        .collect();
    waits.sort_by(f64::total_cmp);
    let at = format!("webhook to last write at {}/s", options.rate);
    let figure = |name: &str, share| {
        let value = percentile(&waits, share)?;
        Some(Figure::new(format!("{at}, {name}"), value, Unit::Milliseconds))
    };
    Ok([figure("p50", 0.5), figure("p99", 0.99)].into_iter().flatten().collect())
}

/// CPU time per event since `before`; nothing where the system does not tell.
fn cpu(name: &str, pid: u32, before: Option<Duration>, options: &Options) -> Option<Figure> {
    let used = process::cpu_time(pid)?.saturating_sub(before?);
    let each = used.as_secs_f64() * 1e3 / options.events as f64;
    Some(Figure::new(name, each, Unit::Milliseconds))
}

fn megabytes(name: impl Into<String>, bytes: u64) -> Figure {
    Figure::new(name, bytes as f64 / 1e6, Unit::Megabytes)
}
