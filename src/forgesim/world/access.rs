//! Who may do what: GitLab's access levels, as far as Steward's calls meet them.
//!
//! Source: GitLab's permissions table (`doc/user/permissions.md`) and `lib/gitlab/access.rb`.

use crate::forgesim::world::{
    World,
    types::{ItemKey, ItemKind},
};

/// Guest.
pub const GUEST: u8 = 10;
/// Planner: may change issues and labels.
pub const PLANNER: u8 = 15;
/// Reporter.
pub const REPORTER: u8 = 20;
/// Developer: may change merge requests and set commit statuses.
pub const DEVELOPER: u8 = 30;
/// Maintainer: may look after hooks and other people's comments.
pub const MAINTAINER: u8 = 40;
/// Owner.
pub const OWNER: u8 = 50;

impl World {
    /// The highest level a user has in a project, directly or through a group
    /// above it; 0 when they are no member.
    pub(crate) fn level(&self, user: u64, project: u64) -> u8 {
        let Some(project) = self.projects.get(&project) else {
            return 0;
        };
        let inherited =
            project.ancestors.iter().filter_map(|group| self.groups.get(group)?.members.get(&user));
        project.members.get(&user).into_iter().chain(inherited).copied().max().unwrap_or(0)
    }

    /// The highest level a user has in a group, directly or through a group above it; 0 when they
    /// are no member.
    pub(crate) fn group_level(&self, user: u64, group: u64) -> u8 {
        let Some(group) = self.groups.get(&group) else {
            return 0;
        };
        let above = group.path.match_indices('/').map(|(end, _)| &group.path[..end]);
        above
            .chain([group.path.as_str()])
            .filter_map(|path| self.groups.get(&self.group_id(path)?)?.members.get(&user))
            .copied()
            .max()
            .unwrap_or(0)
    }

    /// The highest level a user has in a group itself or in one below it, as it counts in GitHub's
    /// teams: who is in a team is in those above it too, and in none for being in the organization.
    pub(crate) fn team_level(&self, user: u64, group: u64) -> u8 {
        let Some(group) = self.groups.get(&group) else {
            return 0;
        };
        // Whom an organization has in its teams it need not have itself here.
        let is_team = group.path.contains('/');
        let below = format!("{}/", group.path);
        let of = |one: &&super::types::Group| {
            one.path == group.path || (is_team && one.path.starts_with(&below))
        };
        let levels = self.groups.values().filter(of).filter_map(|one| one.members.get(&user));
        levels.copied().max().unwrap_or(0)
    }

    /// Whether a user may change labels, milestone and assignees of an item.
    pub(crate) fn may_triage(&self, user: u64, key: ItemKey) -> bool {
        let needed = match key.kind {
            ItemKind::Issue => PLANNER,
            ItemKind::MergeRequest => DEVELOPER,
        };
        self.level(user, key.project) >= needed
    }

    /// Whether a user may edit, close and reopen an item: its author may, too.
    pub(crate) fn may_edit(&self, user: u64, key: ItemKey) -> bool {
        self.may_triage(user, key) || self.item(key).is_ok_and(|item| item.author == user)
    }
}
