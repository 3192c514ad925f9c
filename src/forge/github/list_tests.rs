//! Lists and what the end of an integration needs, against a server that says what GitHub says.

use serde_json::{Value, json};

use super::*;
use crate::{
    forge::{
        Housekeeping, LabelDefinition, LabelPlace, LabelledAsk,
        github::{GithubAuth, GithubSettings},
        shared::testserver::{Reply, Seen, Server, reply, with},
    },
    model::State,
};

async fn github(
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Server, GithubForge) {
    let server = Server::start(answer).await;
    let auth = GithubAuth::Token("ghp-very-secret".to_owned().into());
    let forge = GithubForge::new(&GithubSettings::new(&server.url, auth)).expect("settings");
    (server, forge)
}

fn item(number: u64, changed: &str, more: Value) -> Value {
    let mut item = json!({
        "number": number,
        "title": "T",
        "state": "open",
        "html_url": format!("https://h/o/p/issues/{number}"),
        "user": { "id": 1, "login": "anna" },
        "created_at": "2026-11-01T12:00:00Z",
        "updated_at": changed,
        "reactions": { "+1": 2, "-1": 0 },
    });
    if let (Value::Object(item), Value::Object(more)) = (&mut item, more) {
        item.extend(more);
    }
    item
}

fn pull(number: u64, changed: &str) -> Value {
    item(number, changed, json!({ "pull_request": { "merged_at": null } }))
}

fn ask(kind: SubjectKind) -> ListAsk {
    ListAsk {
        project: "o/p".into(),
        kind,
        only_open: true,
        changed_since: None,
        whole: true,
        page: None,
    }
}

fn all(items: &[Value]) -> Reply {
    reply(200, Value::from(items.to_vec()).to_string())
}

#[tokio::test]
async fn the_list_of_issues_has_both_kinds_and_moves_by_the_times_of_both() {
    let (server, forge) = github(|_| {
        let merged =
            json!({ "state": "closed", "pull_request": { "merged_at": "2026-11-03T00:00:00Z" } });
        let next = "</api/v3/repositories/7/issues?page=2>; rel=\"next\"";
        let items = [
            item(1, "2026-11-02T00:00:00Z", json!({})),
            item(2, "2026-11-03T00:00:00Z", merged),
            item(3, "2026-11-04T00:00:00Z", json!({ "body": null, "comments": 0 })),
        ];
        with(all(&items), "link", next)
    })
    .await;
    let since = "2026-11-02T00:00:00.5Z".parse().ok();
    let issues = ListAsk { changed_since: since, ..ask(SubjectKind::Issue) };
    let page = forge.page(&issues).await.expect("a page");
    let numbers: Vec<u64> = page.items.iter().map(|item| item.subject.number).collect();
    assert_eq!((numbers, page.items[0].votes.map(|votes| votes.up)), (vec![1, 3], Some(2)));
    assert_eq!(
        server.seen()[0].query,
        "state=open&sort=updated&direction=asc&per_page=100&since=2026-11-01T23%3A59%3A59Z"
    );
    let next = page.next.expect("a next page");
    assert!(next.ends_with("/api/v3/repositories/7/issues?page=2"), "{next}");
    assert!(forge.page(&ListAsk { page: Some(next), ..issues.clone() }).await.is_ok());
    assert_eq!(server.seen()[1].query, "page=2", "as GitHub wrote it");
    let elsewhere = ListAsk { page: Some("https://elsewhere/x".into()), ..issues };
    assert!(matches!(forge.page(&elsewhere).await, Err(ForgeError::Unexpected { .. })));

    let pulls = forge.page(&ask(SubjectKind::MergeRequest)).await.expect("a page");
    let [only] = &pulls.items[..] else { panic!("one: {:?}", pulls.items) };
    assert_eq!((only.subject.to_string().as_str(), only.state), ("github:o/p!2", State::Merged));
    assert_eq!(pulls.newest, "2026-11-04T00:00:00Z".parse().ok(), "an issue changed last");
    assert!(forge.page(&ask(SubjectKind::Epic)).await.is_err());
    let nowhere = ListAsk { project: "o/../p".into(), ..ask(SubjectKind::Issue) };
    assert!(matches!(forge.page(&nowhere).await, Err(ForgeError::Refused { status: 0, .. })));
}

#[tokio::test]
async fn newest_commits_come_from_one_list_unless_they_are_newer_than_it() {
    const MANY: u64 = FEW as u64 + 1;
    let (server, forge) = github(|seen| match seen.path.strip_prefix("/api/v3/repos/o/p/") {
        Some("issues") => {
            let mut items: Vec<Value> =
                (1..=MANY).map(|number| pull(number, "2026-11-02T00:00:00Z")).collect();
            items.push(pull(99, "2026-11-20T12:00:00Z"));
            all(&items)
        }
        Some("pulls") => {
            let head = |number| json!({ "head": { "sha": format!("c{number}") } });
            let one = |number| item(number, "2026-11-02T00:00:00Z", head(number));
            let items: Vec<Value> = (1..=MANY).chain([99]).map(one).collect();
            with(all(&items), "date", "Fri, 20 Nov 2026 12:00:10 GMT")
        }
        Some("pulls/99") => reply(
            200,
            item(99, "2026-11-20T12:00:30Z", json!({ "head": { "sha": "pushed" } })).to_string(),
        ),
        _ => reply(404, "{}"),
    })
    .await;
    for round in 1..=2 {
        let page = forge.page(&ask(SubjectKind::MergeRequest)).await.expect("a page");
        let heads: Vec<&str> = page.items.iter().filter_map(|item| item.head.as_deref()).collect();
        assert_eq!((heads.len(), heads[0], heads[heads.len() - 1]), (22, "c1", "pushed"));
        let lists = server.lines().iter().filter(|line| line.ends_with("/pulls")).count();
        let alone = server.lines().iter().filter(|line| line.ends_with("/pulls/99")).count();
        assert_eq!((lists, alone), (1, round), "{:#?}", server.lines());
    }
    let plain = ListAsk { whole: false, ..ask(SubjectKind::MergeRequest) };
    let before = server.seen().len();
    let page = forge.page(&plain).await.expect("a page");
    assert_eq!((page.items.len(), server.seen().len()), (22, before + 1), "one call");
}

#[tokio::test]
async fn milestones_stand_in_a_repository() {
    let (_server, forge) = github(|_| {
        all(&[json!({ "number": 1, "title": "1.0", "due_on": "2026-12-01T08:00:00Z" })])
    })
    .await;
    let found = forge.milestones_of("o/p").await.expect("milestones");
    assert_eq!((found[0].title.as_str(), found[0].due), ("1.0", "2026-12-01".parse().ok()));
    let error = forge.milestones_of("o").await.expect_err("an organization").to_string();
    assert!(error.contains("owner/project"), "{error}");
}

fn label(place: LabelPlace) -> LabelDefinition {
    LabelDefinition {
        place,
        name: "Integration: A/B".into(),
        color: "#428BCA".into(),
        description: Some("What A is".into()),
        archived: false,
    }
}

#[tokio::test]
async fn a_label_is_found_made_and_deleted_where_it_is() {
    let (server, forge) = github(|seen| match seen.method.as_str() {
        "GET" => reply(
            200,
            r#"{"name":"Integration: A/B","color":"428bca","description":null}"#,
        ),
        "POST" => reply(
            422,
            r#"{"message":"Validation Failed","errors":[{"resource":"Label","code":"already_exists","field":"name"}]}"#,
        ),
        _ => reply(404, r#"{"message":"Not Found"}"#),
    })
    .await;
    let here = LabelPlace::Project("o/p".into());
    let found = forge.label_definition("o/p", &"integration: a/b".into()).await.expect("found");
    let found = found.expect("a label");
    assert_eq!((found.name.as_str(), found.color.as_str()), ("Integration: A/B", "#428bca"));
    assert_eq!(forge.label_definition("o/p", &"other".into()).await.expect("an answer"), None);
    forge.create_label(&label(here.clone())).await.expect("it is there");
    forge.delete_label(&label(here.clone())).await.expect("it is gone");
    let seen = server.seen();
    let sent: Value = serde_json::from_str(&seen[2].body).expect("JSON");
    assert_eq!(
        sent,
        json!({ "name": "Integration: A/B", "color": "428BCA", "description": "What A is" })
    );
    assert_eq!(seen[3].line(), "DELETE /api/v3/repos/o/p/labels/Integration:%20A%2FB");
    assert!(!forge.archives_labels());
    let refused = forge.archive_label(&label(here), true).await;
    assert!(matches!(refused, Err(ForgeError::Unsupported { .. })));
    let above = forge.delete_label(&label(LabelPlace::Group("o".into()))).await;
    assert!(matches!(above, Err(ForgeError::Unsupported { .. })), "{above:?}");
}

#[tokio::test]
async fn what_carries_a_label_is_listed_by_its_kind() {
    let (server, forge) = github(|_| {
        all(&[item(1, "2026-11-02T00:00:00Z", json!({})), pull(2, "2026-11-02T00:00:00Z")])
    })
    .await;
    let ask = |label: &str| LabelledAsk {
        place: LabelPlace::Project("o/p".into()),
        kind: SubjectKind::MergeRequest,
        label: label.into(),
        page: None,
    };
    let page = forge.labelled(&ask("a b")).await.expect("a page");
    assert_eq!(page.items.len(), 1);
    assert_eq!(page.items[0].subject.number, 2);
    assert_eq!(
        server.seen()[0].query,
        "labels=a+b&state=all&sort=created&direction=asc&per_page=100"
    );
    // GitHub would take it for two labels, and list what has neither of them.
    let error = forge.labelled(&ask("a,b")).await.expect_err("two");
    assert!(matches!(error, ForgeError::Unsupported { .. }), "{error}");
    let shown = forge.labelled_url("o/p", SubjectKind::MergeRequest, &"a\" is:closed".into());
    assert!(
        shown.ends_with("/o/p/pulls?q=is%3Apr+is%3Aopen+label%3A%22a+is%3Aclosed%22"),
        "{shown}"
    );
}

#[tokio::test]
async fn comments_tell_whether_they_were_changed() {
    let (_server, forge) = github(|_| {
        let one = |id: u64, changed: &str| {
            json!({
                "id": id,
                "body": "yes",
                "user": { "id": 5, "login": "olga" },
                "created_at": "2026-11-02T00:00:00Z",
                "updated_at": changed,
            })
        };
        let nobodys =
            json!({ "id": 9, "body": "x", "user": null, "created_at": "2026-11-02T00:00:00Z" });
        all(&[one(1, "2026-11-02T00:00:00Z"), one(2, "2026-11-02T00:01:00Z"), nobodys])
    })
    .await;
    let said = forge.comments(&Subject::github_issue("o/p", 1)).await.expect("comments");
    let told: Vec<(u64, bool)> = said.iter().map(|one| (one.id, one.edited)).collect();
    assert_eq!(told, [(1, false), (2, true)]);
}
