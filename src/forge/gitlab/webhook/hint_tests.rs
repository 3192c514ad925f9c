use proptest::prelude::*;
use rstest::rstest;

use super::*;

const PROJECT: &str =
    r#""project":{"id":1,"name":"P","path_with_namespace":"g/s/p","web_url":"https://h/g/s/p"}"#;
const USER: &str = r#""user":{"id":7,"name":"Ada","username":"ada","email":"[REDACTED]"}"#;

fn body(parts: &[&str]) -> String {
    format!("{{{}}}", parts.join(","))
}

#[rstest]
#[case::issue(
    &[r#""object_kind":"issue","event_type":"issue""#, USER, PROJECT,
      r#""object_attributes":{"id":99,"iid":23,"title":"x\n\"y\"","description":null,"action":"open","state":"opened","labels":[{"id":206,"title":"API"}]},"labels":[],"changes":{}"#],
    "issue", Some("gitlab:g/s/p#23"), Some("open"))]
#[case::confidential_issue(
    &[r#""object_kind":"issue","event_type":"confidential_issue""#, USER, PROJECT,
      r#""object_attributes":{"iid":23,"action":"update"}"#],
    "issue", Some("gitlab:g/s/p#23"), Some("update"))]
#[case::task(
    &[r#""object_kind":"work_item","event_type":"work_item""#, USER, PROJECT,
      r#""object_attributes":{"iid":5,"type":"Task","action":"close"}"#],
    "work_item", Some("gitlab:g/s/p#5"), Some("close"))]
#[case::epic(
    &[r#""object_kind":"work_item","event_type":"work_item","project":null"#, USER,
      r#""object_attributes":{"iid":4,"type":"Epic","action":"open","url":"https://h/groups/g/s/-/epics/4"}"#],
    "work_item", Some("gitlab:g/s&4"), Some("open"))]
#[case::epic_below_a_path(
    &[r#""object_kind":"work_item""#, USER,
      r#""object_attributes":{"iid":4,"url":"https://h/gitlab/groups/g/-/work_items/4"}"#],
    "work_item", Some("gitlab:g&4"), None)]
#[case::merge_request(
    &[r#""object_kind":"merge_request","event_type":"merge_request""#, USER, PROJECT,
      r#""object_attributes":{"id":93,"iid":16,"action":"update","oldrev":"abc","source":{"path_with_namespace":"fork/p"},"target":{"path_with_namespace":"g/s/p"}}"#],
    "merge_request", Some("gitlab:g/s/p!16"), Some("update"))]
#[case::merge_request_without_project(
    &[r#""object_kind":"merge_request""#, USER,
      r#""object_attributes":{"iid":16,"target":{"path_with_namespace":"g/s/p"}}"#],
    "merge_request", Some("gitlab:g/s/p!16"), None)]
#[case::note_on_issue(
    &[r#""object_kind":"note","event_type":"note""#, USER, PROJECT,
      r#""object_attributes":{"id":1241,"note":"hi","noteable_type":"Issue","action":"create","url":"https://h/g/s/p/-/issues/17#note_1241"},"issue":{"id":92,"iid":17}"#],
    "note", Some("gitlab:g/s/p#17"), Some("create"))]
#[case::note_on_merge_request(
    &[r#""object_kind":"note""#, USER, PROJECT,
      r#""object_attributes":{"id":1244,"noteable_type":"MergeRequest","action":"update"},"merge_request":{"id":7,"iid":1,"target":{"path_with_namespace":"g/s/p"}}"#],
    "note", Some("gitlab:g/s/p!1"), Some("update"))]
#[case::note_on_epic(
    &[r#""object_kind":"note","project":null"#, USER,
      r#""object_attributes":{"id":1,"noteable_type":"Issue","url":"https://h/groups/g/-/epics/4#note_1"},"issue":{"iid":4}"#],
    "note", Some("gitlab:g&4"), None)]
#[case::note_on_commit(
    &[r#""object_kind":"note""#, USER, PROJECT,
      r#""object_attributes":{"id":1243,"noteable_type":"Commit"},"commit":{"id":"cfe3"}"#],
    "note", None, None)]
#[case::note_on_snippet(
    &[r#""object_kind":"note""#, USER, PROJECT,
      r#""object_attributes":{"id":1245,"noteable_type":"Snippet"},"snippet":{"id":53}"#],
    "note", None, None)]
#[case::emoji_on_issue(
    &[r#""object_kind":"emoji","event_type":"award""#, USER, PROJECT,
      r#""object_attributes":{"id":1,"name":"thumbsup","awardable_type":"Issue","awardable_id":92,"action":"award"},"issue":{"iid":17}"#],
    "emoji", Some("gitlab:g/s/p#17"), Some("award"))]
#[case::emoji_revoked_on_note_of_merge_request(
    &[r#""object_kind":"emoji","event_type":"revoke""#, USER, PROJECT,
      r#""object_attributes":{"awardable_type":"Note","awarded_on_url":"https://h/g/s/p/-/merge_requests/3#note_9"},"note":{"id":9},"merge_request":{"iid":3}"#],
    "emoji", Some("gitlab:g/s/p!3"), Some("revoke"))]
#[case::emoji_with_an_address_only(
    &[r#""object_kind":"emoji","event_type":"award""#, USER, PROJECT,
      r#""object_attributes":{"awardable_type":"Note","awarded_on_url":"https://h/x/g/s/p/-/issues/3#note_9"}"#],
    "emoji", Some("gitlab:g/s/p#3"), Some("award"))]
#[case::emoji_on_snippet(
    &[r#""object_kind":"emoji","event_type":"award""#, USER, PROJECT,
      r#""object_attributes":{"awardable_type":"Snippet"}"#],
    "emoji", None, Some("award"))]
#[case::push(
    &[r#""object_kind":"push","event_name":"push","user_id":7,"user_username":"ada""#, PROJECT],
    "push", None, None)]
#[case::system_hook(
    &[r#""event_name":"project_create","user_id":7,"user_username":"ada","path_with_namespace":"g/p""#],
    "project_create", None, None)]
#[case::milestone(
    &[r#""object_kind":"milestone","action":"create""#, USER, PROJECT, r#""object_attributes":{"iid":1}"#],
    "milestone", None, None)]
#[case::wrong_types(
    &[r#""object_kind":"issue","project":[1,{"a":2}],"object_attributes":"x""#, USER],
    "issue", None, None)]
#[case::number_as_text(
    &[r#""object_kind":"issue""#, USER, PROJECT, r#""object_attributes":{"iid":"23"}"#],
    "issue", None, None)]
#[case::negative_number(
    &[r#""object_kind":"issue""#, USER, PROJECT, r#""object_attributes":{"iid":-23}"#],
    "issue", None, None)]
#[case::path_that_is_none(
    &[r#""object_kind":"issue""#, USER, r#""project":{"path_with_namespace":"g/../../x"},"object_attributes":{"iid":23}"#],
    "issue", None, None)]
fn payloads_hint_at_their_subject(
    #[case] parts: &[&str],
    #[case] kind: &str,
    #[case] subject: Option<&str>,
    #[case] action: Option<&str>,
) {
    let hint = read(body(parts).as_bytes()).expect("JSON");
    assert_eq!(hint.kind, kind);
    assert_eq!(hint.subject.as_ref().map(ToString::to_string).as_deref(), subject, "{hint:?}");
    assert_eq!(hint.action.as_deref(), action);
    assert_eq!(hint.ignored.is_some(), subject.is_none(), "{hint:?}");
    let actor = hint.actor.expect("an actor");
    assert_eq!((actor.id, actor.username.as_str()), (7, "ada"));
}

#[test]
fn a_comment_is_told_with_its_revision() {
    let attributes = r#""object_attributes":{"id":12,"noteable_type":"Issue","updated_at":"2026-11-20 10:00:00 UTC","system":false,"internal":true},"issue":{"iid":1}"#;
    let hint = read(body(&[r#""object_kind":"note""#, PROJECT, attributes]).as_bytes());
    let comment = hint.expect("JSON").comment.expect("a comment");
    let updated_at = Some("2026-11-20 10:00:00 UTC".to_owned());
    assert_eq!(
        comment,
        CommentRef { id: 12, updated_at, system: false, internal: true, text: String::new() }
    );
}

#[test]
fn json_of_any_shape_is_taken_and_the_rest_is_not() {
    for json in [
        "null",
        "1",
        "\"x\"",
        "[]",
        "[{}]",
        "{}",
        "{\"object_kind\":1e400}",
        r#"{"object_kind":"issue","object_kind":"issue"}"#,
        r#"{"object_kind":"issue","object_attributes":{"iid":1,"iid":2}}"#,
    ] {
        let hint = read(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert!(hint.subject.is_none() && hint.ignored.is_some(), "{json}");
    }
    for not in ["", "{", "object_kind=issue", "{\"a\":1}x"] {
        assert_eq!(read(not.as_bytes()), Err(NotJson), "{not}");
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    read(deep.as_bytes()).expect("deep JSON");
    read(format!(r#"{{"object_attributes":{{"x":{deep}}}}}"#).as_bytes()).expect("deep JSON");
    read(format!(r#"{{"object_kind":{deep}}}"#).as_bytes()).expect("deep JSON");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let keys = prop::sample::select(vec![
        "object_kind",
        "event_name",
        "event_type",
        "user",
        "id",
        "iid",
        "username",
        "project",
        "path_with_namespace",
        "object_attributes",
        "url",
        "noteable_type",
        "awardable_type",
        "awarded_on_url",
        "issue",
        "merge_request",
        "target",
        "other",
    ]);
    let texts = prop::sample::select(vec![
        "issue",
        "note",
        "emoji",
        "merge_request",
        "work_item",
        "Issue",
        "MergeRequest",
        "Note",
        "g/p",
        "https://h/groups/g/-/epics/1",
        "https://h/-/-/-/",
        "",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        texts.prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(keys.clone(), inner, 0..8).prop_map(|map| {
                map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&body);
    }

    #[test]
    fn any_json_is_taken(json in any_json()) {
        let hint = read(json.to_string().as_bytes()).expect("JSON");
        prop_assert_eq!(hint.subject.is_none(), hint.ignored.is_some());
    }
}
