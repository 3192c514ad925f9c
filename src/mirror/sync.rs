//! Reading a project's open items into the mirror.
//!
//! **Where the reading stands** is a time: all that changed before it has been read. Lists are
//! sorted by the time of the last change, and each page is asked for anew, from the newest time on
//! the page before it: numbered pages would move while they are read, since whatever changes goes
//! to the end and all behind it moves up, across the edge between two pages. It also never comes
//! near the offset at which GitLab stops (50,000). Only where a whole page carries one and the same
//! time (a change of many items at once) the forge's own next page is followed. The newest item of
//! a page is read twice: that is the price.
//!
//! **The first reading** asks for open items alone. Those that close meanwhile, or change behind its
//! back, are found by what follows: everything, in every state, that changed since it began, by the
//! forge's own clock.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::time::sleep;

use super::{Cursor, Mirror, NewItem, Pace, Saved, SyncError};
use crate::{
    forge::{ForgeError, ListAsk, ListPage, Source},
    model::{Facet, FacetValue, Snapshot, SubjectKind},
    pack::Pack,
};

/// Changes that were under way when the last reading ended may appear late, with a time before it.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Pages that are followed within one and the same time: GitLab's offset ends at 50,000 items.
const MOST_PAGES: u32 = 450;
/// How many merge requests are taken at once to read their files.
const FILES_AT_ONCE: u32 = 100;

/// How often a call is tried, and how long is waited in between.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How often in all.
    pub tries: u32,
    /// Until the second try; each further wait is twice the one before.
    pub first: Duration,
    /// How often the forge may ask to wait before the reading ends.
    pub waits: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self { tries: 5, first: Duration::from_secs(2), waits: 20 }
    }
}

/// Who is told how far it is.
pub trait Progress: std::marker::Sync {
    /// Something begins, such as `issues`; `total` items are expected, where that is known.
    fn begins(&self, project: &str, what: &str);
    /// So many items were read; so many more are there, where that is known.
    fn read(&self, items: u64, left: Option<u64>);
    /// Nothing happens for a while, and why.
    fn waits(&self, why: &str, long: Duration);
}

/// Nobody is told.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn begins(&self, _: &str, _: &str) {}
    fn read(&self, _: u64, _: Option<u64>) {}
    fn waits(&self, _: &str, _: Duration) {}
}

/// What a reading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Synced {
    /// What became of the items.
    pub items: Saved,
    /// Merge requests whose changed files were read.
    pub files: u64,
}

/// Reads projects into a mirror, one after the other.
pub struct Sync<'a, F: ?Sized> {
    forge: &'a F,
    mirror: &'a Mirror,
    progress: &'a dyn Progress,
    pace: Pace,
    patience: Patience,
    calls_before: u64,
}

impl<F: ?Sized> std::fmt::Debug for Sync<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sync").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl<'a, F: Source + ?Sized> Sync<'a, F> {
    /// Reads from a forge into a mirror.
    pub fn new(
        forge: &'a F,
        mirror: &'a Mirror,
        progress: &'a dyn Progress,
        pace: Pace,
        patience: Patience,
    ) -> Self {
        let calls_before = forge.calls();
        Self { forge, mirror, progress, pace, patience, calls_before }
    }

    /// How many calls were made for it so far.
    pub fn calls(&self) -> u64 {
        self.forge.calls() - self.calls_before
    }

    /// Reads what changed in a project since the last time; all of it the first time, and when
    /// `full` is asked for: then also what was deleted or moved away leaves. A reading that was
    /// stopped goes on where it was.
    ///
    /// # Errors
    /// What the forge said last, or what is wrong with the file. What was read is kept.
    pub async fn project(&self, project: &str, full: bool) -> Result<Synced, SyncError> {
        let labels = self.ask(project, || self.forge.labels(project)).await?;
        self.mirror.put_labels(project, &labels).await?;
        let mut synced = Synced::default();
        for kind in [SubjectKind::Issue, SubjectKind::MergeRequest] {
            synced.items += self.kind(project, kind, full).await?;
        }
        self.mirror.drop_stale_changes().await?;
        self.mirror.put_synced(project, Utc::now()).await?;
        Ok(synced)
    }

    async fn kind(&self, project: &str, kind: SubjectKind, full: bool) -> Result<Saved, SyncError> {
        let what = if kind == SubjectKind::Issue { "issues" } else { "merge requests" };
        self.progress.begins(project, what);
        let mut saved = Saved::default();
        let had = self.mirror.cursor(project, kind).await?;
        let mut cursor = had.unwrap_or_default();
        // Of a project that had nothing no time is known from which to go on.
        if !cursor.full && (full || cursor.read_to.is_none()) {
            let mark = self.ask(project, || self.forge.last_change(project, kind)).await?;
            cursor = Cursor {
                generation: cursor.generation + 1,
                full: true,
                read_to: None,
                mark,
                full_at: cursor.full_at,
            };
            self.mirror.put_cursor(project, kind, &cursor).await?;
        }
        if cursor.full {
            saved += self.read(project, kind, &mut cursor, true).await?;
            cursor.full = false;
            cursor.read_to = cursor.mark;
            cursor.full_at = Some(Utc::now());
            saved.gone += self.mirror.end_full(project, kind, &cursor).await?;
        }
        if let Some(read_to) = cursor.read_to {
            cursor.read_to = Some(read_to - OVERLAP);
            saved += self.read(project, kind, &mut cursor, false).await?;
        }
        Ok(saved)
    }

    /// Reads from where the cursor stands to the end of the list.
    async fn read(
        &self,
        project: &str,
        kind: SubjectKind,
        cursor: &mut Cursor,
        only_open: bool,
    ) -> Result<Saved, SyncError> {
        let mut saved = Saved::default();
        let mut page = None;
        let mut pages = 0;
        loop {
            let ask = ListAsk {
                project: project.to_owned(),
                kind,
                only_open,
                changed_since: cursor.read_to,
                whole: true,
                page: page.take(),
            };
            let found: ListPage = self.ask(project, || self.forge.page(&ask)).await?;
            pages += 1;
            let newest = found.newest;
            let moved = newest.is_some_and(|newest| Some(newest) > cursor.read_to);
            // Behind a page that was reached by its number all times are at least the cursor's.
            cursor.read_to = newest.max(cursor.read_to);
            let read = found.items.len() as u64;
            let items: Result<Vec<NewItem>, _> = found.items.into_iter().map(NewItem::of).collect();
            saved += self.mirror.save_page(project, kind, &items?, cursor).await?;
            let left = found.total.map(|total| total.saturating_sub(read));
            // The total counts what is on the pages before, too.
            self.progress.read(read, left.filter(|_| pages == 1));
            let Some(next) = found.next else { return Ok(saved) };
            if moved {
                pages = 0;
                continue;
            }
            if pages >= MOST_PAGES {
                let message = "more items changed in one instant than the forge's pages can \
                               show; change one of them and try again";
                return Err(self.failed(
                    project,
                    ForgeError::Unexpected {
                        request: format!("list of {project}"),
                        message: message.to_owned(),
                    },
                ));
            }
            page = Some(next);
        }
    }

    /// Reads the changed files of those open merge requests of a project that carry no label which
    /// names an integration, by the routing of `pack`: of the others nobody asks. Answers how many
    /// were read. What is known for the newest commit is not read again.
    ///
    /// # Errors
    /// As [`Sync::project`]; what was read is kept.
    pub async fn files(&self, project: &str, pack: &Pack) -> Result<u64, SyncError> {
        self.progress.begins(project, "changed files");
        let (mut after, mut count) = (0, 0);
        loop {
            let found = self.mirror.without_changes(project, after, FILES_AT_ONCE).await?;
            let Some((last, _)) = found.last() else { return Ok(count) };
            after = *last;
            for (_, snapshot) in &found {
                if names_integration(snapshot, pack) {
                    continue;
                }
                let ask = || self.forge.read_facet(snapshot, &Facet::Changes);
                match self.ask(project, ask).await {
                    Ok(FacetValue::Changes(changes)) => {
                        self.mirror.put_changes(snapshot, &changes).await?;
                        count += 1;
                    }
                    Ok(_) => {}
                    // Deleted or moved since the list was read.
                    Err(SyncError::Forge { error: ForgeError::NotFound { .. }, .. }) => {}
                    Err(error) => return Err(error),
                }
                self.progress.read(1, None);
            }
        }
    }

    /// One call within the budget. What may pass is tried again; what the forge asks to wait is
    /// waited.
    async fn ask<T, R>(&self, project: &str, call: impl Fn() -> R) -> Result<T, SyncError>
    where
        R: Future<Output = Result<T, ForgeError>>,
    {
        let (mut tries, mut waits) = (0, 0);
        let mut pause = self.patience.first;
        loop {
            self.pace.keep(self.calls()).await;
            let error = match call().await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            match &error {
                ForgeError::RateLimited { retry_after, .. } if waits < self.patience.waits => {
                    waits += 1;
                    self.progress.waits("the forge asks to wait", *retry_after);
                    sleep(*retry_after).await;
                }
                ForgeError::RateLimited { .. } => return Err(self.failed(project, error)),
                error if error.is_transient() && tries + 1 < self.patience.tries => {
                    tries += 1;
                    self.progress.waits("the forge does not answer", pause);
                    sleep(pause).await;
                    pause *= 2;
                }
                _ => return Err(self.failed(project, error)),
            }
        }
    }

    fn failed(&self, project: &str, error: ForgeError) -> SyncError {
        SyncError::Forge { project: project.to_owned(), error }
    }
}

/// Whether a label on the item names an integration: then nobody asks for its files.
fn names_integration(snapshot: &Snapshot, pack: &Pack) -> bool {
    let routing = &pack.routing;
    snapshot.labels.iter().any(|label| {
        routing.value_of(label.as_str()).is_some_and(|value| !routing.is_marker(value))
    })
}
