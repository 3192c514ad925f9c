//! Writing labels, comments and reactions. One request each, never repeated here.

use gitlab::api::projects::{
    issues::{
        EditIssue,
        notes::{CreateIssueNote, DeleteIssueNote, EditIssueNote, awards::CreateIssueNoteAward},
    },
    merge_requests::{
        EditMergeRequest,
        notes::{
            CreateMergeRequestNote, EditMergeRequestNote, awards::CreateMergeRequestNoteAward,
        },
    },
};

use super::{
    built, endpoints::DeleteMergeRequestNote, payload, read::unsupported, transport::Transport,
};
use crate::{
    forge::ForgeError,
    model::{LabelName, Subject, SubjectKind},
};

/// The longest comment that GitLab takes, in characters (GitLab, "Instance limits", comments).
const LONGEST_COMMENT: usize = 1_000_000;

/// An error of Steward's own, before anything was sent.
fn not_sent(subject: &Subject, what: &str, message: String) -> ForgeError {
    ForgeError::Refused { request: format!("{what} {subject}"), status: 0, message }
}

pub(super) async fn change_labels(
    transport: &Transport,
    subject: &Subject,
    add: &[LabelName],
    remove: &[LabelName],
) -> Result<(), ForgeError> {
    for name in add.iter().chain(remove) {
        // The API takes a list parted by commas and has no way to escape one; an empty name
        // would make the list mean something else.
        if name.as_str().contains(',') || name.as_str().trim().is_empty() {
            let message = format!("the label `{name}` cannot be named in a list parted by commas");
            return Err(not_sent(subject, "labels of", message));
        }
    }
    if add.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let (project, number) = (&subject.project, subject.number);
    match subject.kind {
        SubjectKind::Issue => {
            let mut edit = EditIssue::builder();
            edit.project(project).issue(number);
            for name in add {
                edit.add_label(name.as_str());
            }
            for name in remove {
                edit.remove_label(name.as_str());
            }
            transport.send(&built(edit.build())?).await?;
        }
        SubjectKind::MergeRequest => {
            let mut edit = EditMergeRequest::builder();
            edit.project(project).merge_request(number);
            for name in add {
                edit.add_label(name.as_str());
            }
            for name in remove {
                edit.remove_label(name.as_str());
            }
            transport.send(&built(edit.build())?).await?;
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
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
                "the comment has {length} characters, GitLab takes {LONGEST_COMMENT}"
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
    check_body(subject, body)?;
    let (project, number) = (&subject.project, subject.number);
    let created: payload::Created = match subject.kind {
        SubjectKind::Issue => {
            let mut note = CreateIssueNote::builder();
            let note = note.project(project).issue(number).body(body).build();
            transport.get_json(&built(note)?).await?
        }
        SubjectKind::MergeRequest => {
            let mut note = CreateMergeRequestNote::builder();
            let note = note.project(project).merge_request(number).body(body).build();
            transport.get_json(&built(note)?).await?
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    };
    Ok(created.id)
}

pub(super) async fn edit_comment(
    transport: &Transport,
    subject: &Subject,
    id: u64,
    body: &str,
) -> Result<(), ForgeError> {
    check_body(subject, body)?;
    let (project, number) = (&subject.project, subject.number);
    match subject.kind {
        SubjectKind::Issue => {
            let mut note = EditIssueNote::builder();
            let note = note.project(project).issue(number).note(id).body(body).build();
            transport.send(&built(note)?).await?;
        }
        SubjectKind::MergeRequest => {
            let mut note = EditMergeRequestNote::builder();
            let note = note.project(project).merge_request(number).note(id).body(body).build();
            transport.send(&built(note)?).await?;
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    }
    Ok(())
}

pub(super) async fn delete_comment(
    transport: &Transport,
    subject: &Subject,
    id: u64,
) -> Result<(), ForgeError> {
    let (project, number) = (&subject.project, subject.number);
    match subject.kind {
        SubjectKind::Issue => {
            let mut note = DeleteIssueNote::builder();
            let note = note.project(project).issue(number).note(id).build();
            transport.send(&built(note)?).await?;
        }
        SubjectKind::MergeRequest => {
            let note =
                DeleteMergeRequestNote { project: project.into(), merge_request: number, note: id };
            transport.send(&note).await?;
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    }
    Ok(())
}

/// GitLab answers 404 to all that goes wrong here (`lib/api/award_emoji.rb`); its message says
/// whether the reaction is there already, GitLab knows no such emoji, or the comment is gone.
pub(super) async fn react(
    transport: &Transport,
    subject: &Subject,
    comment: u64,
    emoji: &str,
) -> Result<(), ForgeError> {
    let name = emoji.trim_matches(':');
    if name.is_empty() {
        return Err(not_sent(subject, "reaction on", "the emoji has no name".to_owned()));
    }
    let (project, number) = (&subject.project, subject.number);
    let sent = match subject.kind {
        SubjectKind::Issue => {
            let mut award = CreateIssueNoteAward::builder();
            let award = award.project(project).issue(number).note(comment).name(name).build();
            transport.send(&built(award)?).await
        }
        SubjectKind::MergeRequest => {
            let mut award = CreateMergeRequestNoteAward::builder();
            let award =
                award.project(project).merge_request(number).note(comment).name(name).build();
            transport.send(&built(award)?).await
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    };
    match sent {
        Ok(_) => Ok(()),
        Err(ForgeError::NotFound { message, .. }) if message.contains("already been taken") => {
            Ok(())
        }
        Err(ForgeError::NotFound { request, message }) if message.contains("Award Emoji") => {
            Err(ForgeError::Refused { request, status: 404, message })
        }
        Err(error) => Err(error),
    }
}
