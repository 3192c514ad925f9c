//! Puts the issues that track removals to work, those of their steps, and the one that shows them all: what
//! is due changes with the calendar, and what is done with the code, and neither sends a webhook.

use std::collections::BTreeSet;

use super::run::{Run, Stop};
use crate::{model::Subject, pack::Pack};

/// Puts them to work: those that people made, those that the policies name, the one of release
/// managers, and what Steward opened beside them.
pub(super) async fn run(run: &mut Run<'_>, pack: &Pack) -> Result<(), Stop> {
    let Some(tracking) = &pack.removals.tracking else { return Ok(()) };
    let recorded = run.sweeper.store.removals().await?;
    let mut subjects: BTreeSet<Subject> =
        recorded.into_iter().map(|(subject, _)| subject).collect();
    let named = pack.removals.all.iter().filter_map(|one| one.issue.as_deref());
    let named = named.chain(tracking.digest.as_deref());
    subjects.extend(named.filter_map(|url| run.sweeper.forge.subject_at(url)));
    // Beside the digest those of removals, and beside these those of steps.
    let mut beside: Vec<Subject> = subjects.iter().cloned().collect();
    while let Some(subject) = beside.pop() {
        for opened in run.sweeper.store.ledger(&subject).await?.opened_beside(&subject) {
            if subjects.insert(opened.clone()) {
                beside.push(opened);
            }
        }
    }
    run.found(subjects.len());
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    run.put(&subjects).await
}
