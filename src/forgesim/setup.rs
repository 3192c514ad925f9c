//! Furnishing a simulation: users, projects, labels, milestones, files, hooks.

use chrono::NaiveDate;

use crate::forgesim::{
    Change, HookSettings, Person, Sim,
    world::{places::default_token, repository::DEFAULT_BRANCH, types::Owner},
};

/// A user of a simulated GitLab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Numeric id.
    pub id: u64,
    /// Name after the `@`.
    pub username: String,
    /// A token with the scope `api`, for the `PRIVATE-TOKEN` header.
    pub token: String,
}

/// A project of a simulated GitLab. Wherever a project is asked for, this or a plain
/// path will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Numeric id.
    pub id: u64,
    /// Full path, such as `group/subgroup/project`.
    pub path: String,
}

impl AsRef<str> for Project {
    fn as_ref(&self) -> &str {
        &self.path
    }
}

impl Sim {
    /// Adds a user, or finds the one with this username.
    pub fn add_user(&self, username: &str, name: &str) -> User {
        let id = self.shared.world().add_user(username, name);
        User { id, username: username.to_owned(), token: default_token(username) }
    }

    /// Gives a user another token, such as one that may only read (`read_api`), or
    /// one with a text or an end of its own.
    pub fn add_token(&self, user: &User, token: &str, scopes: &[&str], expires: Option<NaiveDate>) {
        self.shared.world().add_token(user.id, token, scopes, expires);
    }

    /// Makes a token invalid; tells whether there was one.
    pub fn revoke_token(&self, token: &str) -> bool {
        let mut world = self.shared.world();
        world.tokens.get_mut(token).map(|token| token.revoked = true).is_some()
    }

    /// A person who does things. Adds the user when there is none of this name.
    pub fn person(&self, username: &str) -> Person {
        let id = self.shared.world().add_user(username, username);
        Person::new(self.clone(), id, username)
    }

    /// Adds a project with all groups above it, or finds it.
    pub fn add_project(&self, path: &str) -> Project {
        let id = self.shared.world().add_project(path);
        Project { id, path: path.to_owned() }
    }

    /// Adds a group with all groups above it, or finds it; returns its id.
    pub fn add_group(&self, path: &str) -> u64 {
        self.shared.world().add_group(path)
    }

    /// Shows a project only to its members from now on, or to everybody.
    pub fn set_public(&self, project: impl AsRef<str>, public: bool) {
        self.with_project(project.as_ref(), |project| project.public = public);
    }

    /// Whether scoped labels exclude each other in a project: they do from GitLab
    /// Premium on, which is how projects start.
    pub fn set_premium(&self, project: impl AsRef<str>, premium: bool) {
        self.with_project(project.as_ref(), |project| project.premium = premium);
    }

    fn with_project(
        &self,
        path: &str,
        change: impl FnOnce(&mut crate::forgesim::world::types::Project),
    ) {
        let mut world = self.shared.world();
        let id = world.add_project(path);
        if let Ok(project) = world.project_mut(id) {
            change(project);
        }
    }

    /// Adds a label to a project, or finds it; returns its id. The project is added
    /// when it does not exist, here as in all that follows.
    pub fn add_label(&self, project: impl AsRef<str>, title: &str, color: &str) -> u64 {
        let mut world = self.shared.world();
        let owner = Owner::Project(world.add_project(project.as_ref()));
        world.add_label(owner, title, Some(color))
    }

    /// Adds a label to a group, or finds it; returns its id.
    pub fn add_group_label(&self, group: &str, title: &str, color: &str) -> u64 {
        let mut world = self.shared.world();
        let owner = Owner::Group(world.add_group(group));
        world.add_label(owner, title, Some(color))
    }

    /// Adds a milestone to a project; returns its id.
    pub fn add_milestone(
        &self,
        project: impl AsRef<str>,
        title: &str,
        start: Option<NaiveDate>,
        due: Option<NaiveDate>,
    ) -> u64 {
        let mut world = self.shared.world();
        let owner = Owner::Project(world.add_project(project.as_ref()));
        world.add_milestone(owner, title, start, due)
    }

    /// Adds a milestone to a group; returns its id.
    pub fn add_group_milestone(
        &self,
        group: &str,
        title: &str,
        start: Option<NaiveDate>,
        due: Option<NaiveDate>,
    ) -> u64 {
        let mut world = self.shared.world();
        let owner = Owner::Group(world.add_group(group));
        world.add_milestone(owner, title, start, due)
    }

    /// Makes a user a member of a project; see [`access`](crate::forgesim::access) for levels.
    pub fn add_member(&self, project: impl AsRef<str>, user: &User, level: u8) {
        self.with_project(project.as_ref(), |project| {
            project.members.insert(user.id, level);
        });
    }

    /// Makes a user a member of a group and all that is below it.
    pub fn add_group_member(&self, group: &str, user: &User, level: u8) {
        let mut world = self.shared.world();
        let id = world.add_group(group);
        if let Some(group) = world.groups.get_mut(&id) {
            group.members.insert(user.id, level);
        }
    }

    /// Shows a group only to its members from now on, or to everybody.
    pub fn hide_group(&self, group: &str, hidden: bool) {
        let mut world = self.shared.world();
        let id = world.add_group(group);
        if let Some(group) = world.groups.get_mut(&id) {
            group.hidden = hidden;
        }
    }

    /// Shuts an account out, or lets it in again. Its memberships stay.
    pub fn block(&self, user: &User, blocked: bool) {
        if let Some(user) = self.shared.world().users.get_mut(&user.id) {
            user.blocked = blocked;
        }
    }

    /// Ends a membership of a project.
    pub fn remove_member(&self, project: impl AsRef<str>, user: &User) {
        self.with_project(project.as_ref(), |project| {
            project.members.remove(&user.id);
        });
    }

    /// Commits a file on a project's default branch; returns the commit's id.
    pub fn add_file(&self, project: impl AsRef<str>, path: &str, content: &str) -> String {
        self.commit(project, DEFAULT_BRANCH, &[Change::added(path, content)])
    }

    /// Commits changes on a branch, which starts at the default branch when it is new;
    /// returns the commit's id.
    pub fn commit(&self, project: impl AsRef<str>, branch: &str, changes: &[Change]) -> String {
        let mut id = String::new();
        self.with_project(project.as_ref(), |project| {
            id = project.repository.commit(branch, DEFAULT_BRANCH, changes);
        });
        id
    }

    /// Registers a webhook for a project; returns its id.
    pub fn add_hook(&self, project: impl AsRef<str>, settings: HookSettings) -> u64 {
        let mut id = 0;
        self.with_project(project.as_ref(), |project| {
            id = self.shared.outbox.add_hook(project.id, settings);
            project.hooks.push(id);
        });
        id
    }

    /// Takes a webhook away again.
    pub fn remove_hook(&self, project: impl AsRef<str>, hook: u64) {
        self.with_project(project.as_ref(), |project| project.hooks.retain(|one| *one != hook));
        self.shared.outbox.remove_hook(hook);
    }

    /// Deletes a label everywhere, as a person can.
    pub fn delete_label(&self, label: u64) {
        self.shared.world().delete_label(label);
    }
}
