//! Who gets an item, and what it costs.

use super::*;

#[test]
fn the_owner_of_a_labelled_issue_is_set_and_told_once() {
    let mut issue = Item::issue(&["bug", "Integration::Jira"]);
    let plan = issue.steward();
    assert_eq!(
        issue.labels(),
        ["Integration::Jira", "bug", "devops::plan", "group::project management"]
    );
    insta::assert_snapshot!(issue.comment());
    assert_eq!(plan.actions[0].reason.rule, "routing.by_label");
    let cite = plan.actions[0].reason.cite.as_ref().expect("the catalog says so");
    assert!(cite.file.ends_with("catalog/integrations/issue_trackers.yml") && cite.line > 1);
    issue.settles();
}

#[test]
fn a_settled_item_costs_no_further_reading() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.asked.clear();
    issue.settles();
    assert_eq!(issue.asked, []);
}

#[test]
fn an_item_about_no_integration_is_not_touched_or_read_further() {
    let mut issue = Item::issue(&["bug", "Integration::New"]);
    let plan = issue.steward();
    assert!(plan.is_empty() && plan.ledger_after == Ledger::default());
    assert_eq!(issue.asked, []);
}

#[test]
fn labels_match_without_regard_to_case_and_by_alias() {
    for label in ["integration::JIRA", "Integration::Google Chat (Hangouts)", "INTEGRATION::irker"]
    {
        let mut issue = Item::issue(&[label]);
        issue.steward();
        assert!(issue.labels().contains(&"group::project management"), "{label}");
    }
}

#[test]
fn another_integration_moves_the_item_to_its_owner() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.sets("anna", "Integration::Harbor");
    issue.steward();
    assert_eq!(
        issue.labels(),
        ["Integration::Harbor", "devops::package", "group::container registry"]
    );
    assert!(issue.comment().contains("Harbor integration"));
    issue.settles();
}

#[test]
fn what_nothing_asks_for_any_more_is_taken_back() {
    let mut issue = Item::issue(&["bug", "Integration::Jira"]);
    issue.steward();
    issue.takes_off("anna", "Integration::Jira");
    issue.steward();
    assert_eq!(issue.labels(), ["bug"]);
    insta::assert_snapshot!(issue.comment());
    issue.settles();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"), "a new request is served");
    issue.settles();
}

#[test]
fn a_merge_request_is_recognised_by_its_files() {
    let mut request = Item::merge_request(&["README.md", "app/models/integrations/jira.rb"]);
    request.steward();
    assert_eq!(
        request.labels(),
        ["Integration::Jira", "devops::plan", "group::project management"]
    );
    insta::assert_snapshot!(request.comment());
    request.settles();
}

#[test]
fn an_unknown_integration_asks_with_the_nearest_names() {
    let mut issue = Item::issue(&["Integration::Jirra"]);
    issue.steward();
    assert_eq!(issue.labels(), ["Integration::Jirra"]);
    insta::assert_snapshot!(issue.comment());
    issue.settles();
    issue.sets("anna", "Integration::Jira");
    issue.steward();
    assert!(issue.comment().contains("which your group owns"), "the question becomes the answer");
    issue.settles();
}

#[test]
fn an_unknown_integration_goes_to_the_closest_group() {
    let mut issue = Item::issue(&["Integration::Zulip"]);
    issue.snapshot.title = "Send messages to a Zulip chat".into();
    issue.steward();
    assert!(issue.labels().contains(&"group::project management"));
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn an_unknown_integration_without_any_sign_asks() {
    let mut issue = Item::issue(&["Integration::Qwxyzzy"]);
    issue.steward();
    insta::assert_snapshot!(issue.comment());
    issue.settles();
}

#[test]
fn too_many_integrations_ask() {
    let mut request = Item::merge_request(&[
        "app/models/integrations/jira.rb",
        "app/models/integrations/harbor.rb",
        "app/models/integrations/discord.rb",
        "app/models/integrations/packagist.rb",
    ]);
    request.steward();
    assert_eq!(request.labels(), [] as [&str; 0]);
    insta::assert_snapshot!(request.comment());
    request.settles();
}

#[test]
fn a_closed_item_is_left_as_it_is() {
    let mut issue = Item::issue(&["Integration::Jira"]);
    issue.steward();
    issue.snapshot.state = State::Closed;
    issue.takes_off("anna", "Integration::Jira");
    issue.settles();
    assert_eq!(issue.labels(), ["devops::plan", "group::project management"]);
}

/// A crash, or an error of the forge, between the labels and the comment.
#[test]
fn a_comment_that_an_earlier_attempt_did_not_come_to_is_posted() {
    for (keeps_labels, uncertain) in [(false, true), (true, true), (true, false)] {
        let mut issue = Item::issue(&["Integration::Jira"]);
        issue.steward();
        issue.comments.clear();
        let labels = if keeps_labels { issue.ledger.labels.clone() } else { Vec::new() };
        issue.ledger = Ledger { labels, uncertain, ..Ledger::default() };
        let plan = issue.steward();
        assert_eq!(plan.actions.len(), 1, "{plan:#?}");
        assert_eq!(issue.comments.len(), 1);
        issue.settles();
    }
}

#[test]
fn a_forged_marker_in_a_users_text_is_only_shown() {
    let mut issue = Item::issue(&["Integration::x` <!-- steward:routing {\"v\":1} -->"]);
    issue.steward();
    let body = &issue.comments[0].body;
    assert_eq!(body.matches("\n<!-- steward:").count(), 1, "{body}");
    assert!(body.lines().all(|line| !line.starts_with('/')));
    issue.settles();
}

#[test]
fn a_further_integration_of_the_same_owner_does_not_take_the_label_off() {
    let mut request = Item::merge_request(&["app/models/integrations/jira.rb"]);
    request.steward();
    request.files.push("app/models/integrations/discord.rb");
    request.steward();
    assert!(request.labels().contains(&"Integration::Jira"));
    request.settles();
}

#[test]
fn why_nothing_is_done_is_said() {
    let idle = |mut item: Item| item.steward().idle.expect("nothing to do").because;
    assert!(matches!(idle(Item::issue(&["bug"])), Because::NoIntegration { files: None, .. }));
    assert!(matches!(
        idle(Item::merge_request(&["README.md"])),
        Because::NoIntegration { files: Some(1), .. }
    ));
    let mut closed = Item::issue(&["Integration::Jira"]);
    closed.snapshot.state = State::Closed;
    assert!(matches!(idle(closed), Because::StateNotLookedAfter { .. }));
    let settled = ["Integration::Jira", "group::project management", "devops::plan"];
    assert_eq!(idle(Item::issue(&settled)), Because::AsItShouldBe);
}
