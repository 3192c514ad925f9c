//! What Steward's client asks a GitHub for, and what that costs.

use futures::future::join_all;
use steward::{
    forge::{
        Forge,
        github::{GithubAuth, GithubForge, GithubSettings},
    },
    forgesim::{Change, Face, SimSettings, access},
    model::{Facet, FacetValue, FileAt, FileContent, Membership, Snapshot},
};

use crate::{
    process::{run, settings_of, steward},
    world::{PROJECT, World},
};

const MODEL: &str = "app/models/integrations/exämple #1.rb";

async fn github() -> World {
    let settings = SimSettings { face: Face::Github, ..SimSettings::default() };
    World::without_steward(settings).await
}

fn forge(github: &World) -> GithubForge {
    let auth = GithubAuth::Token(github.bot.token.clone().into());
    GithubForge::new(&GithubSettings::new(github.sim.url(), auth)).expect("a client")
}

async fn file(forge: &GithubForge, snapshot: &Snapshot, at: FileAt) -> FileContent {
    match forge.read_facet(snapshot, &Facet::File(at)).await.expect("a file") {
        FacetValue::File(content) => content,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_before_a_change_are_those_of_the_commit_where_it_parted() {
    let github = github().await;
    let changes = vec![
        Change::file(MODEL, Some("before\n"), Some("after\n")),
        Change::file("doc/new.md", None, Some("# New\n")),
    ];
    let pull = github.ben().opens_with_changes("T", changes);
    let forge = forge(&github);
    let snapshot = forge.read(&pull.subject()).await.expect("a pull request");
    let changed = forge.read_facet(&snapshot, &Facet::Changes).await.expect("its changes");
    let FacetValue::Changes(changed) = changed else { panic!("{changed:?}") };
    assert_eq!(changed.files[0].path, MODEL);

    let text = FileContent::text;
    assert_eq!(file(&forge, &snapshot, FileAt::base(MODEL)).await, text("before\n"));
    let rest = [FileAt::head(MODEL), FileAt::base("doc/new.md"), FileAt::head("doc/new.md")];
    let rest = join_all(rest.map(|at| file(&forge, &snapshot, at))).await;
    assert_eq!(rest, [text("after\n"), FileContent::Absent, text("# New\n")]);
    let compared = github.calls().iter().filter(|call| call.path.contains("/compare/")).count();
    assert_eq!(compared, 1, "where they parted is asked once: {:#?}", github.calls());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whether_somebody_is_a_member_is_asked_of_team_and_organization() {
    let github = github().await;
    let pull = github.ben().opens_merge_request("T", &["a.rb"]);
    let [dora, emil] = ["dora", "emil"].map(|name| github.sim.add_user(name, name));
    github.sim.add_group_member("example/team", &dora, access::DEVELOPER);
    github.sim.add_group_member("example", &emil, access::OWNER);
    let forge = forge(&github);
    let snapshot = forge.read(&pull.subject()).await.expect("a pull request");
    let belongs = async |group: &str, person: u64| {
        let of = Membership { group: group.to_owned(), person };
        match forge.read_facet(&snapshot, &Facet::Membership(of)).await.expect("an answer") {
            FacetValue::Membership(belongs) => belongs,
            other => panic!("{other:?}"),
        }
    };
    assert!(belongs("@example/team", dora.id).await);
    assert!(!belongs("example", dora.id).await, "only in a team");
    assert!(belongs("example", emil.id).await);
    assert!(!belongs("example", 4_711_000).await, "nobody has this number");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_sees_the_webhooks_that_administrators_see() {
    let github = github().await;
    github.sim.add_member(PROJECT, &github.bot, access::OWNER);
    let mut command = steward(&github.folder(), &["doctor", PROJECT]);
    settings_of(&github, &mut command);
    run(command).await.exits_with(0).prints("sends what is needed");
}
