//! Which subject a webhook hints at. The hint only says where to look: what is so is read from
//! GitHub afterwards, so a field that is missing or strange costs at most the hint.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};

use crate::{
    forge::{
        AccessChange, Actor, CommentRef, Hint, NotJson,
        github::{checks::pull_of, url::is_project},
        shared::loose::{First, Num, Obj, Prose, Text},
    },
    model::{ForgeKind, Subject, SubjectKind},
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Payload {
    action: Text,
    sender: Obj<Account>,
    repository: Obj<Repository>,
    issue: Obj<Issue>,
    pull_request: Obj<Pull>,
    number: Num,
    comment: Obj<Comment>,
    check_run: Obj<Check>,
    check_suite: Obj<Check>,
    installation: Obj<Installation>,
}

/// An App where it is installed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Installation {
    id: Num,
    account: Obj<Account>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Account {
    id: Num,
    login: Text,
    r#type: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Repository {
    full_name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Issue {
    number: Num,
    /// There when the issue is a pull request.
    pull_request: Obj<Nothing>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Nothing {}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pull {
    number: Num,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Comment {
    id: Num,
    body: Prose,
    updated_at: Text,
}

/// A check run or suite. It names no pull requests when its commit came from a fork; a check run of
/// Steward's own says itself for which one it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Check {
    pull_requests: First<Pull>,
    external_id: Text,
}

impl Check {
    fn pull(self) -> Num {
        let named = self.external_id.0.as_deref().and_then(pull_of);
        match named {
            Some(number) => Num(Some(number)),
            None => self.pull_requests.0.unwrap_or_default().number,
        }
    }
}

/// The JSON of a delivery: the body itself, or its field `payload` where the webhook was set up to
/// send forms (its content type `application/x-www-form-urlencoded`).
pub fn payload_of<'a>(content_type: &str, body: &'a [u8]) -> Cow<'a, [u8]> {
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        return Cow::Borrowed(body);
    }
    let field = url::form_urlencoded::parse(body).find(|(name, _)| name == "payload");
    field.map_or(Cow::Borrowed(body), |(_, value)| Cow::Owned(value.into_owned().into_bytes()))
}

/// Reads what a webhook of an event hints at.
///
/// # Errors
/// Only when the body is not JSON at all.
pub fn read(event: &str, body: &[u8]) -> Result<Hint, NotJson> {
    match serde_json::from_slice::<Payload>(body) {
        Ok(payload) => Ok(hint_of(event, payload)),
        // JSON of another shape, or an object with a key twice.
        Err(_) => match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => Ok(Hint {
                kind: event.to_owned(),
                ignored: Some("not the shape of a webhook"),
                ..Hint::default()
            }),
            Err(_) => Err(NotJson),
        },
    }
}

fn hint_of(event: &str, payload: Payload) -> Hint {
    let actor = payload.sender.0.and_then(|sender| {
        Some(Actor {
            id: sender.id.0?,
            username: sender.login.0.unwrap_or_default(),
            bot: sender.r#type.0.as_deref() == Some("Bot"),
        })
    });
    let project = payload.repository.0.and_then(|repository| repository.full_name.0);
    let issue = payload.issue.0.unwrap_or_default();
    let pull = payload.pull_request.0.unwrap_or_default();
    // Somebody asks for a check to be made again. All else about checks is what Apps tell of themselves.
    let again = matches!(event, "check_run" | "check_suite")
        && payload.action.0.as_deref() == Some("rerequested");
    let access = access_of(event, payload.action.0.as_deref(), payload.installation.0);
    let known = again
        || matches!(event, "installation" | "installation_repositories")
        || matches!(
            event,
            "issues"
                | "issue_comment"
                | "pull_request"
                | "pull_request_target"
                | "pull_request_review"
                | "pull_request_review_comment"
                | "pull_request_review_thread"
        );
    let subject = match event {
        "issues" | "issue_comment" => {
            let kind = match issue.pull_request.0 {
                Some(_) => SubjectKind::MergeRequest,
                None => SubjectKind::Issue,
            };
            item(project, kind, issue.number)
        }
        _ if again => {
            let check = payload.check_run.0.or(payload.check_suite.0).unwrap_or_default();
            item(project, SubjectKind::MergeRequest, check.pull())
        }
        "installation" | "installation_repositories" => Err("it tells what Steward may do"),
        _ if known => {
            let number = if pull.number.0.is_some() { pull.number } else { payload.number };
            item(project, SubjectKind::MergeRequest, number)
        }
        "" => Err("it does not say what it is"),
        "ping" => Err("GitHub asks whether anybody is there"),
        _ => Err("a kind that Steward does not look after"),
    };
    // Comments on lines of code and reviews have another place, where nobody looks for commands.
    let comment = payload.comment.0.filter(|_| event == "issue_comment").and_then(|comment| {
        Some(CommentRef {
            id: comment.id.0?,
            updated_at: comment.updated_at.0,
            system: false,
            internal: false,
            text: comment.body.0,
        })
    });
    let (subject, ignored) = match subject {
        Ok(subject) => (Some(subject), None),
        Err(why) => (None, Some(why)),
    };
    let (kind, action) = (event.to_owned(), payload.action.0);
    Hint { kind, known, subject, action, actor, comment, access, ignored }
}

/// What a webhook says of an App's installation (GitHub, "Webhook events and payloads", `installation`
/// and `installation_repositories`). Actions of other names change something too.
fn access_of(
    event: &str,
    action: Option<&str>,
    installation: Option<Installation>,
) -> Option<AccessChange> {
    if !matches!(event, "installation" | "installation_repositories") {
        return None;
    }
    let installation = installation?;
    let owner = installation.account.0?.login.0?;
    let lost = matches!(action, Some("deleted" | "suspend" | "removed"));
    Some(AccessChange { owner, way: installation.id.0?, gained: !lost })
}

fn item(project: Option<String>, kind: SubjectKind, number: Num) -> Result<Subject, &'static str> {
    let project = project.ok_or("it names no repository")?;
    if !is_project(&project) {
        return Err("its repository's name is not one");
    }
    match number.0 {
        Some(number) if number > 0 => {
            Ok(Subject { forge: ForgeKind::Github, project, kind, number })
        }
        _ => Err("its item has no number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const REPO: &str = r#""repository":{"id":1,"full_name":"o/p.rs"}"#;
    const ANNA: &str = r#""sender":{"id":7,"login":"anna","type":"User"}"#;

    #[rstest]
    #[case::issue("issues", &[r#""action":"labeled","issue":{"number":23,"title":"x"},"label":{"name":"bug"}"#, REPO, ANNA], Some("github:o/p.rs#23"))]
    #[case::unknown_action("issues", &[r#""action":"teleported","issue":{"number":23}"#, REPO, ANNA], Some("github:o/p.rs#23"))]
    #[case::comment("issue_comment", &[r#""action":"created","issue":{"number":3},"comment":{"id":9,"body":"hi"}"#, REPO, ANNA], Some("github:o/p.rs#3"))]
    #[case::comment_on_pull("issue_comment", &[r#""action":"created","issue":{"number":3,"pull_request":{"url":"x"}},"comment":{"id":9}"#, REPO], Some("github:o/p.rs!3"))]
    #[case::pull("pull_request", &[r#""action":"synchronize","number":4,"pull_request":{"number":4}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::pull_by_number("pull_request", &[r#""action":"opened","number":4"#, REPO], Some("github:o/p.rs!4"))]
    #[case::review("pull_request_review", &[r#""action":"submitted","pull_request":{"number":4},"review":{}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::check_again("check_run", &[r#""action":"rerequested","check_run":{"id":7,"pull_requests":[{"id":1,"number":4},{"number":5}]}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::suite_again("check_suite", &[r#""action":"rerequested","check_suite":{"pull_requests":[{"number":4}]}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::check_of_a_fork("check_run", &[r#""action":"rerequested","check_run":{"pull_requests":[]}"#, REPO], None)]
    #[case::check_of_ours_of_a_fork("check_run", &[r#""action":"rerequested","check_run":{"pull_requests":[],"external_id":"steward:a1:-:4"}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::check_of_others_of_a_fork("check_run", &[r#""action":"rerequested","check_run":{"pull_requests":[],"external_id":"build:4"}"#, REPO], None)]
    #[case::check_of_ours_with_pulls("check_run", &[r#""action":"rerequested","check_run":{"pull_requests":[{"number":5}],"external_id":"steward:a1:-:4"}"#, REPO], Some("github:o/p.rs!4"))]
    #[case::check_of_odd_pulls("check_run", &[r#""action":"rerequested","check_run":{"pull_requests":[7,{}]}"#, REPO], None)]
    #[case::check_done("check_run", &[r#""action":"completed","check_run":{"pull_requests":[{"number":4}]}"#, REPO], None)]
    #[case::label("label", &[r#""action":"created","label":{"name":"x"}"#, REPO], None)]
    #[case::ping("ping", &[r#""zen":"Design for failure.","hook_id":1"#], None)]
    #[case::installation("installation", &[r#""action":"created","installation":{"id":1}"#, ANNA], None)]
    #[case::invented("sub_issues", &[r#""action":"x""#, REPO], None)]
    #[case::without_name("", &[r#""issue":{"number":23}"#, REPO], None)]
    #[case::wrong_types("issues", &[r#""issue":[1],"repository":"x","sender":7"#], None)]
    #[case::number_as_text("issues", &[r#""issue":{"number":"23"}"#, REPO], None)]
    #[case::negative_number("issues", &[r#""issue":{"number":-23}"#, REPO], None)]
    #[case::name_that_is_none("issues", &[r#""issue":{"number":1},"repository":{"full_name":"o/../x"}"#], None)]
    fn payloads_hint_at_their_subject(
        #[case] event: &str,
        #[case] parts: &[&str],
        #[case] subject: Option<&str>,
    ) {
        let hint = read(event, format!("{{{}}}", parts.join(",")).as_bytes()).expect("JSON");
        assert_eq!(hint.kind, event);
        assert_eq!(hint.subject.as_ref().map(ToString::to_string).as_deref(), subject, "{hint:?}");
        assert_eq!(hint.ignored.is_some(), subject.is_none(), "{hint:?}");
        assert!(hint.known || subject.is_none());
    }

    #[rstest]
    #[case::created("installation", "created", Some(true))]
    #[case::permissions("installation", "new_permissions_accepted", Some(true))]
    #[case::let_in_again("installation", "unsuspend", Some(true))]
    #[case::suspended("installation", "suspend", Some(false))]
    #[case::deleted("installation", "deleted", Some(false))]
    #[case::added("installation_repositories", "added", Some(true))]
    #[case::removed("installation_repositories", "removed", Some(false))]
    #[case::about_something_else("issues", "opened", None)]
    fn what_an_installation_may_do_is_told(
        #[case] event: &str,
        #[case] action: &str,
        #[case] gained: Option<bool>,
    ) {
        let body = format!(
            r#"{{"action":"{action}","installation":{{"id":9,"account":{{"login":"Example"}}}},{REPO}}}"#
        );
        let hint = read(event, body.as_bytes()).expect("JSON");
        let of = |gained| AccessChange { owner: "Example".to_owned(), way: 9, gained };
        assert_eq!(hint.access, gained.map(of));
        assert_eq!(hint.subject, None);
        let bare = format!(r#"{{"action":"{action}","installation":{{"id":9}}}}"#);
        assert_eq!(read(event, bare.as_bytes()).expect("JSON").access, None);
    }

    #[test]
    fn who_did_what_is_told() {
        let body = r#"{"action":"edited","sender":{"id":8,"login":"renovate[bot]","type":"Bot"},
            "comment":{"id":9,"body":"a\nb","updated_at":"2026-11-20T12:00:00Z"},
            "issue":{"number":3},"repository":{"full_name":"o/p"}}"#;
        let hint = read("issue_comment", body.as_bytes()).expect("JSON");
        let actor = hint.actor.expect("somebody");
        assert_eq!((actor.id, actor.username.as_str(), actor.bot), (8, "renovate[bot]", true));
        let comment = hint.comment.expect("a comment");
        assert_eq!((comment.id, comment.text.as_str()), (9, "a\nb"));
        assert_eq!(comment.updated_at.as_deref(), Some("2026-11-20T12:00:00Z"));
        // A comment on a line of code is none to take commands from.
        let hint = read("pull_request_review_comment", body.as_bytes()).expect("JSON");
        assert_eq!(hint.comment, None);
    }

    #[test]
    fn a_form_has_the_payload_in_a_field() {
        let form = "x=1&payload=%7B%22zen%22%3A%22a+b%22%7D";
        let of = |kind: &str, body: &str| {
            String::from_utf8(payload_of(kind, body.as_bytes()).into_owned()).expect("a text")
        };
        assert_eq!(of("application/x-www-form-urlencoded", form), r#"{"zen":"a b"}"#);
        assert_eq!(of("application/json", "{}"), "{}");
        assert_eq!(of("application/x-www-form-urlencoded", "{}"), "{}");
        assert!(read("ping", b"<html>").is_err());
        assert_eq!(read("ping", b"[]").expect("JSON").subject, None);
    }

    proptest! {
        #[test]
        fn any_body_is_survived(event in "[a-z_]*", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&event, &body);
            let _ = payload_of("application/x-www-form-urlencoded", &body);
        }
    }
}
