//! Issues that Steward opens beside an item, and what it keeps on them.

use chrono::NaiveDate;

use super::*;
use crate::{
    model::{Applied, Mark, Reason},
    rules::{DueWanted, IssueWanted, MilestoneWanted, Told},
};

fn reason() -> Reason {
    let because = Because::Stays { integration: "Slack".into() };
    Reason { rule: "lifecycle.open".into(), cite: None, because }
}

fn mark() -> Mark {
    Mark { integration: "slack".into(), step: Some("removed".into()), beside: 12 }
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 5, day).expect("a day")
}

/// An item beside which an issue is wanted.
fn wants() -> Item {
    let mut item = Item::issue(&[]);
    let told = serde_json::json!({
        "integration": "Slack *notifications*", "step": "Removed", "owner": "Import",
        "announced": "19.9", "removal": "20.0", "milestone": "20.0", "by": "2027-05-20", "beside": 12,
    });
    item.wanted = Some(Wanted {
        issues: vec![IssueWanted {
            mark: mark(),
            templates: ("lifecycle/title", "lifecycle/step"),
            facts: Told::new(told),
            labels: vec!["Integration::Slack".into(), "gone".into()],
            milestone: Some("20.0".into()),
            due: Some(day(20)),
            reason: reason(),
        }],
        ..Wanted::default()
    });
    item.missing.push("gone");
    item
}

fn kinds(plan: &Plan) -> Vec<&'static str> {
    let kind = |effect: &Effect| match effect {
        Effect::IssueOpened { .. } => "opened",
        Effect::IssueLinked { .. } => "linked",
        Effect::MilestoneSet { .. } => "milestone",
        Effect::DueSet { .. } => "due",
        other => panic!("{other:?}"),
    };
    plan.actions.iter().map(|action| kind(&action.effect)).collect()
}

#[test]
fn an_issue_is_opened_once_also_when_nobody_remembers() {
    let mut item = wants();
    let plan = item.steward();
    assert_eq!(kinds(&plan), ["opened"]);
    let held: Vec<&Because> = plan.held.iter().map(|held| &held.reason.because).collect();
    assert_eq!(held, [&Because::NotOnForge { what: "label gone".into() }]);
    let opened = &item.opened[0];
    assert_eq!(opened.title, "Removal of Slack *notifications*: Removed");
    assert_eq!(opened.labels, ["Integration::Slack".into()]);
    assert_eq!(opened.milestone.as_ref().map(|one| one.title.as_str()), Some("20.0"));
    assert_eq!(opened.due, None, "this forge knows no such thing");
    assert_eq!(Mark::of(&opened.description), Some(mark()));
    // Neither its answer nor the database was kept.
    item.ledger = Ledger { uncertain: true, ..Ledger::default() };
    assert!(item.steward().actions.is_empty());
    let record = Applied::Opened {
        mark: mark(),
        number: 20,
        url: item.opened()[0].url.clone(),
        linked: false,
    };
    assert_eq!(item.ledger.applied, [record]);
    // Somebody deleted it.
    item.opened.clear();
    assert!(item.steward().actions.is_empty());
}

#[test]
fn it_is_linked_where_there_are_links() {
    let mut item = wants();
    (item.snapshot.facets.issue_links, item.snapshot.facets.due) = (true, Some(Due::default()));
    item.snapshot.confidential = true;
    let plan = item.decides();
    assert_eq!(kinds(&plan), ["opened", "linked"]);
    let Effect::IssueOpened { issue } = &plan.actions[0].effect else { panic!("{plan:?}") };
    assert_eq!((issue.due, issue.confidential), (Some(day(20)), true));
    // Opened, and then the line was cut.
    item.opened.push((**issue).clone());
    let plan = item.decides();
    assert_eq!(plan.actions[0].effect, Effect::IssueLinked { mark: mark(), number: Some(20) });
    assert_eq!(plan.actions.len(), 1);
}

#[test]
fn an_issue_of_stewards_follows_its_milestone_until_a_person_decides() {
    let mut item = Item::issue(&[]);
    item.snapshot.author = person(1, "steward");
    item.snapshot.milestone = Some(Milestone { title: "20.0".into(), due: None });
    item.snapshot.facets.due = Some(Due { day: Some(day(20)) });
    let wants = |title: &str, on: u32| Wanted {
        milestones: vec![MilestoneWanted { title: title.into(), reason: reason() }],
        due: Some(DueWanted { day: day(on), reason: reason() }),
        ..Wanted::default()
    };
    // Before it was ever looked at, the removal slipped.
    item.wanted = Some(wants("20.1", 21));
    assert_eq!(kinds(&item.steward()), ["milestone", "due"]);
    item.wanted = Some(wants("20.2", 22));
    assert_eq!(kinds(&item.steward()), ["milestone", "due"]);
    // A person has set others.
    item.snapshot.milestone = Some(Milestone { title: "21.0".into(), due: None });
    item.snapshot.facets.due = Some(Due { day: Some(day(30)) });
    let plan = item.steward();
    assert!(plan.actions.is_empty());
    assert_eq!(plan.held.len(), 2, "{:?}", plan.held);
    // And taken the day off after Steward had set it.
    item.snapshot.facets.due = Some(Due::default());
    assert!(item.steward().actions.is_empty());
    // On somebody else's issue what is there was set by people.
    item.snapshot.author = person(7, "ben");
    item.ledger = Ledger { known: true, ..Ledger::default() };
    item.snapshot.facets.due = Some(Due { day: Some(day(1)) });
    assert!(item.steward().actions.is_empty());
}
