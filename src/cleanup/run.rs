//! Carrying a cleanup out: approvals, restore file, the first few, a pause, the rest, the label. It can
//! be stopped or killed at any point; the next run goes on there.

use std::{collections::HashMap, collections::HashSet, path::PathBuf, time::Duration};

use super::{
    Approval, CleanupError, Entry, Folder, ItemProgress, Journal, Kept, Proposal, RestoreFile,
    Steps, Verdict, definition, file, list, settle,
    steps::{Trouble, of_the_item},
};
use crate::{
    commands::{self, Command},
    forge::{ForgeError, ItemChange, LabelPlace},
    model::{Calendar, State},
    pack::lifecycle::CleanupPolicy,
    store::FileLock,
};

/// What a cleanup came to.
#[derive(Debug)]
pub struct Ended {
    /// How many items Steward has closed.
    pub closed: usize,
    /// How many were left alone, since they are not any more as they were posted.
    pub left: usize,
    /// How many got the label after the list was posted; they were left alone too.
    pub since: usize,
    /// Whether the label is put aside; `false` where the forge cannot.
    pub archived: bool,
    /// What brings it all back.
    pub restore: PathBuf,
}

/// Carries out what was proposed, or goes on with it. `owners` are the handles of the group that owns
/// the integration, with `@`.
///
/// # Errors
/// [`CleanupError::Refused`] when it is not approved; else why it does not go on.
pub async fn run(
    folder: &Folder,
    id: &str,
    policy: &CleanupPolicy,
    owners: &[String],
    steps: &mut Steps<'_>,
) -> Result<Ended, CleanupError> {
    let proposal = folder.proposal_of(id)?;
    let path = folder.restore(id);
    let _lock = FileLock::take(&path, Duration::ZERO).await?;
    let mut journal = Journal::open(&Journal::beside(&path))?;
    if journal.progress.restoring {
        return Err(CleanupError::Refused(
            "it was brought back; propose a new one to do it again".to_owned(),
        ));
    }
    let restore = match journal.progress.began {
        true => file::restore_file(&path)?,
        false => begin(folder, &proposal, policy, owners, steps, &mut journal).await?,
    };
    close_all(&restore, policy, steps, &mut journal).await?;
    archive(&restore, steps, &mut journal).await?;
    let posted: HashSet<_> = proposal.items.iter().map(|item| &item.subject).collect();
    let since = restore.items.iter().filter(|item| !posted.contains(&item.subject)).count();
    let left = |item: &ItemProgress| *item == ItemProgress::Left;
    Ok(Ended {
        closed: journal.progress.closed(),
        left: journal.progress.items.values().filter(|item| left(item)).count(),
        since,
        archived: journal.progress.archived == Some(true),
        restore: path,
    })
}

/// Checks the approvals, and writes down how everything is, before anything is written to the forge.
async fn begin(
    folder: &Folder,
    proposal: &Proposal,
    policy: &CleanupPolicy,
    owners: &[String],
    steps: &Steps<'_>,
    journal: &mut Journal,
) -> Result<RestoreFile, CleanupError> {
    let approvals = approvals(proposal, policy, owners, steps).await?;
    let now = (steps.now)();
    let (owner, manager) = match settle(&approvals, proposal.posted_at, policy.window, now) {
        Verdict::Granted { owner, manager } => (owner, manager),
        other => return Err(CleanupError::Refused(lacks(&other, proposal, policy, owners))),
    };
    (steps.told)(format!("approved by @{} and @{}", owner.username, manager.username));
    let label = match &proposal.label.place {
        LabelPlace::Project(project) => project.clone(),
        LabelPlace::Group(_) => proposal.tracking.project.clone(),
    };
    let label = definition(steps, &[label], &proposal.label.name).await?;
    if label.place != proposal.label.place {
        return Err(CleanupError::Refused(format!(
            "the label `{}` is not where it was when the list was posted; propose it anew",
            label.name
        )));
    }
    let items = list(steps, &label).await?;
    let restore = RestoreFile::new(proposal, label, items, now);
    folder.put_restore(&restore)?;
    journal.note(Entry::Began { at: now, owner: owner.username, manager: manager.username })?;
    Ok(restore)
}

/// Who has approved in a comment on the tracking issue, and what they are at this moment.
async fn approvals(
    proposal: &Proposal,
    policy: &CleanupPolicy,
    owners: &[String],
    steps: &Steps<'_>,
) -> Result<Vec<Approval>, CleanupError> {
    let forge = steps.forge;
    let me = steps.ask(|| forge.me()).await?;
    let said = steps.ask(|| forge.comments(&proposal.tracking)).await?;
    let approves = |body: &str| {
        let lines = commands::lines(body, Some(&me.username));
        lines
            .iter()
            .filter_map(|line| commands::read(line, &me.username))
            .any(|command| matches!(command, Command::ApproveCleanup { id } if id == proposal.id))
    };
    let mut roles: HashMap<u64, (bool, bool)> = HashMap::new();
    let mut approvals = Vec::new();
    for one in said {
        let person = one.by.id != me.id && !commands::is_bot(&one.by.username);
        if !person || !approves(&one.body) {
            continue;
        }
        let (owner, manager) = match roles.get(&one.by.id) {
            Some(known) => *known,
            None => {
                let member = async |group: &str| {
                    let near = &proposal.tracking;
                    steps.ask(|| forge.is_direct_member(near, group, one.by.id)).await
                };
                let mut owner = false;
                for handle in owners.iter().map(|handle| handle.trim_start_matches('@')) {
                    owner |=
                        handle.eq_ignore_ascii_case(&one.by.username) || member(handle).await?;
                }
                let known = (owner, member(&policy.release_managers).await?);
                roles.insert(one.by.id, known);
                known
            }
        };
        approvals.push(Approval { by: one.by, at: one.at, edited: one.edited, owner, manager });
    }
    Ok(approvals)
}

fn lacks(
    verdict: &Verdict,
    proposal: &Proposal,
    policy: &CleanupPolicy,
    owners: &[String],
) -> String {
    let (id, tracking) = (&proposal.id, &proposal.tracking);
    let days = policy.window.num_days();
    match verdict {
        Verdict::Late { since } => format!(
            "the list was posted more than {days} days ago (until {} it could have begun); propose it \
             anew",
            since.format("%Y-%m-%d %H:%M UTC")
        ),
        Verdict::Lacking { owner, manager, same } => {
            let mut who = Vec::new();
            if *owner {
                who.push(match owners {
                    [] => "a member of the group that owns it (the catalog names no handle)"
                        .to_owned(),
                    owners => format!("a member of {}", owners.join(" or ")),
                });
            }
            if *manager {
                who.push(format!("a release manager (a member of @{})", policy.release_managers));
            }
            if *same {
                who.push("somebody else than the one who is both".to_owned());
            }
            format!(
                "not approved yet by {}: each writes `approve-cleanup {id}` in a comment of their own \
                 to Steward on {tracking}, and does not change it afterwards",
                who.join(", and by ")
            )
        }
        Verdict::Granted { .. } => String::new(),
    }
}

async fn close_all(
    restore: &RestoreFile,
    policy: &CleanupPolicy,
    steps: &mut Steps<'_>,
    journal: &mut Journal,
) -> Result<(), CleanupError> {
    if journal.progress.all_closed.is_some() {
        return Ok(());
    }
    for item in &restore.closes {
        let first_few = journal.progress.closed() >= policy.canary;
        if first_few && journal.progress.pausing.is_none() {
            let until = (steps.now)() + policy.pause;
            journal.note(Entry::Pausing { until })?;
        }
        if let Some(until) = journal.progress.pausing.filter(|until| *until > (steps.now)()) {
            (steps.told)(format!(
                "{} closed; going on at {}. Stopped before, the next run goes on then",
                journal.progress.closed(),
                until.format("%Y-%m-%d %H:%M:%S UTC")
            ));
            steps.until(until).await;
        }
        close(*item, &restore.items[*item], restore, steps, journal).await?;
    }
    let at = (steps.now)();
    journal.note(Entry::AllClosed { at })
}

/// Closes one item, unless it is not any more as it was. Looks before each write, also before one
/// whose first try ended nobody knows how.
async fn close(
    item: usize,
    kept: &Kept,
    restore: &RestoreFile,
    steps: &mut Steps<'_>,
    journal: &mut Journal,
) -> Result<(), CleanupError> {
    let (mut trouble, mut first_look) = (Trouble::default(), true);
    loop {
        let had = journal.progress.items.get(&item).cloned();
        let began = match had {
            Some(ItemProgress::Closing { at, seen }) => {
                // What an earlier process sent may still be applied.
                if first_look {
                    let landed = chrono::TimeDelta::from_std(steps.settle).unwrap_or_default();
                    steps.until(at + landed).await;
                }
                Some(seen)
            }
            Some(_) => return Ok(()),
            None => None,
        };
        first_look = false;
        let now = match steps.ask(|| steps.forge.read(&kept.subject)).await {
            Ok(now) => now,
            Err(error) => return journal.note(Entry::Left { item, why: of_the_item(error)? }),
        };
        let left = match (began, now.state) {
            (Some(_), State::Closed) => return journal.note(Entry::Closed { item }),
            (_, State::Closed) => Some("closed by somebody"),
            (_, State::Merged) => Some("merged"),
            (Some(seen), State::Open) if now.updated_at != seen => {
                Some("changed by somebody while Steward was closing it")
            }
            (_, State::Open) if !now.labels.contains(&restore.label.name) => {
                Some("the label is off")
            }
            (_, State::Open) => None,
        };
        if let Some(why) = left {
            return journal.note(Entry::Left { item, why: why.to_owned() });
        }
        if began.is_none() {
            let at = (steps.now)();
            journal.note(Entry::Closing { item, at, seen: now.updated_at })?;
        }
        steps.turn().await;
        let change = ItemChange { close: true, ..ItemChange::default() };
        match steps.forge.change_item(&kept.subject, &change).await {
            Ok(()) => return journal.note(Entry::Closed { item }),
            Err(error @ (ForgeError::NotFound { .. } | ForgeError::Refused { .. })) => {
                return journal.note(Entry::Left { item, why: of_the_item(error)? });
            }
            Err(error) => steps.wait_out(error, &mut trouble).await?,
        }
    }
}

async fn archive(
    restore: &RestoreFile,
    steps: &mut Steps<'_>,
    journal: &mut Journal,
) -> Result<(), CleanupError> {
    if journal.progress.archived.is_some() {
        return Ok(());
    }
    if !steps.forge.archives_labels() {
        let why = "the forge archives no labels; it stays until it is deleted".to_owned();
        return journal.note(Entry::NotArchived { why });
    }
    steps.turn().await;
    match steps.ask(|| steps.forge.archive_label(&restore.label, true)).await {
        Ok(()) => journal.note(Entry::Archived),
        Err(
            error @ (ForgeError::Unsupported { .. }
            | ForgeError::Refused { .. }
            | ForgeError::Forbidden { .. }
            | ForgeError::NotFound { .. }),
        ) => journal.note(Entry::NotArchived { why: error.to_string() }),
        Err(error) => Err(error.into()),
    }
}

/// Deletes the label of a cleanup that has been done for long enough. Refuses when something carries
/// it that the restore file does not know.
///
/// # Errors
/// As [`run`].
pub async fn delete_label(
    folder: &Folder,
    id: &str,
    (policy, calendar): (&CleanupPolicy, Option<&Calendar>),
    steps: &mut Steps<'_>,
) -> Result<(), CleanupError> {
    let refused = |why: String| Err(CleanupError::Refused(why));
    folder.proposal_of(id)?;
    let path = folder.restore(id);
    let _lock = FileLock::take(&path, Duration::ZERO).await?;
    let mut journal = Journal::open(&Journal::beside(&path))?;
    if journal.progress.restoring {
        return refused("it was brought back: the label is in use".to_owned());
    }
    let Some(since) = journal.progress.all_closed else {
        return refused(format!("not everything is closed yet: `steward cleanup run {id}`"));
    };
    let earliest = match policy.delete_after.earliest(since, calendar) {
        Ok(earliest) => earliest,
        Err(why) => return refused(why),
    };
    if (steps.now)() < earliest {
        return refused(format!(
            "the label may be deleted from {} on (`delete_after` in lifecycle.yml)",
            earliest.format("%Y-%m-%d %H:%M UTC")
        ));
    }
    let restore = file::restore_file(&path)?;
    if !journal.progress.deleting {
        let known: HashSet<_> = restore.items.iter().map(|item| &item.subject).collect();
        let now = list(steps, &restore.label).await?;
        let new: Vec<_> = now.iter().filter(|item| !known.contains(&item.subject)).collect();
        if let Some(first) = new.first() {
            return refused(format!(
                "the label was set on items that the restore file does not know ({}, {} in all): take \
                 it off there, or propose the cleanup anew",
                first.subject,
                new.len()
            ));
        }
        journal.note(Entry::Deleting)?;
    }
    if !journal.progress.deleted {
        steps.turn().await;
        steps.ask(|| steps.forge.delete_label(&restore.label)).await?;
        journal.note(Entry::Deleted)?;
    }
    Ok(())
}
