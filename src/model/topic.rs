//! What a comment is about.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What one live comment of Steward is about. There is at most one comment per subject and topic.
/// Policies name topics of their own: lower-case letters, digits, `_`, `-` and `.`, at most
/// [`Topic::LONGEST`] of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Topic(Cow<'static, str>);

/// A text that cannot name a topic.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` cannot name a topic; expected a-z, 0-9, `_`, `-` and `.`, at most 64 of them")]
pub struct TopicError(pub String);

impl Topic {
    /// Who owns the integration that the item is about.
    pub const ROUTING: Topic = Topic(Cow::Borrowed("routing"));
    /// What the rules of the policies say, unless they name a topic of their own.
    pub const RULES: Topic = Topic(Cow::Borrowed("rules"));
    /// That an integration leaves, on its tracking issue.
    pub const TRACKING: Topic = Topic(Cow::Borrowed("tracking"));
    /// That an integration leaves, on what others open about it.
    pub const DEPRECATED: Topic = Topic(Cow::Borrowed("deprecated"));
    /// The longest name, in bytes.
    pub const LONGEST: usize = 64;

    /// The answer to the command in one comment.
    pub fn answer(comment: u64) -> Self {
        Self::nth_answer(comment, 0)
    }

    /// A further answer to one comment, for commands that were added to it later.
    pub fn nth_answer(comment: u64, nth: u32) -> Self {
        Self(Cow::Owned(match nth {
            0 => format!("answer.{comment}"),
            nth => format!("answer.{comment}.{nth}"),
        }))
    }

    /// The comment that this is the answer to, if it is one.
    pub fn answers(&self) -> Option<u64> {
        self.0.strip_prefix("answer.")?.split('.').next()?.parse().ok()
    }

    /// A comment that is posted once and never edited: what it told was so at the time. `None` when the
    /// name is no good.
    pub fn once(name: &str) -> Option<Self> {
        format!("once.{name}").parse().ok()
    }

    /// Whether the name is Steward's own, so that neither a rule nor a checklist may speak there.
    pub fn is_reserved(&self) -> bool {
        [Topic::ROUTING, Topic::TRACKING, Topic::DEPRECATED].contains(self)
            || ["answer.", "once."].iter().any(|prefix| self.0.starts_with(prefix))
    }

    /// Whether its comment is never edited: an answer, or something that is told once.
    pub fn is_said_once(&self) -> bool {
        self.answers().is_some() || self.0.starts_with("once.")
    }

    /// The name in markers and in the ledger.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
        match text {
            "routing" => Ok(Topic::ROUTING),
            "rules" => Ok(Topic::RULES),
            "tracking" => Ok(Topic::TRACKING),
            _ if !text.is_empty() && text.len() <= Self::LONGEST && text.chars().all(good) => {
                Ok(Topic(Cow::Owned(text.to_owned())))
            }
            _ => Err(TopicError(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Topic {
    type Error = TopicError;

    fn try_from(text: String) -> Result<Self, TopicError> {
        text.parse()
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.0.into_owned()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_a_plain_name() {
        assert_eq!("routing".parse(), Ok(Topic::ROUTING));
        assert_eq!(Topic::answer(7).answers(), Some(7));
        assert_eq!(Topic::nth_answer(7, 2).answers(), Some(7));
        assert_ne!(Topic::nth_answer(7, 2), Topic::answer(7));
        assert_eq!(Topic::ROUTING.answers(), None);
        let once = Topic::once("removal.removed.20.0").expect("a topic");
        assert!(once.is_said_once() && Topic::answer(7).is_said_once());
        assert!(!Topic::TRACKING.is_said_once() && Topic::once("No").is_none());
        for bad in ["", "Routing", "a b", "-->", &"x".repeat(65)] {
            assert_eq!(bad.parse::<Topic>(), Err(TopicError(bad.to_owned())));
        }
    }
}
