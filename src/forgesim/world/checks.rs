//! Check runs, which GitHub Apps put on commits.

use serde_json::Value;

use crate::forgesim::{
    error::SimError,
    world::{World, next, types::Time},
};

/// A check run.
#[derive(Debug, Clone)]
pub(crate) struct CheckRun {
    pub(crate) id: u64,
    /// The App that made it.
    pub(crate) app: u64,
    pub(crate) name: String,
    pub(crate) sha: String,
    pub(crate) external_id: Option<String>,
    /// `queued`, `in_progress` or `completed`.
    pub(crate) status: String,
    pub(crate) conclusion: Option<String>,
    pub(crate) started_at: Time,
    pub(crate) completed_at: Option<Time>,
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    /// Added with each request that has some, and never taken back.
    pub(crate) annotations: Vec<Value>,
}

impl World {
    /// Adds a check run, which gets its number.
    pub(crate) fn add_check_run(
        &mut self,
        project: u64,
        mut run: CheckRun,
    ) -> Result<CheckRun, SimError> {
        run.id = next(&mut self.ids.event);
        self.project_mut(project)?.check_runs.push(run.clone());
        Ok(run)
    }
}
