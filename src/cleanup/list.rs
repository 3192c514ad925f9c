//! What carries a label.

use std::collections::HashSet;

use super::{CleanupError, Kept, Steps};
use crate::{
    forge::{LabelDefinition, LabelledAsk},
    model::{LabelName, SubjectKind},
};

/// The label as these projects know it. It must be one and the same.
///
/// # Errors
/// [`CleanupError::Refused`] when there is none or several, [`CleanupError::Forge`].
pub async fn definition(
    steps: &Steps<'_>,
    projects: &[String],
    label: &LabelName,
) -> Result<LabelDefinition, CleanupError> {
    let mut found: Vec<LabelDefinition> = Vec::new();
    for project in projects {
        let one = steps.ask(|| steps.forge.label_definition(project, label)).await?;
        found.extend(one.filter(|one| found.iter().all(|had| had.place != one.place)));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(CleanupError::Refused(format!(
            "none of the projects has a label `{label}`: {}",
            match projects {
                [] => "none is named; set `projects` of the forge or give --project".to_owned(),
                named => named.join(", "),
            }
        ))),
        _ => Err(CleanupError::Refused(format!(
            "the label `{label}` is defined in several places: name one project with --project"
        ))),
    }
}

/// Everything that carries a label where it is defined, open or not, the oldest first.
///
/// # Errors
/// [`CleanupError::Forge`].
pub async fn list(steps: &Steps<'_>, label: &LabelDefinition) -> Result<Vec<Kept>, CleanupError> {
    let (mut items, mut seen) = (Vec::new(), HashSet::new());
    for kind in [SubjectKind::Issue, SubjectKind::MergeRequest] {
        let mut page = None;
        loop {
            let ask = LabelledAsk {
                place: label.place.clone(),
                kind,
                label: label.name.clone(),
                page: page.take(),
            };
            let found = steps.ask(|| steps.forge.labelled(&ask)).await?;
            // A forge compares labels in its own way; only this very one counts.
            let items_here =
                found.items.into_iter().filter(|item| item.labels.contains(&label.name));
            for item in items_here {
                if seen.insert(item.subject.clone()) {
                    items.push(Kept {
                        subject: item.subject,
                        url: item.url,
                        state: item.state,
                        labels: item.labels,
                        updated_at: item.updated_at,
                    });
                }
            }
            match found.next {
                Some(next) => page = Some(next),
                None => break,
            }
        }
    }
    Ok(items)
}
