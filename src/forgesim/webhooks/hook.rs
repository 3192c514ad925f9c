//! A registered webhook, and when GitLab switches it off.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use serde::Serialize;
use tokio::sync::mpsc;

use crate::forgesim::{Face, webhooks::outbox::Parcel, world::types::Time};

/// Failures in a row that GitLab still forgives (`web_hooks/auto_disabling.rb`).
const FORGIVEN_FAILURES: u32 = 3;
/// Failures in a row after which it switches a hook off for good.
const LAST_STRAW: u32 = 40;
/// The first pause of a hook that failed; doubles with each further failure.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(1);

/// How a webhook is registered. Start from [`HookSettings::new`].
#[derive(Debug, Clone)]
pub struct HookSettings {
    /// Where the events are posted to.
    pub url: String,
    /// Sent as `X-Gitlab-Token`; a simulated GitHub signs with it.
    pub secret_token: Option<String>,
    /// Signs the deliveries: `whsec_` and the key in Base64 (see [`signing_token`]).
    pub signing_token: Option<String>,
    /// Whether issues are announced.
    pub issues_events: bool,
    /// Whether confidential issues are announced.
    pub confidential_issues_events: bool,
    /// Whether merge requests are announced.
    pub merge_requests_events: bool,
    /// Whether comments are announced.
    pub note_events: bool,
    /// Whether internal comments and those on confidential issues are announced.
    pub confidential_note_events: bool,
    /// Whether emoji reactions are announced.
    pub emoji_events: bool,
}

impl HookSettings {
    /// A hook for everything, without secret.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            secret_token: None,
            signing_token: None,
            issues_events: true,
            confidential_issues_events: true,
            merge_requests_events: true,
            note_events: true,
            confidential_note_events: true,
            emoji_events: true,
        }
    }

    /// The same hook with a secret token.
    #[must_use]
    pub fn with_secret(mut self, token: impl Into<String>) -> Self {
        self.secret_token = Some(token.into());
        self
    }

    /// The same hook with a signing token.
    #[must_use]
    pub fn signed_with(mut self, token: impl Into<String>) -> Self {
        self.signing_token = Some(token.into());
        self
    }

    pub(crate) fn wants(&self, topic: Topic) -> bool {
        match topic {
            Topic::Issue => self.issues_events,
            Topic::ConfidentialIssue => self.confidential_issues_events,
            Topic::MergeRequest => self.merge_requests_events,
            Topic::Note => self.note_events,
            Topic::ConfidentialNote => self.confidential_note_events,
            Topic::Emoji => self.emoji_events,
        }
    }
}

/// Makes a signing token out of a key, as GitLab would show it.
pub fn signing_token(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

/// What an event is about; decides which hooks get it and its `X-Gitlab-Event`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Issue,
    ConfidentialIssue,
    MergeRequest,
    Note,
    ConfidentialNote,
    Emoji,
}

impl Topic {
    pub(crate) fn header(self, face: Face) -> &'static str {
        if face == Face::Github {
            return match self {
                Self::Issue | Self::ConfidentialIssue => "issues",
                Self::MergeRequest => "pull_request",
                Self::Note | Self::ConfidentialNote => "issue_comment",
                Self::Emoji => "reaction",
            };
        }
        match self {
            Self::Issue => "Issue Hook",
            Self::ConfidentialIssue => "Confidential Issue Hook",
            Self::MergeRequest => "Merge Request Hook",
            Self::Note => "Note Hook",
            Self::ConfidentialNote => "Confidential Note Hook",
            Self::Emoji => "Emoji Hook",
        }
    }
}

/// A registered hook with its queue and its record.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) id: u64,
    pub(crate) project: u64,
    pub(crate) settings: HookSettings,
    pub(crate) created_at: Time,
    pub(crate) failures: u32,
    /// Whether the forge pauses a hook that fails: GitHub goes on.
    pub(crate) pauses: bool,
    pub(crate) disabled_until: Option<Time>,
    pub(crate) queue: mpsc::UnboundedSender<Parcel>,
}

impl Hook {
    pub(crate) fn is_executable(&self, now: Time) -> bool {
        !self.pauses
            || !self.is_off_for_good() && self.disabled_until.is_none_or(|until| until <= now)
    }

    fn is_off_for_good(&self) -> bool {
        self.failures >= LAST_STRAW
    }

    /// Counts an outcome, and pauses the hook when it failed too often in a row.
    pub(crate) fn record(&mut self, success: bool, now: Time) {
        if success {
            self.failures = 0;
            self.disabled_until = None;
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.pauses && self.failures > FORGIVEN_FAILURES {
            let doublings = (self.failures - FORGIVEN_FAILURES - 1).min(16);
            let pause = (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE);
            self.disabled_until = now.checked_add_signed(pause).or(Some(now));
        }
    }

    /// The API's `alert_status`.
    pub(crate) fn alert_status(&self, now: Time) -> &'static str {
        if self.is_off_for_good() {
            "disabled"
        } else if self.is_executable(now) {
            "executable"
        } else {
            "temporarily_disabled"
        }
    }
}

/// What a test may ask about a hook.
#[derive(Debug, Clone, Serialize)]
pub struct HookView {
    /// Id of the hook.
    pub id: u64,
    /// Where it posts to.
    pub url: String,
    /// Failures in a row.
    pub failures: u32,
    /// Whether GitLab would send the next event.
    pub executable: bool,
}
