//! Steward opens issues itself: one for each step on the way out of an integration beside the issue that
//! tracks it, and one for each removal that nobody tracks.

use rstest::rstest;
use steward::{
    forgesim::{Face, Fault, FaultKind, ItemKind, ItemView, State},
    model::Mark,
};

use crate::{
    tracking::{ENTRY, Stage, has, tracks},
    world::{BOT, Item, PROJECT},
};

const PAGE: &str = "doc/user/project/integrations/leaving.md";
const STEPS: &str =
    ", open: { steps: [removed, cleaned_up], labels: [type::maintenance, gone], at_most: 5 }";

impl Stage {
    /// Steward starts anew with this policy about removals.
    async fn takes(&mut self, more: &str, removals: &str) {
        self.forge.steward_stops().await;
        tracks(&self.product, more, removals);
        self.forge.steward_starts().await;
    }

    /// The issues that Steward has opened, the oldest first.
    fn opened(&self) -> Vec<ItemView> {
        let issues = (1..).map_while(|iid| self.forge.sim.issue(PROJECT, iid).ok());
        let mut opened: Vec<ItemView> = issues.filter(|issue| issue.author == BOT).collect();
        opened.sort_by_key(|issue| issue.iid);
        opened
    }

    fn item(&self, issue: &ItemView) -> Item {
        Item { face: self.forge.face, project: PROJECT, kind: ItemKind::Issue, iid: issue.iid }
    }

    async fn looks_again(&self, issue: &ItemView) {
        self.recheck(self.item(issue)).await;
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_step_that_is_not_done_has_an_issue(#[case] face: Face) {
    let mut stage = Stage::on(face).await;
    stage.takes(STEPS, "{}").await;
    let sim = &stage.forge.sim;
    for title in ["1.11", "2.0", "2.1"] {
        sim.add_milestone(PROJECT, title, None, None);
    }
    for label in ["type::maintenance", "Integration::Leaving", "group::import"] {
        sim.add_label(PROJECT, label, "#000000");
    }
    let issue = stage.issue();
    stage.says(issue, "olga", "deprecate leaving removal=2.0 announce=1.6").await;
    let opened = stage.opened();
    let titles: Vec<&str> = opened.iter().map(|one| one.title.as_str()).collect();
    let removed = "Removal of The leaving one: Removed";
    assert_eq!(titles, [removed, "Removal of The leaving one: Cleaned up"]);
    let first = &opened[0];
    has(&first.description, &format!("which #{} tracks. It is due in 2.0, until ", issue.iid));
    has(&first.description, "Import owns it.");
    has(&first.description, "| Removed | 2.0 |");
    assert_eq!(first.milestone.as_deref(), Some("2.0"));
    assert_eq!(opened[1].milestone.as_deref(), Some("2.1"));
    assert_eq!(first.labels, ["Integration::Leaving", "group::import", "type::maintenance"]);
    assert!(first.comments_of(BOT).is_empty(), "and nobody is called there");
    if face == Face::Gitlab {
        assert!(first.due.is_some());
        assert_eq!(first.links, [issue.iid]);
        assert_eq!(stage.forge.shows(issue).0.links.len(), 2);
    }
    stage.looks_again(first).await;
    assert_eq!(stage.opened()[0].labels, first.labels, "and keeps them");
    let section = stage.description(issue);
    has(&section, &format!("| [Removed]({}/{PROJECT}/", sim.url()));
    has(&section, "| Announced | 1.9 |");

    // They follow the removal.
    stage.says(issue, "olga", "slip 2.1 Customers need time").await;
    stage.looks_again(first).await;
    let moved = &stage.opened()[0];
    assert_eq!(moved.milestone.as_deref(), Some("2.1"));
    assert!(face == Face::Github || moved.due > first.due);
    // What is done too early is nothing to be content with.
    stage.product.is_removed("2.1");
    stage.looks_again(first).await;
    assert_eq!(stage.opened()[0].state, State::Opened);
    // What is done in its time is closed, and what a person opens again stays open.
    stage.says(issue, "olga", "slip 1.11 We are ready").await;
    stage.product.is_removed("1.11");
    stage.looks_again(first).await;
    assert_eq!(stage.opened()[0].state, State::Closed);
    stage.forge.anna().reopens(stage.item(first));
    stage.forge.rests().await;
    assert_eq!(stage.opened()[0].state, State::Opened);
    // The integration stays after all.
    stage.says(issue, "olga", "cancel It is used").await;
    stage.looks_again(&opened[1]).await;
    assert_eq!(stage.opened()[1].state, State::Closed);
    assert_eq!(stage.opened().len(), 2);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_nobody_tracks_gets_an_issue_once(#[case] face: Face) {
    let mut stage = Stage::on(face).await;
    // The forge is asked whether the label is gone: that there is none proves the last step.
    stage.forge.names_project();
    let digest = stage.issue();
    stage.forge.rests().await;
    let issues = if face == Face::Gitlab { "-/issues" } else { "issues" };
    let url = format!("{}/{PROJECT}/{issues}/{}", stage.forge.sim.url(), digest.iid);
    let more =
        format!(", digest: '{url}', open: {{ removals: true, steps: [removed], at_most: 5 }}");
    let removals = format!(
        "{{ leaving: {{ announced: '1.6', removal: '1.10', entry: {ENTRY}, page: {PAGE} }} }}"
    );
    stage.takes(&more, &removals).await;
    stage.recheck(digest).await;
    let opened = stage.opened();
    assert_eq!(opened.len(), 2, "the one that tracks it, and one for a step: {opened:#?}");
    let tracking = &opened[0];
    assert_eq!(tracking.title, "Removal of The leaving one");
    let mark = Mark { integration: "leaving".into(), step: None, beside: digest.iid };
    assert_eq!(Mark::of(&tracking.description), Some(mark));
    has(&tracking.description, "The leaving one leaves in **1.10**, announced in 1.6");
    has(&tracking.description, "| [Removed](");
    assert_eq!(opened[1].title, "Removal of The leaving one: Removed");
    has(&stage.description(digest), &format!("| [The leaving one]({}/", stage.forge.sim.url()));

    // Nobody remembers, and nothing is opened twice.
    stage.forge.steward_loses_its_database().await;
    stage.recheck(digest).await;
    stage.looks_again(tracking).await;
    assert_eq!(stage.opened().len(), 2);
    // All is done, each step in its time.
    stage.product.is_announced(ENTRY, "1.6", "1.10");
    stage.product.is_removed("1.10");
    stage.product.is_cleaned_up();
    stage.looks_again(tracking).await;
    stage.forge.rests().await;
    for closed in stage.opened() {
        assert_eq!(closed.state, State::Closed, "{}", closed.description);
    }
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_issue_of_which_nobody_knows_whether_it_was_opened_is_opened_once(#[case] face: Face) {
    for kind in [FaultKind::CutAfter, FaultKind::BadGatewayAfter, FaultKind::BadGatewayBefore] {
        let mut stage = Stage::on(face).await;
        stage.takes(STEPS, "{}").await;
        let issue = stage.issue();
        stage.forge.rests().await;
        stage.forge.sim.fails(Fault::new(kind.clone()).on("POST").at("*/issues"));
        stage.says(issue, "olga", "deprecate leaving removal=2.0 announce=1.6").await;
        assert_eq!(stage.opened().len(), 2, "{kind:?}");
        assert_eq!(stage.forge.stats().await.parked, 0);
    }
}
