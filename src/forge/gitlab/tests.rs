use serde_json::{Value, json};

use super::{
    testserver::{Reply, Seen, Server, TOKEN, reply, with},
    *,
};
use crate::model::{FileStatus, State, SubjectKind};

fn issue() -> Subject {
    Subject::gitlab_issue("g/s/p", 12)
}

fn merge_request() -> Subject {
    Subject::gitlab_merge_request("g/s/p", 3)
}

fn item() -> Value {
    json!({
        "id": 900, "iid": 12, "title": "T", "description": null, "state": "opened",
        "web_url": "https://h/g/s/p/-/issues/12", "labels": ["bug", "Integration::Jira"],
        "author": {"id": 5, "username": "ada", "name": "Ada", "avatar_url": null},
        "milestone": {"id": 1, "title": "18.10", "due_date": "2026-03-19"},
        "created_at": "2026-01-02T03:04:05.678Z", "updated_at": "2026-01-03T03:04:05+02:00",
        "user_notes_count": 0, "something_new": {"x": [1]}
    })
}

fn json_reply(value: Value) -> Reply {
    reply(200, value.to_string())
}

/// A list in pages of two, as GitLab links them, although a hundred were asked for.
fn paged(seen: &Seen, all: &[Value]) -> Reply {
    let page: usize = seen
        .query
        .split('&')
        .find_map(|pair| pair.strip_prefix("page="))
        .map_or(1, |page| page.parse().expect("a number"));
    let chunk: Vec<_> = all.iter().skip((page - 1) * 2).take(2).cloned().collect();
    let answer = json_reply(Value::Array(chunk));
    if page * 2 >= all.len() {
        return answer;
    }
    let host = seen.headers["host"].to_str().expect("a host");
    with(answer, "link", &format!("<http://{host}{}?page={}>; rel=\"next\"", seen.path, page + 1))
}

#[tokio::test]
async fn an_issue_is_read_in_one_call() {
    let server = Server::start(|_| json_reply(item())).await;
    let snapshot = server.forge().read(&issue()).await.expect("an issue");
    assert_eq!(server.lines(), ["GET /api/v4/projects/g%2Fs%2Fp/issues/12"]);
    assert_eq!(snapshot.subject, issue());
    assert_eq!((snapshot.title.as_str(), snapshot.description.as_str()), ("T", ""));
    assert_eq!((snapshot.state, snapshot.draft), (State::Open, false));
    assert_eq!(snapshot.author.username, "ada");
    assert_eq!(snapshot.labels, ["bug".into(), "Integration::Jira".into()]);
    let milestone = snapshot.milestone.expect("a milestone");
    assert_eq!(milestone.title, "18.10");
    assert_eq!(milestone.due.map(|due| due.to_string()).as_deref(), Some("2026-03-19"));
    assert_eq!(snapshot.updated_at.to_rfc3339(), "2026-01-03T01:04:05+00:00");
    assert_eq!(snapshot.facets.own_comments, Some(Vec::new()), "no comments: none of ours");
}

#[tokio::test]
async fn an_item_with_little_in_it_is_read_too() {
    let server = Server::start(|_| {
        json_reply(json!({"iid": 12, "title": "T", "state": "locked", "labels": null,
            "author": null, "milestone": null, "created_at": "2026-01-02T03:04:05Z",
            "updated_at": null, "draft": null, "work_in_progress": true, "sha": null}))
    })
    .await;
    let snapshot = server.forge().read(&merge_request()).await.expect("a merge request");
    assert_eq!((snapshot.state, snapshot.draft, snapshot.author.id), (State::Open, true, 0));
    assert_eq!(snapshot.updated_at, snapshot.created_at);
    assert_eq!(snapshot.facets.own_comments, None);
}

#[tokio::test]
async fn a_missing_number_is_unexpected_and_an_epic_unsupported() {
    let server = Server::start(|_| {
        let mut item = item();
        item.as_object_mut().expect("an object").remove("iid");
        json_reply(item)
    })
    .await;
    let forge = server.forge();
    let error = forge.read(&issue()).await.expect_err("no number");
    assert!(error.to_string().contains("`iid`"), "{error}");
    let epic = Subject { kind: SubjectKind::Epic, ..issue() };
    let error = forge.read(&epic).await.expect_err("an epic");
    assert!(matches!(error, ForgeError::Unsupported { .. }), "{error}");
    let error = forge.post_comment(&epic, "x").await.expect_err("an epic");
    assert!(matches!(error, ForgeError::Unsupported { .. }), "{error}");
    assert_eq!(server.seen().len(), 1);
}

async fn facet(server: &Server, subject: Subject, facet: Facet) -> Result<FacetValue, ForgeError> {
    let forge = server.forge();
    let snapshot = forge.read(&subject).await.expect("a subject");
    forge.read_facet(&snapshot, &facet).await
}

#[tokio::test]
async fn own_comments_are_found_on_all_pages() {
    let note = |id: u64, author: u64, system: bool| {
        json!({"id": id, "body": format!("n{id}"), "system": system,
            "author": {"id": author, "username": "x"},
            "created_at": format!("2026-01-02T03:04:{:02}.000Z", id)})
    };
    let notes = [
        note(1, 42, false),
        note(2, 5, false),
        note(3, 42, true),
        note(4, 42, false),
        json!({"id": 5, "body": null, "author": null, "created_at": "2026-01-02T03:04:05Z"}),
    ];
    let server = Server::start(move |seen| match seen.path.rsplit('/').next() {
        Some("user") => json_reply(json!({"id": 42, "username": "steward", "name": "Steward"})),
        Some("notes") => paged(seen, &notes),
        _ => json_reply(item()),
    })
    .await;
    for subject in [issue(), merge_request()] {
        let found = facet(&server, subject, Facet::OwnComments).await.expect("comments");
        let FacetValue::OwnComments(comments) = found else { panic!("{found:?}") };
        assert_eq!(comments.iter().map(|comment| comment.id).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(comments[1].body, "n4");
    }
    let pages: Vec<_> = server.seen().into_iter().filter(|s| s.path.ends_with("notes")).collect();
    assert_eq!(pages.len(), 6);
    assert_eq!(pages[0].query, "order_by=created_at&sort=asc&per_page=100");
}

#[tokio::test]
async fn the_label_history_is_told_oldest_first() {
    let event = |id: u64, action: &str, label: Value| {
        json!({"id": id, "action": action, "label": label, "resource_type": "Issue",
            "user": {"id": 5, "username": "ada", "name": "Ada"},
            "created_at": format!("2026-01-02T03:04:{id:02}.000Z")})
    };
    let events = [
        event(9, "remove", json!({"id": 1, "name": "bug"})),
        event(3, "add", json!({"id": 1, "name": "bug"})),
        event(4, "add", Value::Null),
        event(3, "add", json!({"id": 1, "name": "bug"})),
        event(5, "ponder", Value::Null),
    ];
    let server = Server::start(move |seen| match seen.path.rsplit('/').next() {
        Some("resource_label_events") => paged(seen, &events),
        _ => json_reply(item()),
    })
    .await;
    for subject in [issue(), merge_request()] {
        let found = facet(&server, subject, Facet::LabelHistory).await.expect("a history");
        let FacetValue::LabelHistory(events) = found else { panic!("{found:?}") };
        let told: Vec<_> = events
            .iter()
            .map(|event| (event.added, event.label.as_ref().map(LabelName::as_str)))
            .collect();
        assert_eq!(told, [(true, Some("bug")), (true, None), (false, Some("bug"))]);
    }
}

#[tokio::test]
async fn changes_say_whether_they_are_all() {
    for (count, complete) in
        [(json!("3"), true), (json!("4"), false), (json!("1000+"), false), (Value::Null, false)]
    {
        let diffs = [
            json!({"old_path": "a", "new_path": "a", "diff": "@@", "too_large": true}),
            json!({"old_path": "b", "new_path": "c", "renamed_file": true, "new_file": false}),
            json!({"old_path": "d", "new_path": "d", "deleted_file": true, "collapsed": true}),
        ];
        let server = Server::start(move |seen| {
            if seen.path.ends_with("/diffs") {
                return paged(seen, &diffs);
            }
            let mut item = item();
            item["changes_count"] = count.clone();
            item["sha"] = json!("abc");
            json_reply(item)
        })
        .await;
        let found = facet(&server, merge_request(), Facet::Changes).await.expect("changes");
        let FacetValue::Changes(changes) = found else { panic!("{found:?}") };
        assert_eq!(changes.complete, complete);
        let told: Vec<_> = changes
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.previous_path.as_deref(), file.status))
            .collect();
        assert_eq!(
            told,
            [
                ("a", None, FileStatus::Modified),
                ("c", Some("b"), FileStatus::Renamed),
                ("d", None, FileStatus::Deleted)
            ]
        );
        assert_eq!(server.seen().len(), 3, "the count comes with the reading");
    }
}

#[tokio::test]
async fn an_issue_changes_no_file() {
    let server = Server::start(|_| json_reply(item())).await;
    let found = facet(&server, issue(), Facet::Changes).await.expect("changes");
    let FacetValue::Changes(changes) = found else { panic!("{found:?}") };
    assert!(changes.complete && changes.files.is_empty());
    assert_eq!(server.seen().len(), 1);
}

/// Knows the labels `Bug`, `42` (with the id 7) and, by id 42, `other`.
fn label_server(seen: &Seen) -> Reply {
    match seen.path.as_str() {
        "/api/v4/projects/g%2Fs%2Fp/labels/Bug" => json_reply(json!({"id": 1, "name": "Bug"})),
        "/api/v4/projects/g%2Fs%2Fp/labels/42" => json_reply(json!({"id": 42, "name": "other"})),
        "/api/v4/projects/g%2Fs%2Fp/labels" => paged(
            seen,
            &[
                json!({"id": 3, "name": "Bug report"}),
                json!({"id": 42, "name": "other"}),
                json!({"id": 1, "name": "Bug"}),
                json!({"id": 7, "name": "42"}),
            ],
        ),
        path if path.contains("labels/") => reply(404, r#"{"message":"404 Label Not Found"}"#),
        _ => json_reply(item()),
    }
}

#[tokio::test]
async fn labels_are_found_exactly_or_without_regard_to_case() {
    for (asked, found, calls) in [
        ("Bug", Some("Bug"), 1),
        ("bUG", Some("Bug"), 3),
        ("42", Some("42"), 3),
        ("bug re", None, 3),
        ("..", None, 2),
    ] {
        let server = Server::start(label_server).await;
        let forge = server.forge();
        let name = LabelName::from(asked);
        let snapshot = forge.read(&issue()).await.expect("an issue");
        let facet = Facet::Label(name.clone());
        let ask = || forge.read_facet(&snapshot, &facet);
        let expected = FacetValue::Label(found.map(LabelName::from));
        let answers = futures::future::join_all((0..20).map(|_| ask())).await;
        for answer in answers {
            assert_eq!(answer.expect("an answer"), expected, "{asked}");
        }
        assert_eq!(ask().await.expect("an answer"), expected);
        assert_eq!(server.seen().len(), calls + 1, "{asked}: {:?}", server.lines());
        let fresh = forge.label_exists("g/s/p", &name).await.expect("an answer");
        assert_eq!(fresh, found.map(LabelName::from));
        assert!(server.seen().len() > calls + 1, "asks each time");
    }
}

#[tokio::test]
async fn a_failed_lookup_is_not_remembered() {
    let server = Server::start(|seen| match seen.path.contains("labels") {
        true => reply(500, ""),
        false => json_reply(item()),
    })
    .await;
    let forge = server.forge();
    let snapshot = forge.read(&issue()).await.expect("an issue");
    for _ in 0..2 {
        let error = forge.read_facet(&snapshot, &Facet::Label("x".into())).await;
        assert!(matches!(error, Err(ForgeError::Broken { .. })));
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn labels_are_changed_in_one_call() {
    let server = Server::start(|_| json_reply(item())).await;
    let forge = server.forge();
    let (add, remove) = (["a b".into(), "Ä::1".into()], ["c&d".into()]);
    for subject in [issue(), merge_request()] {
        forge.change_labels(&subject, &add, &remove).await.expect("changed");
    }
    forge.change_labels(&issue(), &[], &[]).await.expect("nothing to do");
    assert_eq!(
        server.lines(),
        [
            "PUT /api/v4/projects/g%2Fs%2Fp/issues/12",
            "PUT /api/v4/projects/g%2Fs%2Fp/merge_requests/3"
        ]
    );
    for seen in server.seen() {
        assert_eq!(seen.body, "add_labels=a+b%2C%C3%84%3A%3A1&remove_labels=c%26d");
    }
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_before_sending() {
    let server = Server::start(|_| json_reply(json!({"id": 1}))).await;
    let forge = server.forge();
    let long = "ü".repeat(1_000_001);
    let label = |name: &str| [LabelName::from(name)];
    for result in [
        forge.change_labels(&issue(), &label("a,b"), &[]).await,
        forge.change_labels(&issue(), &[], &label("a,b")).await,
        forge.change_labels(&issue(), &label(" "), &[]).await,
        forge.post_comment(&issue(), &long).await.map(|_| ()),
        forge.edit_comment(&issue(), 1, &long).await,
        forge.post_comment(&issue(), " \n").await.map(|_| ()),
    ] {
        let error = result.expect_err("refused");
        assert!(matches!(error, ForgeError::Refused { status: 0, .. }), "{error:?}");
        assert!(!error.is_transient() && error.to_string().contains("not sent"), "{error}");
    }
    assert!(server.seen().is_empty());
    forge.post_comment(&issue(), &long[2..]).await.expect("just fits");
}

#[tokio::test]
async fn comments_are_posted_edited_and_deleted() {
    let server = Server::start(|seen| match seen.method.as_str() {
        "POST" => reply(201, r#"{"id":77,"body":"x"}"#),
        "DELETE" => reply(204, ""),
        _ => json_reply(json!({"id": 77})),
    })
    .await;
    let forge = server.forge();
    for subject in [issue(), merge_request()] {
        assert_eq!(forge.post_comment(&subject, "a & b\n/close").await.expect("posted"), 77);
        forge.edit_comment(&subject, 77, "new").await.expect("edited");
        forge.delete_comment(&subject, 77).await.expect("deleted");
    }
    let base = "/api/v4/projects/g%2Fs%2Fp";
    let expected: Vec<String> = ["issues/12", "merge_requests/3"]
        .iter()
        .flat_map(|item| {
            [
                format!("POST {base}/{item}/notes"),
                format!("PUT {base}/{item}/notes/77"),
                format!("DELETE {base}/{item}/notes/77"),
            ]
        })
        .collect();
    assert_eq!(server.lines(), expected);
    assert_eq!(server.seen()[0].body, "body=a+%26+b%0A%2Fclose");
}

#[tokio::test]
async fn steward_asks_only_once_who_it_is_and_not_at_start() {
    let server = Server::start(|_| json_reply(json!({"id": 42, "username": "steward"}))).await;
    let forge = server.forge();
    assert!(server.seen().is_empty());
    for me in futures::future::join_all((0..10).map(|_| forge.me())).await {
        assert_eq!(me.expect("me").username, "steward");
    }
    assert_eq!(server.lines(), ["GET /api/v4/user"]);
    assert!(!format!("{forge:?}").contains(TOKEN));
}

#[tokio::test]
async fn the_doctor_is_answered() {
    let server = Server::start(|seen| match seen.path.trim_start_matches("/api/v4/") {
        "personal_access_tokens/self" => json_reply(json!({"id": 1, "name": "bot",
            "scopes": ["api"], "expires_at": "2027-01-31", "active": true})),
        "projects/g%2Fs%2Fp" => json_reply(json!({"id": 9, "path_with_namespace": "g/s/p",
            "permissions": {"project_access": null, "group_access": {"access_level": 30}}})),
        "projects/g%2Fs%2Fp/hooks" => json_reply(json!([{"id": 1, "note_events": true,
            "url": "https://u:hunter2@bot.example.com/hook?token=hunter2",
            "alert_status": "disabled", "issues_events": null}])),
        "version" => json_reply(json!({"version": "18.9.0-ee", "revision": "abc"})),
        other => reply(404, other),
    })
    .await;
    let forge = server.forge();
    let token = forge.token_info().await.expect("a token");
    assert_eq!((token.name.as_str(), token.scopes), ("bot", vec!["api".to_owned()]));
    assert_eq!(token.expires_at.map(|date| date.to_string()).as_deref(), Some("2027-01-31"));
    let project = forge.project("g/s/p").await.expect("a project");
    assert_eq!((project.id, project.access_level), (9, Some(30)));
    let hooks = forge.hooks("g/s/p").await.expect("hooks");
    assert_eq!(hooks[0].url, "https://bot.example.com/hook");
    assert!(hooks[0].note_events && !hooks[0].issues_events);
    assert_eq!(forge.version().await.expect("a version").version, "18.9.0-ee");
    assert_eq!(
        forge.project("gone/p").await.expect_err("gone").outcome(),
        crate::forge::Outcome::NotApplied
    );
}
