//! Changed lines and whole files of merge requests, over HTTP.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    testserver::{Reply, Seen, Server, reply, with},
    *,
};
use crate::model::{
    AddedLines, FileAt, FileContent, FileStatus, LineSpan, MOST_FILES, SubjectKind, Unreadable,
};

const HEAD: &str = "2f3a4b5c6d7e8f901a2b3c4d5e6f708192a3b4c5";
const BASE: &str = "00112233445566778899aabbccddeeff00112233";
const MIB: usize = 1024 * 1024;

fn merge_request() -> Subject {
    Subject::gitlab_merge_request("g/s/p", 3)
}

fn item() -> Value {
    json!({"iid": 3, "title": "T", "state": "opened", "created_at": "2026-01-02T03:04:05Z",
        "sha": HEAD, "changes_count": "1", "target_branch": "main", "source_project_id": 77,
        "diff_refs": {"base_sha": BASE, "head_sha": HEAD, "start_sha": BASE}})
}

fn json_reply(value: Value) -> Reply {
    reply(200, value.to_string())
}

fn missing(what: &str) -> Reply {
    reply(404, json!({"message": format!("404 {what} Not Found")}).to_string())
}

/// A server of one merge request, which answers so to all but that.
async fn server(answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static) -> Server {
    server_of(item(), answer).await
}

async fn server_of(
    item: Value,
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> Server {
    Server::start(move |seen| match seen.path.ends_with("/merge_requests/3") {
        true => json_reply(item.clone()),
        false => answer(seen),
    })
    .await
}

async fn read(forge: &GitlabForge, snapshot: &Snapshot, at: FileAt) -> FileContent {
    match forge.read_facet(snapshot, &Facet::File(at)).await.expect("an answer") {
        FacetValue::File(content) => content,
        other => panic!("{other:?}"),
    }
}

/// Reads one file, and tells what was asked for it.
async fn one(server: &Server, at: FileAt) -> (FileContent, Vec<String>) {
    let forge = server.forge();
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    let content = read(&forge, &snapshot, at).await;
    let asked = server.seen().split_off(1);
    (content, asked.iter().map(|seen| format!("{}?{}", seen.path, seen.query)).collect())
}

async fn changes(diffs: Vec<Value>) -> Vec<crate::model::ChangedFile> {
    let server = server(move |_| json_reply(Value::Array(diffs.clone()))).await;
    let forge = server.forge();
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    match forge.read_facet(&snapshot, &Facet::Changes).await.expect("changes") {
        FacetValue::Changes(changes) => changes.files,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn changed_files_tell_which_lines_they_add() {
    let lines = |spans: &[(u32, u32)]| {
        AddedLines::Lines(
            spans.iter().map(|(first, last)| LineSpan { first: *first, last: *last }).collect(),
        )
    };
    let file = |more: Value| {
        let mut file = json!({"old_path": "a", "new_path": "a", "diff": ""});
        let more = more.as_object().expect("an object").clone();
        file.as_object_mut().expect("an object").extend(more);
        file
    };
    let hunk = "@@ -2 +2,2 @@ x\n-b\n+c \u{fc}\n+d\n";
    let cases = [
        (json!({"diff": hunk}), FileStatus::Modified, lines(&[(2, 3)])),
        (json!({"diff": hunk, "generated_file": true}), FileStatus::Modified, lines(&[(2, 3)])),
        (json!({"diff": hunk, "renamed_file": true}), FileStatus::Renamed, lines(&[(2, 3)])),
        (
            json!({"diff": "@@ -0,0 +1 @@\n+x\n", "new_file": true}),
            FileStatus::Added,
            lines(&[(1, 1)]),
        ),
        (
            json!({"diff": "@@ -1 +0,0 @@\n-x\n", "deleted_file": true}),
            FileStatus::Deleted,
            lines(&[]),
        ),
        (json!({"deleted_file": true, "too_large": true}), FileStatus::Deleted, lines(&[])),
        (json!({"renamed_file": true}), FileStatus::Renamed, lines(&[])),
        (
            json!({"renamed_file": true, "collapsed": true}),
            FileStatus::Renamed,
            AddedLines::NotShown,
        ),
        (json!({}), FileStatus::Modified, AddedLines::NotShown),
        (json!({"diff": null}), FileStatus::Modified, AddedLines::NotShown),
        (json!({"new_file": true}), FileStatus::Added, AddedLines::NotShown),
        (json!({"diff": "@@"}), FileStatus::Modified, AddedLines::NotShown),
        (
            json!({"diff": "Binary files a/a and b/a differ\n"}),
            FileStatus::Modified,
            AddedLines::NotShown,
        ),
        (json!({"diff": hunk, "too_large": true}), FileStatus::Modified, AddedLines::NotShown),
        (json!({"collapsed": true}), FileStatus::Modified, AddedLines::NotShown),
    ];
    let files = changes(cases.iter().map(|(more, ..)| file(more.clone())).collect()).await;
    assert_eq!(files.len(), cases.len());
    for (file, (more, status, added)) in files.iter().zip(cases) {
        assert_eq!((file.status, &file.added), (status, &added), "{more}");
    }
}

#[tokio::test]
async fn ten_thousand_files_are_read_page_by_page() {
    let server = server_of(
        {
            let mut item = item();
            item["changes_count"] = json!("10000");
            item
        },
        |seen| {
            let page = seen.query.split('&').find_map(|pair| pair.strip_prefix("page="));
            let page: usize = page.map_or(1, |page| page.parse().expect("a number"));
            let files: Vec<Value> = (0..100)
                .map(|n| json!({"new_path": format!("{page}/{n}"), "diff": "@@ -0,0 +1 @@\n+x\n"}))
                .collect();
            let answer = json_reply(Value::Array(files));
            if page == 100 {
                return answer;
            }
            let host = seen.headers["host"].to_str().expect("a host");
            let next = format!("<http://{host}{}?page={}>; rel=\"next\"", seen.path, page + 1);
            with(answer, "link", &next)
        },
    )
    .await;
    let forge = server.forge();
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    let found = forge.read_facet(&snapshot, &Facet::Changes).await.expect("changes");
    let FacetValue::Changes(changes) = found else { panic!("{found:?}") };
    assert_eq!((changes.files.len(), changes.complete), (10_000, true));
    assert!(changes.files.iter().all(|file| file.added.has(1) == Some(true)));
    assert_eq!(server.seen().len(), 101);
}

#[tokio::test]
async fn a_file_is_read_at_the_head_and_at_the_base() {
    let server = server(|seen| reply(200, format!("read {}\n", seen.query))).await;
    let files = "/api/v4/projects/g%2Fs%2Fp/repository/files";
    let (content, asked) = one(&server, FileAt::head("config/a b#%?.yml")).await;
    assert_eq!(content, FileContent::text(&format!("read ref={HEAD}\n")));
    assert_eq!(asked, [format!("{files}/config%2Fa%20b%23%25%3F.yml/raw?ref={HEAD}")]);

    let (forge, before) = (server.forge(), server.seen().len());
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    for path in ["a", "b"] {
        let content = read(&forge, &snapshot, FileAt::base(path)).await;
        assert_eq!(content, FileContent::text(&format!("read ref={BASE}\n")));
    }
    assert_eq!(server.seen().len(), before + 3, "the base comes with the reading");
}

#[tokio::test]
async fn what_stands_at_a_commit_is_asked_for_once() {
    let server = server(|seen| match seen.path.contains("absent") {
        true => missing("File"),
        false => reply(200, "x"),
    })
    .await;
    let forge = server.forge();
    for _ in 0..3 {
        let snapshot = forge.read(&merge_request()).await.expect("a merge request");
        for at in [FileAt::head("a"), FileAt::base("a"), FileAt::head("b")] {
            assert_eq!(read(&forge, &snapshot, at).await, FileContent::text("x"));
        }
        let absent = read(&forge, &snapshot, FileAt::head("absent")).await;
        assert_eq!(absent, FileContent::Absent);
    }
    let raw = server.lines().iter().filter(|line| line.ends_with("/raw")).count();
    assert_eq!((raw, server.seen().len()), (4, 7));
}

#[tokio::test]
async fn what_is_no_text_or_too_long_is_said_to_be_so() {
    let too_large = FileContent::Unreadable(Unreadable::TooLarge { most: MIB as u64 });
    let not_text = FileContent::Unreadable(Unreadable::NotText);
    for (path, expected) in [
        ("full", FileContent::text(&"x".repeat(MIB))),
        ("long", too_large.clone()),
        ("endless", too_large),
        ("latin", not_text.clone()),
        ("nul", not_text),
        ("empty", FileContent::text("")),
    ] {
        let server = server(|seen| {
            let body = match seen.path.split('/').rev().nth(1) {
                Some("full") => vec![b'x'; MIB],
                Some("long") => vec![b'x'; MIB + 1],
                Some("latin") => b"\xfcber".to_vec(),
                Some("nul") => b"a\0b".to_vec(),
                Some("endless") => {
                    let chunk = || Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 4096]));
                    return Reply::new(Body::from_stream(futures::stream::repeat_with(chunk)));
                }
                _ => Vec::new(),
            };
            Reply::new(Body::from(body))
        })
        .await;
        let (content, _) = one(&server, FileAt::head(path)).await;
        assert!(content == expected, "{path}");
    }
}

#[tokio::test]
async fn nothing_is_asked_for_a_path_that_no_file_has_nor_for_an_issue() {
    let server = Server::start(|_| json_reply(item())).await;
    let forge = server.forge();
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    for path in ["", "/etc/passwd", "../../user", "a/./b", "a//b", "a\\..\\b", "a\0b", "a\nb"] {
        for at in [FileAt::head(path), FileAt::base(path)] {
            let content = read(&forge, &snapshot, at).await;
            assert_eq!(content, FileContent::Unreadable(Unreadable::BadPath), "{path:?}");
        }
    }
    let issue = Snapshot { subject: Subject::gitlab_issue("g/s/p", 3), ..snapshot.clone() };
    assert_eq!(read(&forge, &issue, FileAt::head("a")).await, FileContent::Absent);
    let subject = Subject { kind: SubjectKind::Epic, ..merge_request() };
    let epic = Snapshot { subject, ..snapshot };
    let error = forge.read_facet(&epic, &Facet::File(FileAt::head("a"))).await;
    assert!(matches!(error, Err(ForgeError::Unsupported { .. })), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_hundred_files_of_one_subject_are_read() {
    let server = server(|_| reply(200, "x")).await;
    let forge = server.forge();
    let mut snapshot = forge.read(&merge_request()).await.expect("a merge request");
    for number in 0..MOST_FILES + 1 {
        let at = FileAt::head(format!("{number}"));
        let content = read(&forge, &snapshot, at.clone()).await;
        let expected = match number < MOST_FILES {
            true => FileContent::text("x"),
            false => FileContent::Unreadable(Unreadable::TooMany { most: MOST_FILES }),
        };
        assert_eq!(content, expected, "{number}");
        snapshot.fill(&Facet::File(at), FacetValue::File(content));
    }
    assert_eq!(server.seen().len(), MOST_FILES + 1);
}

#[tokio::test]
async fn a_head_that_is_not_found_is_read_by_its_name() {
    let name = "refs%2Fmerge-requests%2F3%2Fhead";
    let server = server(move |seen| match seen.query.contains(name) {
        true => reply(200, "x"),
        false => missing("Commit"),
    })
    .await;
    let (forge, at) = (server.forge(), FileAt::head("a"));
    let snapshot = forge.read(&merge_request()).await.expect("a merge request");
    for _ in 0..2 {
        assert_eq!(read(&forge, &snapshot, at.clone()).await, FileContent::text("x"));
    }
    let asked: Vec<String> =
        server.seen().split_off(1).into_iter().map(|seen| seen.query).collect();
    let (by_id, by_name) = (format!("ref={HEAD}"), format!("ref={name}"));
    assert_eq!(
        asked.iter().collect::<Vec<_>>(),
        [&by_id, &by_name, &by_id, &by_name],
        "what moves is not kept"
    );
    let error = forge.read_facet(&snapshot, &Facet::File(FileAt::base("a"))).await;
    let error = error.expect_err("the base has one name").to_string();
    assert!(error.contains(BASE), "{error}");

    // A merge request without a head has only the name.
    let mut item = item();
    item["sha"] = Value::Null;
    let server = server_of(item, |seen| reply(200, seen.query.clone())).await;
    let (content, _) = one(&server, at).await;
    assert_eq!(content, FileContent::text(&by_name));
}

#[tokio::test]
async fn only_a_file_that_is_not_there_is_absent() {
    for (what, answer) in [
        ("no commit", missing("Commit")),
        ("no project", missing("Project")),
        ("a proxy", reply(404, "not found")),
        ("no right", reply(403, r#"{"message":"403 Forbidden"}"#)),
        ("trouble", reply(502, "")),
    ] {
        let status = answer.status().as_u16();
        let body = axum::body::to_bytes(answer.into_body(), MIB).await.expect("a body");
        let body = String::from_utf8(body.to_vec()).expect("a text");
        let server = server(move |_| reply(status, body.clone())).await;
        let forge = server.forge();
        let snapshot = forge.read(&merge_request()).await.expect("a merge request");
        for side in [FileAt::head("a"), FileAt::base("a")] {
            let answer = forge.read_facet(&snapshot, &Facet::File(side)).await;
            let error = answer.expect_err(what);
            let fits = match status {
                404 => matches!(error, ForgeError::NotFound { .. }),
                403 => matches!(error, ForgeError::Forbidden { .. }),
                _ => matches!(error, ForgeError::Broken { .. }),
            };
            assert!(fits, "{what}: {error:?}");
        }
    }
}

#[tokio::test]
async fn without_a_base_commit_the_target_branch_is_read_each_time() {
    for (refs, branch, expected) in [
        (Value::Null, json!("main"), Some("ref=main")),
        (json!({"base_sha": null}), json!("a/b"), Some("ref=a%2Fb")),
        (Value::Null, Value::Null, None),
    ] {
        let mut item = item();
        (item["diff_refs"], item["target_branch"]) = (refs, branch);
        let server = server_of(item, |seen| reply(200, seen.query.clone())).await;
        let forge = server.forge();
        let snapshot = forge.read(&merge_request()).await.expect("a merge request");
        for _ in 0..2 {
            let answer = forge.read_facet(&snapshot, &Facet::File(FileAt::base("a"))).await;
            match (answer, expected) {
                (Ok(found), Some(query)) => {
                    assert_eq!(found, FacetValue::File(FileContent::text(query)));
                }
                (Err(ForgeError::Unexpected { .. }), None) => {}
                (other, _) => panic!("{other:?}"),
            }
        }
        assert_eq!(server.seen().len(), if expected.is_some() { 3 } else { 1 });
    }
}

#[tokio::test]
async fn the_base_is_asked_for_when_the_reading_is_of_another_head() {
    let server = server(|seen| reply(200, seen.query.clone())).await;
    let (first, forge) = (server.forge(), server.forge());
    // Read by somebody else, such as from a list.
    let snapshot = first.read(&merge_request()).await.expect("a merge request");
    for _ in 0..2 {
        let content = read(&forge, &snapshot, FileAt::base("a")).await;
        assert_eq!(content, FileContent::text(&format!("ref={BASE}")));
    }
    assert_eq!(server.seen().len(), 3, "{:?}", server.lines());
}
