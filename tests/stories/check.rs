//! Checks of a git checkout: a person adds a plugin and learns what it must come with, before
//! anybody else sees it. No forge is there.

mod desk;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use self::desk::{DEFINITION, DOCS, Desk, LIST, MODEL, PAGE, SLACK, block, json, slack};
use crate::process::{run, steward};

/// What differs from one version of the policies or of Steward to the next.
fn steady(text: &str) -> String {
    let version = text.split("by the policies ").nth(1).and_then(|rest| rest.split('.').next());
    let text = version.map_or(text.to_owned(), |version| text.replace(version, "VERSION"));
    text.replace(env!("CARGO_PKG_VERSION"), "0.0.0")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_told_and_what_a_machine_can_write_is_written() {
    let desk = slack();
    let told = desk.checks(&[]).await.exits_with(1);
    insta::assert_snapshot!("a_check_for_people", steady(&told.out()));
    desk.applies_the_patch().await;
    let docs = fs::read_to_string(desk.repository().join(DOCS)).expect("there");
    assert_eq!(docs, "## Fields\n\n- `url`\n- `token`\n");
    let list = fs::read_to_string(desk.repository().join(LIST)).expect("there");
    assert_eq!(list, "list\n  jira\n  slack\nend\n");
    let told = desk.checks(&["--all"]).await.exits_with(0);
    insta::assert_snapshot!("a_complete_check_for_people", steady(&told.out()));
    desk.checks(&["--patch"]).await.exits_with(0).complains("nothing is ready");
    // Committed, all is as it was.
    desk.commits("Add Slack");
    desk.checks(&[])
        .await
        .exits_with(0)
        .prints("Slack (plugins/slack/plugin.rb), checklist plugin");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_that_is_there_in_part_is_completed() {
    let desk = slack();
    desk.write(DEFINITION, "since: \"18.9\"\n");
    // No newline behind the last line, which is also the line in question.
    desk.write(LIST, "list\n  jira\nend");
    desk.applies_the_patch().await;
    let list = fs::read_to_string(desk.repository().join(LIST)).expect("there");
    assert_eq!(list, "list\n  jira\n  slack\nend");
    let rows = desk.rows(&[]).await;
    let told: Vec<_> = rows.iter().map(|row| (row.0.as_str(), row.1.as_str())).collect();
    let wanted = [
        ("documented", "pass"),
        ("listed", "pass"),
        // A file that is there is never written anew.
        ("defined", "missing"),
        ("libraries", "cannot_tell"),
    ];
    assert_eq!(told, wanted);
    assert_eq!(desk.rows(&["--milestone", "18.9"]).await[2].1, "pass");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sarif_has_what_its_readers_need() {
    let desk = slack();
    let told = desk.checks(&["--format", "sarif"]).await.exits_with(1);
    insta::assert_snapshot!("a_check_in_sarif", steady(&told.out()));
    let log = json(&told);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 4);
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result:#}");
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().expect("a level")));
        assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("an address");
        let path = uri.replace("%20", " ");
        assert!(desk.repository().join(&path).is_file(), "{path}");
        assert!(place["region"]["startLine"].as_u64().is_some_and(|line| line > 0));
    }
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], MODEL, "{:#}", results[0]);
    assert_eq!(place["region"]["startLine"], 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gitlab_shows_the_findings_beside_the_lines() {
    let desk = slack();
    for format in ["code-quality", "codequality"] {
        let report = json(&desk.checks(&["--format", format]).await.exits_with(1));
        let entries = report.as_array().expect("a list");
        let told: Vec<_> = entries
            .iter()
            .map(|one| {
                assert!(one["fingerprint"].as_str().is_some_and(|print| print.len() > 20));
                (
                    one["check_name"].as_str().expect("a name"),
                    one["severity"].as_str().expect("one"),
                    one["location"]["path"].as_str().expect("a path"),
                    one["location"]["lines"]["begin"].as_u64().expect("a line"),
                )
            })
            .collect();
        let wanted = [
            ("plugin.documented", "major", MODEL, 2),
            ("plugin.listed", "major", LIST, 1),
            ("plugin.defined", "major", MODEL, 1),
            ("plugin.libraries", "info", "Gemfile", 2),
        ];
        assert_eq!(told, wanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn committed_staged_and_new_files_count_and_ignored_ones_do_not() {
    let desk = Desk::new();
    desk.checks(&[]).await.exits_with(0).prints("No checklist concerns this change.");
    desk.write(MODEL, "field :url\n");
    desk.commits("Add Slack");
    desk.write(DOCS, "## Fields\n\n`url`\n");
    desk.git(&["add", DOCS]);
    assert_eq!(desk.row("documented").await, "pass", "committed and staged");
    desk.write(MODEL, "field :url\nfield :token\n");
    assert_eq!(desk.row("documented").await, "missing", "as it is in the working tree");
    // From a folder of the checkout it is the same.
    fs::create_dir_all(desk.repository().join("docs")).expect("made");
    let told = desk.checks(&["--format", "json", "--dir", "docs"]).await.exits_with(1);
    assert_eq!(json(&told)["sheets"][0]["rows"][0]["status"], "missing");
    // Deleted in the working tree.
    fs::remove_file(desk.repository().join(MODEL)).expect("gone");
    desk.checks(&[]).await.exits_with(0).prints("No checklist concerns this change.");
    // A plugin whose page is ignored has no page in a merge request.
    desk.write("plugins/ignored/plugin.rb", "field :url\n");
    desk.write("docs/plugins/ignored.md", "## Fields\n\n`url`\n");
    assert_eq!(desk.row("documented").await, "missing");
    // Forgotten by git and still there, a file is as it was.
    desk.git(&["rm", "-q", "--cached", "Gemfile"]);
    assert_eq!(desk.row("libraries").await, "cannot_tell");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plugin_that_was_there_before_is_not_new() {
    let desk = Desk::new();
    desk.git(&["switch", "-q", "main"]);
    desk.write("plugins/old name/plugin.rb", SLACK);
    desk.write("plugins/old/plugin.rb", SLACK);
    desk.commits("Two on main");
    desk.git(&["switch", "-q", "slack"]);
    // Main went on: what is new there is not this branch's.
    desk.checks(&[]).await.exits_with(0).prints("No checklist concerns this change.");
    desk.git(&["merge", "-q", "--ff-only", "main"]);
    desk.git(&["mv", "plugins/old", "plugins/slack"]);
    desk.checks(&[]).await.exits_with(0).prints("Compared 1 changed file ");
    // Against an older commit both are new; one has a name that is none in code.
    let rows = desk.rows(&["--base", "HEAD~1", "--exact-base"]).await;
    assert_eq!(rows[0], ("documented".into(), "missing".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_looked_into_proves_nothing() {
    let desk = slack();
    let outside = desk.folder.path().join("outside.md");
    fs::write(&outside, "## Fields\n\n`url` `token`\n").expect("written");
    let page = desk.repository().join(DOCS);
    fs::create_dir_all(page.parent().expect("a parent")).expect("made");
    symlink(&outside, &page).expect("a link");
    assert_eq!(desk.row("documented").await, "cannot_tell", "a link leads outside");
    fs::remove_file(&page).expect("gone");
    fs::write(&page, [b'#', 0xff, b'\n']).expect("written");
    assert_eq!(desk.row("documented").await, "cannot_tell", "no text");
    desk.write(DOCS, &format!("## Fields\n\n`url` `token`\n{}", "x".repeat(1 << 20)));
    assert_eq!(desk.row("documented").await, "cannot_tell", "too large");
    fs::remove_dir_all(desk.repository().join("docs")).expect("gone");
    symlink(desk.folder.path(), desk.repository().join("docs")).expect("a link");
    fs::create_dir(desk.folder.path().join("plugins")).expect("made");
    fs::write(desk.folder.path().join("plugins/slack.md"), "## Fields\n`url` `token`\n")
        .expect("written");
    assert_eq!(desk.row("documented").await, "missing", "what is behind a link is no file of git");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sparse_checkout_has_the_files_that_are_left_out() {
    let desk = Desk::new();
    desk.write(LIST, "list\n  slack\nend\n");
    desk.commits("List it");
    desk.git(&["sparse-checkout", "set", "--no-cone", "/*", "!/config/"]);
    assert!(!desk.repository().join(LIST).exists());
    desk.write(MODEL, SLACK);
    assert_eq!(desk.row("listed").await, "pass");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_is_under_way_is_no_reason_to_fail() {
    let desk = slack();
    desk.commits("Add Slack");
    desk.git(&["switch", "-q", "main"]);
    desk.write("Gemfile", "gem 'other'\n");
    desk.commits("Another library");
    desk.git(&["switch", "-q", "slack"]);
    let merged = desk.git_command(&["merge", "-q", "main"]).output().expect("git runs");
    assert!(!merged.status.success(), "they conflict");
    assert_eq!(desk.row("libraries").await, "cannot_tell");
    assert_eq!(desk.row("documented").await, "missing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_the_configuration_acts() {
    let desk = slack();
    let witness = desk.folder.path().join("witness");
    let script = desk.folder.path().join("acts");
    fs::write(&script, format!("#!/bin/sh\ntouch '{}'\n", witness.display())).expect("written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("executable");
    let script = script.to_str().expect("UTF-8");
    desk.write(".gitattributes", "*.rb diff=acts\nGemfile diff=acts\n");
    for (key, value) in [
        ("diff.external", script),
        ("diff.acts.command", script),
        ("diff.acts.textconv", script),
        ("core.fsmonitor", script),
        ("core.pager", script),
        ("pager.diff", script),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.renames", "false"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.relative", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("color.ui", "always"),
        ("core.quotePath", "true"),
        ("status.showUntrackedFiles", "no"),
    ] {
        desk.git(&["config", key, value]);
    }
    let mut command = desk.command(&["--format", "json"]);
    // As in a hook that git runs, in another repository's name.
    let other = TempDir::new().expect("a folder");
    command.env("GIT_EXTERNAL_DIFF", script).env("GIT_PAGER", script).env("GIT_DIR", other.path());
    command.env("GIT_INDEX_FILE", other.path().join("index")).env("GIT_DIFF_OPTS", "-u9");
    let told = json(&run(command).await.exits_with(1));
    assert!(!witness.exists(), "something of the configuration was run");
    let rows = told["sheets"][0]["rows"].as_array().expect("rows");
    let library = rows.iter().find(|row| row["key"] == "libraries").expect("the row");
    assert_eq!(library["proofs"].as_array().expect("proofs").len(), 1, "{library:#}");
    assert_eq!(
        (&library["proofs"][0]["what"], &library["proofs"][0]["line"]),
        (&"new".into(), &2.into())
    );
    // The trap is real: anybody else falls into it.
    desk.git(&["diff"]);
    assert!(witness.exists(), "the configuration does nothing at all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_of_the_json_stands_in_the_page() {
    fn keys(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                into.extend(map.keys().cloned());
                map.values().for_each(|value| keys(value, into));
            }
            Value::Array(list) => list.iter().for_each(|value| keys(value, into)),
            _ => {}
        }
    }
    let desk = slack();
    let mut found = Vec::new();
    keys(&desk.json(&[]).await, &mut found);
    let (_, page) = PAGE.split_once("`--format json`").expect("the section");
    for key in found {
        assert!(
            page.contains(&format!("`{key}`")) || page.contains(&format!("`{key}[]`")),
            "{key}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_to_compare_with_is_found_or_asked_for() {
    let desk = slack();
    desk.git(&["branch", "-m", "main", "trunk"]);
    desk.checks(&[]).await.exits_with(2).complains("name a branch or a commit with --base");
    desk.checks(&["--base", "trunk"]).await.exits_with(1).prints("(trunk)");
    for (bad, said) in [
        ("nowhere", "`nowhere` is no commit here"),
        ("--all", "`--all` is no commit here"),
        ("HEAD:VERSION", "is no commit here"),
        ("", "`` is no commit here"),
    ] {
        desk.checks(&[&format!("--base={bad}")]).await.exits_with(2).complains(said);
    }
    // The remote's default branch comes first.
    desk.git(&["update-ref", "refs/remotes/origin/trunk", "trunk"]);
    desk.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    desk.checks(&[]).await.exits_with(1).prints("(origin/HEAD)");
    // Another history.
    desk.git(&["stash", "-q", "-u"]);
    desk.git(&["switch", "-q", "--orphan", "other"]);
    desk.git(&["commit", "-q", "--allow-empty", "-m", "Another beginning"]);
    desk.checks(&["--base", "trunk"]).await.exits_with(2).complains("no commit in common");
    desk.checks(&["--base", "trunk", "--exact-base"]).await.exits_with(0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_cannot_be_made_says_why() {
    let desk = slack();
    let folder = desk.folder.path();
    let check = |more: &[&str]| {
        let mut command = steward(folder, &["check"]);
        command.args(more).env("GIT_CEILING_DIRECTORIES", folder);
        command
    };
    let with = ["--policies", "policies"];
    run(check(&with)).await.exits_with(2).complains("is in no working tree of git");
    let nowhere = ["--policies", "policies", "--dir", "no where"];
    run(check(&nowhere)).await.exits_with(2).complains("no where");
    let json_too = ["--policies", "policies", "--format", "json"];
    let told = json(&run(check(&json_too)).await.exits_with(2).complains("no working tree"));
    assert!(told["errors"][0].as_str().is_some_and(|said| said.contains("no working tree")));
    let sarif = ["--policies", "policies", "--format", "sarif"];
    let told = json(&run(check(&sarif)).await.exits_with(2));
    assert_eq!(told["runs"][0]["invocations"][0]["executionSuccessful"], false);
    // A repository without a commit.
    let empty = TempDir::new_in(folder).expect("a folder");
    let made = Command::new("git").arg("init").arg("-q").arg(empty.path()).status();
    assert!(made.expect("git runs").success());
    let mut command = check(&with);
    command.arg("--dir").arg(empty.path());
    run(command).await.exits_with(2).complains("there is no commit yet");
    desk.checks(&["--merge-request", "12"]).await.exits_with(2).complains("is no address");
    desk.checks(&["--no-such"]).await.exits_with(2);
    desk.checks(&["--patch", "--format", "json"]).await.exits_with(2).complains("cannot be used");
    fs::write(folder.join("policies/checklists/plugin.yml"), "about: [\n").expect("written");
    desk.checks(&[]).await.exits_with(2).complains("plugin.yml");
    let told = json(&desk.checks(&["--format", "json"]).await.exits_with(2));
    assert!(told["errors"][0].as_str().is_some_and(|said| said.contains("plugin.yml")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_plugins_than_sheets_are_not_passed_over() {
    let desk = Desk::new();
    desk.write(LIST, "a b c d e f end\n");
    for name in ["a", "b", "c", "d"] {
        desk.write(&format!("plugins/{name}/plugin.rb"), "");
        desk.write(&format!("config/plugins/{name}.yml"), "since: \"18.10\"\n");
    }
    desk.checks(&[]).await.exits_with(1).prints("1 integration more in this change");
    let told = desk.json(&[]).await;
    assert_eq!((&told["complete"], &told["without_sheet"]), (&false.into(), &1.into()));
    assert_eq!((&told["missing"], &told["version"]), (&0.into(), &1.into()), "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_hook_of_the_page_keeps_a_push_back() {
    let desk = slack();
    desk.commits("Add Slack");
    let hook = desk.repository().join(".git/hooks/pre-push");
    fs::create_dir_all(hook.parent().expect("a parent")).expect("made");
    fs::write(&hook, block("sh")).expect("written");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).expect("executable");
    let remote = desk.folder.path().join("remote.git");
    let remote = remote.to_str().expect("UTF-8");
    desk.git(&["init", "-q", "--bare", remote]);
    let binary = Path::new(env!("CARGO_BIN_EXE_steward")).parent().expect("a folder");
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").expect("a path"));
    let push = || {
        let mut command = desk.git_command(&["push", "-q", remote, "slack"]);
        command.env("PATH", &path).env("STEWARD_POLICIES_DIR", desk.folder.path().join("policies"));
        command.stdin(Stdio::null());
        command
    };
    let held = run(push()).await.exits_with(1);
    let said = held.out() + &held.err();
    assert!(said.contains("MISSING   Each field is documented"), "{said}");
    desk.applies_the_patch().await;
    desk.commits("Write the rest");
    run(push()).await.exits_with(0);
}
