//! The table `plans`: what was decided, whole; and the intents that go with it.

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::{
    StoreError,
    audit::{self, AuditState, NewAudit},
    convert::{clean, millis, time},
    dialect::json_rows,
    op::Job,
    rows::Inserts,
    work::{Claim, LeaseKey, held, is_held},
};
use crate::model::{Effect, Plan, Subject};

/// A plan about to be carried out.
#[derive(Debug, Clone, Copy)]
pub struct PlanRecord<'a> {
    /// Its id: a UUID of version 7, so that ids sort by time.
    pub id: Uuid,
    /// What was decided.
    pub plan: &'a Plan,
    /// For each action of the plan, in its order.
    pub actions: &'a [ActionNote],
    /// For each held finding of the plan, in its order, why, in the words that people read.
    pub held: &'a [String],
    /// What it was decided on, as JSON; `None` leaves it unrecorded.
    pub input: Option<&'a str>,
    /// When true the actions are recorded as decided and not written; they need no outcome.
    pub dry_run: bool,
}

/// What goes into the audit log beside an action.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionNote {
    /// Why, in the words that people read.
    pub reason: String,
    /// What stood on the forge before, to put back by undo.
    pub before: Option<serde_json::Value>,
}

/// A plan as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPlan {
    /// Its id.
    pub id: Uuid,
    /// What it is about.
    pub subject: Subject,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// Whether it was only decided and not carried out.
    pub dry_run: bool,
    /// The plan; `None` when an older or newer Steward wrote it in another form.
    pub plan: Option<Plan>,
}

/// What became of a plan that was to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is recorded.
    Kept,
    /// Nothing is: the rule that closes the item has closed as many in 24 hours as it may.
    CloseLimit {
        /// When it may close one again; at most 24 hours after the plan was decided.
        due_at: DateTime<Utc>,
    },
}

/// A plan in the columns' types: serialised where it is made, so that the one writer need not.
#[derive(Debug)]
pub(super) struct NewPlan {
    pub(super) key: LeaseKey,
    subject: Subject,
    id: String,
    policy_version: String,
    decided_at: i64,
    dry_run: bool,
    data: String,
    input: Option<String>,
    audit: Vec<NewAudit>,
    closing: Option<Closing>,
}

/// The rule that closes the item, and how many it may close in 24 hours.
#[derive(Debug)]
struct Closing {
    rule: String,
    limit: i64,
}

impl NewPlan {
    /// # Errors
    /// [`StoreError::Invalid`] when the plan is about another subject or notes are missing.
    pub(super) fn new(claim: &Claim, record: &PlanRecord<'_>) -> Result<Self, StoreError> {
        let PlanRecord { id, plan, actions, held, input, dry_run } = *record;
        if plan.subject != claim.subject {
            return Err(StoreError::Invalid(format!(
                "a plan about {} under a lease on {}",
                plan.subject, claim.subject
            )));
        }
        if actions.len() != plan.actions.len() || held.len() != plan.held.len() {
            return Err(StoreError::Invalid(format!(
                "a plan about {} whose notes do not match its actions",
                plan.subject
            )));
        }
        let intended = if dry_run { AuditState::DryRun } else { AuditState::Intended };
        let mut audit = Vec::with_capacity(actions.len() + held.len());
        for (action, note) in plan.actions.iter().zip(actions) {
            let (effect, target) = audit::name(action);
            audit.push(NewAudit {
                effect,
                target: Some(clean(target)),
                reason_text: clean(&note.reason),
                reason: serde_json::to_string(&action.reason)?,
                state: intended.as_str(),
                before: note.before.as_ref().map(serde_json::Value::to_string),
                forge_id: audit::forge_id(&action.effect),
            });
        }
        for (finding, text) in plan.held.iter().zip(held) {
            audit.push(NewAudit {
                effect: "held",
                target: finding.label.as_ref().map(|label| clean(label.as_str())),
                reason_text: clean(text),
                reason: serde_json::to_string(&finding.reason)?,
                state: AuditState::Held.as_str(),
                before: None,
                forge_id: None,
            });
        }
        Ok(Self {
            key: claim.lease_key(),
            subject: claim.subject.clone(),
            id: id.to_string(),
            policy_version: clean(&plan.policy_version),
            decided_at: millis(plan.decided_at),
            dry_run,
            data: serde_json::to_string(plan)?,
            input: input.map(str::to_owned),
            audit,
            closing: closing(plan).filter(|_| !dry_run),
        })
    }
}

fn closing(plan: &Plan) -> Option<Closing> {
    let limit = i64::from(plan.close_limit?);
    let closes = plan.actions.iter().find(|action| action.effect == Effect::Closed)?;
    Some(Closing { rule: clean(&closes.reason.rule), limit })
}

static INSERT: LazyLock<Inserts> = LazyLock::new(|| {
    let head = "INSERT INTO plans (id, subject, policy_version, decided_at, dry_run, data, input)";
    Inserts::new(head, 7, "")
});

/// Records the plans whose lease is still held and refuses the others.
pub(super) async fn record(
    db: &mut SqliteConnection,
    jobs: &mut [Job<NewPlan, Recorded>],
) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let held = held(db, jobs.iter().map(|job| job.input.key.subject.as_str())).await?;
    let mut plans = Vec::with_capacity(jobs.len());
    for Job { input, outcome, .. } in jobs {
        if !is_held(&held, &input.key) {
            *outcome = Some(Err(StoreError::LeaseLost(Box::new(input.subject.clone()))));
            continue;
        }
        let full = close_limit(db, input, &plans).await?;
        *outcome = Some(Ok(match full {
            Some(due_at) => Recorded::CloseLimit { due_at },
            None => {
                plans.push(&*input);
                Recorded::Kept
            }
        }));
    }
    for (text, part) in INSERT.parts(&plans) {
        let mut insert = sqlx::query(text);
        for plan in part {
            insert = insert
                .bind(&plan.id)
                .bind(&plan.key.subject)
                .bind(&plan.policy_version)
                .bind(plan.decided_at)
                .bind(i64::from(plan.dry_run))
                .bind(&plan.data)
                .bind(&plan.input);
        }
        insert.execute(&mut *db).await?;
    }
    let intents: Vec<audit::Intent<'_>> = plans.iter().flat_map(|plan| plan.intents()).collect();
    audit::insert(db, &intents).await
}

/// When the rule may close an item again, if it may not now. The one writer counts in the very
/// transaction that records the intent, so that no two can take the last place; `before` are the
/// plans that go into it first.
async fn close_limit(
    db: &mut SqliteConnection,
    plan: &NewPlan,
    before: &[&NewPlan],
) -> Result<Option<DateTime<Utc>>, StoreError> {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let Some(Closing { rule, limit }) = &plan.closing else { return Ok(None) };
    let since = plan.decided_at.saturating_sub(DAY);
    let (closed, first) = audit::closed(db, rule, since, &plan.key.subject).await?;
    let beside = before.iter().filter(|other| {
        other.closing.as_ref().is_some_and(|closing| closing.rule == *rule)
            && other.key.subject != plan.key.subject
    });
    let closed = closed.saturating_add(i64::try_from(beside.count()).unwrap_or(i64::MAX));
    let again = first.unwrap_or(plan.decided_at).min(plan.decided_at).saturating_add(DAY);
    Ok((closed >= *limit).then(|| time(again)))
}

impl NewPlan {
    fn intents(&self) -> impl Iterator<Item = audit::Intent<'_>> {
        (0..).zip(&self.audit).map(|(position, row)| audit::Intent {
            plan: &self.id,
            subject: &self.key.subject,
            position,
            row,
            at: self.decided_at,
        })
    }
}

/// Ids of plans are UUIDs of version 7 and begin with their time, so that the oldest are the first
/// of the key. One with a write whose outcome nobody knows stays.
const PRUNE: &str = "DELETE FROM plans WHERE id IN (\
     SELECT id FROM plans WHERE id < $1 AND decided_at < $2 AND NOT EXISTS \
       (SELECT 1 FROM audit WHERE audit.subject = plans.subject AND audit.plan_id = plans.id \
         AND audit.state IN ('intended', 'unknown')) \
     ORDER BY id LIMIT $3) RETURNING subject, id";

const PRUNE_AUDIT: &str = concat!(
    "DELETE FROM audit WHERE (subject, plan_id) IN (SELECT value ->> 0, value ->> 1 FROM ",
    json_rows!(),
    ")"
);

const PRUNE_IDLE: &str = "DELETE FROM idle WHERE id IN (\
     SELECT id FROM (SELECT id, decided_at FROM idle ORDER BY id LIMIT $2) AS oldest \
     WHERE decided_at < $1)";

/// Removes old decisions, and answers how many.
pub(super) async fn prune(
    db: &mut SqliteConnection,
    older_than: i64,
    limit: i64,
) -> Result<u64, StoreError> {
    let gone: Vec<(String, String)> = sqlx::query_as(PRUNE)
        .bind(first_id_at(older_than))
        .bind(older_than)
        .bind(limit)
        .fetch_all(&mut *db)
        .await?;
    if !gone.is_empty() {
        sqlx::query(PRUNE_AUDIT).bind(serde_json::to_string(&gone)?).execute(&mut *db).await?;
    }
    let idle = sqlx::query(PRUNE_IDLE).bind(older_than).bind(limit).execute(db).await?;
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX).saturating_add(idle.rows_affected()))
}

/// What sorts before every id that is made from an epoch millisecond on.
pub(super) fn first_id_at(millis: i64) -> String {
    let hex = format!("{:012x}", millis.max(0));
    format!("{}-{}", &hex[..8], &hex[8..])
}

#[cfg(test)]
pub(super) const HOT: [&str; 2] = [PRUNE, PRUNE_AUDIT];

/// The plan of that id.
pub(super) async fn by_id(pool: &SqlitePool, id: Uuid) -> Result<Option<StoredPlan>, StoreError> {
    const BY_ID: &str = "SELECT subject, decided_at, dry_run, data FROM plans WHERE id = $1";
    let row: Option<(String, i64, i64, String)> =
        sqlx::query_as(BY_ID).bind(id.to_string()).fetch_optional(pool).await?;
    let Some((subject, decided_at, dry_run, data)) = row else { return Ok(None) };
    let subject = subject
        .parse()
        .map_err(|error| StoreError::Invalid(format!("the plan {id} is about: {error}")))?;
    Ok(Some(StoredPlan {
        id,
        subject,
        decided_at: time(decided_at),
        dry_run: dry_run != 0,
        plan: serde_json::from_str(&data).ok(),
    }))
}
