//! What rules ask for, before it meets what people did.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::model::{LabelName, Reason, Topic};

/// What the rules ask for on one subject.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Labels that shall be there.
    pub labels: Vec<LabelWanted>,
    /// The live comment that shall be there.
    pub comment: Option<CommentWanted>,
    /// Whether labels that Steward set earlier and that are not wanted now stay. True while a
    /// question is open and for items that are not looked after any more.
    pub keep_others: bool,
    /// Why nothing is asked for, when that is so: "why did it not act?" is the commonest question
    /// to a bot.
    pub idle: Option<Reason>,
}

/// A label that shall be there.
#[derive(Debug, Clone)]
pub struct LabelWanted {
    /// As the policies spell it.
    pub name: LabelName,
    /// Why.
    pub reason: Reason,
    /// Since when the evidence is there, where that is known. A person's removal of the label
    /// stands against older evidence only.
    pub since: Option<DateTime<Utc>>,
}

/// A comment that shall be there.
#[derive(Debug, Clone)]
pub struct CommentWanted {
    /// What it is about.
    pub topic: Topic,
    /// The template that makes it.
    pub template: &'static str,
    /// What the template is told besides the fate of each label.
    pub facts: Value,
    /// When it is worth a new comment; one that is there already is always kept up to date.
    pub post: Post,
    /// Why.
    pub reason: Reason,
}

/// When a comment is worth a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// Somebody must act: always.
    Always,
    /// When labels change or something was left alone.
    WhenThereIsNews,
    /// Never: only an existing comment is edited.
    Never,
}
