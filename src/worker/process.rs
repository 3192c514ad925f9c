//! One subject, from claim to finish.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{error, info, warn};
use uuid::Uuid;

use super::{
    beside::Sources,
    execute::execute,
    gate::Came,
    reading::{Reading, ReadingError, decide_unless},
    recorded,
    run::Worker,
    spread::apart,
};
use crate::{
    forge::ForgeError,
    model::{Applied, Effect, Ledger, Plan, Snapshot},
    pack::Pack,
    plan::without_close,
    queue::{RetryDecision, Trouble},
    store::{
        ActionNote, Asked, Claim, Finished, IdleRecord, Next, PlanRecord, Recorded, StoreError,
    },
    words::Style,
};

impl Worker {
    /// Works on a claim and gives it back. Errors end up in the queue, never with the caller.
    pub(super) async fn process(&self, claim: &Claim) {
        let started = std::time::Instant::now();
        let finished = match self.attempt(claim).await {
            Ok(finished) => finished,
            Err(StoreError::LeaseLost { .. }) => {
                warn!(subject = %claim.subject, "the lease was lost; another worker has it");
                return;
            }
            Err(error) => {
                error!(subject = %claim.subject, %error, "the database failed; the lease will run out");
                return;
            }
        };
        let next = finished.next.clone();
        if let Err(error) = self.store.finish(claim, finished).await {
            error!(subject = %claim.subject, %error, "the outcome could not be recorded");
            return;
        }
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match next {
            Next::Done => tracing::debug!(subject = %claim.subject, ms, "done"),
            Next::LookAgain { due_at } => {
                tracing::debug!(subject = %claim.subject, ms, %due_at, "done for now");
            }
            Next::RetryAt { due_at, error, .. } => {
                warn!(subject = %claim.subject, ms, %due_at, error, "will be tried again");
            }
            Next::Park { error, .. } => {
                error!(subject = %claim.subject, ms, error, "put aside until somebody acts");
            }
        }
    }

    async fn attempt(&self, claim: &Claim) -> Result<Finished, StoreError> {
        if self.settings.retry.is_exhausted(claim.attempts) {
            let error = claim.error.clone().unwrap_or_else(|| {
                "it was begun again and again and never ended: does it make Steward crash?".into()
            });
            return Ok(Finished { next: Next::Park { error, count_attempt: false }, ..done() });
        }
        if let Some(due_at) = self.settles_at(claim) {
            let error = "a comment was posted and no answer came; waiting until it can be looked \
                for"
            .into();
            let next = Next::RetryAt { due_at, error, count_attempt: false };
            return Ok(Finished { next, ..done() });
        }
        // One decision, one version of the policies.
        let pack = self.packs.get();
        let sources = Sources { forge: &*self.forge, beside: Some(&self.beside) };
        let paused = || self.gate.closed_for();
        let reading = match decide_unless(
            sources,
            &pack,
            &claim.subject,
            &claim.ledger,
            &claim.questions,
            paused,
        )
        .await
        {
            Ok(reading) => reading,
            Err(error) => return Ok(self.could_not_read(claim, &error)),
        };
        self.came(Came::Read);
        let Reading { snapshot, me, plan, .. } = reading;
        let input = recorded::input(&snapshot, claim, &me);
        if plan.actions.is_empty() {
            self.came(Came::Through);
            let changed = plan.ledger_after != claim.ledger;
            let idle = IdleRecord::new(&plan, input)?;
            return Ok(Finished {
                dropped: recorded::asked(claim),
                idle: Some(idle),
                ledger: (changed && !self.settings.dry_run).then_some(plan.ledger_after),
                // What a dry run has learnt it does not keep.
                resolved_uncertainty: claim.ledger.uncertain && !self.settings.dry_run,
                ..done()
            });
        }
        // Before anything is recorded: afterwards it would count as begun.
        if let Some(left) = self.gate.closed_for().filter(|_| !self.settings.dry_run) {
            let error = ReadingError::Paused(left).to_string();
            return Ok(Finished { next: later(left, error), ..done() });
        }
        self.carry_out(claim, plan, &snapshot, &pack, input.as_deref()).await
    }

    /// Records a plan that asks for something, does it, and tells how it went.
    pub(super) async fn carry_out(
        &self,
        claim: &Claim,
        plan: Plan,
        snapshot: &Snapshot,
        pack: &Pack,
        input: Option<&str>,
    ) -> Result<Finished, StoreError> {
        let id = Uuid::now_v7();
        let (plan, again) = match self.record(claim, id, &plan, snapshot, pack, input).await? {
            Recorded::Kept => (plan, Next::Done),
            Recorded::CloseLimit { due_at } => {
                let plan = without_close(plan, &claim.ledger);
                // Decided again on the same, it would close: what kept it from that is how many
                // others were closed.
                self.record(claim, id, &plan, snapshot, pack, None).await?;
                let due_at = due_at + apart(&claim.subject);
                info!(subject = %claim.subject, plan = %id, %due_at,
                    "not closed: the rule has closed as many in a day as it may");
                (plan, Next::LookAgain { due_at })
            }
        };
        if self.settings.dry_run {
            for action in &plan.actions {
                info!(subject = %claim.subject, plan = %id, would = %told(&action.effect),
                    why = pack.words.reason(&action.reason.because, Style::Plain), "dry run");
            }
            return Ok(Finished { plan: Some(id), dropped: recorded::asked(claim), ..done() });
        }
        let executed = execute(&*self.forge, &plan, &claim.ledger).await;
        // What Steward does itself is no news to it, and what changed here may concern them. Should it be
        // stopped before this, a sweep finds them.
        let beside = executed.ledger.opened_beside(&plan.subject);
        if !beside.is_empty() {
            self.store.enqueue(&beside, Utc::now(), Asked::BySweep).await?;
        }
        let next = match &executed.error {
            None => {
                self.came(Came::Through);
                match executed.opens() {
                    // Where they are could not be told before.
                    true => Next::LookAgain { due_at: Utc::now() },
                    false => again,
                }
            }
            Some(error) => self.next_after(claim, error, true),
        };
        info!(subject = %claim.subject, plan = %id, actions = plan.actions.len(),
            held = plan.held.len(), whole = executed.error.is_none(), "reconciled");
        let (answered, dropped) = recorded::answered(claim, &plan, &executed);
        Ok(Finished {
            plan: Some(id),
            answered,
            dropped,
            settled: executed.settled,
            ledger: Some(executed.ledger),
            next,
            // The truth was read before this plan was made.
            resolved_uncertainty: claim.ledger.uncertain,
            ..done()
        })
    }

    /// When a comment whose fate is unknown has either come or never will; `None` when that is
    /// now. A forge may apply a request long after its sender gave up: whoever looks before that,
    /// finds nothing and posts again, has doubled the comment.
    fn settles_at(&self, claim: &Claim) -> Option<DateTime<Utc>> {
        let (now, settle) = (Utc::now(), delta(self.settings.settle));
        // A clock that was set back must not make the wait longer.
        let due_at = claim.unsure_since?.min(now) + settle;
        (due_at > now).then_some(due_at)
    }

    async fn record(
        &self,
        claim: &Claim,
        id: Uuid,
        plan: &Plan,
        snapshot: &Snapshot,
        pack: &Pack,
        input: Option<&str>,
    ) -> Result<Recorded, StoreError> {
        let words = &pack.words;
        let actions: Vec<ActionNote> = plan
            .actions
            .iter()
            .map(|action| ActionNote {
                reason: words.reason(&action.reason.because, Style::Plain),
                before: before(&action.effect, snapshot, &claim.ledger),
            })
            .collect();
        let held: Vec<String> =
            plan.held.iter().map(|held| words.reason(&held.reason.because, Style::Plain)).collect();
        let dry_run = self.settings.dry_run;
        let record = PlanRecord { id, plan, actions: &actions, held: &held, input, dry_run };
        self.store.record_plan(claim, record).await
    }

    fn could_not_read(&self, claim: &Claim, error: &ReadingError) -> Finished {
        let next = match error {
            ReadingError::Gone(error) => {
                // Nothing to look after, and an event will come if it returns.
                self.came(Came::Read);
                warn!(subject = %claim.subject, %error, "nothing to look after");
                Next::Done
            }
            ReadingError::Forge(error) => self.next_after(claim, error, false),
            // As when the outcome could not be recorded: it gets better or the lease runs out.
            ReadingError::Store(error) => {
                let wait = self.settings.retry.backoff.delay(claim.attempts, rand::random());
                later(wait, error.to_string())
            }
            ReadingError::Paused(left) => later(*left, error.to_string()),
            // Neither gets better by itself: the policies must be mended.
            ReadingError::Words(_) | ReadingError::Restless(_) => {
                Next::Park { error: error.to_string(), count_attempt: true }
            }
        };
        Finished { next, ..done() }
    }

    /// Tells the gate how far a subject came.
    fn came(&self, came: Came) {
        if self.gate.reachable(came) {
            info!("the forge lets Steward in again");
        }
    }

    /// What becomes of a subject after an error of the forge. Errors that concern the whole forge
    /// close the gate for all subjects.
    fn next_after(&self, claim: &Claim, error: &ForgeError, writing: bool) -> Next {
        let chance = rand::random();
        if !writing
            && error.tells_of_an_outage()
            && let Some(closed) = self.gate.broken(&claim.subject, chance)
        {
            return later(self.told_of(closed, error), error.to_string());
        }
        match self.settings.retry.decide(Trouble::from(error), claim.attempts, chance) {
            RetryDecision::Retry { after, count_attempt, pause_forge } => {
                let wait = if pause_forge { self.pause(error, writing, chance) } else { after };
                Next::RetryAt {
                    due_at: Utc::now() + delta(wait),
                    error: error.to_string(),
                    count_attempt,
                }
            }
            RetryDecision::Park => {
                if !error.is_transient() {
                    self.came(Came::Through);
                }
                Next::Park { error: error.to_string(), count_attempt: true }
            }
        }
    }

    /// Closes the gate for all subjects of the forge, and answers for how long.
    fn pause(&self, error: &ForgeError, writing: bool, chance: f64) -> Duration {
        if let ForgeError::RateLimited { retry_after, .. } = error.cause() {
            warn!(seconds = retry_after.as_secs(), "the forge limits Steward; waiting");
            return self.gate.close_for(*retry_after);
        }
        self.told_of(self.gate.unreachable(writing, chance), error)
    }

    /// Tells of a gate that has closed, once, and answers for how long.
    fn told_of(&self, (wait, news): (Duration, bool), error: &ForgeError) -> Duration {
        if news {
            error!(%error, seconds = wait.as_secs(), "the forge does not let Steward in; \
                deliveries are kept and worked off when it does");
        }
        wait
    }
}

/// Again after a wait that is not the subject's fault.
fn later(wait: Duration, error: String) -> Next {
    Next::RetryAt { due_at: Utc::now() + delta(wait), error, count_attempt: false }
}

fn done() -> Finished {
    Finished {
        at: Utc::now(),
        plan: None,
        settled: Vec::new(),
        ledger: None,
        next: Next::Done,
        resolved_uncertainty: false,
        answered: Vec::new(),
        dropped: Vec::new(),
        idle: None,
    }
}

fn delta(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1))
}

/// What stood on the forge before an action, so that it can be put back.
fn before(effect: &Effect, snapshot: &Snapshot, ledger: &Ledger) -> Option<serde_json::Value> {
    match effect {
        Effect::LabelPresent { .. } | Effect::LabelAbsent { .. } => {
            Some(serde_json::json!({ "labels": snapshot.labels }))
        }
        Effect::CommentEdited { id, topic, .. } | Effect::CommentDeleted { id, topic } => {
            let body = snapshot
                .facets
                .own_comments
                .iter()
                .flatten()
                .find(|comment| comment.id == *id)
                .map(|comment| comment.body.as_str());
            let hash = ledger.comment(topic).map(|live| live.body_hash.as_str());
            Some(serde_json::json!({ "body": body, "body_hash": hash }))
        }
        // Nothing that anybody else wrote goes, and the same reaction is there once.
        Effect::CommentPosted { .. }
        | Effect::Reacted { .. }
        | Effect::IssueOpened { .. }
        | Effect::IssueLinked { .. } => None,
        Effect::Assigned { .. } => Some(serde_json::json!({ "assignees": snapshot.assignees })),
        Effect::MilestoneSet { .. } => Some(serde_json::json!({ "milestone": snapshot.milestone })),
        Effect::DueSet { .. } => Some(serde_json::json!({ "due": snapshot.facets.due })),
        Effect::DescriptionSet { .. } => {
            Some(serde_json::json!({ "description": snapshot.description }))
        }
        Effect::StatusSet { name, .. } => {
            let is_it = |applied: &&Applied| matches!(applied, Applied::Status { name: of, .. } if of == name);
            ledger.applied.iter().find(is_it).map(|status| serde_json::json!({ "status": status }))
        }
        Effect::Closed => Some(serde_json::json!({ "state": snapshot.state })),
    }
}

/// An effect in a few words, for the log.
fn told(effect: &Effect) -> String {
    match effect {
        Effect::LabelPresent { label } => format!("set label {label}"),
        Effect::LabelAbsent { label } => format!("take off label {label}"),
        Effect::CommentPosted { topic, .. } => format!("post the comment on {topic}"),
        Effect::CommentEdited { topic, id, .. } => format!("edit the comment on {topic} ({id})"),
        Effect::CommentDeleted { topic, id } => format!("delete the double {id} on {topic}"),
        Effect::Assigned { people } => {
            let handles: Vec<&str> = people.iter().map(|one| one.username.as_str()).collect();
            format!("assign it to {}", handles.join(", "))
        }
        Effect::MilestoneSet { milestone } => format!("set milestone {}", milestone.title),
        Effect::DueSet { day } => format!("set the last day {day}"),
        Effect::IssueOpened { issue } => format!("open an issue: {}", issue.title),
        Effect::IssueLinked { mark, .. } => format!("link the issue {}", mark.name()),
        Effect::DescriptionSet { .. } => "write its section of the description".to_owned(),
        Effect::StatusSet { name, state, .. } => format!("set status {name} to {state:?}"),
        Effect::Reacted { comment, emoji } => format!("react with {emoji} to comment {comment}"),
        Effect::Closed => "close it".to_owned(),
    }
}
