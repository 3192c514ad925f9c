//! The table `work`: which subjects have something to be done, one row each.
//!
//! ```text
//!            event                    claim                  finish(Done)
//!  (no row) ───────▶ ready ─────────────────────▶ running ───────────────▶ (no row)
//!                    ▲ ▲ │ ▲                       │ │ │
//!                    │ │ └─┘ event: coalesced      │ │ │ finish(Park), nothing new came in
//!                    │ └──── finish(RetryAt), lease ran out, or an event came in meanwhile
//!                    │                               ▼ │
//!                    └──── event or unpark ──── parked ◀┘
//! ```

mod claim;
mod counts;
mod ending;

use std::collections::HashMap;

use sqlx::SqliteConnection;

pub use claim::Claim;
pub(super) use claim::{ClaimAsk, LeaseKey, RenewAsk, claim, release, release_all, renew};
pub use counts::{Parked, Stats};
pub(super) use counts::{next_due, parked, stats};
pub(super) use ending::{Ending, finish, held, is_held};
pub use ending::{Finished, Next, Settled};

use super::{StoreError, dialect::json_rows, op::Job};

/// Who wants a subject looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// The clock: a parked subject stays parked, or every sweep would stir up what waits for a
    /// human.
    BySweep,
    /// A person or an event: a parked subject is tried again with a clean slate.
    ByPerson,
}

/// Events on subjects, added up so that each subject comes once.
#[derive(Debug, Default)]
pub(super) struct Events<'a> {
    subjects: HashMap<&'a str, Event<'a>>,
}

#[derive(Debug)]
struct Event<'a> {
    count: i64,
    due_at: i64,
    delivery: Option<&'a str>,
}

impl<'a> Events<'a> {
    /// Adds one event on a subject, due at an epoch millisecond.
    pub(super) fn add(&mut self, subject: &'a str, due_at: i64, delivery: Option<&'a str>) {
        let event =
            self.subjects.entry(subject).or_insert(Event { count: 0, due_at, delivery: None });
        event.count += 1;
        event.due_at = event.due_at.min(due_at);
        event.delivery = delivery.or(event.delivery);
    }
}

/// An event makes a subject ready, or comes on top of what is there:
///
/// * `generation` counts it, so that whoever works on the subject cannot finish over it;
/// * waiting, the subject is due at the earlier time, except that nothing cuts a back-off short
///   (`error` is set): a busy subject would defeat it;
/// * running, the time is kept in `again_at` for when the worker finishes.
macro_rules! wake {
    () => {
        concat!(
            "INSERT INTO work (subject, generation, state, due_at, attempts, since, last_delivery) \
             SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), 'ready', \
               CAST(value ->> 2 AS BIGINT), 0, CAST(value ->> 2 AS BIGINT), value ->> 3 FROM ",
            json_rows!(),
            " WHERE true ON CONFLICT (subject) DO UPDATE SET \
             generation = work.generation + excluded.generation, \
             state = CASE work.state WHEN 'parked' THEN 'ready' ELSE work.state END, \
             due_at = CASE WHEN work.state = 'parked' OR (work.state = 'ready' \
               AND work.error IS NULL AND excluded.due_at < work.due_at) \
               THEN excluded.due_at ELSE work.due_at END, \
             again_at = CASE WHEN work.state <> 'running' THEN NULL \
               WHEN work.again_at <= excluded.due_at THEN work.again_at \
               ELSE excluded.due_at END, \
             attempts = CASE work.state WHEN 'parked' THEN 0 ELSE work.attempts END, \
             error = CASE work.state WHEN 'parked' THEN NULL ELSE work.error END, \
             since = CASE WHEN work.state = 'parked' OR excluded.since < work.since \
               THEN excluded.since ELSE work.since END, \
             last_delivery = coalesce(excluded.last_delivery, work.last_delivery)"
        )
    };
}

const WAKE: &str = wake!();
const WAKE_UNLESS_PARKED: &str = concat!(wake!(), " WHERE work.state <> 'parked'");

/// Puts subjects to work. Answers whether there was any.
pub(super) async fn wake(
    db: &mut SqliteConnection,
    events: &Events<'_>,
    asked: Asked,
) -> Result<bool, StoreError> {
    if events.subjects.is_empty() {
        return Ok(false);
    }
    let rows: Vec<_> = events
        .subjects
        .iter()
        .map(|(subject, event)| (subject, event.count, event.due_at, event.delivery))
        .collect();
    let text = match asked {
        Asked::ByPerson => WAKE,
        Asked::BySweep => WAKE_UNLESS_PARKED,
    };
    sqlx::query(text).bind(serde_json::to_string(&rows)?).execute(db).await?;
    Ok(true)
}

/// Subjects that shall be looked at without a delivery.
#[derive(Debug)]
pub(super) struct EnqueueAsk {
    pub(super) subjects: Vec<String>,
    pub(super) due_at: i64,
    pub(super) asked: Asked,
}

/// Puts subjects to work without a delivery. Answers whether there was any.
pub(super) async fn enqueue(
    db: &mut SqliteConnection,
    job: &mut Job<EnqueueAsk, ()>,
) -> Result<bool, StoreError> {
    let mut events = Events::default();
    for subject in &job.input.subjects {
        events.add(subject, job.input.due_at, None);
    }
    let woken = wake(db, &events, job.input.asked).await?;
    job.done(());
    Ok(woken)
}

/// A parked subject that shall be tried again.
#[derive(Debug)]
pub(super) struct UnparkAsk {
    pub(super) subject: String,
    pub(super) due_at: i64,
}

const UNPARK: &str = "UPDATE work SET state = 'ready', due_at = $2, attempts = 0, error = NULL, \
     generation = generation + 1 WHERE subject = $1 AND state = 'parked'";

/// What another version has parked, or one that did not say so yet.
const UNPARK_OTHERS: &str = "UPDATE work SET state = 'ready', due_at = since, attempts = 0, \
     error = NULL, parked_by = NULL, generation = generation + 1 \
     WHERE state = 'parked' AND parked_by IS NOT $1";

/// Makes ready what another version has parked, and answers how many subjects that were.
pub(super) async fn unpark_others(
    db: &mut SqliteConnection,
    version: &str,
) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query(UNPARK_OTHERS).bind(version).execute(db).await?.rows_affected())
}

/// Makes a parked subject ready, if it is parked.
pub(super) async fn unpark(
    db: &mut SqliteConnection,
    job: &mut Job<UnparkAsk, bool>,
) -> Result<bool, StoreError> {
    let result =
        sqlx::query(UNPARK).bind(&job.input.subject).bind(job.input.due_at).execute(db).await?;
    let was_parked = result.rows_affected() > 0;
    job.done(was_parked);
    Ok(was_parked)
}

#[cfg(test)]
pub(super) static HOT: std::sync::LazyLock<Vec<&str>> = std::sync::LazyLock::new(|| {
    let ours = [WAKE, WAKE_UNLESS_PARKED, UNPARK];
    [ours, claim::HOT, ending::HOT].concat()
});
