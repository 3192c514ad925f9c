use std::time::Duration;

use http::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::{
    forge::{
        Outcome,
        shared::testserver::{Reply, Seen, Server, reply, with},
    },
    model::{Access, FileAt, FileContent, Membership, StatusState, Unreadable},
};

async fn github(
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Server, GithubForge) {
    let server = Server::start(answer).await;
    let auth = GithubAuth::Token("ghp-very-secret".to_owned().into());
    let settings = GithubSettings {
        timeout: Duration::from_millis(500),
        ..GithubSettings::new(&server.url, auth)
    };
    let forge = GithubForge::new(&settings).expect("settings");
    (server, forge)
}

fn issue() -> Subject {
    Subject::github_issue("o/p", 7)
}

fn pull() -> Subject {
    Subject::github_pull_request("o/p", 7)
}

fn an_item(more: Value) -> String {
    let mut item = json!({
        "number": 7,
        "title": "T",
        "state": "open",
        "html_url": "https://h/o/p/issues/7",
        "user": { "id": 1, "login": "anna" },
        "created_at": "2026-11-20T12:00:00Z",
    });
    if let (Value::Object(item), Value::Object(more)) = (&mut item, more) {
        item.extend(more);
    }
    item.to_string()
}

#[tokio::test]
async fn an_issue_is_read_with_what_github_leaves_out() {
    let (_server, forge) = github(|_| {
        reply(
            200,
            an_item(json!({
                "body": null,
                "labels": [{ "name": "bug" }, "old", { "name": null }],
                "milestone": { "number": 3, "title": "1.0", "due_on": "2026-12-01T08:00:00Z" },
                "reactions": { "+1": 2, "-1": 1 },
                "comments": 0,
                "invented": [1],
            })),
        )
    })
    .await;
    let read = forge.read(&issue()).await.expect("read");
    assert_eq!((read.description.as_str(), read.labels.len()), ("", 2));
    assert_eq!(read.votes, Some(crate::model::Votes { up: 2, down: 1 }));
    assert_eq!(read.milestone.expect("one").due, "2026-12-01".parse().ok());
    assert_eq!(read.facets.own_comments, Some(Vec::new()), "none at all is none of Steward's");
    let (_server, forge) = github(|_| reply(200, an_item(json!({ "user": null })))).await;
    assert_eq!(forge.read(&issue()).await.expect("read").author.username, "ghost");
}

#[tokio::test]
async fn an_issue_that_is_another_one_now_is_not_read() {
    let (_server, forge) = github(|_| reply(200, an_item(json!({ "number": 9 })))).await;
    let error = forge.read(&issue()).await.expect_err("moved");
    assert!(matches!(error, ForgeError::NotFound { .. }), "{error}");
    let (_server, forge) = github(|_| reply(200, an_item(json!({ "pull_request": {} })))).await;
    let error = forge.read(&issue()).await.expect_err("a pull request");
    assert!(error.to_string().contains("name it o/p!7"), "{error}");
    let elsewhere = Subject { project: "o/../x".into(), ..issue() };
    let error = forge.read(&elsewhere).await.expect_err("no repository");
    assert!(matches!(error, ForgeError::Refused { status: 0, .. }), "{error}");
}

#[tokio::test]
async fn labels_are_set_in_one_call_and_taken_off_in_one_each() {
    let (server, forge) = github(|seen| match (seen.method.as_str(), seen.path.as_str()) {
        ("DELETE", path) if path.ends_with("/gone") => {
            reply(404, r#"{"message":"Label does not exist"}"#)
        }
        ("DELETE", path) if path.ends_with("/later") => with(reply(403, "{}"), "retry-after", "7"),
        _ => reply(200, "[]"),
    })
    .await;
    let change = async |add: &[&str], remove: &[&str]| {
        let names =
            |all: &[&str]| all.iter().map(|name| LabelName::from(*name)).collect::<Vec<_>>();
        forge.change_labels(&issue(), &names(add), &names(remove)).await
    };
    change(&["a", "b/c"], &["gone", "d e"]).await.expect("done");
    let lines = server.lines();
    assert_eq!(
        lines,
        [
            "POST /api/v3/repos/o/p/issues/7/labels",
            "DELETE /api/v3/repos/o/p/issues/7/labels/gone",
            "DELETE /api/v3/repos/o/p/issues/7/labels/d%20e",
        ]
    );
    assert_eq!(server.seen()[0].body, r#"{"labels":["a","b/c"]}"#);

    let error = change(&["a"], &["later"]).await.expect_err("limited");
    assert_eq!(error.outcome(), Outcome::Unknown, "one of two is done: {error}");
    assert!(
        matches!(error.cause(), ForgeError::RateLimited { retry_after, .. } if retry_after.as_secs() == 7)
    );
    let error = change(&[], &["later"]).await.expect_err("limited");
    assert_eq!(error.outcome(), Outcome::NotApplied, "nothing is done");
    change(&[], &[]).await.expect("nothing to do");
    assert!(matches!(change(&[" "], &[]).await, Err(ForgeError::Refused { status: 0, .. })));
}

#[tokio::test]
async fn a_list_of_files_is_read_with_its_lines() {
    let (_server, forge) = github(|seen| {
        match seen.path.as_str() {
        "/api/v3/repos/o/p/pulls/7" => reply(200, an_item(json!({ "changed_files": 4 }))),
        _ => reply(200, json!([
            { "filename": "new", "status": "added", "changes": 1, "patch": "@@ -0,0 +1 @@\n+x" },
            { "filename": "b", "previous_filename": "a", "status": "renamed", "changes": 0 },
            { "filename": "gone", "status": "removed", "changes": 1, "patch": "@@ -1 +0,0 @@\n-x" },
            { "filename": "a.png", "status": "invented", "changes": 0 },
        ]).to_string()),
    }
    })
    .await;
    let snapshot = forge.read(&pull()).await.expect("read");
    let FacetValue::Changes(changes) =
        forge.read_facet(&snapshot, &Facet::Changes).await.expect("read")
    else {
        panic!("changes");
    };
    assert!(changes.complete);
    let told: Vec<_> = changes
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.previous_path.as_deref(), file.added.has(1)))
        .collect();
    assert_eq!(
        told,
        [
            ("new", None, Some(true)),
            ("b", Some("a"), Some(false)),
            ("gone", None, Some(false)),
            ("a.png", None, None),
        ]
    );
}

#[tokio::test]
async fn a_file_is_read_where_it_stands() {
    let head = json!({ "head": { "sha": "h1" }, "base": { "sha": "b2" } });
    let (server, forge) = github(move |seen| {
        let raw =
            |text: &str| with(reply(200, text), "content-type", "application/vnd.github.raw+json");
        match (seen.path.rsplit('/').next().unwrap_or_default(), seen.query.as_str()) {
            ("7", _) => reply(200, an_item(head.clone())),
            ("b2...h1", _) => reply(200, r#"{"merge_base_commit":{"sha":"b1"}}"#),
            ("a%20b", "ref=h1") => raw("head"),
            ("a%20b", "ref=b1") => raw("base"),
            ("pushed", "ref=h1") => reply(404, r#"{"message":"No commit found for the ref h1"}"#),
            ("pushed", "ref=refs%2Fpull%2F7%2Fhead") => raw("newest"),
            ("folder", _) => {
                with(reply(200, "[]"), "content-type", "application/json; charset=utf-8")
            }
            _ => reply(404, r#"{"message":"Not Found"}"#),
        }
    })
    .await;
    let snapshot = forge.read(&pull()).await.expect("read");
    let file = async |at: FileAt| match forge.read_facet(&snapshot, &Facet::File(at)).await {
        Ok(FacetValue::File(content)) => content,
        other => panic!("{other:?}"),
    };
    for _ in 0..2 {
        assert_eq!(file(FileAt::head("x/a b")).await, FileContent::text("head"));
        assert_eq!(file(FileAt::base("x/a b")).await, FileContent::text("base"));
    }
    assert_eq!(file(FileAt::head("pushed")).await, FileContent::text("newest"));
    assert_eq!(file(FileAt::head("none")).await, FileContent::Absent);
    assert_eq!(file(FileAt::head("folder")).await, FileContent::Unreadable(Unreadable::NotText));
    assert_eq!(file(FileAt::head("../x")).await, FileContent::Unreadable(Unreadable::BadPath));
    let compared = server.lines().iter().filter(|line| line.contains("compare")).count();
    assert_eq!(compared, 1, "once for two commits");
}

#[rstest]
#[case::admin(json!({ "permission": "admin", "role_name": "admin" }), Access::Owner)]
#[case::maintain(json!({ "permission": "write", "role_name": "maintain" }), Access::Maintainer)]
#[case::write(json!({ "permission": "write" }), Access::Developer)]
#[case::triage(json!({ "permission": "read", "role_name": "triage" }), Access::Reporter)]
#[case::anybody(json!({ "permission": "read", "role_name": "read" }), Access::None)]
#[case::own_role(json!({ "permission": "write", "role_name": "shepherd" }), Access::Developer)]
#[tokio::test]
async fn roles_are_understood(#[case] permission: Value, #[case] access: Access) {
    let (_server, forge) = github(move |seen| match seen.path.ends_with("/permission") {
        true => reply(200, permission.to_string()),
        false => reply(200, an_item(json!({}))),
    })
    .await;
    let snapshot = forge.read(&issue()).await.expect("read");
    let found = forge.read_facet(&snapshot, &Facet::AuthorAccess).await.expect("read");
    assert_eq!(found, FacetValue::AuthorAccess(access));
}

#[tokio::test]
async fn membership_is_asked_for_by_number_and_counts_when_it_is_accepted() {
    let (server, forge) = github(|seen| match seen.path.trim_start_matches("/api/v3/") {
        "repos/o/p/issues/7" => reply(200, an_item(json!({}))),
        "user/5" => reply(200, r#"{"id":5,"login":"anna-now"}"#),
        "orgs/o/teams/chat/memberships/anna-now" => reply(200, r#"{"state":"active"}"#),
        "orgs/o/memberships/anna-now" => reply(200, r#"{"state":"pending"}"#),
        "orgs/o/teams/secret/memberships/anna-now" => reply(403, r#"{"message":"no"}"#),
        _ => reply(404, r#"{"message":"Not Found"}"#),
    })
    .await;
    let snapshot = forge.read(&issue()).await.expect("read");
    let belongs = async |group: &str, person| {
        let facet = Facet::Membership(Membership { group: group.into(), person });
        forge.read_facet(&snapshot, &facet).await
    };
    for (group, person, expected) in [
        ("o/chat", 5, true),
        ("@o/chat", 5, true),
        ("o", 5, false),
        ("o/none", 5, false),
        ("o/chat", 6, false),
        ("", 5, false),
        ("o/chat", 0, false),
    ] {
        let found = belongs(group, person).await.expect(group);
        assert_eq!(found, FacetValue::Membership(expected), "{group} {person}");
    }
    assert!(matches!(belongs("o/secret", 5).await, Err(ForgeError::Forbidden { .. })));
    assert!(server.seen().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test]
async fn a_status_on_a_commit_that_is_gone_is_told_as_such() {
    let (server, forge) = github(|seen| match seen.path.ends_with("/gone") {
        true => reply(422, r#"{"message":"No commit found for SHA: gone"}"#),
        false => reply(201, "{}"),
    })
    .await;
    let status = |commit: &str| CommitStatus {
        commit: commit.into(),
        name: "steward/docs".into(),
        state: StatusState::Failed,
        text: "x".repeat(200),
        report: None,
    };
    forge.set_status(&pull(), &status("c1")).await.expect("set");
    let sent: Value = serde_json::from_str(&server.seen()[0].body).expect("JSON");
    assert_eq!((&sent["state"], &sent["context"]), (&json!("failure"), &json!("steward/docs")));
    assert_eq!(sent["description"].as_str().map(|text| text.chars().count()), Some(140));
    let error = forge.set_status(&pull(), &status("gone")).await.expect_err("gone");
    assert!(matches!(error, ForgeError::NotFound { .. }), "{error}");
}
