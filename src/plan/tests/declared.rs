//! Rules that people wrote, and what becomes of what they ask for.

use super::*;
use crate::{
    policy::{Origin, SourceFile},
    words::Marker,
};

/// The built-in pack with these rules.
pub(super) fn rules(text: &str) -> &'static Pack {
    pack(&[("rules/zz_own.yml", text)])
}

fn pack(files: &[(&str, &str)]) -> &'static Pack {
    let mut source = PolicySource::built_in();
    for (path, text) in files {
        let (path, origin) = match path.strip_prefix("below/") {
            Some(path) => (path, Origin::BuiltIn),
            None => (*path, Origin::File((*path).into())),
        };
        source.insert(SourceFile::new(path, origin, *text));
    }
    let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
    if let Err(errors) = crate::plan::rehearse(&pack) {
        panic!("{errors}");
    }
    Box::leak(Box::new(pack))
}

impl Item {
    pub(super) fn under(mut self, pack: &'static Pack) -> Self {
        self.pack = pack;
        self
    }
}

pub(super) const BROKEN: &str = "
rules:
  broken:
    about: What is broken comes first.
    when: { title: { contains: broken } }
    then: { labels: { add: [urgent] } }
";

fn broken() -> Item {
    let mut issue = Item::issue(&["bug"]).under(rules(BROKEN));
    issue.snapshot.title = "It is BROKEN".into();
    issue
}

#[test]
fn a_rule_sets_a_label_and_takes_it_back_when_it_holds_no_more() {
    let mut issue = broken();
    let plan = issue.steward();
    assert_eq!(issue.labels(), ["bug", "urgent"]);
    let reason = &plan.actions[0].reason;
    assert_eq!(reason.rule, "rules.broken");
    assert_eq!(
        reason.cite.as_ref().map(ToString::to_string).as_deref(),
        Some("rules/zz_own.yml:3")
    );
    assert!(issue.comments.is_empty(), "nobody is told of a label alone");
    issue.settles();
    issue.snapshot.title = "It works".into();
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    issue.settles();
}

#[test]
fn a_label_that_a_person_takes_off_stays_off() {
    let mut issue = broken();
    issue.steward();
    issue.takes_off("anna", "urgent");
    let plan = issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    assert!(matches!(plan.held[0].reason.because, Because::RemovedByHuman { .. }));
    issue.settles();
}

#[test]
fn what_a_rule_did_stays_on_a_closed_item() {
    let mut issue = broken();
    issue.steward();
    issue.snapshot.state = State::Closed;
    issue.snapshot.title = "It works".into();
    issue.settles();
    issue.snapshot.state = State::Open;
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
}

#[test]
fn a_rule_that_asks_for_the_state_looks_at_closed_items() {
    let mut issue = Item::issue(&["wip"]).under(rules(
        "rules:\n  done:\n    about: Done is done.\n    when: { state: closed }\n    then: { \
         labels: { add: [done], remove: ['w*'] } }\n",
    ));
    issue.settles();
    issue.snapshot.state = State::Closed;
    issue.steward();
    assert_eq!(issue.labels(), ["done"]);
    issue.settles();
}

#[test]
fn labels_that_a_rule_keeps_stay() {
    let keep = BROKEN.replace("[urgent]", "[urgent], keep: true");
    let mut issue = broken().under(rules(&keep));
    issue.steward();
    issue.snapshot.title = "It works".into();
    issue.settles();
    assert_eq!(issue.labels(), ["bug", "urgent"]);
}

#[test]
fn a_rule_does_not_see_its_own_label() {
    let mut issue = Item::issue(&[]).under(rules(
        "rules:\n  bare:\n    about: Somebody must look at it.\n    when: { labels: { at_most: 0 } }\n    \
         then: { labels: { add: [triage] } }\n",
    ));
    issue.steward();
    assert_eq!(issue.labels(), ["triage"]);
    issue.settles();
    issue.sets("anna", "bug");
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    issue.settles();
}

#[test]
fn a_rule_in_shadow_writes_nothing_and_says_what_it_would_do() {
    let then = "then: { labels: { add: [urgent] }, comment: { text: Hello }, assign: '@anna', \
                milestone: '18.10', close: { at_most_a_day: 1 } }\n    mode: shadow";
    let shadow = BROKEN.replace("then: { labels: { add: [urgent] } }", then);
    let mut issue = broken().under(rules(&shadow));
    let plan = issue.steward();
    assert!(plan.is_empty() && issue.comments.is_empty());
    let would: Vec<&str> = plan.shadow.iter().map(|one| one.would.as_str()).collect();
    assert_eq!(
        would,
        ["labels: add urgent", "comment: rules", "assign: @anna", "milestone: 18.10", "close"]
    );
    assert_eq!(issue.asked, [], "nothing is read for what is not done");
}

#[test]
fn a_canary_acts_in_some_places_and_is_in_shadow_in_the_others() {
    let canary =
        |canary: &str| rules(&format!("{BROKEN}    mode: canary\n    canary: {{ {canary} }}\n"));
    let on = |pack, labels: &[&str]| {
        let mut issue = Item::issue(labels).under(pack);
        issue.snapshot.title = "It is broken".into();
        let plan = issue.steward();
        (issue.labels().contains(&"urgent"), plan.shadow.len())
    };
    let groups = canary("groups: [project_management]");
    assert_eq!(on(groups, &["Integration::Jira"]), (true, 0));
    assert_eq!(on(groups, &["Integration::Harbor"]), (false, 1));
    assert_eq!(on(groups, &[]), (false, 1));
    assert_eq!(on(canary("projects: ['example/*']"), &[]), (true, 0));
    assert_eq!(on(canary("projects: ['other/*']"), &[]), (false, 1));
}

#[test]
fn an_override_by_key_switches_a_rule_off() {
    let off = "rules:\n  broken: { mode: \"off\" }\n";
    let mut issue = broken();
    issue.steward();
    issue = issue.under(pack(&[("below/rules/base.yml", BROKEN), ("rules/own.yml", off)]));
    let plan = issue.steward();
    assert_eq!((issue.labels(), plan.shadow.len()), (vec!["bug"], 0));
    issue.settles();
}

pub(super) const SHARED: &str = "
rules:
  described:
    about: An item says what it is about.
    when: { description: { empty: true } }
    then:
      comment: { text: \"Please describe this {{item}}.\" }
      mention: author
  weighed:
    about: An item has a weight.
    when: { not: { weight: { at_least: 1 } } }
    then:
      labels: { add: [unweighed] }
      checklist:
        - text: Say how much work it is.
        - text: Name who does it.
          done: { assigned: true }
";

#[test]
fn rules_share_a_comment_that_follows_what_is_done() {
    let mut issue = Item::issue(&[]).under(rules(SHARED));
    issue.steward();
    insta::assert_snapshot!("shared_at_first", issue.comment());
    issue.settles();
    issue.snapshot.description = "Now it does".into();
    issue.snapshot.assignees = vec![person(2, "anna")];
    issue.steward();
    insta::assert_snapshot!("shared_when_one_is_left", issue.comment());
    issue.settles();
    issue.snapshot.weight = Some(3);
    issue.steward();
    insta::assert_snapshot!("shared_when_all_is_done", issue.comment());
    assert_eq!(issue.labels(), [] as [&str; 0]);
    issue.settles();
}

#[test]
fn a_comment_is_posted_next_to_the_one_on_routing() {
    let mut issue = Item::issue(&["Integration::Jira"]).under(rules(SHARED));
    issue.steward();
    assert_eq!(issue.comments.len(), 2);
    issue.settles();
    // The database is lost: both are found again.
    issue.ledger = Ledger::default();
    issue.settles();
}

#[test]
fn a_strange_name_calls_nobody() {
    let mut issue = Item::issue(&[]).under(rules(SHARED));
    issue.snapshot.author.username = "anna @all".into();
    issue.steward();
    // The command that the footer names calls nobody: it stands there as code.
    let said = issue.comment().replace("`@steward why`", "");
    assert!(!said.contains('@'), "{said}");
}

pub(super) const DOCS: &str = "
rules:
  docs:
    about: Documentation changes are looked at.
    when: { changes: { paths: 'doc/**' } }
    then:
      labels: { add: [docs] }
      comment: { text: Thank you. }
";

#[test]
fn on_a_cut_list_of_files_nobody_can_tell_and_all_stays() {
    let mut request = Item::merge_request(&["doc/a.md"]).under(rules(DOCS));
    request.steward();
    assert_eq!(request.labels(), ["docs"]);
    request.settles();
    request.files = vec!["a.rb", CUT];
    request.settles();
    assert_eq!((request.labels(), request.comment().contains("Thank you")), (vec!["docs"], true));
    request.files = vec!["a.rb"];
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    assert!(request.comment().contains("no longer applies"), "{}", request.comment());
    request.settles();
}

#[test]
fn of_two_rules_for_one_scope_the_first_has_it() {
    let mut issue = Item::issue(&[]).under(rules(
        "rules:\n  one:\n    about: A.\n    when: { labels: { at_least: 0 } }\n    then: { labels: { add: \
         ['size::s'] } }\n  two:\n    about: B.\n    when: { labels: { at_least: 0 } }\n    then: { \
         labels: { add: ['size::m'] } }\n",
    ));
    let plan = issue.steward();
    assert_eq!(issue.labels(), ["size::s"]);
    assert!(matches!(plan.held[0].reason.because, Because::AnotherRuleFirst { .. }));
    issue.settles();
}

#[test]
fn rules_cost_no_call_on_an_item_that_they_do_not_concern() {
    let text = format!("{SHARED}{}", DOCS.trim_start_matches("\nrules:\n"));
    let mut issue = Item::issue(&["bug"]).under(rules(&text));
    issue.snapshot.description = "It does".into();
    issue.snapshot.weight = Some(1);
    assert!(issue.steward().is_empty());
    assert_eq!(issue.asked, []);
}

const STALE: &str = "
rules:
  stale:
    about: Nobody has touched it for a month.
    when: { age: { since: updated, at_least: 30 days } }
    then: { comment: { text: Is this still wanted? } }
";

/// GitLab counts Steward's own comment as a change of the item.
#[test]
fn what_steward_writes_is_no_sign_of_life() {
    let mut issue = Item::issue(&["bug"]).under(rules(STALE));
    issue.minute = 40 * 24 * 60;
    issue.steward();
    assert!(issue.comment().contains("still wanted"));

    issue.snapshot.updated_at = at(issue.minute);
    issue.minute += 60;
    issue.settles();
    assert!(issue.comment().contains("still wanted"));

    issue.snapshot.updated_at = at(issue.minute);
    issue.steward();
    assert!(issue.comment().contains("no longer applies"), "{}", issue.comment());
}

const TOPIC: &str = "
rules:
  described:
    about: An item says what it is about.
    when: { description: { empty: true } }
    then: { comment: { text: Please describe it. } }
  weighed:
    about: An item has a weight.
    when: { not: { weight: { at_least: 1 } } }
    then: { comment: { text: Please weigh it. } }
";

#[test]
fn a_rule_on_trial_holds_back_no_comment_of_the_others() {
    let mut issue = Item::issue(&[]).under(rules(&format!("{TOPIC}    mode: shadow\n")));
    issue.steward();
    assert_eq!(issue.comment(), rest_of("Please describe it."));
    issue.settles();
    issue.snapshot.description = "It does".into();
    issue.steward();
    assert!(issue.comment().contains("no longer applies"), "{}", issue.comment());
    issue.settles();
    issue.snapshot.description.clear();
    issue.steward();
    assert_eq!(issue.comment(), rest_of("Please describe it."));
    // The database is lost: the marker tells who speaks.
    issue.ledger = Ledger::default();
    issue.settles();
}

/// A comment of rules that says one thing.
fn rest_of(text: &str) -> String {
    let mut issue = Item::issue(&[]).under(rules(&format!(
        "rules:\n  any:\n    about: A.\n    when: {{ state: open }}\n    then: {{ comment: {{ text: \
         '{text}' }} }}\n"
    )));
    issue.steward();
    issue.comment().to_owned()
}

#[test]
fn what_a_rule_said_before_its_trial_stays() {
    let mut issue = Item::issue(&[]).under(rules(TOPIC));
    issue.steward();
    let both = issue.comment().to_owned();
    assert!(both.contains("describe") && both.contains("weigh"), "{both}");
    issue = issue.under(rules(&format!("{TOPIC}    mode: shadow\n")));
    issue.snapshot.description = "It does".into();
    issue.steward();
    assert_eq!(issue.comment(), rest_of("Please weigh it."));
    issue.ledger = Ledger::default();
    issue.settles();
}

#[test]
fn a_closing_is_told_though_nobody_can_tell_of_another_rule() {
    let closes = "
  unwanted:
    about: Nobody wants it.
    when: { label: unwanted }
    then: { comment: { text: Nobody wants it. }, close: { at_most_a_day: 5 } }
";
    let docs = DOCS.trim_start_matches("\nrules:\n");
    let mut request =
        Item::merge_request(&["doc/a.md"]).under(rules(&format!("rules:{closes}{docs}")));
    request.steward();
    request.files = vec!["a.rb", CUT];
    request.sets("anna", "unwanted");
    request.steward();
    assert_eq!(request.snapshot.state, State::Closed);
    for said in ["Nobody wants it.", "Thank you."] {
        assert!(request.comment().contains(said), "{}", request.comment());
    }
    request.settles();
}

#[test]
fn the_comment_of_a_rule_that_is_gone_is_settled() {
    let deleted = rules("rules: {}\n");
    let off = rules(&format!("{STALE}    mode: \"off\"\n"));
    let moved = rules(&STALE.replace("{ text:", "{ topic: stale, text:"));
    for (pack, comments) in [(deleted, 1), (off, 1), (moved, 2)] {
        let mut issue = Item::issue(&["bug"]).under(rules(STALE));
        issue.minute = 40 * 24 * 60;
        issue.steward();
        assert!(issue.comment().contains("still wanted"));
        issue = issue.under(pack);
        issue.snapshot.state = State::Closed;
        issue.settles();
        issue.snapshot.state = State::Open;
        issue.steward();
        assert_eq!(issue.comments.len(), comments);
        assert!(issue.comments[0].body.contains("no longer applies"), "{}", issue.comments[0].body);
        issue.settles();
        // A person's deletion stands.
        issue.comments.clear();
        issue.ledger.comments.iter_mut().for_each(|live| live.id = None);
        issue.settles();
    }
}

#[test]
fn what_a_rule_did_stays_on_a_closed_item_whatever_becomes_of_the_rule() {
    let off = rules(&format!("{BROKEN}    mode: \"off\"\n"));
    let requests = rules(&format!("{BROKEN}    on: [merge_request]\n"));
    for pack in [rules("rules: {}\n"), off, requests] {
        let mut issue = broken();
        issue.steward();
        issue.snapshot.state = State::Closed;
        issue = issue.under(pack);
        issue.settles();
        issue.snapshot.state = State::Open;
        issue.steward();
        assert_eq!(issue.labels(), ["bug"]);
    }
}

#[test]
fn labels_that_a_rule_keeps_stay_when_the_rule_is_gone() {
    let mut issue = broken().under(rules(&BROKEN.replace("[urgent]", "[urgent], keep: true")));
    issue.steward();
    issue = issue.under(rules("rules: {}\n"));
    issue.settles();
    assert_eq!(issue.labels(), ["bug", "urgent"]);
}

#[test]
fn a_label_belongs_to_the_rule_that_asks_for_it_now() {
    let second = "  late:
    about: What is late comes first.
    when: { label: late }
    then: { labels: { add: [urgent] } }
";
    let mut issue = broken().under(rules(&format!("{BROKEN}{second}")));
    issue.steward();
    issue.sets("anna", "late");
    issue.snapshot.title = "It works".into();
    issue.settles();
    assert_eq!(issue.ledger.labels[0].rule.as_deref(), Some("rules.late"));
    // The one that set it at first cannot tell any more, and has no say.
    issue = issue.under(rules(&format!("{BROKEN}    mode: shadow\n{second}")));
    issue.takes_off("anna", "late");
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    issue.settles();
}

#[test]
fn a_rule_takes_off_nothing_of_one_that_cannot_tell() {
    let plain = "  plain:
    about: Plain items have no docs.
    when: { label: plain }
    then: { labels: { remove: ['d*'] } }
";
    let mut request = Item::merge_request(&["doc/a.md"]).under(rules(&format!("{DOCS}{plain}")));
    request.steward();
    request.sets("anna", "plain");
    let plan = request.steward();
    assert!(plan.actions.is_empty(), "{plan:?}");
    request.files = vec!["a.rb", CUT];
    let plan = request.steward();
    assert_eq!(request.labels(), ["docs", "plain"]);
    assert!(matches!(plan.held[0].reason.because, Because::AnotherRuleFirst { .. }));
    request.settles();
    request.files = vec!["a.rb"];
    request.steward();
    assert_eq!(request.labels(), ["plain"]);
    request.settles();
}

#[test]
fn a_label_that_another_rule_excludes_is_taken_back() {
    let mut issue = Item::issue(&[]).under(rules(
        "rules:\n  one:\n    about: A.\n    when: { label: small }\n    then: { labels: { add: \
         ['size::s'] } }\n  two:\n    about: B.\n    when: { state: open }\n    then: { labels: { add: \
         ['size::m'] } }\n",
    ));
    issue.steward();
    assert_eq!(issue.labels(), ["size::m"]);
    issue.sets("anna", "small");
    // Beside it: the forge does not enforce scopes.
    let beside = LabelName::from("size::s");
    issue.event("anna", &beside, true);
    issue.snapshot.labels.push(beside);
    issue.steward();
    assert_eq!(issue.labels(), ["size::s", "small"]);
    issue.settles();
    assert!(issue.ledger.labels.is_empty(), "{:?}", issue.ledger.labels);
}

#[test]
fn a_label_of_a_rule_that_says_nothing_is_known_again_when_the_database_is_lost() {
    let mut issue = broken();
    issue.steward();
    issue.ledger = Ledger::default();
    issue.asked.clear();
    issue.snapshot.title = "It works".into();
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    assert_eq!(issue.asked, [Facet::LabelHistory]);
    // What a person has set is theirs.
    issue.sets("anna", "urgent");
    issue.ledger = Ledger::default();
    issue.settles();
}

#[test]
fn a_marker_lists_the_labels_of_the_rules_that_speak_there() {
    let rule = |key: &str, then: &str| {
        format!(
            "  {key}:\n    about: A.\n    when: {{ state: open }}\n    then: {{ labels: {{ add: \
             ['of {key}'] }}{then} }}\n"
        )
    };
    let all = [
        rule("silent", ""),
        rule("plain", ", comment: { text: Plain }"),
        rule("other", ", comment: { text: Other, topic: other }"),
    ];
    let mut issue = Item::issue(&[]).under(rules(&format!("rules:\n{}", all.concat())));
    issue.steward();
    let markers = issue.comments.iter().filter_map(|comment| Marker::of(&comment.body));
    let told: Vec<(String, Vec<String>)> = markers
        .map(|marker| {
            let labels = marker.labels.iter().map(ToString::to_string).collect();
            (marker.topic.as_str().to_owned(), labels)
        })
        .collect();
    let told: Vec<_> =
        told.iter().map(|(topic, labels)| (topic.as_str(), labels.join(", "))).collect();
    assert_eq!(
        told,
        [("rules", "of silent, of plain".to_owned()), ("other", "of other".to_owned())]
    );
    issue.settles();
    issue.ledger = Ledger::default();
    issue.settles();
}

#[test]
fn a_status_is_withdrawn_when_the_database_was_lost() {
    let docs = "
rules:
  docs:
    about: Documentation says who wrote it.
    when: { label: docs }
    then: { comment: { text: Sign it. }, status: { name: docs, state: failed, text: Not signed } }
";
    let mut request = Item::merge_request(&["a.rb"]).under(rules(docs));
    request.snapshot.head = Some("abc".into());
    request.sets("anna", "docs");
    request.steward();
    let body = request.comments[0].body.clone();
    // A push costs no edit of the comment.
    request.snapshot.head = Some("def".into());
    request.steward();
    assert_eq!(request.comments[0].body, body);
    request.ledger = Ledger::default();
    request.takes_off("anna", "docs");
    // It is read who said what, as routing or another rule asks for it.
    request.ledger.uncertain = true;
    request.steward();
    let states: Vec<StatusState> = request.statuses.iter().map(|(_, state)| *state).collect();
    assert_eq!(states, [StatusState::Failed, StatusState::Failed, StatusState::Success]);
    request.settles();
}
