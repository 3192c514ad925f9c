//! The table `plans`: what was decided, whole; and the intents that go with it.

use chrono::{DateTime, Utc};
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::{
    StoreError,
    audit::{self, AuditState},
    convert::{clean, millis, time},
    dialect::json_rows,
    op::Job,
    work::{Claim, LeaseKey, held, is_held},
};
use crate::model::{Plan, Reason, Subject};

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

/// A plan as JSON rows: serialised where it is made, so that the one writer need not.
#[derive(Debug)]
pub(super) struct NewPlan {
    pub(super) key: LeaseKey,
    subject: Subject,
    row: String,
    audit: Vec<String>,
}

impl NewPlan {
    /// # Errors
    /// [`StoreError::Invalid`] when the plan is about another subject or notes are missing.
    pub(super) fn new(claim: &Claim, record: &PlanRecord<'_>) -> Result<Self, StoreError> {
        let PlanRecord { id, plan, actions, held, dry_run } = *record;
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
        let key = claim.lease_key();
        let id = id.to_string();
        let at = millis(plan.decided_at);
        let row = serde_json::to_string(&(
            &id,
            &key.subject,
            &plan.policy_version,
            at,
            i64::from(dry_run),
            plan,
        ))?;
        let intended = if dry_run { AuditState::DryRun } else { AuditState::Intended };
        let audit_row = |position: usize,
                         (effect, target): (&str, Option<&str>),
                         (text, reason): (&str, &Reason),
                         state: AuditState,
                         before: Option<&serde_json::Value>,
                         forge_id: Option<i64>| {
            serde_json::to_string(&(
                &id,
                &key.subject,
                position,
                effect,
                target.map(clean),
                clean(text),
                reason,
                state.as_str(),
                // As a text of JSON: taken out of JSON as a value, a string would lose its quotes.
                before.map(serde_json::Value::to_string),
                forge_id,
                at,
            ))
        };
        let mut audit = Vec::with_capacity(actions.len() + held.len());
        for (position, (action, note)) in plan.actions.iter().zip(actions).enumerate() {
            let (effect, target) = audit::name(&action.effect);
            audit.push(audit_row(
                position,
                (effect, Some(target)),
                (&note.reason, &action.reason),
                intended,
                note.before.as_ref(),
                audit::forge_id(&action.effect),
            )?);
        }
        for (position, (finding, text)) in (actions.len()..).zip(plan.held.iter().zip(held)) {
            let target = finding.label.as_ref().map(|label| label.as_str());
            audit.push(audit_row(
                position,
                ("held", target),
                (text, &finding.reason),
                AuditState::Held,
                None,
                None,
            )?);
        }
        Ok(Self { key, subject: claim.subject.clone(), row, audit })
    }
}

const INSERT: &str = concat!(
    "INSERT INTO plans (id, subject, policy_version, decided_at, dry_run, data) \
     SELECT value ->> 0, value ->> 1, value ->> 2, CAST(value ->> 3 AS BIGINT), \
       CAST(value ->> 4 AS BIGINT), value ->> 5 FROM ",
    json_rows!()
);

/// Records the plans whose lease is still held and refuses the others.
pub(super) async fn record(
    db: &mut SqliteConnection,
    jobs: &mut [Job<NewPlan, ()>],
) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let held = held(db, jobs.iter().map(|job| job.input.key.subject.as_str())).await?;
    let (mut plans, mut intents) = (Vec::new(), Vec::new());
    for Job { input, outcome, .. } in jobs {
        *outcome = Some(if is_held(&held, &input.key) {
            plans.push(input.row.as_str());
            intents.extend(input.audit.iter().map(String::as_str));
            Ok(())
        } else {
            Err(StoreError::LeaseLost(Box::new(input.subject.clone())))
        });
    }
    if !plans.is_empty() {
        sqlx::query(INSERT).bind(array(&plans)).execute(&mut *db).await?;
    }
    if !intents.is_empty() {
        audit::insert(db, array(&intents)).await?;
    }
    Ok(())
}

fn array(rows: &[&str]) -> String {
    format!("[{}]", rows.join(","))
}

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
