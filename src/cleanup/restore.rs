//! Bringing back what a cleanup did: the label, who carried it, and what was open.

use std::{path::Path, time::Duration};

use super::{
    CleanupError, Entry, ItemProgress, Journal, Kept, RestoreFile, Steps, file,
    steps::{Trouble, of_the_item},
};
use crate::{
    forge::ForgeError,
    model::{State, Subject},
    store::FileLock,
};

/// What was brought back.
#[derive(Debug, Default)]
pub struct Restored {
    /// How many items were opened again or got their label back.
    pub items: usize,
    /// What could not be, and why.
    pub failed: Vec<(Subject, String)>,
}

/// Brings back what the cleanup of a restore file did. What people did since is left alone: an item
/// that Steward did not close stays as it is. Without the journal beside it, everything that the
/// cleanup meant to close counts as closed by it. Can be stopped and run again.
///
/// # Errors
/// Why it does not go on; what was brought back stays so.
pub async fn restore(path: &Path, steps: &mut Steps<'_>) -> Result<Restored, CleanupError> {
    let file = file::restore_file(path)?;
    let _lock = FileLock::take(path, Duration::ZERO).await?;
    let beside = Journal::beside(path);
    let known = beside.exists();
    let mut journal = Journal::open(&beside)?;
    steps.turn().await;
    steps.ask(|| steps.forge.create_label(&file.label)).await?;
    let archived = file.label.archived || !known || journal.progress.archived == Some(true);
    if archived && steps.forge.archives_labels() {
        steps.turn().await;
        let archived = file.label.archived;
        steps.ask(|| steps.forge.archive_label(&file.label, archived)).await?;
    }
    // Of a label that is still there nobody is without whom nobody took it from.
    let labels = !known || journal.progress.deleting;
    let mut restored = Restored::default();
    for (item, kept) in file.items.iter().enumerate() {
        let reopen = match journal.progress.items.get(&item) {
            Some(ItemProgress::Restored) => continue,
            Some(ItemProgress::Restoring { reopen }) => *reopen,
            Some(ItemProgress::Closed | ItemProgress::Closing { .. }) => true,
            Some(ItemProgress::Left) => false,
            None => !known && file.closes.contains(&item),
        };
        if !reopen && !labels {
            continue;
        }
        if !matches!(journal.progress.items.get(&item), Some(ItemProgress::Restoring { .. })) {
            journal.note(Entry::Restoring { item, reopen })?;
        }
        match bring_back(kept, &file, (reopen, labels), steps).await? {
            Ok(true) => restored.items += 1,
            Ok(false) => {}
            Err(why) => restored.failed.push((kept.subject.clone(), why)),
        }
        journal.note(Entry::Restored { item })?;
    }
    Ok(restored)
}

/// Brings one item back; whether there was anything to do, or why it cannot be.
async fn bring_back(
    kept: &Kept,
    file: &RestoreFile,
    (reopen, labels): (bool, bool),
    steps: &mut Steps<'_>,
) -> Result<Result<bool, String>, CleanupError> {
    let (mut trouble, mut done) = (Trouble::default(), false);
    let (subject, label) = (&kept.subject, &file.label.name);
    loop {
        let now = match steps.ask(|| steps.forge.read(subject)).await {
            Ok(now) => now,
            Err(error) => return of_the_item(error).map(Err),
        };
        let written = if labels && !now.labels.contains(label) {
            steps.turn().await;
            steps.forge.change_labels(subject, std::slice::from_ref(label), &[]).await
        } else if reopen && now.state == State::Closed {
            steps.turn().await;
            steps.forge.reopen(subject).await
        } else {
            return Ok(Ok(done));
        };
        match written {
            Ok(()) => done = true,
            Err(error @ (ForgeError::NotFound { .. } | ForgeError::Refused { .. })) => {
                return of_the_item(error).map(Err);
            }
            Err(error) => steps.wait_out(error, &mut trouble).await?,
        }
    }
}
