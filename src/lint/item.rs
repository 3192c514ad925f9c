//! Items that are made up, and what the rules say about them.

use chrono::{DateTime, Utc};

use super::cases::Literal;
use crate::{
    model::{
        Access, Changes, Cite, Ledger, Person, Requested, Snapshot, State, Subject, SubjectKind,
    },
    pack::{
        Pack,
        rules::{Condition, Mode, Rule, Then},
    },
    policy::{Located, Span},
    rules::{
        View,
        declared::{Truth, holds},
    },
};

/// When made-up items are looked at: 2026-06-15, noon.
pub(super) const NOW: DateTime<Utc> = match DateTime::from_timestamp(1_781_524_800, 0) {
    Some(now) => now,
    None => DateTime::UNIX_EPOCH,
};

/// Somebody made up.
pub(super) fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.to_owned(), name: username.to_owned() }
}

/// Steward's own account.
pub(super) fn me() -> Person {
    person(1, "steward")
}

/// An item with everything that is ever read of it.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) snapshot: Snapshot,
}

impl Item {
    /// An open one of a kind, about nothing.
    pub(super) fn of(kind: SubjectKind) -> Self {
        let subject = Subject { kind, ..Subject::gitlab_issue("example/product", 1) };
        let mut snapshot = Snapshot {
            subject,
            url: String::new(),
            title: "An item".into(),
            description: "Some text".into(),
            state: State::Open,
            draft: false,
            author: person(2, "ben"),
            labels: Vec::new(),
            milestone: None,
            created_at: NOW,
            updated_at: NOW,
            head: (kind == SubjectKind::MergeRequest).then(|| "c0ffee".to_owned()),
            assignees: Vec::new(),
            reviewers: (kind == SubjectKind::MergeRequest)
                .then(|| Requested { people: Vec::new(), teams: Some(Vec::new()) }),
            votes: Some(Default::default()),
            weight: None,
            confidential: false,
            facets: Default::default(),
        };
        snapshot.facets.label_history = Some(Vec::new());
        snapshot.facets.own_comments = Some(Vec::new());
        snapshot.facets.changes = Some(Changes { files: Vec::new(), complete: true });
        snapshot.facets.author_access = Some(Access::Guest);
        Self { snapshot }
    }

    pub(super) fn kind(&self) -> SubjectKind {
        self.snapshot.subject.kind
    }

    /// Whether all literals are as they shall be, by the engine's word.
    pub(super) fn fits(&self, pack: &Pack, literals: &[Literal<'_>]) -> bool {
        literals.iter().all(|one| {
            let truth = self.asks(pack, &alone(one.condition));
            truth == if one.holds { Truth::Yes } else { Truth::No }
        })
    }

    /// Whether a rule holds on the item, by the engine's word.
    pub(super) fn asks(&self, pack: &Pack, rule: &Rule) -> Truth {
        let (ledger, me) = (Ledger::default(), me());
        holds(rule, &View::new(&self.snapshot, &ledger, pack, &me, NOW))
    }

    /// What is said about it in a finding: what is not as on any other item.
    pub(super) fn told(&self) -> String {
        let Snapshot { subject, title, labels, milestone, state, .. } = &self.snapshot;
        let plain = Self::of(subject.kind).snapshot;
        let kind = match subject.kind {
            SubjectKind::Issue => "an issue",
            SubjectKind::MergeRequest => "a merge request",
            SubjectKind::Epic => "an epic",
        };
        let mut told = match state {
            State::Open => kind.to_owned(),
            State::Closed => format!("{kind}, closed"),
            State::Merged => format!("{kind}, merged"),
        };
        let mut tell = |text: String| {
            told.push_str(", ");
            told.push_str(&text);
        };
        if *title != plain.title {
            tell(format!("titled \"{title}\""));
        }
        if self.snapshot.description != plain.description {
            tell(format!("described as \"{}\"", self.snapshot.description));
        }
        if !labels.is_empty() {
            let names: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
            tell(format!("with {}", names.join(" and ")));
        }
        if let Some(milestone) = milestone {
            tell(format!("in milestone {}", milestone.title));
        }
        if self.snapshot.author != plain.author {
            tell(format!("by @{}", self.snapshot.author.username));
        }
        if self.snapshot.draft {
            tell("a draft".into());
        }
        if self.snapshot.confidential {
            tell("confidential".into());
        }
        if !self.snapshot.assignees.is_empty() {
            tell("assigned".into());
        }
        if let Some(weight) = self.snapshot.weight {
            tell(format!("of weight {weight}"));
        }
        if let Some(votes) = self.snapshot.votes.filter(|_| self.snapshot.votes != plain.votes) {
            tell(format!("with {} thumbs up and {} down", votes.up, votes.down));
        }
        let days = |at: DateTime<Utc>| (NOW - at).num_days();
        if self.snapshot.created_at != plain.created_at {
            tell(format!("opened {} days ago", days(self.snapshot.created_at)));
        }
        if self.snapshot.updated_at != plain.updated_at {
            tell(format!("left alone for {} days", days(self.snapshot.updated_at)));
        }
        if subject.project != plain.subject.project {
            tell(format!("of {}", subject.project));
        }
        let files = self.snapshot.facets.changes.iter().flat_map(|changes| &changes.files);
        let files: Vec<&str> = files.map(|file| file.path.as_str()).collect();
        if !files.is_empty() {
            tell(format!("that changes {}", files.join(" and ")));
        }
        told
    }
}

/// A rule that asks nothing but one predicate.
fn alone(condition: &Condition) -> Rule {
    Rule {
        key: "lint".into(),
        name: "lint".into(),
        about: String::new(),
        on: vec![SubjectKind::Issue, SubjectKind::MergeRequest, SubjectKind::Epic],
        when: Some(Located { value: condition.clone(), span: Span::default() }),
        expr: None,
        then: Then::default(),
        mode: Mode::On,
        canary: None,
        cites: None,
        cite: Cite { file: String::new(), line: 0 },
        asks_state: true,
    }
}
