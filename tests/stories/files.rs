//! What a merge request's files cost, and who is a member of a group.

use futures::future::join_all;
use rstest::rstest;
use steward::{
    app::{self, Client},
    forge::Forge,
    forgesim::{Change, Face, access},
    model::{
        AddedLines, Changes, Facet, FacetValue, FileAt, FileContent, LineSpan, Membership, Snapshot,
    },
};

use crate::world::{Item, World, secrets_on};

const MODEL: &str = "app/models/integrations/example.rb";
const BEFORE: &str = "class Example\n  def test\n  end\nend\n";
const AFTER: &str = "class Example\n  def test\n    ping\n    pong\n  end\nend\n";

fn client(forge: &World) -> Client {
    let secrets = secrets_on(forge.face, &forge.bot.token);
    app::client(&forge.settings, &secrets).expect("a client")
}

fn changes() -> Vec<Change> {
    vec![
        Change::file(MODEL, Some(BEFORE), Some(AFTER)),
        Change::file("doc/example.md", None, Some("# Example\n")),
        Change::file("doc/gone.md", Some("# Gone\n"), None),
    ]
}

/// Reads a merge request with its changes and, all at once, these files.
async fn visits(forge: &dyn Forge, item: Item, files: &[FileAt]) -> Snapshot {
    let mut snapshot = forge.read(&item.subject()).await.expect("a merge request");
    let changes = forge.read_facet(&snapshot, &Facet::Changes).await.expect("its changes");
    snapshot.fill(&Facet::Changes, changes);
    let facets: Vec<Facet> = files.iter().cloned().map(Facet::File).collect();
    let reads = facets.iter().map(|facet| forge.read_facet(&snapshot, facet));
    for (facet, value) in facets.iter().zip(join_all(reads).await) {
        snapshot.fill(facet, value.expect("a file"));
    }
    snapshot
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_file_of_a_merge_request_costs_one_call_and_a_second_visit_none(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    let client = client(&gitlab);
    let (forge, item) = (client.forge(), gitlab.ben().opens_with_changes("T", changes()));
    let files = [
        FileAt::head(MODEL),
        FileAt::base(MODEL),
        FileAt::head("doc/example.md"),
        FileAt::base("doc/example.md"),
        FileAt::head("doc/gone.md"),
        FileAt::base("doc/gone.md"),
        FileAt::head("../secrets.yml"),
    ];
    gitlab.sim.clear_requests();
    let first = visits(forge, item, &files).await;
    let (one, diffs, raw) = (1, 1, 6);
    // GitHub tells only on its own where the changes start from.
    let start = if face == Face::Gitlab { 0 } else { 1 };
    assert_eq!(gitlab.calls().len(), one + diffs + start + raw, "{:#?}", gitlab.calls());
    let text = FileContent::text;
    let stands = |at: &FileAt| first.facets.files.get(at).cloned();
    let expected =
        [text(AFTER), text(BEFORE), text("# Example\n"), FileContent::Absent, FileContent::Absent];
    for (at, expected) in files.iter().zip(expected) {
        assert_eq!(stands(at), Some(expected), "{at}");
    }
    assert_eq!(stands(&files[5]), Some(text("# Gone\n")));
    assert!(matches!(stands(&files[6]), Some(FileContent::Unreadable(_))));

    let Changes { files: changed, complete } = first.facets.changes.clone().expect("changes");
    assert!(complete);
    let added = |number: usize| changed[number].added.clone();
    assert_eq!(added(0), AddedLines::Lines(vec![LineSpan { first: 3, last: 4 }]));
    assert_eq!(added(1), AddedLines::Lines(vec![LineSpan { first: 1, last: 1 }]));
    assert_eq!(added(2), AddedLines::Lines(Vec::new()));

    gitlab.sim.clear_requests();
    let second = visits(forge, item, &files).await;
    assert_eq!(second.facets, first.facets);
    assert_eq!(gitlab.calls().len(), one + diffs, "{:#?}", gitlab.calls());

    // A push makes another head of it, and leaves the base where it was.
    let ben = gitlab.ben();
    let pushed = ben.on(item).pushes(vec![Change::file(MODEL, Some(BEFORE), Some("# new\n"))]);
    gitlab.sim.clear_requests();
    let third = visits(forge, item, &files[..2]).await;
    assert_eq!(third.head, Some(pushed.expect("pushed")));
    assert_eq!(third.facets.files[&files[0]], text("# new\n"));
    assert_eq!(third.facets.files[&files[1]], text(BEFORE));
    assert_eq!(gitlab.calls().len(), one + diffs + start + 1, "{:#?}", gitlab.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_somebody_is_a_member_is_asked_of_the_group() {
    let gitlab = World::stage(Face::Gitlab).await;
    let client = client(&gitlab);
    let (forge, item) = (client.forge(), gitlab.ben().opens_with_changes("T", changes()));
    let [dora, emil] = ["dora", "emil"].map(|name| gitlab.sim.add_user(name, name));
    gitlab.sim.add_group_member("example/team", &dora, access::DEVELOPER);
    gitlab.sim.add_group_member("example", &emil, access::REPORTER);
    let snapshot = forge.read(&item.subject()).await.expect("a merge request");
    let belongs = async |group: &str, person: u64| {
        let of = Membership { group: group.to_owned(), person };
        match forge.read_facet(&snapshot, &Facet::Membership(of)).await.expect("an answer") {
            FacetValue::Membership(belongs) => belongs,
            other => panic!("{other:?}"),
        }
    };
    assert!(belongs("example/team", dora.id).await);
    assert!(!belongs("example", dora.id).await, "only further down");
    assert!(!belongs("example/team", emil.id).await, "only looks on");
    gitlab.sim.add_group_member("example", &emil, access::MAINTAINER);
    assert!(belongs("example/team", emil.id).await, "through the group above");
    gitlab.sim.block(&emil, true);
    assert!(!belongs("example/team", emil.id).await, "shut out");
    gitlab.sim.hide_group("example/elsewhere", true);
    assert!(!belongs("example/elsewhere", dora.id).await, "nobody can see");
}
