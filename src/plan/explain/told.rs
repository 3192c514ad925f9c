//! What became of comments and of all that is no label.

use serde::Serialize;

use super::{OtherTold, Outcome};
use crate::{
    model::{Effect, Topic},
    rules::{Post, View},
};

/// Something else than a label, and what became of it. Each variant has its sentence in
/// `templates/why.yml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Thing {
    /// The comment on a topic is there, as it should be.
    CommentThere {
        /// The topic.
        what: String,
    },
    /// The comment on a topic is not there, and there is nothing new to tell.
    CommentNotWorth {
        /// The topic.
        what: String,
    },
    /// A comment on a topic is posted now.
    CommentPosted {
        /// The topic.
        what: String,
    },
    /// The comment on a topic is edited now.
    CommentEdited {
        /// The topic.
        what: String,
    },
    /// A double of the comment on a topic is removed now.
    CommentDeleted {
        /// The topic.
        what: String,
    },
    /// The item is assigned now.
    Assigned {
        /// To whom.
        people: Vec<String>,
    },
    /// Its section of the description is written now.
    DescriptionSet,
    /// An issue is opened beside the item now.
    IssueOpened {
        /// Its title.
        what: String,
    },
    /// The item gets its last day now.
    DueSet {
        /// Which.
        what: String,
    },
    /// The item gets a milestone now.
    MilestoneSet {
        /// Which.
        what: String,
    },
    /// A commit gets a status now.
    StatusSet {
        /// Its name.
        what: String,
    },
    /// A comment gets a reaction now.
    Reacted {
        /// The emoji's name.
        what: String,
    },
    /// The item is closed now.
    Closed,
    /// It was asked for and left alone.
    LeftAlone {
        /// What.
        what: String,
    },
}

pub(super) fn others(view: &View<'_>, outcome: Outcome<'_>) -> Vec<OtherTold> {
    let mut told = Vec::new();
    for action in outcome.actions {
        if let Some(thing) = thing(&action.effect) {
            told.push(OtherTold { thing, reason: action.reason.clone() });
        }
    }
    for held in outcome.held.iter().filter(|held| held.label.is_none()) {
        let what = held.reason.rule.clone();
        told.push(OtherTold { thing: Thing::LeftAlone { what }, reason: held.reason.clone() });
    }
    for comment in &outcome.wanted.comments {
        let acted =
            outcome.actions.iter().any(|action| topic(&action.effect) == Some(&comment.topic));
        let what = comment.topic.to_string();
        let thing = match view.ledger.comment(&comment.topic) {
            _ if acted => continue,
            // Told among what is left alone.
            Some(live) if live.id.is_none() => continue,
            Some(_) => Thing::CommentThere { what },
            // It is only kept up to date where it is.
            None if comment.post == Post::Never => continue,
            None => Thing::CommentNotWorth { what },
        };
        told.push(OtherTold { thing, reason: comment.reason.clone() });
    }
    told
}

fn topic(effect: &Effect) -> Option<&Topic> {
    match effect {
        Effect::CommentPosted { topic, .. }
        | Effect::CommentEdited { topic, .. }
        | Effect::CommentDeleted { topic, .. } => Some(topic),
        _ => None,
    }
}

/// What an effect does; `None` for labels and links.
fn thing(effect: &Effect) -> Option<Thing> {
    Some(match effect {
        // Told with the issue.
        Effect::LabelPresent { .. } | Effect::LabelAbsent { .. } | Effect::IssueLinked { .. } => {
            return None;
        }
        Effect::CommentPosted { topic, .. } => Thing::CommentPosted { what: topic.to_string() },
        Effect::CommentEdited { topic, .. } => Thing::CommentEdited { what: topic.to_string() },
        Effect::CommentDeleted { topic, .. } => Thing::CommentDeleted { what: topic.to_string() },
        Effect::Assigned { people } => {
            Thing::Assigned { people: people.iter().map(|one| one.username.clone()).collect() }
        }
        Effect::MilestoneSet { milestone } => Thing::MilestoneSet { what: milestone.title.clone() },
        Effect::DescriptionSet { .. } => Thing::DescriptionSet,
        Effect::DueSet { day } => Thing::DueSet { what: day.to_string() },
        Effect::IssueOpened { issue } => Thing::IssueOpened { what: issue.title.clone() },
        Effect::StatusSet { name, .. } => Thing::StatusSet { what: name.clone() },
        Effect::Reacted { emoji, .. } => Thing::Reacted { what: emoji.clone() },
        Effect::Closed => Thing::Closed,
    })
}
