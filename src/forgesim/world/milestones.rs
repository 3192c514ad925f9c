//! Milestones of groups and projects.

use chrono::NaiveDate;

use crate::forgesim::world::{
    World, next,
    types::{Milestone, Owner},
};

impl World {
    /// Adds a milestone to a group or project.
    pub(crate) fn add_milestone(
        &mut self,
        owner: Owner,
        title: &str,
        start_date: Option<NaiveDate>,
        due_date: Option<NaiveDate>,
    ) -> u64 {
        let id = next(&mut self.ids.milestone);
        let siblings = self.milestones.values().filter(|other| other.owner == owner).count();
        let milestone = Milestone {
            id,
            iid: siblings as u64 + 1,
            title: title.to_owned(),
            owner,
            start_date,
            due_date,
            active: true,
            created_at: self.now(),
        };
        self.milestones.insert(id, milestone);
        id
    }

    /// Whether items of a project may have this milestone.
    pub(crate) fn offers_milestone(&self, project: u64, milestone: u64) -> bool {
        let Some(milestone) = self.milestones.get(&milestone) else {
            return false;
        };
        match milestone.owner {
            Owner::Project(id) => id == project,
            Owner::Group(id) => {
                self.projects.get(&project).is_some_and(|project| project.ancestors.contains(&id))
            }
        }
    }
}
