//! What rules on one topic say, through the modes of each and with the database lost.

use super::{
    declared::{BROKEN, DOCS, SHARED, rules},
    *,
};

/// Rules on one topic; `first` can be switched to another mode.
fn two(first: &str) -> &'static Pack {
    rules(&format!(
        "
rules:
  described:
    about: An item says what it is about.
    when: {{ description: {{ empty: true }} }}
    then: {{ comment: {{ text: Please describe it. }} }}
    mode: {first}
  assigned:
    about: Somebody has it.
    when: {{ label: taken }}
    then:
      comment: {{ text: Please go through the checklist and mention what is left. }}
      mention: author
      checklist: [{{ text: Somebody has it, done: {{ assigned: true }} }}]
"
    ))
}

#[test]
fn a_rule_on_trial_does_not_hold_up_what_others_say() {
    let mut issue = Item::issue(&["taken"]).under(two("shadow"));
    issue.steward();
    assert!(!issue.comment().contains("describe it"), "{}", issue.comment());
    issue.snapshot.assignees = vec![person(2, "anna")];
    issue.steward();
    assert!(issue.comment().contains("[x] Somebody has it"), "{}", issue.comment());
    issue.takes_off("ben", "taken");
    issue.steward();
    assert!(issue.comment().contains("no longer applies"), "{}", issue.comment());
    issue.settles();
}

#[test]
fn what_a_rule_said_before_it_was_put_on_trial_stays_beside_what_others_say() {
    for lost in [false, true] {
        let mut issue = Item::issue(&["taken"]).under(two("on"));
        issue.steward();
        issue = issue.under(two("shadow"));
        issue.snapshot.assignees = vec![person(2, "anna")];
        if lost {
            issue.ledger = Ledger::default();
        }
        issue.steward();
        let said = issue.comment().to_owned();
        assert!(said.contains("describe it") && said.contains("[x] Somebody"), "{said}");
        issue.takes_off("ben", "taken");
        issue.steward();
        let said = issue.comment().to_owned();
        assert!(said.contains("describe it") && !said.contains("Somebody"), "{said}");
        issue.settles();
        assert_eq!(issue.comments.len(), 1);
    }
}

#[test]
fn words_of_a_text_do_not_stand_for_the_checklist_or_the_mention() {
    let mut issue = Item::issue(&["taken"]).under(two("on"));
    issue.steward();
    let said = issue.comment().to_owned();
    assert!(said.contains("@ben: Please go through the checklist"), "{said}");
    assert!(said.contains("- [ ] Somebody has it"), "{said}");
}

#[test]
fn a_comment_of_rules_that_are_no_more_says_so() {
    for lost in [false, true] {
        let mut issue = Item::issue(&[]).under(rules(SHARED));
        issue.steward();
        issue = issue.under(rules(BROKEN));
        if lost {
            issue.ledger = Ledger::default();
            // Something that is worth looking for comments.
            issue.snapshot.title = "broken".into();
        }
        issue.snapshot.state = State::Closed;
        issue.settles();
        assert!(issue.labels().contains(&"unweighed"), "{:?}", issue.labels());
        assert!(issue.comment().contains("describe this"), "nobody looks at a closed one");
        issue.snapshot.state = State::Open;
        issue.steward();
        assert!(issue.comment().contains("no longer applies"), "{}", issue.comment());
        assert!(!issue.labels().contains(&"unweighed"), "{:?}", issue.labels());
        issue.settles();
    }
}

#[test]
fn a_comment_that_nothing_asked_for_when_the_database_was_lost_is_not_posted_again() {
    // Home Assistant's, say: no label is set that would be remembered.
    let text = SHARED.replace("      labels: { add: [unweighed] }\n", "");
    let mut issue = Item::issue(&["Integration::Jira"]).under(rules(&text));
    issue.steward();
    assert_eq!(issue.comments.len(), 2);
    issue.ledger = Ledger::default();
    issue.snapshot.description = "Now it does".into();
    issue.snapshot.weight = Some(1);
    issue.steward();
    issue.settles();
    issue.snapshot.description.clear();
    issue.snapshot.weight = None;
    issue.steward();
    assert_eq!(issue.comments.len(), 2);
    issue.settles();
}

#[test]
fn a_comment_that_waits_is_remembered_when_the_database_was_lost() {
    let docs = format!("{DOCS}    mode: MODE\n");
    let mode = |mode: &str| rules(&docs.replace("MODE", mode));
    let mut request = Item::merge_request(&["doc/a.md"]).under(mode("on"));
    request.sets("anna", "Integration::Jira");
    request.steward();
    assert_eq!(request.comments.len(), 2);
    request.ledger = Ledger::default();
    request = request.under(mode("shadow"));
    request.settles();
    request = request.under(mode("on"));
    request.settles();
    assert_eq!(request.comments.len(), 2);
}
