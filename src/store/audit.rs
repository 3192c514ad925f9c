//! The table `audit`: every action of every plan, first as an intent and then with its outcome,
//! and what was held.

use std::{fmt, str::FromStr, sync::LazyLock};

use chrono::{DateTime, Utc};
use sqlx::{FromRow, SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::{
    StoreError,
    convert::{brief, key, time},
    dialect::json_rows,
    rows::Inserts,
    work::Settled,
};
use crate::model::{Action, Effect, Reason, Subject};

/// How it stands with an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AuditState {
    /// About to be written. Found after a crash, it means that nobody knows.
    Intended,
    /// The forge took it.
    Applied,
    /// The forge did not take it, for certain.
    Failed,
    /// It may or may not have gone through.
    Unknown,
    /// Its outcome was never learnt, and the truth has been read from the forge since.
    Resolved,
    /// Decided and not written, as Steward runs dry.
    DryRun,
    /// Asked for by a rule and left alone.
    Held,
}

impl AuditState {
    const ALL: [AuditState; 7] = [
        AuditState::Intended,
        AuditState::Applied,
        AuditState::Failed,
        AuditState::Unknown,
        AuditState::Resolved,
        AuditState::DryRun,
        AuditState::Held,
    ];

    /// The name in the table and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            AuditState::Intended => "intended",
            AuditState::Applied => "applied",
            AuditState::Failed => "failed",
            AuditState::Unknown => "unknown",
            AuditState::Resolved => "resolved",
            AuditState::DryRun => "dry_run",
            AuditState::Held => "held",
        }
    }
}

impl fmt::Display for AuditState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuditState {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::Invalid(format!("`{text}` is not a state of an action")))
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    /// The plan that it belongs to.
    pub plan: Uuid,
    /// Its place in the plan, from 0: the actions, then what was held.
    pub position: u32,
    /// What kind of thing: `label_present`, `comment_posted`, …, or `held`.
    pub effect: String,
    /// What it is about: the label, the topic of the comment, the first assignee, the milestone,
    /// the status; for a closing its rule.
    pub target: Option<String>,
    /// Why, as the people read it.
    pub reason_text: String,
    /// Why, as data; `None` when an older or newer Steward wrote it in another form.
    pub reason: Option<Reason>,
    /// How it stands.
    pub state: AuditState,
    /// What stood on the forge before, to put back by undo.
    pub before: Option<serde_json::Value>,
    /// The forge's number for what was written.
    pub forge_id: Option<u64>,
    /// When it was about to be written, or decided.
    pub intended_at: DateTime<Utc>,
    /// When its outcome was known.
    pub settled_at: Option<DateTime<Utc>>,
    /// What went wrong.
    pub error: Option<String>,
}

/// The kind of an effect and what it is about, for the columns `effect` and `target`. A closing is
/// filed under its rule, by which closings are counted.
pub(super) fn name(action: &Action) -> (&'static str, &str) {
    match &action.effect {
        Effect::LabelPresent { label } => ("label_present", label.as_str()),
        Effect::LabelAbsent { label } => ("label_absent", label.as_str()),
        Effect::CommentPosted { topic, .. } => ("comment_posted", topic.as_str()),
        Effect::CommentEdited { topic, .. } => ("comment_edited", topic.as_str()),
        Effect::CommentDeleted { topic, .. } => ("comment_deleted", topic.as_str()),
        Effect::Assigned { people } => {
            ("assigned", people.first().map_or("", |one| one.username.as_str()))
        }
        Effect::MilestoneSet { milestone } => ("milestone_set", milestone.title.as_str()),
        Effect::DescriptionSet { .. } => ("description_set", ""),
        Effect::DueSet { .. } => ("due_set", ""),
        Effect::IssueOpened { issue } => ("issue_opened", issue.mark.integration.as_str()),
        Effect::IssueLinked { mark, .. } => ("issue_linked", mark.integration.as_str()),
        Effect::StatusSet { name, .. } => ("status_set", name.as_str()),
        Effect::Reacted { emoji, .. } => ("reacted", emoji.as_str()),
        Effect::Closed => ("closed", action.reason.rule.as_str()),
    }
}

/// The forge's number that an effect names.
pub(super) fn forge_id(effect: &Effect) -> Option<i64> {
    match effect {
        Effect::CommentEdited { id, .. } | Effect::CommentDeleted { id, .. } => {
            i64::try_from(*id).ok()
        }
        Effect::Reacted { comment, .. } => i64::try_from(*comment).ok(),
        _ => None,
    }
}

/// A row that is about to be, without what it shares with its plan.
#[derive(Debug)]
pub(super) struct NewAudit {
    pub(super) effect: &'static str,
    pub(super) target: Option<String>,
    pub(super) reason_text: String,
    pub(super) reason: String,
    pub(super) state: &'static str,
    pub(super) before: Option<String>,
    pub(super) forge_id: Option<i64>,
}

/// A whole row that is about to be.
#[derive(Debug)]
pub(super) struct Intent<'a> {
    pub(super) plan: &'a str,
    pub(super) subject: &'a str,
    pub(super) position: i64,
    pub(super) row: &'a NewAudit,
    pub(super) at: i64,
}

static INSERT: LazyLock<Inserts> = LazyLock::new(|| {
    let head = "INSERT INTO audit (plan_id, subject, position, effect, target, reason_text, \
         reason, state, before, forge_id, intended_at)";
    Inserts::new(head, 11, "")
});

/// Adds rows.
pub(super) async fn insert(
    db: &mut SqliteConnection,
    intents: &[Intent<'_>],
) -> Result<(), StoreError> {
    for (text, part) in INSERT.parts(intents) {
        let mut insert = sqlx::query(text);
        for Intent { plan, subject, position, row, at } in part {
            insert = insert
                .bind(*plan)
                .bind(*subject)
                .bind(position)
                .bind(row.effect)
                .bind(&row.target)
                .bind(&row.reason_text)
                .bind(&row.reason)
                .bind(row.state)
                .bind(&row.before)
                .bind(row.forge_id)
                .bind(at);
        }
        insert.execute(&mut *db).await?;
    }
    Ok(())
}

/// The outcome of one action: subject, plan, position, state, settled at, error, forge's number,
/// whether the forge answered.
pub(super) type Outcome<'a> =
    (&'a str, &'a str, u32, &'static str, i64, Option<String>, Option<i64>, i64);

/// An outcome in the columns' types.
pub(super) fn outcome<'a>(
    subject: &'a str,
    plan: &'a str,
    settled: &Settled,
    at: i64,
) -> Outcome<'a> {
    (
        subject,
        plan,
        settled.position,
        settled.state.as_str(),
        at,
        settled.error.as_deref().map(brief),
        settled.forge_id.and_then(|id| i64::try_from(id).ok()),
        i64::from(settled.answered),
    )
}

const SETTLE: &str = concat!(
    "UPDATE audit SET state = outcome.state, settled_at = outcome.at, error = outcome.error, \
       forge_id = coalesce(outcome.forge_id, audit.forge_id), answered = outcome.answered \
     FROM (SELECT value ->> 0 AS subject, value ->> 1 AS plan_id, \
       CAST(value ->> 2 AS BIGINT) AS position, value ->> 3 AS state, \
       CAST(value ->> 4 AS BIGINT) AS at, value ->> 5 AS error, \
       CAST(value ->> 6 AS BIGINT) AS forge_id, CAST(value ->> 7 AS BIGINT) AS answered FROM ",
    json_rows!(),
    ") AS outcome WHERE audit.subject = outcome.subject \
       AND audit.plan_id = outcome.plan_id AND audit.position = outcome.position \
       AND audit.state = 'intended'"
);

/// Writes outcomes to intents.
pub(super) async fn settle(
    db: &mut SqliteConnection,
    outcomes: &[Outcome<'_>],
) -> Result<(), StoreError> {
    if !outcomes.is_empty() {
        sqlx::query(SETTLE).bind(serde_json::to_string(outcomes)?).execute(db).await?;
    }
    Ok(())
}

const RESOLVE: &str = concat!(
    "UPDATE audit SET state = 'resolved', settled_at = seen.at \
     FROM (SELECT value ->> 0 AS subject, value ->> 1 AS plan_id, \
       CAST(value ->> 2 AS BIGINT) AS at FROM ",
    json_rows!(),
    ") AS seen WHERE audit.subject = seen.subject AND audit.state IN ('intended', 'unknown') \
       AND audit.plan_id <> coalesce(seen.plan_id, '')"
);

/// Ends the uncertainty about earlier plans: subject, the plan of now, when.
pub(super) async fn resolve(
    db: &mut SqliteConnection,
    seen: &[(&str, Option<&str>, i64)],
) -> Result<(), StoreError> {
    if !seen.is_empty() {
        sqlx::query(RESOLVE).bind(serde_json::to_string(seen)?).execute(db).await?;
    }
    Ok(())
}

/// Those of which nobody knows whether they went through count: too few is better than too many.
const CLOSED: &str = "SELECT count(DISTINCT subject), min(intended_at) FROM audit \
     WHERE effect = 'closed' AND target = $1 AND intended_at > $2 AND subject <> $3 \
       AND state IN ('intended', 'applied', 'unknown', 'resolved')";

/// How many other subjects a rule has closed since then, and when the first of them.
pub(super) async fn closed(
    db: &mut SqliteConnection,
    rule: &str,
    since: i64,
    except: &str,
) -> Result<(i64, Option<i64>), StoreError> {
    let closed = sqlx::query_as(CLOSED).bind(rule).bind(since).bind(except);
    Ok(closed.fetch_one(db).await?)
}

#[derive(Debug, FromRow)]
struct Stored {
    plan_id: String,
    position: i64,
    effect: String,
    target: Option<String>,
    reason_text: String,
    reason: String,
    state: String,
    before: Option<String>,
    forge_id: Option<i64>,
    intended_at: i64,
    settled_at: Option<i64>,
    error: Option<String>,
}

const OF: &str = "SELECT plan_id, position, effect, target, reason_text, reason, state, before, \
       forge_id, intended_at, settled_at, error \
     FROM audit WHERE subject = $1 ORDER BY plan_id, position";

#[cfg(test)]
pub(super) const HOT: [&str; 4] = [SETTLE, RESOLVE, OF, CLOSED];

/// All that was done to a subject and all that was left alone, the oldest first.
pub(super) async fn of(pool: &SqlitePool, subject: &Subject) -> Result<Vec<AuditRow>, StoreError> {
    let rows: Vec<Stored> = sqlx::query_as(OF).bind(key(subject)?).fetch_all(pool).await?;
    rows.into_iter().map(read).collect()
}

fn read(row: Stored) -> Result<AuditRow, StoreError> {
    let plan = row.plan_id.parse().map_err(|_| {
        StoreError::Invalid(format!("`{}` in the audit log is not a plan's id", row.plan_id))
    })?;
    Ok(AuditRow {
        plan,
        position: u32::try_from(row.position).unwrap_or(u32::MAX),
        effect: row.effect,
        target: row.target,
        reason_text: row.reason_text,
        reason: serde_json::from_str(&row.reason).ok(),
        state: row.state.parse()?,
        before: row.before.and_then(|before| serde_json::from_str(&before).ok()),
        forge_id: row.forge_id.and_then(|id| u64::try_from(id).ok()),
        intended_at: time(row.intended_at),
        settled_at: row.settled_at.map(time),
        error: row.error,
    })
}
