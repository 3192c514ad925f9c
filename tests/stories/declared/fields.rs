//! Assignees, milestones and statuses that rules ask for.

use steward::{forgesim::Change, store::AuditState};

use super::team;
use crate::world::{Item, PROJECT, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_has_is_assigned_once_and_gets_a_milestone() {
    let gitlab = team(
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
    gitlab.sim.add_milestone(PROJECT, "18.10", None, None);
    let issue = gitlab.ben().opens_labelled("It is broken", &["urgent"]);
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    assert_eq!(
        (shown.0.assignees.as_slice(), shown.0.milestone.as_deref()),
        (&["carla".to_owned()][..], Some("18.10"))
    );
    shown.no_comment();

    // A person has decided otherwise.
    gitlab.anna().on(issue).assigns(&[]).expect("nobody has it");
    gitlab.anna().on(issue).sets_milestone(None).expect("no milestone");
    gitlab.rests().await;
    gitlab.ben().renames(issue, "It is still broken");
    gitlab.rests().await;
    let shown = gitlab.shows(issue);
    assert_eq!((shown.0.assignees.len(), shown.0.milestone), (0, None));

    // What the forge does not have is held, and nothing is made up.
    let later = gitlab.ben().opens_labelled("Some day", &["stale"]);
    gitlab.rests().await;
    let shown = gitlab.shows(later);
    assert_eq!((shown.0.assignees.len(), shown.0.milestone), (0, None));
    assert!(gitlab.audited(later, AuditState::Failed).await.is_empty());
    assert_eq!(gitlab.stats().await.parked, 0);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_stands_on_each_new_commit_until_all_is_well() {
    let gitlab = team(DOCS).await;
    let request = gitlab.ben().opens_merge_request("New", &["lib/a.rb"]);
    gitlab.rests().await;
    assert_eq!(statuses(&gitlab, request), []);
    gitlab.anna().labels(request, "feature");
    gitlab.rests().await;
    let failed =
        [("steward/docs".to_owned(), "failed".to_owned(), "Waits for documentation".to_owned())];
    assert_eq!(statuses(&gitlab, request), failed);

    let more = vec![Change::added("lib/b.rb", "x\n")];
    gitlab.ben().on(request).pushes(more).expect("pushed");
    gitlab.rests().await;
    assert_eq!(statuses(&gitlab, request), failed, "on the new commit");

    gitlab.anna().unlabels(request, "feature");
    gitlab.rests().await;
    let now = statuses(&gitlab, request);
    let (_, state, text) = now.last().expect("a status");
    assert_eq!((state.as_str(), text.as_str()), ("success", "no rule objects any more"));

    gitlab.anna().labels(request, "feature");
    gitlab.rests().await;
    gitlab.ben().on(request).pushes(vec![Change::added("doc/a.md", "x\n")]).expect("pushed");
    gitlab.rests().await;
    assert_eq!(statuses(&gitlab, request), [], "nothing to say about the newest");
    gitlab.shows(request).has_just(&["feature"]).no_comment();
}
