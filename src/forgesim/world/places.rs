//! Users, tokens, groups, projects and memberships.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use crate::forgesim::{
    Face,
    world::{
        World, next,
        repository::Repository,
        types::{Group, Project, Token, UserRecord},
    },
};

impl World {
    /// Adds a user, or finds the one that already has this name. A new user gets
    /// the token `glpat-sim-<username>` with the scope `api`.
    pub(crate) fn add_user(&mut self, username: &str, name: &str) -> u64 {
        if let Some(id) = self.user_id(username) {
            return id;
        }
        let id = next(&mut self.ids.user);
        let created_at = self.now();
        self.usernames.insert(username.to_lowercase(), id);
        self.users.insert(
            id,
            UserRecord {
                id,
                username: username.to_owned(),
                name: name.to_owned(),
                blocked: false,
                created_at,
            },
        );
        self.add_token(id, &default_token(username), &["api"], None);
        id
    }

    /// Gives a user one more token, or replaces the rights of one with this text.
    pub(crate) fn add_token(
        &mut self,
        user: u64,
        text: &str,
        scopes: &[&str],
        expires_at: Option<NaiveDate>,
    ) {
        let token = Token {
            id: next(&mut self.ids.event),
            user,
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            expires_at,
            revoked: false,
            created_at: self.now(),
        };
        self.tokens.insert(text.to_owned(), token);
    }

    /// Adds a group with all groups above it; finds the ones that exist.
    pub(crate) fn add_group(&mut self, path: &str) -> u64 {
        if let Some(id) = self.group_paths.get(&path.to_lowercase()) {
            return *id;
        }
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.add_group(parent);
        }
        let id = next(&mut self.ids.group);
        self.group_paths.insert(path.to_lowercase(), id);
        self.groups.insert(
            id,
            Group {
                id,
                path: path.to_owned(),
                hidden: false,
                labels: BTreeMap::new(),
                members: BTreeMap::new(),
            },
        );
        id
    }

    /// Adds a project with all groups above it, or finds it.
    pub(crate) fn add_project(&mut self, path: &str) -> u64 {
        if let Some(id) = self.project_id(path) {
            return id;
        }
        let mut ancestors = Vec::new();
        let mut rest = path;
        while let Some((group, _)) = rest.rsplit_once('/') {
            ancestors.push(self.add_group(group));
            rest = group;
        }
        let id = next(&mut self.ids.project);
        let created_at = self.now();
        self.project_paths.insert(path.to_owned(), id);
        self.project_paths.insert(path.to_lowercase(), id);
        self.projects.insert(
            id,
            Project {
                id,
                path: path.to_owned(),
                ancestors,
                public: true,
                premium: self.face == Face::Gitlab,
                created_at,
                labels: BTreeMap::new(),
                members: BTreeMap::new(),
                issues: BTreeMap::new(),
                merge_requests: BTreeMap::new(),
                repository: Repository::default(),
                statuses: HashMap::new(),
                check_runs: Vec::new(),
                hooks: Vec::new(),
            },
        );
        id
    }
}

/// The token that a new user gets; deterministic, so that it can be written into
/// a configuration file before the simulation runs.
pub(crate) fn default_token(username: &str) -> String {
    format!("glpat-sim-{username}")
}
