//! What a status says beyond its one line, where the forge can show it.

use serde::{Deserialize, Serialize};

use super::StatusState;

/// A report beneath a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// Markdown, made harmless.
    pub summary: String,
    /// Notes on lines of the commit, the weightiest first. A forge shows so many as it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Annotation>,
}

/// A note on a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// The file's path in the repository.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// How much it weighs.
    pub weight: Weight,
    /// What is asked for.
    pub title: String,
    /// What was seen: plain text, in which nothing is Markdown.
    pub message: String,
}

/// How much an annotation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Without it the change is not complete.
    Required,
    /// It is good to have.
    Advice,
}

/// A status of Steward's own, as it stands on the newest commit now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingStatus {
    /// Its name.
    pub name: String,
    /// What it says.
    pub state: StatusState,
}
