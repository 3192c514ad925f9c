//! Made-up items for the tests of predicates.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    model::{
        Access, AppliedLabel, ChangedFile, Changes, Facet, FileStatus, LabelEvent, LabelName,
        Ledger, Milestone, Person, Snapshot, State, Subject, Votes,
    },
    pack::Pack,
    policy::{PolicySource, SourceFile},
    rules::{
        View,
        declared::{Truth, explain, holds},
    },
};

/// A fixed moment: 2024-10-04.
fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.to_uppercase() }
}

/// A pack with the rule `example`.
fn pack(condition: &str) -> Pack {
    let mut source = PolicySource::built_in();
    let text = format!(
        "rules:\n  example:\n    about: An example.\n    {condition}\n    then:\n      \
         labels: {{ add: [bug] }}\n"
    );
    let origin = crate::policy::Origin::File("rules/example.yml".into());
    source.insert(SourceFile::new("rules/zz_example.yml", origin, text));
    Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"))
}

static ME: LazyLock<Person> = LazyLock::new(|| person(1, "steward"));

/// An item: opened 40 days ago by `ben`, last changed yesterday.
#[derive(Clone)]
pub(in crate::rules::declared) struct Made {
    snapshot: Snapshot,
    ledger: Ledger,
}

impl Made {
    pub(in crate::rules::declared) fn issue() -> Self {
        Self::new(Subject::gitlab_issue("example/product", 12))
    }

    pub(in crate::rules::declared) fn merge_request() -> Self {
        Self::new(Subject::gitlab_merge_request("example/product", 3))
    }

    fn new(subject: Subject) -> Self {
        Self {
            snapshot: Snapshot {
                subject,
                url: String::new(),
                title: "An item".into(),
                description: String::new(),
                state: State::Open,
                draft: false,
                author: person(7, "ben"),
                labels: Vec::new(),
                milestone: None,
                created_at: now() - TimeDelta::days(40),
                updated_at: now() - TimeDelta::days(1),
                head: None,
                assignees: Vec::new(),
                reviewers: None,
                votes: Some(Votes::default()),
                weight: None,
                confidential: false,
                facets: Default::default(),
            },
            ledger: Ledger { known: true, ..Ledger::default() },
        }
    }

    pub(in crate::rules::declared) fn labels(mut self, labels: &[&str]) -> Self {
        self.snapshot.labels = labels.iter().map(|label| LabelName::from(*label)).collect();
        self
    }

    pub(super) fn set_by_steward(mut self, label: &str, rule: Option<&str>) -> Self {
        self.ledger.labels.push(AppliedLabel {
            name: label.into(),
            at: now(),
            gone: false,
            rule: rule.map(str::to_owned),
            keep: false,
        });
        self
    }

    /// Labels that were set by somebody so many days ago.
    pub(super) fn history(mut self, events: &[(&str, &str, i64)]) -> Self {
        let id = |who: &str| match who {
            "steward" => 1,
            "ben" => 7,
            _ => 2,
        };
        let event = |(label, who, days): &(&str, &str, i64)| LabelEvent {
            label: Some(LabelName::from(*label)),
            added: true,
            by: Some(person(id(who), who)),
            at: now() - TimeDelta::days(*days),
        };
        self.snapshot.facets.label_history = Some(events.iter().map(event).collect());
        self
    }

    pub(super) fn texts(mut self, title: &str, description: &str) -> Self {
        self.snapshot.title = title.into();
        self.snapshot.description = description.into();
        self
    }

    pub(super) fn files(mut self, files: &[(&str, FileStatus)], complete: bool) -> Self {
        let file = |(path, status): &(&str, FileStatus)| ChangedFile {
            path: (*path).into(),
            status: *status,
            ..ChangedFile::default()
        };
        self.snapshot.facets.changes =
            Some(Changes { files: files.iter().map(file).collect(), complete });
        self
    }

    pub(super) fn access(mut self, access: Access) -> Self {
        self.snapshot.facets.author_access = Some(access);
        self
    }

    pub(super) fn assigned(mut self) -> Self {
        self.snapshot.assignees = vec![person(3, "carla")];
        self
    }

    pub(super) fn draft(mut self) -> Self {
        self.snapshot.draft = true;
        self
    }

    pub(super) fn confidential(mut self) -> Self {
        self.snapshot.confidential = true;
        self
    }

    pub(super) fn milestone(mut self, title: Option<&str>, due_in_days: Option<i64>) -> Self {
        self.snapshot.milestone = title.map(|title| Milestone {
            title: title.into(),
            due: due_in_days.map(|days| (now() + TimeDelta::days(days)).date_naive()),
        });
        self
    }

    pub(super) fn untold_votes(mut self) -> Self {
        self.snapshot.votes = None;
        self
    }

    pub(super) fn votes(mut self, up: u64, down: u64) -> Self {
        self.snapshot.votes = Some(Votes { up, down });
        self
    }

    pub(super) fn weight(mut self, weight: Option<u64>) -> Self {
        self.snapshot.weight = weight;
        self
    }

    pub(super) fn state(mut self, state: State) -> Self {
        self.snapshot.state = state;
        self
    }

    /// The facets that a condition asks for here.
    pub(super) fn needs(&self, when: &str) -> Vec<Facet> {
        self.with(&format!("when: {{ {when} }}"), |view, pack| {
            holds(pack.rules.get("example").expect("a rule"), view);
            view.needs().into_iter().collect()
        })
    }

    pub(super) fn needs_expr(&self, expr: &str) -> Vec<Facet> {
        self.with(&format!("when_expr: \"{expr}\""), |view, pack| {
            holds(pack.rules.get("example").expect("a rule"), view);
            view.needs().into_iter().collect()
        })
    }

    /// Looks at the item with the rule `example` in the pack.
    pub(in crate::rules::declared) fn with<R>(
        &self,
        condition: &str,
        to: impl FnOnce(&View<'_>, &Pack) -> R,
    ) -> R {
        let pack = pack(condition);
        to(&View::new(&self.snapshot, &self.ledger, &pack, &ME, now()), &pack)
    }
}

/// Whether a rule with this condition holds, and what its first predicate saw.
pub(super) fn asks(when: &str, item: &Made) -> (Truth, String) {
    item.with(&format!("when: {{ {when} }}"), |view, pack| {
        let rule = pack.rules.get("example").expect("a rule");
        let truth = holds(rule, view);
        let told = explain(rule, view);
        let seen = told.children.iter().find(|child| child.line == 4);
        (truth, seen.map(|child| child.saw.clone()).unwrap_or_default())
    })
}

/// Whether a rule with this expression holds.
pub(super) fn asks_expr(expr: &str, item: &Made) -> Truth {
    item.with(&format!("when_expr: \"{expr}\""), |view, pack| {
        holds(pack.rules.get("example").expect("a rule"), view)
    })
}
