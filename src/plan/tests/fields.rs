//! Assignees, milestones, statuses and closing, as conversations.

use super::*;
use crate::{
    model::{Action, Applied, Held, Reason, Topic},
    plan::without_close,
    rules::{
        AssigneesWanted, CloseWanted, CommentWanted, KeepRules, MilestoneWanted, Post,
        ReportWanted, StatusWanted, Told,
    },
    words::Marker,
};

fn reason(rule: &str) -> Reason {
    Reason { rule: format!("rules.{rule}"), cite: None, because: Because::TellsOwner }
}

pub(super) fn assigned(rule: &str, handles: &[&str]) -> AssigneesWanted {
    AssigneesWanted {
        people: Vec::new(),
        handles: handles.iter().map(|&handle| handle.to_owned()).collect(),
        reason: reason(rule),
    }
}

pub(super) fn milestone(rule: &str, title: &str) -> MilestoneWanted {
    MilestoneWanted { title: title.to_owned(), reason: reason(rule) }
}

pub(super) fn status(name: &str, state: StatusState) -> StatusWanted<'static> {
    StatusWanted {
        name: name.to_owned(),
        state,
        text: format!("{name} {state:?}"),
        report: None,
        reason: reason(name),
    }
}

pub(super) fn close() -> Option<CloseWanted> {
    Some(CloseWanted { at_most_a_day: 3, reason: reason("stale") })
}

/// The rules' comment, in words that the shipped templates have.
pub(super) fn comment() -> CommentWanted<'static> {
    let facts = serde_json::json!({ "group": "G", "integrations": [] });
    CommentWanted::whole(Topic::RULES, "footer", Told::new(facts), Post::Always, reason("says"))
}

impl Item {
    fn wants(mut self, change: impl FnOnce(&mut Wanted<'static>)) -> Self {
        self.now_wants(change);
        self
    }

    fn now_wants(&mut self, change: impl FnOnce(&mut Wanted<'static>)) {
        change(self.wanted.get_or_insert_default());
    }

    pub(super) fn pushed(mut self, commit: &str) -> Self {
        self.snapshot.head = Some(commit.to_owned());
        self
    }

    fn assignees(&self) -> Vec<&str> {
        self.snapshot.assignees.iter().map(|person| person.username.as_str()).collect()
    }

    fn milestone(&self) -> Option<&str> {
        self.snapshot.milestone.as_ref().map(|milestone| milestone.title.as_str())
    }

    /// A write went out and nobody knows whether it arrived.
    fn loses_the_answer(&mut self, before: Ledger) {
        self.ledger = Ledger { uncertain: true, ..before };
    }
}

fn becauses(held: &[Held]) -> Vec<&Because> {
    held.iter().map(|held| &held.reason.because).collect()
}

fn decided(what: &str) -> Because {
    Because::PersonDecided { what: what.to_owned() }
}

#[test]
fn nobody_has_it_and_so_it_is_assigned_once() {
    let mut issue =
        Item::issue(&[]).wants(|wanted| wanted.assignees = vec![assigned("a", &["anna", "Ö"])]);
    issue.steward();
    assert_eq!(issue.assignees(), ["anna", "Ö"]);
    issue.settles();
    issue.snapshot.assignees.clear();
    let plan = issue.steward();
    assert_eq!(becauses(&plan.held), [&decided("assignee anna, ö")]);
    issue.settles();
    // Others are another request.
    issue.now_wants(|wanted| wanted.assignees = vec![assigned("a", &["ben-ben"])]);
    issue.steward();
    assert_eq!(issue.assignees(), ["ben-ben"]);
    issue.settles();
    issue.snapshot.assignees.clear();
    issue.now_wants(|wanted| wanted.assignees = vec![assigned("a", &["anna", "Ö"])]);
    assert!(issue.steward().is_empty(), "the first answer stands too");
}

#[test]
fn whom_somebody_assigned_stays() {
    let mut issue =
        Item::issue(&[]).wants(|wanted| wanted.assignees = vec![assigned("a", &["anna"])]);
    issue.snapshot.assignees = vec![person(3, "carla")];
    let plan = issue.steward();
    assert!(plan.is_empty() && plan.held.is_empty());
    assert_eq!(issue.asked, [], "and costs no call");
    issue.snapshot.assignees.clear();
    issue.steward();
    assert_eq!(issue.assignees(), ["anna"]);
    issue.snapshot.assignees = vec![person(3, "carla")];
    let plan = issue.steward();
    assert_eq!(becauses(&plan.held), [&decided("assignee anna")]);
    assert_eq!(issue.assignees(), ["carla"]);
}

#[test]
fn the_first_rule_assigns_and_handles_must_be_known() {
    let mut issue = Item::issue(&[]).wants(|wanted| {
        wanted.assignees =
            vec![assigned("a", &["anna", "no one"]), assigned("b", &["ben"]), assigned("c", &[])];
        wanted.assignees[2].handles = vec!["No One".into(), "ANNA".into()];
    });
    issue.missing = vec!["no one"];
    let plan = issue.steward();
    assert_eq!(issue.assignees(), ["anna"]);
    let first = Because::AnotherRuleFirst { rule: "rules.a".into(), what: "assignee ben".into() };
    let missing = Because::NotOnForge { what: "account no one".into() };
    assert_eq!(becauses(&plan.held), [&first, &missing], "the third asks for the same");
    issue.settles();
}

#[test]
fn where_one_assignee_is_allowed_one_is_enough() {
    let mut issue =
        Item::issue(&[]).wants(|wanted| wanted.assignees = vec![assigned("a", &["anna", "bo"])]);
    issue.steward();
    issue.snapshot.assignees.truncate(1);
    let plan = issue.steward();
    assert!(plan.is_empty() && plan.held.is_empty(), "{plan:#?}");
}

#[test]
fn an_assignment_without_an_answer_is_looked_for() {
    for arrived in [true, false] {
        let mut issue =
            Item::issue(&[]).wants(|wanted| wanted.assignees = vec![assigned("a", &["anna"])]);
        issue.steward();
        issue.loses_the_answer(Ledger { known: true, ..Ledger::default() });
        if !arrived {
            issue.snapshot.assignees.clear();
        }
        assert_eq!(issue.steward().is_empty(), arrived);
        assert_eq!(issue.assignees(), ["anna"]);
        issue.snapshot.assignees.clear();
        assert!(issue.steward().is_empty(), "it was Steward's, and a person said no");
    }
}

#[test]
fn a_milestone_is_set_where_there_is_none_and_follows_the_rules_while_it_is_ours() {
    let mut issue =
        Item::issue(&[]).wants(|wanted| wanted.milestones = vec![milestone("m", "18.9")]);
    issue.steward();
    assert_eq!(issue.milestone(), Some("18.9"));
    issue.settles();
    issue.now_wants(|wanted| wanted.milestones = vec![milestone("m", "18.10")]);
    issue.steward();
    assert_eq!(issue.milestone(), Some("18.10"));
    issue.settles();
    issue.snapshot.milestone = None;
    let plan = issue.steward();
    assert_eq!(becauses(&plan.held), [&decided("milestone 18.10")]);
    issue.settles();
}

#[test]
fn a_milestone_that_a_person_chose_stays() {
    let mut issue = Item::issue(&[]).wants(|wanted| {
        wanted.milestones = vec![milestone("m", "18.9"), milestone("n", "19.0")];
    });
    issue.snapshot.milestone = Some(Milestone { title: "17.0".into(), due: None });
    let plan = issue.steward();
    let first = Because::AnotherRuleFirst { rule: "rules.m".into(), what: "milestone 19.0".into() };
    assert_eq!(becauses(&plan.held), [&first, &decided("milestone 18.9")]);
    assert_eq!(issue.asked, []);
    issue.snapshot.milestone = None;
    issue.steward();
    issue.snapshot.milestone = Some(Milestone { title: "17.0".into(), due: None });
    issue.steward();
    assert_eq!(issue.milestone(), Some("17.0"));
    issue.settles();
}

#[test]
fn a_milestone_that_is_nowhere_is_told() {
    let mut issue = Item::issue(&[]).wants(|wanted| wanted.milestones = vec![milestone("m", "99")]);
    issue.missing = vec!["99"];
    let plan = issue.steward();
    assert_eq!(becauses(&plan.held), [&Because::NotOnForge { what: "milestone 99".into() }]);
    assert_eq!(issue.ledger.applied, []);
}

#[test]
fn a_milestone_without_an_answer_is_found_again() {
    let mut issue =
        Item::issue(&[]).wants(|wanted| wanted.milestones = vec![milestone("m", "18.9")]);
    issue.steward();
    issue.loses_the_answer(Ledger { known: true, ..Ledger::default() });
    issue.settles();
    assert_eq!(issue.ledger.applied, [Applied::Milestone { title: "18.9".into() }]);
}

#[test]
fn a_status_stands_on_the_newest_commit_until_nothing_asks_for_it() {
    use StatusState::{Failed, Pending, Success};
    let mut request = Item::merge_request(&[]).pushed("c1").wants(|wanted| {
        wanted.statuses = vec![status("docs", Failed), status("docs", Pending)];
    });
    let plan = request.steward();
    assert_eq!(request.statuses, [("docs".into(), Failed)]);
    let first = Because::AnotherRuleFirst { rule: "rules.docs".into(), what: "status docs".into() };
    assert_eq!(becauses(&plan.held), [&first]);
    request.settles();
    request = request.pushed("c2");
    request.now_wants(|wanted| wanted.statuses = vec![status("docs", Failed)]);
    request.steward();
    assert_eq!(request.statuses.len(), 2, "a new commit has no status");
    request.settles();
    // Nobody can tell whether the rule holds.
    let keep = KeepRules::Some(BTreeSet::from(["rules.docs".into()]));
    request.wanted = Some(Wanted { keep_rules: keep, ..Wanted::default() });
    request.settles();
    request.wanted = Some(Wanted::default());
    let plan = request.steward();
    let Effect::StatusSet { state: Success, text, .. } = &plan.actions[0].effect else {
        panic!("{plan:#?}")
    };
    assert_eq!(text, "no rule objects any more");
    assert_eq!(request.ledger.applied, []);
    request.settles();
}

#[test]
fn where_reports_are_shown_a_status_has_one_and_must_still_stand_there() {
    use StatusState::{Failed, Pending, Success};
    let docs = || StatusWanted { text: "*misses* @anna".into(), ..status("docs", Failed) };
    let mut request =
        Item::merge_request(&[]).pushed("c1").wants(|wanted| wanted.statuses = vec![docs()]);
    request.snapshot.facets.status_reports = true;
    let report = |plan: &Plan| match &plan.actions[..] {
        [Action { effect: Effect::StatusSet { report: Some(report), .. }, .. }] => report.clone(),
        other => panic!("{other:#?}"),
    };
    let summary = report(&request.steward()).summary;
    assert!(!summary.contains("*misses*") && !summary.contains("@anna"), "{summary}");
    request.settles();
    assert_eq!(request.asked.last(), Some(&Facet::OwnStatuses), "{:?}", request.asked);

    // Somebody asks for the check to be made again: it says nothing yet.
    request.statuses.push(("docs".into(), Pending));
    assert_eq!(report(&request.steward()).summary, summary);
    request.settles();
    // What is told beneath it changes, and the line does not.
    let facts = Told::new(serde_json::json!({ "text": "another" }));
    let told = ReportWanted { template: "checklists/status", facts, annotations: Vec::new() };
    request.now_wants(|wanted| wanted.statuses[0].report = Some(told));
    assert_eq!(report(&request.steward()).summary, "another\n");
    request.settles();
    request.wanted = Some(Wanted::default());
    assert!(report(&request.steward()).summary.contains("no rule objects any more"));
    assert_eq!(request.statuses.last(), Some(&("docs".to_owned(), Success)));
}

#[test]
fn a_withdrawn_status_is_in_nobodys_way() {
    use StatusState::{Failed, Success};
    for (state, commit) in [(Success, "c1"), (Failed, "c2")] {
        let mut request = Item::merge_request(&[])
            .pushed("c1")
            .wants(|wanted| wanted.statuses = vec![status("docs", state)]);
        request.steward();
        request = request.pushed(commit);
        request.wanted = Some(Wanted::default());
        assert!(request.steward().is_empty(), "{state:?} on c1, now {commit}");
        assert_eq!(request.ledger.applied, []);
    }
    let mut issue = Item::issue(&[]).wants(|wanted| wanted.statuses = vec![status("docs", Failed)]);
    assert!(issue.steward().is_empty(), "an issue has no commit");
}

#[test]
fn an_item_is_closed_once_and_last() {
    let mut request = Item::merge_request(&[]).pushed("c1").wants(|wanted| {
        wanted.close = close();
        wanted.comments = vec![comment()];
        wanted.statuses = vec![status("docs", StatusState::Failed)];
        wanted.milestones = vec![milestone("m", "18.9")];
    });
    let plan = request.steward();
    let order: Vec<_> = plan
        .actions
        .iter()
        .map(|action| serde_json::to_value(&action.effect).expect("data")["kind"].clone())
        .collect();
    assert_eq!(order, ["milestone_set", "comment_posted", "status_set", "closed"]);
    assert_eq!(plan.close_limit, Some(3));
    assert_eq!(request.snapshot.state, State::Closed);
    request.settles();
    request.snapshot.state = State::Open;
    let plan = request.steward();
    assert_eq!(becauses(&plan.held), [&decided("closing it")]);
    assert!(plan.is_empty());
    // And with the database lost.
    request.ledger = Ledger::default();
    let plan = request.steward();
    assert!(becauses(&plan.held).contains(&&decided("closing it")), "{plan:#?}");
    assert!(!plan.actions.iter().any(|action| action.effect == Effect::Closed));
    assert_eq!(request.ledger.closed_by(), Some("rules.stale"));
}

#[test]
fn a_lost_database_forgets_no_assignment_and_no_milestone() {
    let mut issue = Item::issue(&[]).wants(|wanted| {
        wanted.assignees = vec![assigned("a", &["anna"])];
        wanted.milestones = vec![milestone("m", "18.9")];
        wanted.comments = vec![comment()];
    });
    issue.steward();
    issue.snapshot.assignees.clear();
    issue.snapshot.milestone = None;
    issue.ledger = Ledger::default();
    let plan = issue.steward();
    assert!(plan.is_empty(), "{plan:#?}");
    assert_eq!(plan.held.len(), 2);
}

#[test]
fn a_closing_without_an_answer_counts_when_the_item_is_closed() {
    for went_through in [true, false] {
        let mut issue = Item::issue(&[]).wants(|wanted| wanted.close = close());
        let activity = issue.steward().ledger_after.activity;
        issue.loses_the_answer(Ledger { activity, ..Ledger::default() });
        issue.ledger.closing = Some("rules.stale".into());
        if !went_through {
            issue.snapshot.state = State::Open;
        }
        let rules = issue.wanted.replace(Wanted::default()).filter(|_| !went_through);
        // A closed item is not looked after.
        issue.wanted = rules.or(Some(Wanted { keep_rules: KeepRules::All, ..Wanted::default() }));
        assert_eq!(issue.steward().is_empty(), went_through);
        assert_eq!(issue.ledger.closed_by(), Some("rules.stale"));
        assert_eq!(issue.ledger.closing, None);
    }
}

/// Whether a person opened the item again after a closing that was not answered, or the closing
/// never arrived, cannot be told once somebody has changed the item.
#[test]
fn a_closing_without_an_answer_is_not_repeated_on_what_a_person_may_have_opened() {
    for crashed in [false, true] {
        let mut issue = Item::issue(&[]).wants(|wanted| wanted.close = close());
        let activity = issue.steward().ledger_after.activity;
        let wrote = activity.expect("it wrote").wrote;
        // A server that was killed remembers nothing of when it wrote.
        let activity = activity.filter(|_| !crashed);
        issue.loses_the_answer(Ledger { activity, ..Ledger::default() });
        issue.ledger.closing = Some("rules.stale".into());
        issue.snapshot.state = State::Open;
        issue.snapshot.updated_at = wrote + chrono::TimeDelta::minutes(1);
        let plan = issue.steward();
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(becauses(&plan.held), [&Because::CloseUnknown]);
        // The uncertainty is over, and it is still not closed again.
        assert!(!issue.ledger.uncertain && issue.ledger.closing.is_none());
        let plan = issue.steward();
        assert!(plan.is_empty(), "{plan:#?}");
        assert_eq!(becauses(&plan.held), [&decided("closing it")]);
    }
}

#[test]
fn at_the_limit_all_else_is_done_and_no_closing_is_remembered() {
    let mut issue = Item::issue(&[]).wants(|wanted| {
        wanted.close = close();
        wanted.comments = vec![comment()];
    });
    let before = issue.ledger.clone();
    let plan = without_close(issue.decides(), &before);
    let [action] = plan.actions.as_slice() else { panic!("{plan:#?}") };
    let Effect::CommentPosted { body, .. } = &action.effect else { panic!("{action:#?}") };
    assert_eq!(Marker::of(body).expect("a marker").applied, []);
    assert_eq!(becauses(&plan.held), [&Because::CloseLimit { limit: 3 }]);
    assert_eq!(plan.held[0].reason.rule, "rules.stale");
    assert_eq!(plan.ledger_after.applied, []);
    assert_eq!(plan.close_limit, None);
    // Tomorrow, and there is still no room: the comment is as it stands.
    issue.comments.push(Comment { id: 100, body: body.clone(), created_at: at(1) });
    issue.ledger = plan.ledger_after;
    issue.ledger.comments[0].id = Some(100);
    let tomorrow = issue.decides();
    assert_eq!(tomorrow.actions.len(), 2, "an edit that remembers the closing, and the closing");
    let again = without_close(tomorrow.clone(), &issue.ledger);
    assert!(again.is_empty(), "{again:#?}");
    assert_eq!(again.ledger_after.comments[0].body_hash, issue.ledger.comments[0].body_hash);
    assert_eq!(without_close(again.clone(), &issue.ledger), again, "twice is the same");
    issue.steward();
    issue.settles();
    assert_eq!(issue.snapshot.state, State::Closed);
}

#[test]
fn labels_that_the_history_calls_ours_are_learnt_when_the_database_is_lost() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    let labels = issue.ledger.labels.clone();
    issue.ledger = Ledger::default();
    issue.comments.clear();
    issue.snapshot.facets.label_history = Some(issue.history.clone());
    let plan = issue.decides();
    let names = |of: &[crate::model::AppliedLabel]| -> BTreeSet<String> {
        of.iter().map(|applied| applied.name.to_string()).collect()
    };
    assert_eq!(names(&plan.ledger_after.labels), names(&labels));
}
