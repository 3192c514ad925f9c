//! What the forge shows, and what a story expects of it.

use steward::{
    forgesim::{ItemView, State},
    words::Marker,
};

use crate::world::BOT;

/// An item as the forge shows it.
#[derive(Debug)]
pub(crate) struct Shown(pub(crate) ItemView);

/// A comment of Steward.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) body: String,
}

impl Shown {
    #[track_caller]
    pub(crate) fn has_labels(&self, labels: &[&str]) -> &Self {
        for label in labels {
            assert!(self.0.has_label(label), "no {label} among {:?}", self.0.labels);
        }
        self
    }

    /// Neither more nor fewer.
    #[track_caller]
    pub(crate) fn has_just(&self, labels: &[&str]) -> &Self {
        let mut labels = labels.to_vec();
        labels.sort_unstable();
        assert_eq!(self.0.labels, labels);
        self
    }

    #[track_caller]
    pub(crate) fn is_open(&self) -> &Self {
        assert_eq!(self.0.state, State::Opened);
        self
    }

    /// Steward's only comment, and that it is the only one.
    #[track_caller]
    pub(crate) fn one_comment(&self) -> Said {
        let comments = self.0.comments_of(BOT);
        let [only] = comments[..] else {
            panic!("{} comments of Steward, not 1: {comments:#?}", comments.len());
        };
        // One that a user wrote may be shown, as code; it does not begin a line.
        let is_marker = |line: &&str| line.trim_start().starts_with("<!-- steward:");
        let markers = only.body.lines().filter(is_marker).count();
        assert_eq!(markers, 1, "a comment carries one marker: {}", only.body);
        assert!(Marker::of(&only.body).is_some(), "the marker can be read: {}", only.body);
        Said { id: only.id, body: only.body.clone() }
    }

    #[track_caller]
    pub(crate) fn no_comment(&self) -> &Self {
        let comments = self.0.comments_of(BOT);
        assert!(comments.is_empty(), "Steward was to be silent: {comments:#?}");
        self
    }

    /// How often somebody set a label.
    pub(crate) fn times_set(&self, label: &str, by: &str) -> usize {
        let events = self.0.label_events.iter();
        events
            .filter(|event| event.added && event.user == by)
            .filter(|event| event.label.as_deref() == Some(label))
            .count()
    }
}

impl Said {
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.body.contains(text), "not said: {text}\n\n{}", self.body);
        self
    }

    #[track_caller]
    pub(crate) fn does_not_say(self, text: &str) -> Self {
        assert!(!self.body.contains(text), "said: {text}\n\n{}", self.body);
        self
    }
}
