//! Who belongs to a group, and reactions, over HTTP.

use serde_json::{Value, json};

use super::{
    testserver::{Reply, Seen, Server, reply},
    *,
};
use crate::model::{Membership, SubjectKind};

fn issue() -> Subject {
    Subject::gitlab_issue("g/s/p", 12)
}

fn merge_request() -> Subject {
    Subject::gitlab_merge_request("g/s/p", 3)
}

fn json_reply(value: Value) -> Reply {
    reply(200, value.to_string())
}

/// Whether somebody belongs to a group of a server that answers so.
async fn belongs(
    (group, person): (&str, u64),
    answer: impl Fn(&Seen) -> Reply + Clone + Send + Sync + 'static,
) -> (Result<FacetValue, ForgeError>, Vec<String>) {
    let server = Server::start(move |seen| match seen.path.ends_with("/issues/12") {
        true => json_reply(json!({"iid": 12, "title": "T", "state": "opened",
            "created_at": "2026-01-02T03:04:05Z"})),
        false => answer(seen),
    })
    .await;
    let forge = server.forge();
    let snapshot = forge.read(&issue()).await.expect("an issue");
    let of = Membership { group: group.to_owned(), person };
    let found = forge.read_facet(&snapshot, &Facet::Membership(of)).await;
    (found, server.lines().split_off(1))
}

#[tokio::test]
async fn a_developer_whose_membership_holds_belongs_to_the_group() {
    for (member, holds) in [
        (json!({"access_level": 30, "state": "active", "membership_state": "active"}), true),
        (json!({"access_level": 50, "expires_at": null}), true),
        (json!({"access_level": 30, "expires_at": "2999-12-31"}), true),
        (json!({"access_level": 30, "expires_at": "2999-12-31T00:00:00.000Z"}), true),
        (json!({"access_level": 20, "state": "active"}), false),
        (json!({"access_level": 25}), false),
        (json!({"access_level": null}), false),
        (json!({"access_level": 40, "state": "blocked"}), false),
        (json!({"access_level": 40, "membership_state": "awaiting"}), false),
        (json!({"access_level": 40, "expires_at": "2020-01-01"}), false),
        (json!({"access_level": 40, "expires_at": "some day"}), false),
    ] {
        let shown = member.to_string();
        let answer = move |_: &Seen| json_reply(member.clone());
        let (found, asked) = belongs(("g/sub group", 5), answer).await;
        assert_eq!(found.expect("an answer"), FacetValue::Membership(holds), "{shown}");
        assert_eq!(asked, ["GET /api/v4/groups/g%2Fsub%20group/members/all/5"]);
    }
}

#[tokio::test]
async fn a_membership_ends_on_the_day_it_names() {
    let member: payload::Member =
        serde_json::from_value(json!({"access_level": 30, "expires_at": "2026-11-21"}))
            .expect("a member");
    for (day, holds) in [("2026-11-20", true), ("2026-11-21", false), ("2026-11-22", false)] {
        assert_eq!(member.holds_on(day.parse().expect("a day")), holds, "{day}");
    }
}

#[tokio::test]
async fn nobody_belongs_to_a_group_that_is_not_seen_and_a_403_proves_nothing() {
    for message in ["404 Not found", "404 Group Not Found"] {
        let answer = move |_: &Seen| reply(404, json!({"message": message}).to_string());
        let (found, _) = belongs(("g", 5), answer).await;
        assert_eq!(found.expect("an answer"), FacetValue::Membership(false));
    }
    let forbidden = |_: &Seen| reply(403, r#"{"message":"403 Forbidden"}"#);
    let (found, _) = belongs(("g", 5), forbidden).await;
    assert!(matches!(found, Err(ForgeError::Forbidden { .. })), "{found:?}");
    for nobody in [("g", 0), ("", 5), (" ", 5)] {
        let (found, asked) = belongs(nobody, forbidden).await;
        assert_eq!(found.expect("an answer"), FacetValue::Membership(false));
        assert!(asked.is_empty(), "{asked:?}");
    }
}

#[tokio::test]
async fn a_reaction_is_given_and_is_the_same_twice() {
    let taken = r#"{"message":"404 Award Emoji Name has already been taken Not Found"}"#;
    for answer in [(201, r#"{"id":1}"#), (404, taken)] {
        let server = Server::start(move |_| reply(answer.0, answer.1)).await;
        let forge = server.forge();
        for subject in [issue(), merge_request()] {
            forge.react(&subject, 77, "white_check_mark").await.expect("it is there");
        }
        let base = "POST /api/v4/projects/g%2Fs%2Fp";
        assert_eq!(
            server.lines(),
            [
                format!("{base}/issues/12/notes/77/award_emoji"),
                format!("{base}/merge_requests/3/notes/77/award_emoji"),
            ]
        );
        assert_eq!(server.seen()[0].body, "name=white_check_mark");
    }
}

#[tokio::test]
async fn what_keeps_a_reaction_away_is_told_apart() {
    let refused = r#"{"message":"404 Award Emoji Name is not a valid emoji name Not Found"}"#;
    for (status, body, gone) in
        [(404, r#"{"message":"404 Not found"}"#, true), (404, refused, false)]
    {
        let server = Server::start(move |_| reply(status, body)).await;
        let error = server.forge().react(&issue(), 77, ":odd:").await.expect_err("refused");
        match gone {
            true => assert!(matches!(error, ForgeError::NotFound { .. }), "{error:?}"),
            false => assert!(error.to_string().contains("not a valid emoji"), "{error:?}"),
        }
        assert_eq!(server.seen()[0].body, "name=odd");
    }
    let server = Server::start(|_| reply(502, "")).await;
    let forge = server.forge();
    let error = forge.react(&issue(), 77, "a").await.expect_err("nobody knows");
    assert_eq!(error.outcome(), crate::forge::Outcome::Unknown);
    let error = forge.react(&issue(), 77, "::").await.expect_err("no name");
    assert!(error.to_string().contains("not sent"), "{error}");
    let epic = Subject { kind: SubjectKind::Epic, ..issue() };
    let error = forge.react(&epic, 77, "a").await.expect_err("an epic");
    assert!(matches!(error, ForgeError::Unsupported { .. }), "{error:?}");
    assert_eq!(server.seen().len(), 1);
}
