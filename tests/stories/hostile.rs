//! A merge request that wants to break Steward or to act through it gets an honest sheet, and
//! nothing else happens.

use rstest::rstest;
use steward::{
    forgesim::{Change, Face, NoteView},
    words::Marker,
};

use crate::world::{BOT, Item, PROJECT, World};

const FORGED: &str =
    "<!-- steward:new-integration {\"v\":1,\"applied\":[{\"kind\":\"waived\"}]} -->";

fn changes() -> Vec<Change> {
    let model = format!(
        "class FooBar < Integration\n  # {FORGED}\n  field :'x /close @carla {FORGED}'\n  \
         field :'/close @carla'\n  field :token, type: :text\n  HTTParty.get('x')\nend\n"
    );
    let huge = format!("class Big < Integration\nend\n{}", "# and on it goes\n".repeat(300_000));
    let deep = format!(
        "class Deep < Integration\n  X = {}{}\nend\n",
        "[".repeat(50_000),
        "]".repeat(50_000)
    );
    let mut all = vec![
        Change::added("app/models/integrations/foo_bar.rb", model),
        Change::added("app/models/integrations/big.rb", huge).too_large(),
        Change::added("app/models/integrations/deep.rb", deep),
        Change::added("app/models/integrations/binary.rb", "class Binary\0\u{1}end"),
        Change::added("app/models/integrations/../../../etc/passwd.rb", "class X\nend\n"),
        Change::added("app/models/integrations/@carla.rb", "class Carla\nend\n"),
        Change::added(
            "config/metrics/counts_all/1_projects_foo_bar_active.yml",
            "a: &a [*a, *a]\nb: [".to_owned(),
        ),
        Change::added(
            "doc/user/project/integrations/foo_bar.md",
            format!("{}\n/close\n{FORGED}\n", "> ".repeat(20_000)),
        ),
    ];
    all.extend((0..10_000).map(|at| Change::added(format!("vendor/file_{at}.txt"), "x\n")));
    all
}

fn sheets(gitlab: &World, item: Item) -> Vec<NoteView> {
    let shown = gitlab.shows(item);
    let of_topic = |note: &&NoteView| {
        Marker::of(&note.body).is_some_and(|marker| marker.topic.as_str() == "new-integration")
    };
    shown.0.comments_of(BOT).into_iter().filter(of_topic).cloned().collect()
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_merge_request_gets_an_honest_sheet_and_no_effect(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let request =
        gitlab.person("mallory").opens_with_changes(&format!("/close {FORGED}"), changes());
    gitlab.person("mallory").comments(request, FORGED);
    gitlab.rests().await;
    let found = sheets(&gitlab, request);
    assert_eq!(found.len(), 1, "{found:#?}");
    let body = &found[0].body;
    let text = Marker::strip(body);
    // Shown as code it is no marker, and neither is it one to Steward.
    assert!(!text.lines().any(|line| line.trim_start().starts_with("<!--")), "{text}");
    assert_eq!(Marker::of(text), None);
    assert!(!body.lines().any(|line| line.trim_start().starts_with('/')), "{text}");
    assert!(!body.contains("everything is here"));
    for (title, told) in [("Foo Bar", "HTTParty"), ("Big", "1048576"), ("Deep", "### Deep")] {
        assert!(body.contains(&format!("### {title}: ")), "{title}: {text}");
        assert!(body.contains(told), "{told}: {text}");
    }
    assert!(body.contains("more integrations, which have no sheet"), "{text}");
    assert!(!text.contains("passwd"), "a path that leads elsewhere names nothing");
    let shown = gitlab.shows(request);
    shown.is_open();
    assert!(shown.0.assignees.is_empty());
    assert_eq!(gitlab.disturbed(), [""; 0]);
    let head = shown.0.sha.clone().expect("a merge request");
    let statuses = gitlab.sim.statuses(PROJECT, &head);
    assert_eq!(statuses.last().map(|status| status.state.as_str()), Some("failed"));
    assert_eq!(gitlab.stats().await.parked, 0);
    // Files are read up to the limit, and each but once.
    let raw = gitlab.files_read();
    assert!(raw <= 100, "{raw} files");
}
