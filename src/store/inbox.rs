//! The table `inbox`: what forges delivered, raw, once each.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    str::FromStr,
    sync::LazyLock,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::{
    StoreError,
    commands::{self, Asking, NewAsking},
    convert::{clean, key, millis},
    dialect::json_rows,
    op::Job,
    plans,
    rows::Inserts,
    sweeps, work,
};
use crate::model::{ForgeKind, Subject};

/// What became of a delivery when it came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Disposition {
    /// Its subject was put to work.
    Queued,
    /// Steward's own doing, told back by the forge.
    Own,
    /// Readable, and about nothing that Steward looks after.
    NoSubject,
    /// A kind of event that Steward does not know.
    UnknownKind,
    /// Not JSON. JSON of a shape that Steward does not know is of an unknown kind.
    Unreadable,
}

impl Disposition {
    const ALL: [Disposition; 5] = [
        Disposition::Queued,
        Disposition::Own,
        Disposition::NoSubject,
        Disposition::UnknownKind,
        Disposition::Unreadable,
    ];

    /// The name in the table and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Disposition::Queued => "queued",
            Disposition::Own => "own",
            Disposition::NoSubject => "no_subject",
            Disposition::UnknownKind => "unknown_kind",
            Disposition::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Disposition {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|disposition| disposition.as_str() == text)
            .ok_or_else(|| StoreError::Invalid(format!("`{text}` is not a disposition")))
    }
}

/// A webhook delivery, as the intake hands it over.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Which forge sent it.
    pub forge: ForgeKind,
    /// What the forge keeps the same when it delivers again (GitLab: `Idempotency-Key`).
    pub key: String,
    /// The forge's name for the event.
    pub event: String,
    /// What it is about. Put to work when `disposition` is [`Disposition::Queued`].
    pub subject: Option<Subject>,
    /// Who caused it, as the forge names them.
    pub actor: Option<String>,
    /// What becomes of it.
    pub disposition: Disposition,
    /// The request's body, untouched.
    pub body: Bytes,
    /// When it came in; the subject is due from then on.
    pub received_at: DateTime<Utc>,
    /// What somebody asks in a comment. Kept when the subject is put to work.
    pub asking: Option<Asking>,
}

/// Whether a delivery was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accepted {
    /// It is kept now, and its subject put to work.
    New,
    /// It was here already; nothing changed.
    Duplicate,
}

/// A delivery in the columns' types.
#[derive(Debug)]
pub(super) struct NewDelivery {
    forge: &'static str,
    key: String,
    received_at: i64,
    event: String,
    pub(super) subject: Option<String>,
    actor: Option<String>,
    disposition: Disposition,
    body: Vec<u8>,
    asking: Option<NewAsking>,
}

impl NewDelivery {
    pub(super) fn new(delivery: Delivery) -> Result<Self, StoreError> {
        Ok(Self {
            forge: delivery.forge.as_str(),
            key: clean(&delivery.key),
            received_at: millis(delivery.received_at),
            event: clean(&delivery.event),
            subject: delivery.subject.as_ref().map(key).transpose()?,
            actor: delivery.actor.as_deref().map(clean),
            disposition: delivery.disposition,
            body: delivery.body.into(),
            asking: delivery.asking.and_then(|asking| NewAsking::new(asking, delivery.received_at)),
        })
    }

    /// The subject that it puts to work.
    pub(super) fn queued(&self) -> Option<&str> {
        self.subject.as_deref().filter(|_| self.disposition == Disposition::Queued)
    }
}

static INSERT: LazyLock<Inserts> = LazyLock::new(|| {
    Inserts::new(
        "INSERT INTO inbox \
         (forge, delivery, received_at, event, subject, actor, disposition, body)",
        8,
        "ON CONFLICT (forge, delivery) DO NOTHING RETURNING forge, delivery",
    )
});

/// Keeps the deliveries that are new and puts their subjects to work. Answers whether any was.
pub(super) async fn accept(
    db: &mut SqliteConnection,
    jobs: &mut [Job<NewDelivery, Accepted>],
) -> Result<bool, StoreError> {
    let mut new: HashSet<(String, String)> = HashSet::with_capacity(jobs.len());
    for (text, part) in INSERT.parts(&*jobs) {
        let mut insert = sqlx::query(text);
        for Job { input, .. } in part {
            insert = insert
                .bind(input.forge)
                .bind(&input.key)
                .bind(input.received_at)
                .bind(&input.event)
                .bind(&input.subject)
                .bind(&input.actor)
                .bind(input.disposition.as_str())
                .bind(&input.body);
        }
        for row in insert.fetch_all(&mut *db).await? {
            new.insert((row.try_get(0)?, row.try_get(1)?));
        }
    }
    let mut events = work::Events::default();
    let mut changes = Counts::default();
    let mut asked: Vec<(&str, &NewAsking)> = Vec::new();
    for Job { input, outcome, .. } in jobs {
        // The first of several with one key is the new one.
        let accepted = if new.remove(&(input.forge.to_owned(), input.key.clone())) {
            if let Some(subject) = input.queued() {
                events.add(subject, input.received_at, Some(&input.key));
                asked.extend(input.asking.as_ref().map(|asking| (subject, asking)));
            }
            *changes.entry(input.disposition.as_str()).or_default() += 1;
            Accepted::New
        } else {
            Accepted::Duplicate
        };
        *outcome = Some(Ok(accepted));
    }
    for (subject, asking) in asked {
        commands::ask(db, subject, asking).await?;
    }
    change_counts(db, &changes).await?;
    work::wake(db, &events, work::Asked::ByPerson).await
}

/// By how much the number of rows of each disposition changes.
type Counts<'a> = BTreeMap<&'a str, i64>;

const CHANGE_COUNTS: &str = concat!(
    "INSERT INTO inbox_counts (disposition, count) \
     SELECT value ->> 0, CAST(value ->> 1 AS BIGINT) FROM ",
    json_rows!(),
    " WHERE true ON CONFLICT (disposition) DO UPDATE \
     SET count = inbox_counts.count + excluded.count"
);

async fn change_counts(db: &mut SqliteConnection, changes: &Counts<'_>) -> Result<(), StoreError> {
    if !changes.is_empty() {
        let rows: Vec<_> = changes.iter().collect();
        sqlx::query(CHANGE_COUNTS).bind(serde_json::to_string(&rows)?).execute(db).await?;
    }
    Ok(())
}

/// Which deliveries shall go.
#[derive(Debug)]
pub(super) struct PruneAsk {
    pub(super) older_than: i64,
    pub(super) limit: i64,
}

/// A delivery is done with when its subject has no work left.
const PRUNE: &str = "DELETE FROM inbox WHERE id IN (\
     SELECT id FROM inbox WHERE received_at < $1 AND NOT EXISTS \
       (SELECT 1 FROM work WHERE work.subject = inbox.subject) \
     ORDER BY received_at LIMIT $2) RETURNING disposition";

/// Removes old deliveries, decisions and questions.
pub(super) async fn prune(
    db: &mut SqliteConnection,
    job: &mut Job<PruneAsk, u64>,
) -> Result<(), StoreError> {
    let gone: Vec<String> = sqlx::query_scalar(PRUNE)
        .bind(job.input.older_than)
        .bind(job.input.limit)
        .fetch_all(&mut *db)
        .await?;
    let mut changes = Counts::default();
    for disposition in &gone {
        *changes.entry(disposition).or_default() -= 1;
    }
    change_counts(db, &changes).await?;
    let (older_than, limit) = (job.input.older_than, job.input.limit);
    let decided = plans::prune(db, older_than, limit).await?;
    let asked = commands::prune(db, older_than, limit).await?;
    let swept = sweeps::prune(db, older_than, limit).await?;
    job.done(u64::try_from(gone.len()).unwrap_or(u64::MAX).saturating_add(decided + asked + swept));
    Ok(())
}

#[cfg(test)]
pub(super) const HOT: [&str; 3] = [CHANGE_COUNTS, PRUNE, DELIVERED];

const DELIVERED: &str = concat!(
    "SELECT inbox.delivery FROM ",
    json_rows!(),
    " CROSS JOIN inbox ON inbox.forge = $2 AND inbox.delivery = value ->> 0"
);

/// Which of these deliveries of a forge have come in.
pub(super) async fn delivered(
    pool: &SqlitePool,
    forge: ForgeKind,
    keys: &[&str],
) -> Result<HashSet<String>, StoreError> {
    let rows: Vec<[String; 1]> = keys.iter().map(|key| [clean(key)]).collect();
    let rows = serde_json::to_string(&rows)?;
    let found: Vec<String> =
        sqlx::query_scalar(DELIVERED).bind(rows).bind(forge.as_str()).fetch_all(pool).await?;
    Ok(found.into_iter().collect())
}

/// How many deliveries are kept, by what became of them.
pub(super) async fn counts(pool: &SqlitePool) -> Result<Vec<(Disposition, u64)>, StoreError> {
    const COUNTS: &str =
        "SELECT disposition, count FROM inbox_counts WHERE count > 0 ORDER BY disposition";
    let rows: Vec<(String, i64)> = sqlx::query_as(COUNTS).fetch_all(pool).await?;
    rows.into_iter()
        .map(|(disposition, count)| Ok((disposition.parse()?, count.unsigned_abs())))
        .collect()
}
