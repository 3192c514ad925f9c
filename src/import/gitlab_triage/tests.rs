//! Files, and what they become: `tests/cases/gitlab-triage/<name>/` has a policy file, the rules
//! and the report. `UPDATE_CASES=1` writes the two anew, for whoever then reads them.

use std::{fs, path::PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;

use super::{Choices, Imported, import};
use crate::{
    model::{Access, LabelName, Ledger, Milestone, Person, Snapshot, State, Subject, Votes},
    pack::{Pack, rules::Mode},
    policy::{Origin, PolicySource, SourceFile},
    rules::{
        View,
        declared::{Truth, holds},
    },
    terminal::Look,
};

const LOOK: Look = Look { colour: false, width: 80 };

fn folder(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/cases/gitlab-triage", name].iter().collect()
}

fn file(text: &str) -> SourceFile {
    SourceFile::new("policies.yml", Origin::File("policies.yml".into()), text)
}

fn imported(name: &str, on: bool) -> Imported {
    let text = fs::read_to_string(folder(name).join("policies.yml")).expect("policies.yml");
    import(&file(&text), Choices { on }).unwrap_or_else(|errors| panic!("{name}: {errors}"))
}

fn loaded(rules: &str) -> Pack {
    let mut source = PolicySource::built_in();
    let origin = Origin::File("rules/imported.yml".into());
    source.insert(SourceFile::new("rules/imported.yml", origin, rules));
    Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}\n{rules}"))
}

#[rstest]
#[case("braces")]
#[case("classic")]
#[case("limits")]
#[case("merge_keys")]
#[case("merge_requests")]
#[case("odd")]
#[case("ruby")]
#[case("summaries")]
#[case("texts")]
fn a_file_becomes_rules_that_load_and_a_report(#[case] name: &str) {
    let Imported { rules, report } = imported(name, false);
    let told = report.told(LOOK);
    for (file, text) in [("rules.yml", &rules), ("report.txt", &told)] {
        let path = folder(name).join(file);
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&path, text).expect("written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(*text, expected, "{}", path.display());
    }
    let long = told.lines().find(|line| line.chars().count() > LOOK.width);
    assert_eq!(long, None, "wider than the terminal");
    let pack = loaded(&rules);
    for rule in &report.rules {
        let key = rule.key.as_deref();
        let mode = key.map(|key| pack.rules.get(key).expect(key).mode);
        let expected = match rule.carried {
            super::Carried::Whole => Some(Mode::Shadow),
            super::Carried::InPart => Some(Mode::Off),
            super::Carried::NotAtAll => None,
        };
        assert_eq!(mode, expected, "{}", rule.name);
    }
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// An issue: opened 400 days ago by `ben`, who is no member, and last changed yesterday.
fn item(subject: Subject, labels: &[&str]) -> Snapshot {
    let mut snapshot = Snapshot {
        subject,
        url: String::new(),
        title: "An item".into(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: Person { id: 7, username: "ben".into(), name: "Ben".into() },
        labels: labels.iter().map(|label| LabelName::from(*label)).collect(),
        milestone: None,
        created_at: now() - TimeDelta::days(400),
        updated_at: now() - TimeDelta::days(1),
        head: None,
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(Votes::default()),
        weight: None,
        confidential: false,
        facets: Default::default(),
    };
    snapshot.facets.author_access = Some(Access::None);
    snapshot
}

fn issue(labels: &[&str]) -> Snapshot {
    item(Subject::gitlab_issue("example/product", 1), labels)
}

fn request(labels: &[&str]) -> Snapshot {
    item(Subject::gitlab_merge_request("example/product", 1), labels)
}

fn with(mut snapshot: Snapshot, change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    change(&mut snapshot);
    snapshot
}

/// What the rules that act would do to the labels, sorted: `+a`, `-b`, and `close`.
fn done(name: &str, snapshot: &Snapshot) -> Vec<String> {
    let pack = loaded(&imported(name, true).rules);
    let ledger = Ledger { known: true, ..Ledger::default() };
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let view = View::new(snapshot, &ledger, &pack, &me, now());
    let mut done = Vec::new();
    for rule in pack.rules.iter().filter(|rule| rule.mode == Mode::On) {
        if holds(rule, &view) != Truth::Yes {
            continue;
        }
        if let Some(labels) = &rule.then.labels {
            let on = labels.add.iter().map(|label| format!("+{}", label.value));
            done.extend(on);
            let off = snapshot
                .labels
                .iter()
                .filter(|label| labels.remove.iter().any(|pattern| pattern.fits(label.as_str())));
            done.extend(off.map(|label| format!("-{label}")));
        }
        if rule.then.close.is_some() {
            done.push("close".into());
        }
    }
    done.sort();
    done
}

/// Each item, and what gitlab-triage would do to it by the same file.
#[test]
fn rules_decide_as_gitlab_triage_would() {
    let days = |item: Snapshot, days: i64| {
        with(item, |item| item.updated_at = now() - TimeDelta::days(days))
    };
    let milestone = |item: Snapshot, title: &str| {
        with(item, |item| item.milestone = Some(Milestone { title: title.into(), due: None }))
    };
    let up = |item: Snapshot, up: u64| with(item, |item| item.votes = Some(Votes { up, down: 0 }));
    let state = |item: Snapshot, state: State| with(item, |item| item.state = state);
    let young = |item: Snapshot| with(item, |item| item.created_at = now() - TimeDelta::days(4));
    let heavy = |item: Snapshot, weight| with(item, |item| item.weight = weight);
    let by = |item: Snapshot, who: &str| with(item, |item| item.author.username = who.into());
    let old = |labels: &[&str]| days(issue(labels), 399);

    let cases: Vec<(&str, Snapshot, &[&str])> = vec![
        ("classic", issue(&[]), &["+needs labels"]),
        ("classic", young(issue(&[])), &[]),
        ("classic", state(issue(&[]), State::Closed), &[]),
        ("classic", old(&["bug"]), &["+stale"]),
        ("classic", milestone(old(&["bug"]), "18.1"), &[]),
        ("classic", old(&["bug", "priority::1"]), &[]),
        ("classic", days(issue(&["stale"]), 14), &["close"]),
        ("classic", days(issue(&["stale"]), 13), &[]),
        ("classic", up(issue(&["type::feature", "backlog"]), 21), &["+popular", "-backlog"]),
        ("classic", up(issue(&["type::feature", "backlog"]), 20), &[]),
        ("classic", heavy(milestone(issue(&["bug"]), "Backlog"), Some(8)), &["+needs splitting"]),
        ("classic", heavy(milestone(issue(&["bug", "ui"]), "Backlog"), Some(8)), &[]),
        ("classic", heavy(milestone(issue(&["bug"]), "Backlog"), Some(9)), &[]),
        ("classic", heavy(milestone(issue(&["bug"]), "Backlog"), None), &[]),
        ("classic", request(&[]), &[]),
        // It is off: it would take its mention back at once.
        ("merge_keys", issue(&["deliverable"]), &[]),
        ("merge_keys", state(issue(&["keep open"]), State::Closed), &["+look again"]),
        ("merge_keys", issue(&["keep open"]), &[]),
        ("merge_keys", by(issue(&["waiting"]), "anna"), &["+awake"]),
        ("merge_keys", by(request(&["waiting", "asleep"]), "anna"), &["+awake", "-asleep"]),
        ("merge_keys", state(by(request(&["waiting"]), "anna"), State::Merged), &["+awake"]),
        ("merge_keys", issue(&["waiting"]), &[]),
        ("braces", issue(&["bug", "priority::3"]), &["+triaged", "+workflow::new"]),
        ("braces", issue(&["regression", "priority::5", "workflow::a"]), &[]),
        ("braces", issue(&["area::web"]), &["+needs type", "+workflow::new"]),
        ("braces", issue(&["area::web", "workflow::a"]), &[]),
        ("merge_requests", request(&["a"]), &["+community"]),
        ("merge_requests", request(&["community"]), &[]),
        ("merge_requests", with(request(&["a"]), |item| item.draft = true), &[]),
        (
            "merge_requests",
            with(request(&["a"]), |item| item.facets.author_access = Some(Access::Guest)),
            &[],
        ),
        ("merge_requests", state(request(&[]), State::Merged), &["+unlabelled"]),
        ("merge_requests", state(request(&[]), State::Closed), &[]),
        ("odd", state(issue(&["archived"]), State::Closed), &["+found"]),
        ("odd", issue(&["archived"]), &["+found"]),
        (
            "odd",
            with(issue(&["a"]), |item| item.created_at = now() - TimeDelta::hours(1)),
            &["+new"],
        ),
        ("odd", with(issue(&["a"]), |item| item.created_at = now() - TimeDelta::hours(2)), &[]),
        ("odd", with(heavy(issue(&["a"]), Some(0)), |item| item.created_at = now()), &[]),
        ("texts", issue(&["yes", "a: b", "10", "10.0"]), &["+#1", "+say \"hi\""]),
    ];
    for (name, item, expected) in cases {
        let labels: Vec<&str> = item.labels.iter().map(LabelName::as_str).collect();
        assert_eq!(done(name, &item), expected, "{name}: {} {labels:?}", item.subject);
    }
}

#[test]
fn a_broken_file_is_told_with_its_place() {
    let error = |text: &str| {
        let errors = import(&file(text), Choices::default()).expect_err(text);
        crate::policy::render(&errors, false, 80)
    };
    insta::assert_snapshot!(error("resource_rules:\n  issues:\n\t rules: []\n"));
    assert!(error("rules: []\n").contains("resource_rules"));
    assert!(error("").contains("the file is empty"));
    assert!(error("a: &a [*a]\n").contains("policies.yml"), "a circle of aliases ends");
    assert!(error("- a\n").contains("resource_rules"));
}

#[test]
fn whatever_stands_there_is_told_and_never_fatal() {
    for text in [
        "resource_rules: {issues: {rules: [1, null, [], {actions: 5}, {conditions: [a]}]}}",
        "resource_rules: {issues: {rules: {a: b}}, projects: 5, branches: null}",
        "resource_rules: {issues: {rules: [{conditions: {labels: {a: b}, date: 5, votes: x, \
         milestone: {}, weight: [], author_member: 1}, actions: {labels: {a: b}, mention: [[]], \
         comment: [1], status: 5, close: x}}]}}",
        "resource_rules: {issues: {rules: [{name: \"a\\u0000\\u2028b\", conditions: {labels: \
         [\"a\\nb\"]}, actions: {labels: [\"a,b\", \"c\\nd\", e], mention: [\"a b\"]}}]}}",
    ] {
        let Imported { rules, report } =
            import(&file(text), Choices::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
        loaded(&rules);
        assert!(report.rules.iter().all(|rule| rule.carried != super::Carried::Whole), "{rules}");
    }
}
