//! Writing labels, comments, reactions, statuses and fields. Nothing is repeated here.

use http::Method;
use serde_json::{Value, json};

use super::{
    payload,
    read::{call, unsupported},
    transport::Transport,
};
use crate::{
    forge::{CommitStatus, ForgeError, ItemChange},
    model::{LabelName, StatusState, Subject, SubjectKind},
};

/// The longest comment that GitHub takes, in characters (its answer to a longer one: "Body is too
/// long (maximum is 65536 characters)").
const LONGEST_COMMENT: usize = 65_536;
/// The longest description of a status, in characters (GitHub, "Commit statuses", 140).
const LONGEST_TEXT: usize = 140;

/// An error of Steward's own, before anything was sent.
fn not_sent(subject: &Subject, what: &str, message: String) -> ForgeError {
    ForgeError::Refused { request: format!("{what} {subject}"), status: 0, message }
}

fn no_epic(subject: &Subject) -> Result<(), ForgeError> {
    match subject.kind {
        SubjectKind::Epic => Err(unsupported(subject)),
        SubjectKind::Issue | SubjectKind::MergeRequest => Ok(()),
    }
}

/// Adds in one call and removes in one call for each label, since GitHub has none that does both and
/// leaves alone what others set at the same time. What is there or gone already counts as done.
pub(super) async fn change_labels(
    transport: &Transport,
    subject: &Subject,
    add: &[LabelName],
    remove: &[LabelName],
) -> Result<(), ForgeError> {
    no_epic(subject)?;
    let number = subject.number.to_string();
    if let Some(empty) = add.iter().chain(remove).find(|name| name.as_str().trim().is_empty()) {
        return Err(not_sent(subject, "labels of", format!("`{empty}` is no name of a label")));
    }
    let mut calls = Vec::new();
    if !add.is_empty() {
        let names: Vec<&str> = add.iter().map(LabelName::as_str).collect();
        let path = ["issues", &number, "labels"];
        let set = call(transport, Method::POST, &subject.project, &path)?;
        calls.push(set.body(json!({ "labels": names })));
    }
    for name in remove {
        let path = ["issues", &number, "labels", name.as_str()];
        calls.push(call(transport, Method::DELETE, &subject.project, &path)?);
    }
    for (nth, one) in calls.into_iter().enumerate() {
        let removes = one.method == Method::DELETE;
        match transport.send(one).await {
            Ok(_) => {}
            Err(ForgeError::NotFound { message, .. })
                if removes && message.contains("Label does not exist") => {}
            Err(error) if nth > 0 => return Err(ForgeError::Partly { error: Box::new(error) }),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn check_body(subject: &Subject, body: &str) -> Result<(), ForgeError> {
    let refuse = |message| Err(not_sent(subject, "comment on", message));
    // Bytes are an upper bound for characters and need no counting.
    if body.len() > LONGEST_COMMENT {
        let length = body.chars().count();
        if length > LONGEST_COMMENT {
            return refuse(format!(
                "the comment has {length} characters, GitHub takes {LONGEST_COMMENT}"
            ));
        }
    }
    if body.trim().is_empty() {
        return refuse("the comment is empty".to_owned());
    }
    Ok(())
}

pub(super) async fn post_comment(
    transport: &Transport,
    subject: &Subject,
    body: &str,
) -> Result<u64, ForgeError> {
    no_epic(subject)?;
    check_body(subject, body)?;
    let number = subject.number.to_string();
    let path = ["issues", &number, "comments"];
    let post = call(transport, Method::POST, &subject.project, &path)?;
    let created: payload::Created = transport.json(post.body(json!({ "body": body }))).await?;
    Ok(created.id)
}

pub(super) async fn edit_comment(
    transport: &Transport,
    subject: &Subject,
    id: u64,
    body: &str,
) -> Result<(), ForgeError> {
    no_epic(subject)?;
    check_body(subject, body)?;
    let path = ["issues", "comments", &id.to_string()];
    let edit = call(transport, Method::PATCH, &subject.project, &path)?;
    transport.send(edit.body(json!({ "body": body }))).await?;
    Ok(())
}

pub(super) async fn delete_comment(
    transport: &Transport,
    subject: &Subject,
    id: u64,
) -> Result<(), ForgeError> {
    no_epic(subject)?;
    let path = ["issues", "comments", &id.to_string()];
    transport.send(call(transport, Method::DELETE, &subject.project, &path)?).await?;
    Ok(())
}

/// GitHub's eight reactions (GitHub, "Reactions"), under the names that emoji have elsewhere. What
/// it does not have is told with the nearest.
fn reaction(emoji: &str) -> Option<&'static str> {
    Some(match emoji {
        "+1" | "thumbsup" | "white_check_mark" | "heavy_check_mark" | "ok_hand" => "+1",
        "-1" | "thumbsdown" | "x" | "no_entry" | "no_entry_sign" => "-1",
        "laugh" | "smile" | "laughing" => "laugh",
        "confused" | "question" | "grey_question" | "thinking" => "confused",
        "heart" => "heart",
        "hooray" | "tada" => "hooray",
        "rocket" => "rocket",
        "eyes" => "eyes",
        _ => return None,
    })
}

pub(super) async fn react(
    transport: &Transport,
    subject: &Subject,
    comment: u64,
    emoji: &str,
) -> Result<(), ForgeError> {
    no_epic(subject)?;
    let Some(content) = reaction(emoji.trim_matches(':')) else {
        let message = format!("GitHub has no reaction that stands for `{emoji}`");
        return Err(not_sent(subject, "reaction on", message));
    };
    let path = ["issues", "comments", &comment.to_string(), "reactions"];
    let react = call(transport, Method::POST, &subject.project, &path)?;
    // Answered 200 when it is there already.
    transport.send(react.body(json!({ "content": content }))).await?;
    Ok(())
}

pub(super) async fn change_item(
    transport: &Transport,
    subject: &Subject,
    change: &ItemChange,
) -> Result<(), ForgeError> {
    no_epic(subject)?;
    if *change == ItemChange::default() {
        return Ok(());
    }
    let mut body = serde_json::Map::new();
    if let Some(people) = &change.assignees {
        let logins: Vec<Value> = people.iter().map(|one| one.username.as_str().into()).collect();
        body.insert("assignees".into(), logins.into());
    }
    if let Some(milestone) = &change.milestone {
        body.insert("milestone".into(), milestone.id.into());
    }
    if let Some(description) = &change.description {
        body.insert("body".into(), description.as_str().into());
    }
    if change.close {
        body.insert("state".into(), "closed".into());
    }
    // A pull request is an issue too, and all of this is the same for both.
    let path = ["issues", &subject.number.to_string()];
    let edit = call(transport, Method::PATCH, &subject.project, &path)?;
    transport.send(edit.body(Value::Object(body))).await?;
    Ok(())
}

pub(super) async fn set_status(
    transport: &Transport,
    subject: &Subject,
    status: &CommitStatus,
) -> Result<(), ForgeError> {
    let state = match status.state {
        StatusState::Pending => "pending",
        StatusState::Success => "success",
        StatusState::Failed => "failure",
    };
    let body = json!({ "state": state, "context": status.name, "description": cut(&status.text) });
    let set = call(transport, Method::POST, &subject.project, &["statuses", &status.commit])?;
    match transport.send(set.body(body)).await {
        Ok(_) => Ok(()),
        Err(ForgeError::Refused { request, status: 422, message })
            if message.contains("No commit found") =>
        {
            Err(ForgeError::NotFound { request, message })
        }
        Err(error) => Err(error),
    }
}

/// A text in the length that GitHub takes, with a sign that it was cut.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(LONGEST_TEXT) {
        None => text.into(),
        Some(_) => {
            let kept: String = text.chars().take(LONGEST_TEXT - 1).collect();
            format!("{}…", kept.trim_end()).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for text in ["x".repeat(140), "🦀".repeat(140), "short".into()] {
            assert_eq!(cut(&text), text);
        }
        let cut_text = cut(&"🦀".repeat(141)).into_owned();
        assert_eq!((cut_text.chars().count(), cut_text.ends_with('…')), (140, true));
    }

    #[test]
    fn the_emoji_that_steward_uses_have_a_reaction() {
        for (emoji, content) in
            [("white_check_mark", "+1"), ("no_entry_sign", "-1"), ("eyes", "eyes")]
        {
            assert_eq!(reaction(emoji), Some(content));
        }
        assert_eq!(reaction("steam_locomotive"), None);
    }
}
