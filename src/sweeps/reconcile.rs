//! Puts open items to work, so that what a lost webhook would have told is found.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::run::{PageError, Run, Stop};
use crate::{
    forge::ListAsk,
    model::{Snapshot, Subject, SubjectKind},
    pack::{Items, Pack, Reconcile},
    store::StoreError,
};

/// A run looks a little further back than to where the last one began: clocks differ.
const OVERLAP: TimeDelta = TimeDelta::hours(1);

/// Lists the projects' open items, and puts those to work that are asked for.
pub(super) async fn run(run: &mut Run<'_>, job: &Reconcile, pack: &Pack) -> Result<(), Stop> {
    let projects = run.projects(&job.projects)?;
    let since = since(run, job).await?;
    let mut wrong = Vec::new();
    for project in &projects {
        for kind in [SubjectKind::Issue, SubjectKind::MergeRequest] {
            match list(run, job, pack, (project, kind), since).await {
                Ok(()) => {}
                Err(PageError::Stop(stop)) => return Err(stop),
                // The others are looked at all the same.
                Err(PageError::Refused(error)) => wrong.push(error.to_string()),
            }
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Stop::Failed(wrong.join("; "))),
    }
}

/// From when on changes are of interest.
async fn since(run: &Run<'_>, job: &Reconcile) -> Result<Option<DateTime<Utc>>, StoreError> {
    if !job.changed_since_last_run {
        return Ok(None);
    }
    let last = run.sweeper.store.last_sweep_done(run.schedule()).await?;
    Ok(last.map(|last| last.began - OVERLAP))
}

/// Goes through one list, each time from the newest change that was seen: numbered pages move while
/// they are read. They are followed only within one and the same time.
async fn list(
    run: &mut Run<'_>,
    job: &Reconcile,
    pack: &Pack,
    (project, kind): (&str, SubjectKind),
    mut since: Option<DateTime<Utc>>,
) -> Result<(), PageError> {
    let mut page = None;
    let mut seen: HashSet<u64> = HashSet::new();
    loop {
        let ask = ListAsk {
            project: project.to_owned(),
            kind,
            only_open: true,
            changed_since: since,
            whole: false,
            page: page.take(),
        };
        let mut found = run.page(&ask).await?;
        found.items.retain(|item| seen.insert(item.subject.number));
        run.found(found.items.len());
        let subjects = wanted(run, job, pack, &found.items).await.map_err(Stop::from)?;
        run.put(&subjects).await?;
        let Some(next) = found.next else { return Ok(()) };
        match found.newest > since {
            true => since = found.newest,
            false => page = Some(next),
        }
    }
}

/// The items that are put to work.
async fn wanted(
    run: &Run<'_>,
    job: &Reconcile,
    pack: &Pack,
    items: &[Snapshot],
) -> Result<Vec<Subject>, StoreError> {
    let all: Vec<Subject> = items.iter().map(|item| item.subject.clone()).collect();
    if job.items == Items::All {
        return Ok(all);
    }
    let known = run.sweeper.store.known_of(&all).await?;
    let likely = |item: &&Snapshot| {
        known.contains(&item.subject)
            || item.labels.iter().any(|label| pack.routing.value_of(label.as_str()).is_some())
            || (item.subject.kind == SubjectKind::MergeRequest && !pack.routing.paths.is_empty())
    };
    Ok(items.iter().filter(likely).map(|item| item.subject.clone()).collect())
}
