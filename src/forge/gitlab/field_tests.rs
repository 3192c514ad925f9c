//! Assignees, milestones, statuses, closing and people, over HTTP.

use serde_json::{Value, json};

use super::{
    testserver::{Reply, Seen, Server, reply},
    *,
};
use crate::model::{Access, FoundMilestone, StatusState};

fn issue() -> Subject {
    Subject::gitlab_issue("g/s/p", 12)
}

fn merge_request() -> Subject {
    Subject::gitlab_merge_request("g/s/p", 3)
}

fn person(id: u64) -> Person {
    Person { id, username: format!("user{id}"), name: String::new() }
}

fn item() -> Value {
    json!({"iid": 12, "title": "T", "state": "opened", "created_at": "2026-01-02T03:04:05Z",
        "author": {"id": 5, "username": "ada", "name": "Ada"}})
}

fn json_reply(value: Value) -> Reply {
    reply(200, value.to_string())
}

/// Reads one facet of an issue from a server that answers so.
async fn facet(
    facet: Facet,
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Result<FacetValue, ForgeError>, Vec<Seen>) {
    let server = Server::start(move |seen| match seen.path.ends_with("/issues/12") {
        true => json_reply(item()),
        false => answer(seen),
    })
    .await;
    let forge = server.forge();
    let snapshot = forge.read(&issue()).await.expect("an issue");
    let value = forge.read_facet(&snapshot, &facet).await;
    (value, server.seen().split_off(1))
}

#[tokio::test]
async fn fields_are_changed_in_one_call() {
    let server = Server::start(|_| json_reply(item())).await;
    let forge = server.forge();
    let change = ItemChange {
        assignees: Some(vec![person(7), person(9)]),
        milestone: Some(FoundMilestone { id: 4, title: "18.10".into() }),
        due: None,
        description: Some("So it is.".into()),
        close: true,
    };
    let none = ItemChange { assignees: Some(Vec::new()), ..ItemChange::default() };
    for subject in [issue(), merge_request()] {
        forge.change_item(&subject, &change).await.expect("changed");
        forge.change_item(&subject, &none).await.expect("changed");
        forge.change_item(&subject, &ItemChange::default()).await.expect("nothing to do");
    }
    let (issue, merge_request) = (
        "PUT /api/v4/projects/g%2Fs%2Fp/issues/12",
        "PUT /api/v4/projects/g%2Fs%2Fp/merge_requests/3",
    );
    assert_eq!(server.lines(), [issue, issue, merge_request, merge_request]);
    let bodies: Vec<String> = server.seen().into_iter().map(|seen| seen.body).collect();
    let rest = "state_event=close&assignee_ids%5B%5D=7&assignee_ids%5B%5D=9";
    let of_issue = format!("description=So+it+is.&milestone_id=4&{rest}");
    let of_request = format!("milestone_id=4&description=So+it+is.&{rest}");
    assert_eq!((&bodies[0], &bodies[2]), (&of_issue, &of_request));
    assert_eq!(
        (bodies[1].as_str(), bodies[3].as_str()),
        ("assignee_ids%5B%5D=0", "assignee_ids=0")
    );
}

#[tokio::test]
async fn a_status_is_set_and_its_text_is_cut() {
    let server = Server::start(|_| reply(201, "{}")).await;
    let status = CommitStatus {
        commit: "abc123".into(),
        name: "steward/docs".into(),
        state: StatusState::Failed,
        text: "é".repeat(200),
        report: None,
    };
    server.forge().set_status(&merge_request(), &status).await.expect("set");
    assert_eq!(server.lines(), ["POST /api/v4/projects/g%2Fs%2Fp/statuses/abc123"]);
    let seen = server.seen().remove(0);
    let sent: std::collections::BTreeMap<String, String> =
        ::url::form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
    assert_eq!((sent["state"].as_str(), sent["name"].as_str()), ("failed", "steward/docs"));
    assert_eq!(sent["description"], format!("{}…", "é".repeat(126)));
}

#[tokio::test]
async fn a_status_that_is_so_already_counts_as_set() {
    let pending = r#"{"message":"Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via \"enqueue\")"}"#;
    for (state, code, body, set) in [
        (StatusState::Pending, 400, pending, true),
        (StatusState::Failed, 400, pending, false),
        (StatusState::Pending, 400, r#"{"message":{"name":["is too long"]}}"#, false),
        (StatusState::Pending, 404, r#"{"message":"404 Commit Not Found"}"#, false),
    ] {
        let server = Server::start(move |_| reply(code, body)).await;
        let status = CommitStatus {
            commit: "abc".into(),
            name: "s".into(),
            state,
            text: "t".into(),
            report: None,
        };
        let result = server.forge().set_status(&merge_request(), &status).await;
        assert_eq!(result.is_ok(), set, "{state:?} {code} {body}: {result:?}");
    }
}

#[tokio::test]
async fn an_authors_access_is_read_by_level() {
    for (level, access) in [
        (5, Access::None),
        (10, Access::Guest),
        (15, Access::Guest),
        (20, Access::Reporter),
        (30, Access::Developer),
        (40, Access::Maintainer),
        (50, Access::Owner),
    ] {
        let answer = move |_: &Seen| json_reply(json!({"id": 5, "access_level": level}));
        let (found, seen) = facet(Facet::AuthorAccess, answer).await;
        assert_eq!(found.expect("read"), FacetValue::AuthorAccess(access), "{level}");
        assert_eq!(seen[0].line(), "GET /api/v4/projects/g%2Fs%2Fp/members/all/5");
    }
    let (found, _) = facet(Facet::AuthorAccess, |_| reply(404, "{}")).await;
    assert_eq!(found.expect("no member"), FacetValue::AuthorAccess(Access::None));
    let (found, _) = facet(Facet::AuthorAccess, |_| reply(502, "")).await;
    assert!(matches!(found, Err(ForgeError::Broken { .. })), "{found:?}");
}

#[tokio::test]
async fn a_milestone_is_found_by_its_title_an_open_one_first() {
    let one = |id: u64, title: &str, state: &str| json!({"id": id, "title": title, "state": state});
    let list =
        json!([one(1, "18.1", "active"), one(2, "18.10", "closed"), one(3, "18.10", "active")]);
    let answer = move |_: &Seen| json_reply(list.clone());
    for (title, id) in [("18.10", Some(3)), ("18.1", Some(1)), ("18", None)] {
        let (found, seen) = facet(Facet::Milestone(title.into()), answer.clone()).await;
        let expected = id.map(|id| FoundMilestone { id, title: title.into() });
        assert_eq!(found.expect("read"), FacetValue::Milestone(expected));
        assert_eq!(seen[0].line(), "GET /api/v4/projects/g%2Fs%2Fp/milestones");
        let query = format!("title={title}&include_ancestors=true&per_page=100");
        assert_eq!(seen[0].query, query);
    }
    let (found, seen) = facet(Facet::Milestone(String::new()), |_| reply(500, "")).await;
    assert_eq!((found.expect("no call"), seen.len()), (FacetValue::Milestone(None), 0));
}

#[tokio::test]
async fn an_account_is_found_by_its_handle() {
    let answer = |_: &Seen| json_reply(json!([{"id": 9, "username": "Anna", "name": "Anna A."}]));
    let anna = Person { id: 9, username: "Anna".into(), name: "Anna A.".into() };
    for (handle, found) in [("@anna", Some(anna.clone())), ("Anna", Some(anna)), ("ann", None)] {
        let (account, seen) = facet(Facet::Account(handle.into()), answer).await;
        assert_eq!(account.expect("read"), FacetValue::Account(found), "{handle}");
        assert_eq!(seen[0].line(), "GET /api/v4/users");
        assert_eq!(seen[0].query, format!("username={}", handle.trim_start_matches('@')));
    }
    let (found, seen) = facet(Facet::Account("@".into()), |_| reply(500, "")).await;
    assert_eq!((found.expect("no call"), seen.len()), (FacetValue::Account(None), 0));
}
