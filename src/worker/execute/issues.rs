//! Opening issues beside the subject, and linking them to it.

use super::Executed;
use crate::{
    forge::{Forge, ForgeError},
    model::{Applied, Mark, NewIssue, Plan},
    store::AuditState,
};

/// The record of an issue that was opened for something.
fn record<'r>(
    mark: &Mark,
    mut records: impl DoubleEndedIterator<Item = &'r Applied>,
) -> Option<&'r Applied> {
    records.rfind(|applied| matches!(applied, Applied::Opened { mark: of, .. } if of == mark))
}

pub(super) async fn open(
    forge: &dyn Forge,
    plan: &Plan,
    position: usize,
    issue: &NewIssue,
    run: &mut Executed,
) {
    match forge.open_issue(&plan.subject, issue).await {
        Ok(opened) => {
            run.settle(position, AuditState::Applied, None, Some(opened.number));
            let (mark, number, url) = (issue.mark.clone(), opened.number, opened.url);
            run.opened.push(Applied::Opened { mark, number, url, linked: false });
        }
        Err(error) => {
            run.settle_error(position, &error);
            run.error = Some(error);
        }
    }
}

pub(super) async fn link(
    forge: &dyn Forge,
    plan: &Plan,
    position: usize,
    (mark, number): (&Mark, Option<u64>),
    run: &mut Executed,
) {
    let records = plan.ledger_after.applied.iter().chain(&run.opened);
    let Some(Applied::Opened { number: known, url, .. }) = record(mark, records).cloned() else {
        run.settle(position, AuditState::Failed, Some("the issue is not there".into()), None);
        return;
    };
    let number = number.unwrap_or(known);
    match forge.link_issue(&plan.subject, number).await {
        Ok(()) => run.settle(position, AuditState::Applied, None, Some(number)),
        // That there is no link is no reason to leave the rest undone, nor to try for ever.
        Err(error @ (ForgeError::Refused { .. } | ForgeError::NotFound { .. })) => {
            run.settle_error(position, &error);
        }
        Err(error) => {
            run.settle_error(position, &error);
            run.error = Some(error);
            return;
        }
    }
    run.opened.push(Applied::Opened { mark: mark.clone(), number, url, linked: true });
}

/// Keeps what was opened and linked, whatever came after it.
pub(super) fn keep(run: &mut Executed) {
    for opened in &run.opened {
        let Applied::Opened { mark, .. } = opened else { continue };
        let is_it = |had: &Applied| matches!(had, Applied::Opened { mark: of, .. } if of == mark);
        run.ledger.applied.retain(|had| !is_it(had));
        run.ledger.applied.push(opened.clone());
    }
}
