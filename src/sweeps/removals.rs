//! Puts the issues that track removals to work, and the one that shows them all: what is due changes
//! with the calendar, and what is done with the code, and neither sends a webhook.

use std::collections::BTreeSet;

use super::run::{Run, Stop};
use crate::{model::Subject, pack::Pack};

/// Puts them to work: those that people made, those that the policies name, and the one of release
/// managers.
pub(super) async fn run(run: &mut Run<'_>, pack: &Pack) -> Result<(), Stop> {
    let Some(tracking) = &pack.removals.tracking else { return Ok(()) };
    let recorded = run.sweeper.store.removals().await?;
    let mut subjects: BTreeSet<Subject> =
        recorded.into_iter().map(|(subject, _)| subject).collect();
    let named = pack.removals.all.iter().filter_map(|one| one.issue.as_deref());
    let named = named.chain(tracking.digest.as_deref());
    subjects.extend(named.filter_map(|url| run.sweeper.forge.subject_at(url)));
    run.found(subjects.len());
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    run.put(&subjects).await
}
