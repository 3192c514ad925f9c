//! The examples of docs/policies.md are run: each condition on the items that it is said to hold
//! for and not to hold for, each effect as a rule that loads and whose words can be made.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, TimeDelta, Utc};
use regex::Regex;
use serde::Deserialize;

use super::{Truth, holds};
use crate::{
    model::{
        Access, ChangedFile, Changes, FileStatus, LabelEvent, LabelName, Ledger, Milestone, Person,
        Snapshot, State, Subject, Votes,
    },
    pack::{Pack, schema},
    plan::rehearse,
    policy::{Origin, PolicySource, SourceFile, parse},
    rules::View,
};

const PAGE: &str = include_str!("../../../docs/policies.md");

/// The section on rules, and each of its YAML examples with the text up to the next one.
static EXAMPLES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let start = PAGE.find("\n## Rules").expect("the section");
    let section = &PAGE[start + 1..];
    let section = &section[..section.find("\n## ").expect("another section")];
    let mut examples = Vec::new();
    let mut rest = section;
    while let Some((_, after)) = rest.split_once("```yaml\n") {
        let (example, after) = after.split_once("```\n").expect("an end");
        let text = after.split("```yaml").next().unwrap_or_default();
        examples.push((example, text));
        rest = after;
    }
    examples
});

/// An item as the page describes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Described {
    labels: Vec<String>,
    /// A person set the labels so long ago.
    set_days_ago: i64,
    title: Option<String>,
    description: String,
    state: Option<State>,
    draft: bool,
    confidential: bool,
    author: Option<String>,
    access: Option<Access>,
    assignees: Vec<String>,
    milestone: Option<String>,
    due_days_ago: i64,
    updated_days_ago: i64,
    files: Option<BTreeMap<String, FileStatus>>,
    votes_up: u64,
    weight: Option<u64>,
    project: Option<String>,
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn person(id: u64, handle: &str) -> Person {
    Person { id, username: handle.to_owned(), name: handle.to_owned() }
}

impl Described {
    fn read(text: &str) -> Self {
        let file = SourceFile::new("item", Origin::BuiltIn, format!("{{ {text} }}"));
        parse(&file).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn snapshot(&self) -> Snapshot {
        let project = self.project.as_deref().unwrap_or("example/product");
        let merge_request = self.files.is_some() || self.draft;
        let labels: Vec<LabelName> = self.labels.iter().map(LabelName::new).collect();
        let mut snapshot = Snapshot {
            subject: match merge_request {
                true => Subject::gitlab_merge_request(project, 3),
                false => Subject::gitlab_issue(project, 12),
            },
            url: String::new(),
            title: self.title.clone().unwrap_or_else(|| "An item".into()),
            description: self.description.clone(),
            state: self.state.unwrap_or(State::Open),
            draft: self.draft,
            author: person(7, self.author.as_deref().unwrap_or("ben")),
            milestone: self.milestone.clone().map(|title| Milestone {
                title,
                due: Some((now() - TimeDelta::days(self.due_days_ago)).date_naive()),
            }),
            created_at: now() - TimeDelta::days(400),
            updated_at: now() - TimeDelta::days(self.updated_days_ago),
            head: None,
            assignees: self.assignees.iter().map(|handle| person(9, handle)).collect(),
            reviewers: None,
            votes: Some(Votes { up: self.votes_up, down: 0 }),
            weight: self.weight,
            confidential: self.confidential,
            facets: Default::default(),
            labels: labels.clone(),
        };
        let set = |label| LabelEvent {
            label: Some(label),
            added: true,
            by: Some(person(2, "anna")),
            at: now() - TimeDelta::days(self.set_days_ago),
        };
        snapshot.facets.label_history = Some(labels.into_iter().map(set).collect());
        snapshot.facets.author_access = self.access;
        let files = self.files.clone().unwrap_or_default().into_iter();
        snapshot.facets.changes = Some(Changes {
            files: files
                .map(|(path, status)| ChangedFile { path, status, ..ChangedFile::default() })
                .collect(),
            complete: true,
        });
        snapshot
    }
}

/// The built-in pack and a file of rules.
fn pack(rules: &str) -> Pack {
    let mut source = PolicySource::built_in();
    source.insert(SourceFile::new("rules/page.yml", Origin::BuiltIn, rules));
    let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}\n{rules}"));
    if let Err(errors) = rehearse(&pack) {
        panic!("{errors}\n{rules}");
    }
    pack
}

/// A rule around a part of one.
fn rule(part: &str, rest: &str) -> String {
    let part: String = part.lines().map(|line| format!("    {line}\n")).collect();
    format!("rules:\n  example:\n    about: An example.\n{part}    {rest}\n")
}

#[test]
fn each_condition_holds_where_the_page_says_so_and_not_elsewhere() {
    let said = Regex::new(r"(?s)Holds for `([^`]+)`, not for\s+`([^`]+)`\.").expect("a pattern");
    let conditions = EXAMPLES.iter().filter(|(example, _)| example.starts_with("when"));
    let mut count = 0;
    for (condition, text) in conditions {
        let pack = pack(&rule(condition, "then: { labels: { add: [page] } }"));
        let example = pack.rules.get("example").expect("a rule");
        let said = said.captures(text).unwrap_or_else(|| panic!("no items for:\n{condition}"));
        for (item, truth) in [(&said[1], Truth::Yes), (&said[2], Truth::No)] {
            let (snapshot, me) = (Described::read(item).snapshot(), person(1, "steward"));
            let ledger = Ledger { known: true, ..Ledger::default() };
            let view = View::new(&snapshot, &ledger, &pack, &me, now());
            assert_eq!(holds(example, &view), truth, "{condition}on {item}");
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[test]
fn each_effect_and_each_whole_rule_loads_and_finds_its_words() {
    let mut count = 0;
    for (example, _) in EXAMPLES.iter() {
        let on = "when: { label: bug }";
        match example.split(':').next() {
            Some("rules") => drop(pack(example)),
            Some("then") if example.contains("status:") => {
                pack(&rule(example, &format!("{on}\n    on: [merge_request]")));
            }
            Some("then") => drop(pack(&rule(example, on))),
            _ => continue,
        }
        count += 1;
    }
    assert!(count > 5, "{count}");
}

/// A predicate or an effect that the page forgets is found.
#[test]
fn the_page_has_an_example_of_every_predicate_and_effect() {
    let schemas = schema::all();
    let rules = schemas.iter().find(|one| one.name == "rules").expect("the schema of rules");
    for kind in ["Condition", "Then"] {
        let keys = rules.schema["$defs"][kind]["properties"].as_object().expect(kind);
        assert!(keys.len() > 6, "{kind}");
        for key in keys.keys() {
            let told = EXAMPLES.iter().any(|(example, _)| example.contains(&format!("{key}:")));
            assert!(told, "no example of `{key}`");
        }
    }
}
