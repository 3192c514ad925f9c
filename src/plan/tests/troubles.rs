//! What got lost, cut, doubled or deleted.

use super::*;

#[test]
fn the_database_may_be_lost() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.ledger = Ledger::default();
    issue.settles();
    assert_eq!(issue.ledger.labels.len(), 2, "{:?}", issue.ledger);
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), [] as [&str; 0], "what Steward set is still known as its own");
}

#[test]
fn a_write_whose_answer_was_lost_is_found_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.ledger = Ledger { known: true, uncertain: true, ..Ledger::default() };
    issue.settles();
    assert_eq!(issue.ledger.labels.len(), 2);
    assert!(!issue.ledger.uncertain);
}

#[test]
fn a_doubled_comment_is_healed() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    let double = Comment { id: 999, ..issue.comments[0].clone() };
    issue.comments.push(double);
    issue.ledger = Ledger { uncertain: true, ..issue.ledger.clone() };
    issue.steward();
    assert_eq!(issue.comments.len(), 1);
    assert_eq!(issue.comments[0].id, 100);
    issue.settles();
}

#[test]
fn a_comment_that_a_person_deleted_is_not_posted_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.comments.clear();
    issue.ledger.comments[0].id = None;
    issue.takes_off("anna", "group::project management");
    let plan = issue.steward();
    assert!(plan.held.iter().any(|held| held.reason.because == Because::CommentDeleted));
    assert!(issue.comments.is_empty());
}

#[test]
fn nothing_follows_from_a_list_of_files_that_is_cut() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    let labels: Vec<String> = request.labels().into_iter().map(str::to_owned).collect();
    request.files = vec!["README.md", CUT];
    request.settles();
    assert_eq!(request.labels(), labels);
}

#[test]
fn a_label_that_was_deleted_is_not_blamed_on_a_person_and_comes_back_with_it() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    let label = LabelName::from("group::project management");
    issue.snapshot.labels.retain(|on| *on != label);
    for event in &mut issue.history {
        event.label = event.label.take().filter(|of| *of != label);
    }
    issue.missing = vec!["group::project management"];
    let plan = issue.steward();
    assert!(matches!(plan.held[0].reason.because, Because::LabelMissing { .. }));
    issue.missing.clear();
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

/// The labels were set and the answer was lost, and then the item changed.
#[test]
fn what_was_written_without_knowing_is_known_again_whatever_happened_since() {
    let lost = || Ledger { uncertain: true, ..Ledger::default() };
    let mut gone = Item::issue(&["Integration::Jira"]);
    gone.steward();
    gone.ledger = lost();
    gone.takes_off("anna", "Integration::Jira");
    gone.steward();
    assert_eq!(gone.labels(), [] as [&str; 0]);
    gone.settles();

    let mut swapped = Item::issue(&["Integration::Jira"]);
    swapped.steward();
    swapped.ledger = lost();
    swapped.sets("anna", "Integration::Jirra");
    swapped.steward();
    assert!(swapped.comment().contains("Did you mean"), "{}", swapped.comment());

    let mut closed = Item::issue(&["Integration::Jira"]);
    closed.steward();
    closed.ledger = Ledger { known: true, ..lost() };
    closed.snapshot.state = State::Closed;
    closed.settles();
    closed.snapshot.state = State::Open;
    closed.settles();
    assert_eq!(closed.comments.len(), 1);
}

#[test]
fn a_label_that_the_forge_lacks_is_reported_and_not_created() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.missing = vec!["group::project management"];
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::plan"]);
    assert!(issue.comment().contains("Steward creates none"), "{}", issue.comment());
    issue.settles();
}

/// Labels do not wait for a comment that cannot be written.
#[test]
fn a_comment_that_would_be_too_long_says_so_and_all_else_is_done() {
    let labels: Vec<String> = (0..30).map(|nth| format!("label {nth}")).collect();
    let text =
        format!("{{{{#each labels}}}}{{{{label this.label}}}} {}{{{{/each}}}}", "x".repeat(2500));
    let pack = super::declared::rules(&format!(
        "rules:\n  many:\n    about: Many labels.\n    when: {{ label: bug }}\n    then:\n      \
         labels: {{ add: {labels:?} }}\n      comment: {{ text: '{text}' }}\n"
    ));
    let mut issue = Item::issue(&["bug"]).under(pack);
    let plan = issue.steward();
    assert_eq!(issue.labels().len(), 31);
    assert!(issue.comment().contains("too long for a comment"), "{}", issue.comment());
    let held: Vec<_> = plan.held.iter().map(|held| &held.reason.because).collect();
    assert_eq!(held, [&Because::CommentTooLong]);
    issue.settles();
}
