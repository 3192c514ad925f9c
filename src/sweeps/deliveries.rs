//! Has webhooks sent again that did not get through: a forge that remembers them does so when it is
//! asked to, and not by itself.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::{
    run::{PageError, Run, Stop},
    undelivered::{Next, Undelivered, undelivered},
};
use crate::{
    forge::{Attempt, DeliveryLog, DeliveryLogs, ForgeError},
    pack::Redelivery,
};

/// A run looks a little further back than to where the last one began: clocks differ, and what was
/// under way then had not failed yet.
const OVERLAP: TimeDelta = TimeDelta::hours(1);
/// Nothing older is asked for (GitHub, "Handling failed webhook deliveries": three days).
const KEPT: TimeDelta = TimeDelta::days(3);
/// Fifty thousand deliveries: more than one run should read.
const MOST_PAGES: usize = 500;

/// Looks through what the forge remembers, and asks for what did not get through. Answers with a word
/// about what a run that is done leaves.
pub(super) async fn run(run: &mut Run<'_>, job: &Redelivery) -> Result<Option<String>, Stop> {
    let mut wrong = Vec::new();
    let logs = match run.sweeper.forge.delivery_logs() {
        Ok(DeliveryLogs::One(log)) => vec![log],
        Ok(DeliveryLogs::ByProject) => logs(run, job, &mut wrong).await?,
        Err(ForgeError::Unsupported { .. }) => {
            return Ok(Some(
                "this forge is not asked for what became of webhooks; what they would have told is \
                 found by the schedules that `reconcile`"
                    .to_owned(),
            ));
        }
        Err(error) => return Err(Stop::Failed(error.to_string())),
    };
    let since = since(run).await?;
    let mut left = 0;
    for log in logs {
        match one(run, &log, since, &mut wrong).await {
            Ok(given_up) => left += given_up,
            Err(PageError::Stop(stop)) => return Err(stop),
            // The others are looked at all the same.
            Err(PageError::Refused(error)) => wrong.push(format!("{}: {error}", log.of)),
        }
    }
    if !wrong.is_empty() {
        return Err(Stop::Failed(wrong.join("; ")));
    }
    let dry = run.sweeper.settings.dry_run.then(|| "dry run: none was asked for".to_owned());
    let given_up = (left > 0).then(|| format!("{left} failed too often and are left alone"));
    Ok(dry.or(given_up))
}

/// The webhooks of the projects that lead to Steward.
async fn logs(
    run: &mut Run<'_>,
    job: &Redelivery,
    wrong: &mut Vec<String>,
) -> Result<Vec<DeliveryLog>, Stop> {
    let projects = run.projects(&job.projects)?;
    let address = Some(job.hook.as_str()).filter(|address| !address.is_empty());
    let sweeper = run.sweeper;
    let mut all = Vec::new();
    for project in &projects {
        match run.ask(|| sweeper.forge.logs_of(project, address)).await {
            Ok(logs) if logs.is_empty() => wrong.push(format!(
                "{project}: none of its webhooks leads to Steward; add one (see `steward doctor`), or \
                 switch this schedule off with `mode: off` where the organization's does"
            )),
            Ok(logs) => all.extend(logs),
            Err(PageError::Stop(stop)) => return Err(stop),
            Err(PageError::Refused(
                error @ (ForgeError::NotFound { .. } | ForgeError::Forbidden { .. }),
            )) => wrong.push(format!(
                "{project}: {error}: only who administers webhooks sees them; give the bot's account \
                 that right, let Steward in as a GitHub App, or switch this schedule off with `mode: \
                 off`"
            )),
            Err(PageError::Refused(error)) => wrong.push(format!("{project}: {error}")),
        }
    }
    Ok(all)
}

/// From when on webhooks are of interest. Where the last run has seen one that did not get through,
/// all that the forge remembers: only so can be told how often it was sent.
async fn since(run: &Run<'_>) -> Result<DateTime<Utc>, Stop> {
    let oldest = run.now() - KEPT;
    let last = run.sweeper.store.last_sweep_done(run.schedule()).await?;
    let last = last.filter(|last| last.found == 0).map(|last| last.began - OVERLAP);
    Ok(last.map_or(oldest, |since| since.max(oldest)))
}

/// Asks for what did not get through of one webhook. Answers how many have failed too often.
async fn one(
    run: &mut Run<'_>,
    log: &DeliveryLog,
    since: DateTime<Utc>,
    wrong: &mut Vec<String>,
) -> Result<usize, PageError> {
    let attempts = attempts(run, log, since, wrong).await?;
    let mut missing = undelivered(&attempts, since, run.now());
    let keys: Vec<&str> = missing.iter().map(|one| one.key.as_str()).collect();
    // It may have come through while the forge had given up waiting for the answer.
    let forge = run.sweeper.settings.forge;
    let here = run.sweeper.store.delivered(forge, &keys).await.map_err(Stop::from)?;
    missing.retain(|one| !here.contains(&one.key));
    run.found(missing.len());
    let left = missing.iter().filter(|one| one.next == Next::Leave).count();
    missing.retain(|one| one.next == Next::Ask);
    if run.sweeper.settings.dry_run {
        return Ok(left);
    }
    for Undelivered { key, attempt, first, .. } in missing {
        match run.send_again(log, attempt).await {
            Ok(()) => info!(delivery = key, of = log.of, sent_first = %first, "asked for again"),
            // Forgotten meanwhile, or refused by itself: the next one may fare better.
            Err(PageError::Refused(
                error @ (ForgeError::NotFound { .. } | ForgeError::Refused { .. }),
            )) => {
                warn!(delivery = key, of = log.of, %error, "cannot be asked for again");
                wrong.push(format!("{}: {error}", log.of));
            }
            Err(other) => return Err(other),
        }
    }
    Ok(left)
}

/// What was sent since then, as far as the forge tells.
async fn attempts(
    run: &mut Run<'_>,
    log: &DeliveryLog,
    since: DateTime<Utc>,
    wrong: &mut Vec<String>,
) -> Result<Vec<Attempt>, PageError> {
    let sweeper = run.sweeper;
    let (mut all, mut page, mut seen) = (Vec::new(), None::<String>, HashSet::new());
    for _ in 0..MOST_PAGES {
        let found = run.ask(|| sweeper.forge.attempts(log, page.as_deref())).await?;
        let older = found.attempts.iter().any(|attempt| attempt.at < since);
        all.extend(found.attempts);
        // The newest come first: what follows is older still.
        let next = found.next.filter(|next| !older && seen.insert(next.clone()));
        match next {
            Some(next) => page = Some(next),
            None => return Ok(all),
        }
    }
    wrong.push(format!(
        "{}: more than {MOST_PAGES} pages of deliveries; the older were left",
        log.of
    ));
    Ok(all)
}
