//! What people decide.

use super::*;

#[test]
fn a_label_that_a_person_takes_off_is_not_put_back() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    let plan = issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira"]);
    assert!(matches!(plan.held[0].reason.because, Because::RemovedByHuman { .. }));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn a_group_that_a_person_sets_is_kept_and_reported() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "group::import");
    issue.steward();
    assert!(issue.labels().contains(&"group::import"));
    assert!(!issue.labels().contains(&"group::project management"));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn a_group_that_was_there_before_is_kept() {
    let mut issue = Item::issue(&["group::import", "Integration::Jira"]);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn nobody_is_told_when_a_person_has_routed_the_item_already() {
    let mut issue =
        Item::issue(&["Integration::Jira", "group::project management", "devops::plan"]);
    assert!(issue.steward().is_empty());
    issue.settles();
}

#[test]
fn a_person_who_sets_the_label_again_owns_it() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.sets("anna", "group::project management");
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

#[test]
fn a_label_set_later_is_a_new_request() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.steward();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    issue.settles();
}

#[test]
fn a_war_of_labels_ends() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    for _ in 0..20 {
        issue.steward();
        issue.takes_off("other-bot", "group::project management");
        issue.takes_off("other-bot", "Integration::Jira");
        issue.sets("other-bot", "Integration::Jira");
    }
    let plan = issue.steward();
    assert!(
        plan.held
            .iter()
            .any(|held| matches!(held.reason.because, Because::LabelWar { times: 5, .. }))
    );
    issue.settles();
}

#[test]
fn taking_off_a_guessed_label_is_an_answer() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    request.takes_off("anna", "Integration::Jira");
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    request.settles();
    request.ledger = Ledger::default();
    request.settles();
}

#[test]
fn the_stage_follows_the_group_that_stands() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "group::import");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
    issue.sets("anna", "group::heard of nowhere");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "group::heard of nowhere"]);
    issue.settles();
}

#[test]
fn a_groups_label_answers_any_question() {
    for ask in [
        Item::issue(&["Integration::Jirra"]),
        Item::merge_request(&[
            "app/models/integrations/jira.rb",
            "app/models/integrations/harbor.rb",
            "app/models/integrations/discord.rb",
            "app/models/integrations/packagist.rb",
        ]),
    ] {
        let mut item = ask;
        item.steward();
        item.sets("anna", "group::global search");
        item.steward();
        assert!(item.comment().contains("was given to your group by `anna`"), "{}", item.comment());
        assert!(item.labels().contains(&"devops::ai-powered"), "{:?}", item.labels());
        item.settles();
    }
}

#[test]
fn a_person_who_takes_off_the_group_takes_the_stage_with_it_and_may_think_again() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "group::project management");
    issue.steward();
    issue.sets("anna", "group::project management");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::plan", "group::project management"]);
    issue.settles();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), ["group::project management"], "hers stays, ours goes");
}

#[test]
fn where_scopes_do_not_exclude_a_persons_group_wins_all_the_same() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    // GitLab Free: both stand on the item.
    let label = LabelName::from("group::import");
    issue.event("carla", &label, true);
    issue.snapshot.labels.push(label);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jira", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn a_guess_does_not_argue_with_a_person() {
    let mut issue = Item::issue(&["group::import", "Integration::Zulip"]);
    issue.snapshot.title = "Send messages to a Zulip chat".into();
    issue.steward();
    assert!(issue.comments.is_empty());
    assert_eq!(issue.labels(), ["Integration::Zulip", "devops::create", "group::import"]);
    issue.settles();
}

#[test]
fn a_question_takes_back_what_was_set_and_the_same_group_may_be_the_answer() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "Integration::Jirra");
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jirra"]);
    issue.settles();
    issue.sets("anna", "group::project management");
    issue.steward();
    assert!(issue.comment().contains("given to your group by `anna`"), "{}", issue.comment());
    issue.settles();
}

#[test]
fn several_owners_ask_and_a_person_answers() {
    let mut request = Item::merge_request(&[
        "app/models/integrations/jira.rb",
        "app/models/integrations/harbor.rb",
    ]);
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    insta::assert_snapshot!(request.comment());
    request.settles();
    request.sets("anna", "group::container registry");
    request.steward();
    assert_eq!(request.labels(), ["devops::package", "group::container registry"]);
    request.settles();
}
