//! Whether a release may go out, as far as removals are concerned.

use serde::Serialize;

use super::Report;
use crate::model::{StepState, Version};

/// The answer for one milestone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// The milestone.
    pub milestone: Version,
    /// Whether nothing stands against it.
    pub open: bool,
    /// What stands against it, one sentence each.
    pub reasons: Vec<String>,
    /// How many integrations have a step in it.
    pub removals: usize,
    /// What files prove and the forge did not tell the rest of, one sentence each: nothing that stands
    /// against it, and nothing that is proven.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<String>,
}

/// Asks for one milestone: each step that is due in it or before it has to be done, nothing may be
/// done that belongs to a later one, and nothing that is recorded may stand against a removal in it.
pub fn gate(report: &Report, milestone: Version) -> Gate {
    let (mut reasons, mut untold) = (Vec::new(), Vec::new());
    let mut removals = 0;
    for one in &report.removals {
        let mut concerns = one.removal == milestone;
        for step in &one.steps {
            concerns |= step.due == Some(milestone);
            let Some(due) = step.due else {
                if one.removal <= milestone {
                    reasons.push(format!(
                        "{}: nobody can tell when \"{}\" is due, the calendar does not have it",
                        one.title, step.title
                    ));
                }
                continue;
            };
            let what = format!("{}: \"{}\"", one.title, step.title);
            match step.state {
                StepState::Early if due > milestone => {
                    reasons.push(format!("{what} is done, and belongs to {due}"));
                }
                StepState::Done | StepState::Early => {}
                StepState::InCode if due <= milestone => untold.push(format!(
                    "{what} is done in the code, and what else it takes the forge did not tell"
                )),
                StepState::InCode => {}
                _ if due <= milestone => reasons.push(format!(
                    "{what} was due in {due}, and {} of {} rows are proven",
                    step.proven, step.rows
                )),
                _ => {}
            }
        }
        if one.removal == milestone {
            let against = one.against.iter();
            reasons.extend(
                against
                    .map(|row| format!("{}: {} -- {}", one.title, row.title, row.seen.join("; "))),
            );
        }
        removals += usize::from(concerns);
    }
    Gate { milestone, open: reasons.is_empty(), reasons, removals, untold }
}
