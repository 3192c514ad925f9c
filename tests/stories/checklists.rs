//! A merge request adds an integration: one comment shows what is missing, a status says whether
//! all is there, and whoever owns the integration may waive a row.

use rstest::rstest;
use steward::{
    forgesim::{Change, Face, NoteView, access},
    policy::PolicySource,
    words::Marker,
};

use crate::world::{BOT, Item, PROJECT, World};

const PARTS: &str = r#"
about: A new integration comes with its parts.
status: { name: steward/parts }
waive: { groups: [example/leads] }
find:
  added: ["app/models/integrations/{name}.rb"]
sets:
  fields:
    in: "app/models/integrations/{path}.rb"
    query: '(call method: (identifier) @_m arguments: (argument_list . (simple_symbol) @key) (#eq? @_m "field"))'
  documented: { in: "doc/{path}.md", markdown: codes }
rows:
  docs:
    title: Each field is documented
    section: Documentation
    check: { each: { of: fields, in: documented } }
  spec:
    title: The model has a spec
    check: { file: { path: "spec/{path}_spec.rb" } }
"#;
/// The team uses a checklist of its own in place of the shipped ones.
const OFF: &str = "mode: 'off'\n";
const MODEL: &str = "class FooBar < Integration\n  field :url\nend\n";

pub(crate) fn model() -> Change {
    Change::added("app/models/integrations/foo_bar.rb", MODEL)
}

async fn world(face: Face) -> World {
    let mut world = without_steward(face).await;
    world.steward_starts().await;
    world
}

/// The team's checklist is in force, and Steward not up yet.
pub(crate) async fn without_steward(face: Face) -> World {
    let mut world = World::stage(face).await;
    let dir = world.folder().join("policies");
    std::fs::create_dir_all(dir.join("checklists")).expect("a folder");
    for file in PolicySource::built_in().files("checklists/") {
        std::fs::write(dir.join(&file.path), OFF).expect("written");
    }
    std::fs::write(dir.join("checklists/parts.yml"), PARTS).expect("written");
    world.settings.policies.dir = dir;
    world.sim.add_group("example/leads");
    let olga = world.sim.add_user("olga", "Olga");
    world.sim.add_group_member("example/leads", &olga, access::DEVELOPER);
    world.sim.add_member(PROJECT, &olga, access::DEVELOPER);
    world
}

/// The comment on the checklist.
fn sheet(gitlab: &World, item: Item) -> NoteView {
    let shown = gitlab.shows(item);
    let of_topic = |note: &&NoteView| {
        Marker::of(&note.body).is_some_and(|marker| marker.topic.as_str() == "parts")
    };
    let notes: Vec<NoteView> =
        shown.0.comments_of(BOT).into_iter().filter(of_topic).cloned().collect();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    notes[0].clone()
}

/// What the newest commit says under the checklist's status.
fn status(gitlab: &World, item: Item) -> (String, String) {
    let view = gitlab.sim.merge_request(PROJECT, item.iid).expect("it is there");
    let head = view.sha.expect("a merge request");
    let all = gitlab.sim.statuses(PROJECT, &head);
    let own = all.iter().rfind(|status| status.name == "steward/parts").expect("a status");
    (own.state.clone(), own.description.clone().unwrap_or_default())
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sheet_follows_each_push_in_place_and_the_status_goes_green(#[case] face: Face) {
    let gitlab = world(face).await;
    let request = gitlab.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    gitlab.rests().await;
    let first = sheet(&gitlab, request);
    assert!(first.body.contains("### Foo Bar: 2 required pieces missing"), "{}", first.body);
    assert!(first.body.contains("integrations/foo_bar.rb:2"), "{}", first.body);
    assert_eq!(
        status(&gitlab, request),
        ("failed".into(), "Foo Bar: missing docs and spec".into())
    );

    let doc = Change::added("doc/foo_bar.md", "# Foo Bar\n\nThe `url` of it.\n");
    gitlab.ben().on(request).pushes(vec![model(), doc.clone()]).expect("pushed");
    gitlab.rests().await;
    let second = sheet(&gitlab, request);
    assert_eq!(second.id, first.id, "edited in place");
    assert!(second.body.contains("1 required piece missing"), "{}", second.body);

    let spec = Change::added("spec/foo_bar_spec.rb", "RSpec.describe FooBar\n");
    gitlab.ben().on(request).pushes(vec![model(), doc, spec]).expect("pushed");
    gitlab.rests().await;
    assert!(sheet(&gitlab, request).body.contains("everything is here"));
    assert_eq!(status(&gitlab, request).0, "success");
    gitlab.sim.clear_requests();
    gitlab.ben().renames(request, "Add Foo Bar, at last");
    gitlab.rests().await;
    let writes = gitlab.calls().into_iter().filter(|call| call.method != "GET").count();
    assert_eq!(writes, 0, "nothing is new");
    let files = gitlab.files_read();
    assert_eq!(files, 0, "files at a commit never change");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_the_group_waives_a_row_and_others_are_told_who_may(#[case] face: Face) {
    let mut gitlab = world(face).await;
    let olga = gitlab.person("olga");
    let request = gitlab.ben().opens_with_changes("Add Foo Bar", vec![model()]);
    gitlab.rests().await;
    let refused = gitlab.ben().says(request, "@steward-bot waive spec I am in a hurry");
    gitlab.rests().await;
    let body = sheet(&gitlab, request).body;
    assert!(!body.contains("Waived"), "{body}");
    let comments = gitlab.shows(request);
    let answer = comments.0.comments_of(BOT).into_iter().last().expect("an answer");
    assert!(answer.body.contains("Members of `example/leads`"), "{}", answer.body);

    let taken = olga.says(request, "@steward-bot waive spec Its model has no code.");
    gitlab.rests().await;
    let body = sheet(&gitlab, request).body;
    assert!(body.contains("(`spec`), by `olga` on "), "{body}");
    assert_eq!(status(&gitlab, request).1, "Foo Bar: missing docs");
    // GitHub has eight reactions, and the nearest stands for each.
    let (no, yes) = match face {
        Face::Gitlab => ("no_entry_sign", "white_check_mark"),
        Face::Github => ("thumbsdown", "thumbsup"),
    };
    assert_eq!(emojis(&gitlab, request, refused), [no]);
    assert_eq!(emojis(&gitlab, request, taken), [yes]);

    // Without its database Steward reads the waiver from its own comment.
    gitlab.steward_loses_its_database().await;
    gitlab.anna().renames(request, "Add it");
    gitlab.rests().await;
    assert!(sheet(&gitlab, request).body.contains("Its model has no code."));
}

fn emojis(gitlab: &World, item: Item, comment: u64) -> Vec<String> {
    let shown = gitlab.shows(item);
    let note = shown.0.comments().find(|note| note.id == comment).expect("the comment");
    note.reactions.iter().map(|(_, emoji)| emoji.clone()).collect()
}
