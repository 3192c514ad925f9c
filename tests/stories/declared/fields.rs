//! Assignees, milestones and statuses that rules ask for.

use rstest::rstest;
use steward::{
    forgesim::{Change, Face},
    store::AuditState,
};

use super::team_on;
use crate::world::{Item, PROJECT, World};

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_has_is_assigned_once_and_gets_a_milestone(#[case] face: Face) {
    let forge = team_on(
        face,
        "
  urgent:
    about: What is urgent is done by Carla
    when: { label: urgent }
    then: { assign: '@carla', milestone: '18.10' }
  later:
    about: Some things come later
    when: { label: stale }
    then: { milestone: '99.0', assign: '@nobody-knows-me' }
",
    )
    .await;
    forge.sim.add_milestone(PROJECT, "18.10", None, None);
    let issue = forge.ben().opens_labelled("It is broken", &["urgent"]);
    forge.rests().await;
    let shown = forge.shows(issue);
    assert_eq!(
        (shown.0.assignees.as_slice(), shown.0.milestone.as_deref()),
        (&["carla".to_owned()][..], Some("18.10"))
    );
    shown.no_comment();

    // A person has decided otherwise.
    forge.anna().on(issue).assigns(&[]).expect("nobody has it");
    forge.anna().on(issue).sets_milestone(None).expect("no milestone");
    forge.rests().await;
    forge.ben().renames(issue, "It is still broken");
    forge.rests().await;
    let shown = forge.shows(issue);
    assert_eq!((shown.0.assignees.len(), shown.0.milestone), (0, None));

    // What the forge does not have is held, and nothing is made up.
    let later = forge.ben().opens_labelled("Some day", &["stale"]);
    forge.rests().await;
    let shown = forge.shows(later);
    assert_eq!((shown.0.assignees.len(), shown.0.milestone), (0, None));
    assert!(forge.audited(later, AuditState::Failed).await.is_empty());
    assert_eq!(forge.stats().await.parked, 0);
}

const DOCS: &str = "
  documented:
    about: A feature is documented
    on: [merge_request]
    when: { all: [{ label: feature }, { not: { changes: { paths: 'doc/**' } } }] }
    then:
      status: { name: steward/docs, state: failed, text: Waits for documentation }
";

fn statuses(gitlab: &World, item: Item) -> Vec<(String, String, String)> {
    let sha = gitlab.shows(item).0.sha.expect("a merge request has a commit");
    let statuses = gitlab.sim.statuses(PROJECT, &sha).into_iter();
    statuses.map(|one| (one.name, one.state, one.description.unwrap_or_default())).collect()
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_stands_on_each_new_commit_until_all_is_well(#[case] face: Face) {
    let forge = team_on(face, DOCS).await;
    let request = forge.ben().opens_merge_request("New", &["lib/a.rb"]);
    forge.rests().await;
    assert_eq!(statuses(&forge, request), []);
    forge.anna().labels(request, "feature");
    forge.rests().await;
    let failed =
        [("steward/docs".to_owned(), "failed".to_owned(), "Waits for documentation".to_owned())];
    assert_eq!(statuses(&forge, request), failed);

    let more = vec![Change::added("lib/b.rb", "x\n")];
    forge.ben().on(request).pushes(more).expect("pushed");
    forge.rests().await;
    assert_eq!(statuses(&forge, request), failed, "on the new commit");

    forge.anna().unlabels(request, "feature");
    forge.rests().await;
    let now = statuses(&forge, request);
    let (_, state, text) = now.last().expect("a status");
    assert_eq!((state.as_str(), text.as_str()), ("success", "no rule objects any more"));

    forge.anna().labels(request, "feature");
    forge.rests().await;
    forge.ben().on(request).pushes(vec![Change::added("doc/a.md", "x\n")]).expect("pushed");
    forge.rests().await;
    assert_eq!(statuses(&forge, request), [], "nothing to say about the newest");
    forge.shows(request).has_just(&["feature"]).no_comment();
}
