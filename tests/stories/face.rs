//! What is called or done otherwise on each forge, for stories that are told on both.

use steward::forgesim::Face;

use crate::world::{PROJECT, World};

impl World {
    /// The variable of the environment with the token.
    pub(crate) fn token_variable(&self) -> &'static str {
        match self.face {
            Face::Gitlab => "STEWARD_GITLAB_TOKEN",
            Face::Github => "STEWARD_GITHUB_TOKEN",
        }
    }

    /// The variable with the projects that schedules and cleanups look through.
    pub(crate) fn projects_variable(&self) -> &'static str {
        match self.face {
            Face::Gitlab => "STEWARD_GITLAB_PROJECTS",
            Face::Github => "STEWARD_GITHUB_PROJECTS",
        }
    }

    /// Names the project in the settings of the forge.
    pub(crate) fn names_project(&mut self) {
        let projects = vec![PROJECT.to_owned()];
        match self.face {
            Face::Gitlab => self.settings.gitlab.projects = projects,
            Face::Github => self.settings.github.projects = projects,
        }
    }

    /// How often a file was read.
    pub(crate) fn files_read(&self) -> usize {
        match self.face {
            Face::Gitlab => self.calls_of("GET", "/raw"),
            Face::Github => {
                let calls = self.calls().into_iter();
                calls.filter(|call| call.path.contains("/contents/")).count()
            }
        }
    }

    /// How a path to comments ends.
    pub(crate) fn comments_path(&self) -> &'static str {
        match self.face {
            Face::Gitlab => "/notes",
            Face::Github => "/comments",
        }
    }

    /// The request that sets labels: its method and a part of its path.
    pub(crate) fn labels_request(&self) -> (&'static str, &'static str) {
        match self.face {
            Face::Gitlab => ("PUT", "/issues/"),
            Face::Github => ("POST", "/labels"),
        }
    }

    /// How a label is shown in a comment.
    pub(crate) fn label(&self, name: &str) -> String {
        match self.face {
            Face::Gitlab => format!("~\"{name}\""),
            Face::Github => format!("`{name}`"),
        }
    }

    /// What people call a merge request.
    pub(crate) fn merge_request(&self) -> &'static str {
        match self.face {
            Face::Gitlab => "merge request",
            Face::Github => "pull request",
        }
    }
}
