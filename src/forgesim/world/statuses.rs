//! Commit statuses.

use crate::forgesim::{
    error::SimError,
    world::{World, next, types::Time},
};

/// The result of a check on a commit.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) id: u64,
    pub(crate) author: u64,
    pub(crate) name: String,
    pub(crate) state: String,
    pub(crate) target_url: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) created_at: Time,
}

/// The states that the API takes.
const STATES: [&str; 6] = ["pending", "running", "success", "failed", "canceled", "skipped"];

impl World {
    /// Sets a status. A pending or running one of the same name moves on; a finished
    /// one is followed by a new one (`Ci::CreateCommitStatusService`).
    pub(crate) fn set_status(
        &mut self,
        project: u64,
        sha: &str,
        mut wanted: Status,
    ) -> Result<Status, SimError> {
        if !STATES.contains(&wanted.state.as_str()) {
            return Err(invalid("does not have a valid value".to_owned()));
        }
        wanted.id = next(&mut self.ids.event);
        wanted.created_at = self.now();
        let statuses = self.project_mut(project)?.statuses.entry(sha.to_owned()).or_default();
        let unfinished = statuses.iter_mut().rev().find(|status| {
            status.name == wanted.name && matches!(status.state.as_str(), "pending" | "running")
        });
        match unfinished {
            Some(status) if status.state == wanted.state => {
                let event = if wanted.state == "pending" { "enqueue" } else { "run" };
                Err(invalid(format!(
                    "Cannot transition status via :{event} from :{}",
                    wanted.state
                )))
            }
            Some(status) => {
                wanted.id = status.id;
                wanted.created_at = status.created_at;
                *status = wanted.clone();
                Ok(wanted)
            }
            None => {
                statuses.push(wanted.clone());
                Ok(wanted)
            }
        }
    }
}

impl World {
    /// Sets a status as GitHub does: each is one more, whatever was said before.
    pub(crate) fn push_status(
        &mut self,
        project: u64,
        sha: &str,
        mut wanted: Status,
    ) -> Result<Status, SimError> {
        wanted.id = next(&mut self.ids.event);
        let statuses = self.project_mut(project)?.statuses.entry(sha.to_owned()).or_default();
        statuses.push(wanted.clone());
        Ok(wanted)
    }
}

fn invalid(problem: String) -> SimError {
    SimError::Invalid { field: "state", problem }
}
