//! One-line changes, with and without a ledger.

use std::sync::{LazyLock, mpsc::sync_channel};

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::{
    model::{
        AppliedLabel, ChangedFile, Changes, Facet, FileAt, LabelName, Ledger, LiveComment, Person,
        Snapshot, State, Subject, SubjectKind, Topic,
    },
    pack::{Pack, checklists::Checklists},
    plan::{Decision, decide},
    policy::{Origin, PolicySource, SourceFile},
};

const ROUTING: &str = "routing.yml";
const TRACKERS: &str = "catalog/integrations/issue_trackers.yml";
const JIRA: [&str; 3] = ["Integration::Jira", "group::project management", "devops::plan"];

static BUILT_IN: LazyLock<Pack> = LazyLock::new(|| pack(PolicySource::built_in()));

fn pack(source: PolicySource) -> Pack {
    let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    // Sheets have stories of their own.
    Pack { checklists: Checklists::default(), ..pack }
}

/// The built-in policies with one text in one file replaced.
fn with(path: &str, from: &str, to: &str) -> Pack {
    let mut source = PolicySource::built_in();
    let text = source.file(path).expect(path).text.to_string();
    assert!(text.contains(from), "{from} stands in {path}");
    source.insert(SourceFile::new(path, Origin::BuiltIn, text.replacen(from, to, 1)));
    pack(source)
}

/// Jira is given to another group.
fn jira_moved() -> Pack {
    with(
        TRACKERS,
        "    name: Jira issue integration\n    group: project_management",
        "    name: Jira issue integration\n    group: source_code",
    )
}

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn item(kind: SubjectKind, number: u64, labels: &[&str]) -> Snapshot {
    let subject = Subject { kind, ..Subject::gitlab_issue("example/product", number) };
    Snapshot {
        url: format!("https://gitlab.example/example/product/-/issues/{number}"),
        subject,
        title: "Transition *issues* @all".into(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: Person { id: 7, username: "ben".into(), name: "Ben".into() },
        labels: labels.iter().map(|label| LabelName::from(*label)).collect(),
        milestone: None,
        created_at: now(),
        updated_at: now(),
        head: None,
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(Default::default()),
        weight: None,
        confidential: false,
        facets: Default::default(),
    }
}

fn issue(labels: &[&str]) -> Snapshot {
    item(SubjectKind::Issue, 12, labels)
}

/// What Steward's ledger says of an item that it has routed by the built-in policies.
fn routed(labels: &[&str]) -> (Snapshot, Ledger) {
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let mut snapshot = issue(&labels[..1]);
    snapshot.facets.label_history = Some(Vec::new());
    snapshot.facets.own_comments = Some(Vec::new());
    for label in labels {
        let known = Some(LabelName::from(*label));
        snapshot.facets.labels_known.insert(label.to_lowercase(), known);
    }
    let decision = decide(&snapshot, &Ledger::default(), &BUILT_IN, &me, now());
    let Decision::Plan(plan) = decision.expect("words") else { panic!("all is there") };
    let mut ledger = plan.ledger_after;
    assert_eq!(ledger.labels.len(), labels.len() - 1, "{ledger:?}");
    for comment in &mut ledger.comments {
        comment.id = Some(77);
    }
    (issue(labels), ledger)
}

fn seen(ledgers: Ledgers, new: &Pack, snapshot: Snapshot, ledger: Option<Ledger>) -> Seen {
    let sides = Sides::new(&BUILT_IN, new, now(), ledgers);
    Comparer::new(&sides).compare(snapshot, ledger).expect("words")
}

#[track_caller]
fn changes(seen: Seen) -> Change {
    match seen {
        Seen::Changed(change) => *change,
        other => panic!("{other:?}"),
    }
}

fn names(labels: &[LabelName]) -> Vec<&str> {
    labels.iter().map(LabelName::as_str).collect()
}

#[track_caller]
fn moves_to_source_code(change: &Change) {
    assert_eq!(names(&change.removed), ["group::project management", "devops::plan"]);
    assert_eq!(names(&change.added), ["group::source code", "devops::create"]);
    assert_eq!((change.comments, change.edits), (0, 1));
    assert!(change.notified.is_empty(), "an edit sends no mail: {change:?}");
}

#[test]
fn an_integration_that_moves_takes_its_items_along_without_a_ledger() {
    let change = changes(seen(Ledgers::Assumed, &jira_moved(), issue(&JIRA), None));
    moves_to_source_code(&change);
    assert_eq!(change.item, "example/product#12");
}

#[test]
fn an_integration_that_moves_takes_its_items_along_with_a_ledger() {
    let (snapshot, ledger) = routed(&JIRA);
    let change = changes(seen(Ledgers::Known, &jira_moved(), snapshot, Some(ledger)));
    moves_to_source_code(&change);
}

#[test]
fn an_item_that_nobody_has_routed_yet_counts_as_routed_by_the_old_policies() {
    for ledgers in [Ledgers::Assumed, Ledgers::Known] {
        let change = changes(seen(ledgers, &jira_moved(), issue(&JIRA[..1]), None));
        moves_to_source_code(&change);
    }
}

#[test]
fn what_a_person_decided_stays() {
    // The group is another one than the old policies ask for.
    let person = ["Integration::Jira", "group::import", "devops::plan"];
    let seen_now = seen(Ledgers::Assumed, &jira_moved(), issue(&person), None);
    if let Seen::Changed(change) = &seen_now {
        assert!(change.added.is_empty() && change.removed.is_empty(), "{change:?}");
    }
    // With a ledger a person's label of the same name is not Steward's.
    let theirs = Ledger { known: true, ..Ledger::default() };
    let seen_now = seen(Ledgers::Known, &jira_moved(), issue(&JIRA), Some(theirs));
    if let Seen::Changed(change) = &seen_now {
        assert!(!names(&change.removed).contains(&"group::project management"), "{change:?}");
    }
    // A label that a person took off is not set by the old policies nor by the new ones.
    let (mut snapshot, mut ledger) = routed(&JIRA);
    snapshot.labels.retain(|label| label.as_str() == JIRA[0]);
    for label in &mut ledger.labels {
        label.gone = true;
    }
    let stage_off = with(ROUTING, "label_stage: true", "label_stage: false");
    assert_eq!(seen(Ledgers::Known, &stage_off, snapshot, Some(ledger)), Seen::Same);
}

#[test]
fn the_same_policies_change_nothing() {
    let same = pack(PolicySource::built_in());
    for labels in [&JIRA[..], &JIRA[..1], &[], &["bug"], &["Integration::Zorgle"]] {
        for kind in [SubjectKind::Issue, SubjectKind::MergeRequest] {
            for ledgers in [Ledgers::Assumed, Ledgers::Known] {
                let seen_now = seen(ledgers, &same, item(kind, 3, labels), None);
                assert!(!matches!(seen_now, Seen::Changed(_) | Seen::Broken(_)), "{seen_now:?}");
            }
        }
    }
}

#[test]
fn another_prefix_takes_back_what_followed_from_the_old_one() {
    let other = with(ROUTING, "\"Integration::\"", "\"Tool::\"");
    let change = changes(seen(Ledgers::Assumed, &other, issue(&JIRA), None));
    assert_eq!(names(&change.removed), ["group::project management", "devops::plan"]);
    assert_eq!((change.added.len(), change.comments, change.edits), (0, 0, 1));
}

#[test]
fn without_stages_only_the_stages_label_leaves() {
    let off = with(ROUTING, "label_stage: true", "label_stage: false");
    let (snapshot, ledger) = routed(&JIRA);
    for seen_now in [
        seen(Ledgers::Assumed, &off, snapshot.clone(), None),
        seen(Ledgers::Known, &off, snapshot, Some(ledger)),
    ] {
        let change = changes(seen_now);
        assert_eq!(names(&change.removed), ["devops::plan"]);
        assert_eq!((change.added.len(), change.comments, change.edits), (0, 0, 1));
    }
}

#[test]
fn another_closest_group_is_seen_where_steward_had_guessed() {
    let other = with(
        ROUTING,
        "category: Notification Integrations\n      group: project_management",
        "category: Notification Integrations\n      group: pipeline_execution",
    );
    let mut guessed = issue(&["Integration::Zorgle", JIRA[1], JIRA[2]]);
    guessed.title = "A messenger".into();
    let change = changes(seen(Ledgers::Assumed, &other, guessed.clone(), None));
    assert_eq!(names(&change.added), ["group::pipeline execution", "devops::verify"]);
    // A person's other answer stands.
    guessed.labels[1] = "group::import".into();
    assert_eq!(seen(Ledgers::Assumed, &other, guessed, None), Seen::Same);
}

#[test]
fn a_new_comment_calls_and_labels_that_the_project_lacks_are_not_set() {
    // The old policies know no Zorgle, and no word says whose it is.
    let known = with(
        TRACKERS,
        "integrations:\n",
        "integrations:\n  zorgle:\n    name: Zorgle\n    group: project_management\n    \
         rationale: x\n    docs: https://docs.example.com\n    kind: routing_only\n    \
         label: Zorgle\n\n",
    );
    let mut old = PolicySource::built_in();
    let text = old.file(ROUTING).expect(ROUTING).text.replace("\"Integration::\"", "\"Was::\"");
    old.insert(SourceFile::new(ROUTING, Origin::BuiltIn, text));
    let old = pack(old);
    let mut sides = Sides::new(&old, &known, now(), Ledgers::Assumed);
    sides.knows_labels("example/product", ["Group::Project Management".into()]);
    let mut comparer = Comparer::new(&sides);
    let seen_now = comparer.compare(issue(&["Integration::Zorgle"]), None).expect("words");
    let change = changes(seen_now);
    // In the forge's own spelling.
    assert_eq!(names(&change.added), ["Group::Project Management"]);
    assert_eq!(change.comments, 1);
    let called: Vec<&str> = change.notified.iter().map(String::as_str).collect();
    assert_eq!(called, ["gitlab-org/plan-stage/project-management-group/engineers"]);
    assert!(comparer.assumed.labels.is_empty());
}

#[test]
fn a_merge_request_whose_files_are_not_known_cannot_be_told() {
    let new = with(ROUTING, "label_from_paths: true", "label_from_paths: false");
    let mut request = item(SubjectKind::MergeRequest, 3, &[]);
    assert_eq!(seen(Ledgers::Assumed, &new, request.clone(), None), Seen::CannotTell);
    let file =
        ChangedFile { path: "app/models/integrations/jira.rb".into(), ..ChangedFile::default() };
    request.facets.changes = Some(Changes { files: vec![file], complete: true });
    let change = changes(seen(Ledgers::Assumed, &new, request, None));
    assert_eq!(names(&change.removed), ["Integration::Jira"]);
}

#[test]
fn a_comment_that_a_person_deleted_is_not_edited() {
    let (snapshot, mut ledger) = routed(&JIRA);
    ledger.comments = vec![LiveComment {
        topic: Topic::ROUTING,
        id: None,
        body_hash: String::new(),
        made_of: String::new(),
        rules: Vec::new(),
    }];
    let change = changes(seen(Ledgers::Known, &jira_moved(), snapshot, Some(ledger)));
    assert_eq!((change.comments, change.edits), (0, 0));
    assert_eq!(change.added.len(), 2);
}

/// Some items, compared on two threads, and the report on them.
fn report(ledgers: Ledgers, new: &Pack) -> Report {
    let sides = Sides::new(&BUILT_IN, new, now(), ledgers);
    let items = [
        item(SubjectKind::Issue, 1, &JIRA),
        item(SubjectKind::Issue, 2, &["bug"]),
        item(SubjectKind::MergeRequest, 3, &JIRA[..1]),
        item(SubjectKind::MergeRequest, 4, &[]),
        item(SubjectKind::Issue, 5, &JIRA),
    ];
    let (sender, chunks) = sync_channel(10);
    let raw = |snapshot: &Snapshot| Raw {
        snapshot: serde_json::to_string(snapshot).expect("JSON"),
        ..Raw::default()
    };
    for (first, items) in [(0, &items[..2]), (2, &items[2..])] {
        let items = items.iter().map(raw).collect();
        sender.send(Chunk { first, items }).expect("taken");
    }
    let broken = Raw { snapshot: "{}".into(), ..Raw::default() };
    sender.send(Chunk { first: 5, items: vec![broken] }).expect("taken");
    drop(sender);
    let totals = run(&sides, chunks, 2, 2, &|_| ());
    let budget = Budget { comments_per_minute: 60, calls_per_minute: 300 };
    let mut report = Report::new(&sides, ["built-in", "./policies"], Some(now()), budget, totals);
    // Whoever changes a policy need not change this.
    report.old.version = "111111111111".into();
    report.new.version = "222222222222".into();
    report
}

/// Files of which only the content is not known are no list of changed files, and a history that is
/// not known is not one in which nothing happened.
#[test]
fn what_is_assumed_is_counted_and_told_for_what_it_is() {
    let mut assumed = Assumed::default();
    assume::facet(&Facet::File(FileAt::head("a.rb")), None, &mut assumed);
    assert_eq!((assumed.files, assumed.contents), (0, 1));
    assume::facet(&Facet::Changes, None, &mut assumed);
    assert_eq!((assumed.files, assumed.contents), (1, 1));
    let new = jira_moved();
    let histories = |ledgers, snapshot, ledger| {
        let sides = Sides::new(&BUILT_IN, &new, now(), ledgers);
        let mut comparer = Comparer::new(&sides);
        comparer.compare(snapshot, ledger).expect("words");
        comparer.assumed.histories
    };
    let (snapshot, ledger) = routed(&JIRA);
    assert_eq!(histories(Ledgers::Assumed, snapshot.clone(), None), 1);
    assert_eq!(histories(Ledgers::Known, snapshot.clone(), None), 1);
    assert_eq!(histories(Ledgers::Known, snapshot, Some(ledger)), 0, "the ledger knows");
    let mut report = report(Ledgers::Known, &new);
    report.assumed.contents = 2;
    for told in [text(&report, false, 1000), markdown(&report)] {
        assert!(told.contains("The label history of 5 items was taken to be empty"), "{told}");
        assert!(told.contains("2 files were not read"), "{told}");
    }
    let told = json(&report).expect("JSON");
    assert!(told.contains("\"histories\": 5") && told.contains("\"contents\": 2"), "{told}");
}

#[test]
fn the_report_for_a_terminal() {
    let told = text(&report(Ledgers::Assumed, &jira_moved()), false, 80);
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn the_report_for_a_merge_request() {
    let told = markdown(&report(Ledgers::Assumed, &jira_moved()));
    assert!(mentions::of(&told).is_empty(), "it calls nobody: {told}");
    insta::assert_snapshot!(told);
}

#[test]
fn the_report_for_machines() {
    insta::assert_snapshot!(json(&report(Ledgers::Assumed, &jira_moved())).expect("JSON"));
}

#[test]
fn the_report_when_nothing_changes() {
    let same = pack(PolicySource::built_in());
    insta::assert_snapshot!(text(&report(Ledgers::Known, &same), false, 80));
}

#[test]
fn the_made_up_history_says_what_the_ledger_knows() {
    let me = Person { id: 1, username: "steward".into(), name: "Steward".into() };
    let applied = |name: &str, gone| AppliedLabel {
        name: name.into(),
        at: now() - TimeDelta::days(1),
        gone,
        rule: None,
        keep: false,
    };
    let ledger = Ledger {
        labels: vec![applied("a", false), applied("b", true), applied("c", true)],
        ..Ledger::default()
    };
    let events = assume::history(&ledger, &issue(&["a", "c"]), &me);
    let last = |name: &str| {
        let event = events.iter().rfind(|event| event.label == Some(name.into()));
        event.map(|event| (event.added, event.by.is_some())).expect(name)
    };
    assert_eq!(last("a"), (true, true), "Steward's");
    assert_eq!(last("b"), (false, false), "taken off by somebody");
    assert_eq!(last("c"), (true, false), "set again by somebody");
}
