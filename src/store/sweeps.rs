//! The table `sweeps`: what has run by the clock, each moment of a schedule once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};

use super::{
    Store, StoreError,
    convert::{brief, clean, millis, time},
    op::{Job, Op},
};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SweepState {
    /// None yet: the schedule counts from here on.
    Noted,
    /// Somebody is at it.
    Running,
    /// It is tried again.
    Waiting,
    /// It came to its end.
    Done,
    /// It did not, and is not tried again.
    Failed,
    /// It did not, and the next moment came.
    Overtaken,
}

impl SweepState {
    const ALL: [SweepState; 6] = [
        SweepState::Noted,
        SweepState::Running,
        SweepState::Waiting,
        SweepState::Done,
        SweepState::Failed,
        SweepState::Overtaken,
    ];

    /// The name in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            SweepState::Noted => "noted",
            SweepState::Running => "running",
            SweepState::Waiting => "waiting",
            SweepState::Done => "done",
            SweepState::Failed => "failed",
            SweepState::Overtaken => "overtaken",
        }
    }
}

/// A run as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRun {
    /// The schedule's name.
    pub schedule: String,
    /// For which moment.
    pub moment: DateTime<Utc>,
    /// The schedule as it was then.
    pub timetable: String,
    /// How it stands.
    pub state: SweepState,
    /// Until when somebody holds it, or when it is tried again.
    pub until: DateTime<Utc>,
    /// How often it was begun.
    pub attempts: u32,
    /// When it was begun the first time.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Items that were seen.
    pub found: u64,
    /// Those of them that were put to work.
    pub queued: u64,
    /// What went wrong last; of one that is done, what it leaves.
    pub error: Option<String>,
}

/// A run that is somebody's alone until its lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepClaim {
    /// The schedule's name.
    pub schedule: String,
    /// For which moment it runs.
    pub moment: DateTime<Utc>,
    /// How often it was begun, this time included.
    pub attempts: u32,
    lease: i64,
}

/// A run that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepDone {
    /// When it began, or since when the schedule counts.
    pub began: DateTime<Utc>,
    /// How much it has seen.
    pub found: u64,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepCounts {
    /// Items that were seen.
    pub found: u64,
    /// Those of them that were put to work.
    pub queued: u64,
}

/// What becomes of a run that somebody held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepNext {
    /// It goes on; the lease lasts until then.
    GoesOn(DateTime<Utc>),
    /// It came to its end, perhaps with a word about what it leaves.
    Done(Option<String>),
    /// It did not, and trying again would not help.
    Failed(String),
    /// It is tried again then.
    Again(DateTime<Utc>, String),
}

/// What is asked of the table.
#[derive(Debug)]
pub(super) enum SweepAsk {
    /// A schedule counts from a time on.
    Note { schedule: String, timetable: String, at: i64 },
    /// A moment shall be run, if nobody has or does.
    Begin { schedule: String, timetable: String, moment: i64, now: i64, until: i64 },
    /// How far a run is, or how it ended.
    Settle { claim: SweepClaim, now: i64, counts: SweepCounts, next: SweepNext },
}

impl SweepAsk {
    /// Names come from policies, where anything may stand.
    pub(super) fn note(schedule: &str, timetable: &str, at: DateTime<Utc>) -> Self {
        Self::Note { schedule: clean(schedule), timetable: clean(timetable), at: millis(at) }
    }
}

/// A sweep's asking has as its answer the lease and the attempts, if the run is the asker's.
pub(super) type SweepJob = Job<SweepAsk, Option<(i64, u32)>>;

impl SweepClaim {
    pub(super) fn new(
        schedule: &str,
        moment: DateTime<Utc>,
        (lease, attempts): (i64, u32),
    ) -> Self {
        Self { schedule: schedule.to_owned(), moment, attempts, lease }
    }
}

impl Store {
    /// A schedule counts from this time on: nothing of before is caught up.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn note_schedule(
        &self,
        schedule: &str,
        timetable: &str,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.ask(Op::Sweep, SweepAsk::note(schedule, timetable, at)).await.map(|_| ())
    }

    /// Takes the run of a schedule for a moment, unless it has ended, or somebody is at work for the
    /// same schedule: then `None`. What did not end of earlier moments is given up for it.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn begin_sweep(
        &self,
        schedule: &str,
        timetable: &str,
        moment: DateTime<Utc>,
        lease_for: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<SweepClaim>, StoreError> {
        let lease_for = i64::try_from(lease_for.as_millis()).unwrap_or(i64::MAX);
        let ask = SweepAsk::Begin {
            schedule: clean(schedule),
            timetable: clean(timetable),
            moment: millis(moment),
            now: millis(now),
            until: millis(now).saturating_add(lease_for),
        };
        let held = self.ask(Op::Sweep, ask).await?;
        Ok(held.map(|held| SweepClaim::new(schedule, moment, held)))
    }

    /// Notes how far a run is and what becomes of it. Answers whether it was still held; whoever
    /// holds one that is not must stop.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn settle_sweep(
        &self,
        claim: &SweepClaim,
        counts: SweepCounts,
        next: SweepNext,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let ask = SweepAsk::Settle { claim: claim.clone(), now: millis(now), counts, next };
        Ok(self.ask(Op::Sweep, ask).await?.is_some())
    }

    /// The last run of each schedule that was ever seen.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn last_sweeps(&self) -> Result<Vec<SweepRun>, StoreError> {
        Ok(last(&self.clock).await?)
    }

    /// The last run of a schedule that came to its end; where there is none, since when it counts.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Closed`].
    pub async fn last_sweep_done(&self, schedule: &str) -> Result<Option<SweepDone>, StoreError> {
        Ok(last_done(&self.clock, schedule).await?)
    }
}

const NOTE: &str = "INSERT INTO sweeps \
     (schedule, moment, timetable, state, until, attempts, started_at, found, queued) \
     VALUES ($1, $2, $3, 'noted', $2, 0, $2, 0, 0) ON CONFLICT (schedule, moment) DO NOTHING";

const HELD: &str = "SELECT count(*) FROM sweeps \
     WHERE schedule = $1 AND state = 'running' AND until > $2";

const OVERTAKE: &str = "UPDATE sweeps SET state = 'overtaken', lease = NULL, finished_at = $3 \
     WHERE schedule = $1 AND moment < $2 AND state IN ('running', 'waiting')";

const BEGIN: &str = "INSERT INTO sweeps \
     (schedule, moment, timetable, state, lease, until, attempts, started_at, found, queued) \
     VALUES ($1, $2, $3, 'running', $4, $5, 1, $6, 0, 0) \
     ON CONFLICT (schedule, moment) DO UPDATE SET state = 'running', lease = excluded.lease, \
       until = excluded.until, attempts = sweeps.attempts + 1, found = 0, queued = 0 \
     WHERE sweeps.state IN ('running', 'waiting') AND sweeps.until <= $6 \
     RETURNING attempts";

const SETTLE: &str = "UPDATE sweeps SET state = $4, until = $5, finished_at = $6, found = $7, \
       queued = $8, error = $9, lease = CASE $4 WHEN 'running' THEN lease END \
     WHERE schedule = $1 AND moment = $2 AND lease = $3 RETURNING attempts";

/// Does what is asked.
pub(super) async fn run(db: &mut SqliteConnection, job: &mut SweepJob) -> Result<(), StoreError> {
    let answer = match &job.input {
        SweepAsk::Note { schedule, timetable, at } => {
            sqlx::query(NOTE).bind(schedule).bind(at).bind(timetable).execute(db).await?;
            None
        }
        SweepAsk::Begin { schedule, timetable, moment, now, until } => {
            let held: i64 =
                sqlx::query_scalar(HELD).bind(schedule).bind(now).fetch_one(&mut *db).await?;
            if held > 0 {
                job.done(None);
                return Ok(());
            }
            sqlx::query(OVERTAKE).bind(schedule).bind(moment).bind(now).execute(&mut *db).await?;
            // Positive, so that it fits a BIGINT.
            let lease = (rand::random::<u64>() >> 1) as i64;
            let attempts: Option<i64> = sqlx::query_scalar(BEGIN)
                .bind(schedule)
                .bind(moment)
                .bind(timetable)
                .bind(lease)
                .bind(until)
                .bind(now)
                .fetch_optional(db)
                .await?;
            attempts.map(|attempts| (lease, u32::try_from(attempts).unwrap_or(u32::MAX)))
        }
        SweepAsk::Settle { claim, now, counts, next } => {
            let (state, until, finished, error) = match next {
                SweepNext::GoesOn(until) => (SweepState::Running, millis(*until), None, None),
                SweepNext::Done(note) => (SweepState::Done, *now, Some(*now), note.as_ref()),
                SweepNext::Failed(error) => (SweepState::Failed, *now, Some(*now), Some(error)),
                SweepNext::Again(at, error) => {
                    (SweepState::Waiting, millis(*at), None, Some(error))
                }
            };
            let attempts: Option<i64> = sqlx::query_scalar(SETTLE)
                .bind(&claim.schedule)
                .bind(millis(claim.moment))
                .bind(claim.lease)
                .bind(state.as_str())
                .bind(until)
                .bind(finished)
                .bind(column(counts.found))
                .bind(column(counts.queued))
                .bind(error.map(|error| brief(error)))
                .fetch_optional(db)
                .await?;
            attempts.map(|attempts| (claim.lease, u32::try_from(attempts).unwrap_or(u32::MAX)))
        }
    };
    job.done(answer);
    Ok(())
}

fn column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Frees what a dead process held.
pub(super) async fn release_all(db: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    const RELEASE: &str =
        "UPDATE sweeps SET state = 'waiting', lease = NULL, until = 0 WHERE state = 'running'";
    Ok(sqlx::query(RELEASE).execute(db).await?.rows_affected())
}

/// Removes old runs; the last of each schedule stays, however old.
pub(super) async fn prune(
    db: &mut SqliteConnection,
    older_than: i64,
    limit: i64,
) -> Result<u64, StoreError> {
    const PRUNE: &str = "DELETE FROM sweeps WHERE (schedule, moment) IN (\
           SELECT schedule, moment FROM sweeps AS old WHERE old.moment < $1 \
           AND old.state NOT IN ('running', 'waiting') AND EXISTS (SELECT 1 FROM sweeps AS newer \
             WHERE newer.schedule = old.schedule AND newer.moment > old.moment) LIMIT $2)";
    Ok(sqlx::query(PRUNE).bind(older_than).bind(limit).execute(db).await?.rows_affected())
}

/// Of each schedule the last run.
const LAST: &str = "SELECT schedule, moment, timetable, state, until, attempts, started_at, \
       finished_at, found, queued, error FROM sweeps \
     WHERE moment = (SELECT max(moment) FROM sweeps AS any WHERE any.schedule = sweeps.schedule) \
     ORDER BY schedule";

/// The last run of each schedule.
pub(super) async fn last(pool: &SqlitePool) -> Result<Vec<SweepRun>, sqlx::Error> {
    sqlx::query(LAST).fetch_all(pool).await?.iter().map(read).collect()
}

fn read(row: &SqliteRow) -> Result<SweepRun, sqlx::Error> {
    let state: &str = row.try_get(3)?;
    let attempts: i64 = row.try_get(5)?;
    let finished_at: Option<i64> = row.try_get(7)?;
    let count = |at: usize| row.try_get::<i64, _>(at).map(i64::unsigned_abs);
    Ok(SweepRun {
        schedule: row.try_get(0)?,
        moment: time(row.try_get(1)?),
        timetable: row.try_get(2)?,
        // The table takes no other names.
        state: SweepState::ALL
            .into_iter()
            .find(|one| one.as_str() == state)
            .unwrap_or(SweepState::Failed),
        until: time(row.try_get(4)?),
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        started_at: time(row.try_get(6)?),
        finished_at: finished_at.map(time),
        found: count(8)?,
        queued: count(9)?,
        error: row.try_get(10)?,
    })
}

/// The last run of a schedule that came to its end; where there is none, since when it counts.
pub(super) async fn last_done(
    pool: &SqlitePool,
    schedule: &str,
) -> Result<Option<SweepDone>, sqlx::Error> {
    const LAST_DONE: &str = "SELECT started_at, found FROM sweeps \
         WHERE schedule = $1 AND state IN ('done', 'noted') ORDER BY started_at DESC LIMIT 1";
    let row: Option<(i64, i64)> =
        sqlx::query_as(LAST_DONE).bind(clean(schedule)).fetch_optional(pool).await?;
    Ok(row.map(|(began, found)| SweepDone { began: time(began), found: found.unsigned_abs() }))
}

#[cfg(test)]
pub(super) const HOT: [&str; 5] = [NOTE, HELD, OVERTAKE, BEGIN, SETTLE];
