//! Previews: a product manager changes one line and sees what it would do, before anybody is told.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use rstest::rstest;
use serde_json::Value;
use steward::{
    app,
    forgesim::{Face, Offer, Sim},
    policy::PolicySource,
    settings::Settings,
};

use crate::{
    process::{run, settings_of, steward},
    world::{Item, PROJECT, World},
};

const TRACKERS: &str = "catalog/integrations/issue_trackers.yml";

fn equipped(gitlab: &World, arguments: &[&str]) -> Command {
    let mut command = steward(&gitlab.folder(), arguments);
    settings_of(gitlab, &mut command);
    command
}

/// A file of the built-in policies, in which Jira may belong to another group.
fn trackers(group: &str) -> String {
    let source = PolicySource::built_in();
    let text = source.file(TRACKERS).expect(TRACKERS).text.to_string();
    let jira = "    name: Jira issue integration\n    group: ";
    assert!(text.contains(jira));
    text.replacen(&format!("{jira}project_management"), &format!("{jira}{group}"), 1)
}

/// A folder that is laid over the built-in policies: one line in it is another one.
fn one_line(folder: &Path, name: &str, group: &str) -> PathBuf {
    let path = folder.join(name).join(TRACKERS);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(&path, trackers(group)).expect("written");
    folder.join(name)
}

fn fill(sim: &Sim) {
    let labels = ["Integration::Jira", "group::project management", "devops::plan"];
    let offer = Offer {
        routed: vec![labels.map(str::to_owned).to_vec()],
        others: vec!["bug".to_owned()],
        ..Offer::default()
    };
    sim.fill(PROJECT, 200, &offer).expect("filled");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_line_shows_what_it_would_do(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    fill(&gitlab.sim);
    let folder = gitlab.folder();
    let new = one_line(&folder, "new", "source_code");
    run(equipped(&gitlab, &["preview", "--new", "new"]))
        .await
        .exits_with(1)
        .complains("run `steward sync` first");
    run(equipped(&gitlab, &["sync", PROJECT])).await.exits_with(0);
    let calls = gitlab.calls().len();
    let report =
        run(equipped(&gitlab, &["preview", "--new", "new", "--format", "json", "--limit", "3"]))
            .await
            .exits_with(0);
    let report = json(&report.out());
    assert_eq!(report["items"], 200);
    let changed = report["changed"].as_u64().expect("a number");
    // Three in ten, and nothing else.
    assert!((40..=80).contains(&changed), "{report:#}");
    assert_eq!(report["labels_added"][1]["name"], "group::source code");
    assert_eq!(report["labels_added"][1]["times"], changed);
    assert_eq!(report["edits"], changed);
    assert_eq!(report["comments"], 0);
    assert_eq!(report["first"].as_array().map(Vec::len), Some(3));
    // Merge requests without such a label hang on their files, which were not read.
    assert!(report["cannot_tell"].as_u64().is_some_and(|count| count > 20), "{report:#}");
    assert_eq!(gitlab.calls().len(), calls, "nobody is asked");

    run(equipped(&gitlab, &["preview", "--new", "new"]))
        .await
        .exits_with(0)
        .prints("200 open items, of which")
        .prints("+ group::source code")
        .prints("Nothing was written.");
    run(equipped(&gitlab, &["preview", "--new", "new", "--format", "markdown"]))
        .await
        .exits_with(0)
        .prints("| `group::source code` set |");
    run(equipped(&gitlab, &["preview", "--new", "new", "--fail-above", "10"])).await.exits_with(3);
    run(equipped(&gitlab, &["preview", "--new", "built-in", "--fail-above", "0"]))
        .await
        .exits_with(0)
        .prints("none of them changes");
    std::fs::write(new.join("routing.yml"), "label_prefx: x\n").expect("written");
    run(equipped(&gitlab, &["preview", "--new", "new"]))
        .await
        .exits_with(1)
        .complains("label_pref");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_of_a_running_steward_tells_its_doing_from_peoples(#[case] face: Face) {
    let gitlab = World::on(face).await;
    let ours = gitlab.anna().opens_labelled("Routed by Steward", &["Integration::Jira"]);
    gitlab.rests().await;
    let theirs = gitlab
        .anna()
        .opens_labelled("Routed by Anna", &["Integration::Jira", "group::project management"]);
    gitlab.rests().await;
    one_line(&gitlab.folder(), "new", "source_code");
    run(equipped(&gitlab, &["sync", PROJECT])).await.exits_with(0);
    // Steward is up and holds its database.
    let arguments = ["preview", "--new", "new", "--format", "json"];
    let report = json(&run(equipped(&gitlab, &arguments)).await.exits_with(0).out());
    let of = |item: Item| {
        let name = format!("{PROJECT}#{}", item.iid);
        let all = report["first"].as_array().expect("items");
        all.iter().find(|one| one["item"] == name.as_str()).cloned()
    };
    let routed = of(ours).expect("it changes");
    assert_eq!(routed["removed"][0], "group::project management", "{report:#}");
    // A group that a person has set stays.
    let kept = of(theirs).map(|one| one["removed"].to_string()).unwrap_or_default();
    assert!(!kept.contains("group::"), "{kept}");
    assert_eq!(report["ledgers"], "known");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_of_the_repository_is_compared(#[case] face: Face) {
    let gitlab = World::stage(face).await;
    fill(&gitlab.sim);
    run(equipped(&gitlab, &["sync", PROJECT])).await.exits_with(0);
    let folder = gitlab.folder();
    let arguments = |old: &'static str, new: &'static str| {
        ["preview", "--old", old, "--new", new, "--format", "json"]
    };
    run(equipped(&gitlab, &arguments("built-in", "main:policies")))
        .await
        .exits_with(1)
        .complains("not a git repository");

    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .arg("-C")
            .arg(&folder)
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(["-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    one_line(&folder, "policies", "project_management");
    // What nothing reads is passed over, as it is in a folder.
    std::fs::write(folder.join("policies/README.md"), "# Notes\n").expect("written");
    git(&["add", "policies"]);
    git(&["commit", "-q", "-m", "As it was"]);
    one_line(&folder, "policies", "source_code");

    for old in ["main:policies", "main:./policies/", "main", "HEAD"] {
        let report = run(equipped(&gitlab, &arguments(old, "policies"))).await.exits_with(0).out();
        let report = json(&report);
        assert!(
            report["changed"].as_u64().is_some_and(|changed| changed > 30),
            "{old}: {report:#}"
        );
    }
    let same = run(equipped(&gitlab, &arguments("built-in", "main"))).await.exits_with(0).out();
    assert_eq!(json(&same)["changed"], 0);
    for (wrong, said) in [
        ("no-such:policies", "no-such:policies"),
        ("main:nowhere", "expected a revision and a folder in it"),
        ("./nowhere", "expected a folder, `built-in`, or a git revision"),
        ("--output=x", "git"),
    ] {
        let new = format!("--new={wrong}");
        run(equipped(&gitlab, &["preview", &new])).await.exits_with(1).complains(said);
    }
    std::fs::write(folder.join("policies").join(TRACKERS), "category: [\n").expect("written");
    git(&["commit", "-q", "-a", "-m", "Broken"]);
    run(equipped(&gitlab, &["preview", "--new", "HEAD"]))
        .await
        .exits_with(1)
        .complains(&format!("HEAD:policies/{TRACKERS}"));
    // A revision can also hold all there is.
    let pack = app::load(&PolicySource::from_git(&folder, "HEAD~1", "policies").expect("read"));
    assert!(pack.is_err(), "one file is no whole pack");
    assert!(app::load_pack(&Settings::default()).is_ok());
}
