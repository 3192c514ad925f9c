//! Requests for reviews, as conversations.

use super::*;
use crate::{
    model::{Applied, Requested, Reviewer, TeamName},
    plan::tests::fields::assigned,
    rules::ReviewsWanted,
};

fn wanted(rule: &str, handles: &[&str], teams: &[&str]) -> ReviewsWanted {
    let team = |name: &&str| TeamName::in_project(name, "example/product");
    let reason = assigned(rule, &[]).reason;
    let handles = handles.iter().map(|&handle| handle.to_owned()).collect();
    ReviewsWanted { handles, teams: teams.iter().map(team).collect(), reason }
}

fn request(teams: Option<Vec<TeamName>>, wanted: Vec<ReviewsWanted>) -> Item {
    let mut item = Item::merge_request(&[]);
    item.snapshot.head = Some("c0ffee".into());
    item.snapshot.reviewers = Some(Requested { people: Vec::new(), teams });
    item.wanted.get_or_insert_default().reviews = wanted;
    item
}

/// Who is asked by each action.
fn asks(plan: &Plan) -> Vec<Vec<String>> {
    let asks = plan.actions.iter().filter_map(|action| match &action.effect {
        Effect::ReviewRequested { people, teams, .. } => Some(crate::model::asked(people, teams)),
        _ => None,
    });
    asks.collect()
}

fn held(plan: &Plan) -> Vec<Because> {
    plan.held.iter().map(|held| held.reason.because.clone()).collect()
}

#[test]
fn each_is_asked_once_by_the_rule_that_comes_first() {
    let rules = || {
        vec![wanted("docs", &["carla", "ben"], &["docs"]), wanted("all", &["CARLA", "dora"], &[])]
    };
    let mut item = request(Some(Vec::new()), rules());
    // Ben opened it.
    item.snapshot.author = person(7, "Ben");
    let plan = item.steward();
    let expected = [vec!["carla".to_owned(), "example/docs".to_owned()], vec!["dora".to_owned()]];
    assert_eq!(asks(&plan), expected);
    assert_eq!(held(&plan), [Because::ReviewByAuthor { author: "Ben".into() }]);
    assert!(asks(&item.steward()).is_empty(), "they are asked");

    // Answered, or taken back.
    item.snapshot.reviewers = Some(Requested { people: Vec::new(), teams: Some(Vec::new()) });
    let plan = item.steward();
    assert!(asks(&plan).is_empty());
    let before = |what: &str| Because::ReviewAskedBefore { what: what.into() };
    for what in ["review by carla", "review by dora", "review by the team example/docs"] {
        assert!(held(&plan).contains(&before(what)), "{:?}", held(&plan));
    }
}

#[test]
fn whom_others_asked_is_not_asked_and_remembered() {
    let mut item = request(None, vec![wanted("docs", &["carla"], &[])]);
    let carla = Requested { people: vec![person(15, "Carla")], teams: None };
    item.snapshot.reviewers = Some(carla);
    let plan = item.steward();
    assert!(asks(&plan).is_empty() && plan.held.is_empty());
    item.snapshot.reviewers = Some(Requested::default());
    let plan = item.steward();
    assert_eq!(held(&plan), [Because::ReviewAskedBefore { what: "review by carla".into() }]);
    // Under another handle it is the same person.
    item.wanted.get_or_insert_default().reviews = vec![wanted("docs", &["carlx"], &[])];
    assert!(!item.ledger.applied.is_empty());
    item.ledger.applied = vec![Applied::ReviewRequested {
        people: vec![Reviewer { id: 15, handle: "carla".into() }],
        teams: Vec::new(),
    }];
    assert!(asks(&item.steward()).is_empty());
}

#[test]
fn where_only_people_are_asked_a_team_is_held() {
    let mut item = request(None, vec![wanted("docs", &["carla"], &["docs"])]);
    let plan = item.steward();
    assert_eq!(asks(&plan), [["carla"]]);
    let what = "review by the team example/docs".to_owned();
    assert_eq!(held(&plan), [Because::ReviewsByPeopleOnly { what }]);
    let mut other = request(Some(Vec::new()), vec![wanted("docs", &[], &["elsewhere/docs"])]);
    let plan = other.steward();
    assert!(asks(&plan).is_empty());
    let what = "team elsewhere/docs in example".to_owned();
    assert_eq!(held(&plan), [Because::NotOnForge { what }]);
}

#[test]
fn whom_the_forge_refused_is_tried_again_at_the_next_commit() {
    let mut item = request(None, vec![wanted("docs", &["carla"], &[])]);
    let refused = |head: &str| Applied::ReviewRefused {
        people: vec![Reviewer { id: 15, handle: "carla".into() }],
        teams: Vec::new(),
        head: head.into(),
    };
    item.ledger.applied = vec![refused("c0ffee")];
    item.ledger.known = true;
    let plan = item.steward();
    assert!(asks(&plan).is_empty());
    assert_eq!(held(&plan), [Because::ReviewRefused { what: "review by carla".into() }]);
    assert_eq!(plan.ledger_after.applied, [refused("c0ffee")]);
    item.snapshot.head = Some("decaf".into());
    let plan = item.steward();
    assert_eq!(asks(&plan), [["carla"]]);
    assert!(!plan.ledger_after.applied.contains(&refused("c0ffee")));
}

#[test]
fn nobody_is_asked_about_what_is_over_or_not_known() {
    for (state, reviewers) in [(State::Closed, Some(Requested::default())), (State::Open, None)] {
        let mut item = request(None, vec![wanted("docs", &["carla"], &[])]);
        item.snapshot.state = state;
        item.snapshot.reviewers = reviewers;
        let plan = item.steward();
        assert!(asks(&plan).is_empty() && plan.ledger_after.applied.is_empty());
    }
}
