//! Assignees, milestones, statuses and closing. One request each, never repeated here.

use gitlab::api::projects::{
    issues::{EditIssue, IssueStateEvent},
    merge_requests::{EditMergeRequest, MergeRequestStateEvent},
    repository::commits::{CommitStatusState, CreateCommitStatus},
};

use super::{built, endpoints::Milestones, payload, read::unsupported, transport::Transport};
use crate::{
    forge::{CommitStatus, ForgeError, ItemChange},
    model::{FoundMilestone, StatusState, Subject, SubjectKind},
};

/// The longest description of a status (GitLab, "Commits API", 255 characters). Counted in bytes
/// here, as the client's endpoint does.
const LONGEST_TEXT: usize = 255;

/// The milestone with this title that the project can use, an open one first.
pub(super) async fn milestone(
    transport: &Transport,
    subject: &Subject,
    title: &str,
) -> Result<Option<FoundMilestone>, ForgeError> {
    if subject.kind == SubjectKind::Epic {
        return Err(unsupported(subject));
    }
    // GitLab takes an empty title for no filter.
    if title.is_empty() {
        return Ok(None);
    }
    let endpoint = Milestones { project: subject.project.as_str().into(), title };
    let mut found: Vec<payload::ListedMilestone> = transport.get_all(&endpoint).await?;
    found.retain(|one| one.title == title);
    let open = found.iter().position(|one| one.state == "active");
    let chosen = (!found.is_empty()).then(|| found.swap_remove(open.unwrap_or(0)));
    Ok(chosen.map(|one| FoundMilestone { id: one.id, title: one.title }))
}

pub(super) async fn change_item(
    transport: &Transport,
    subject: &Subject,
    change: &ItemChange,
) -> Result<(), ForgeError> {
    if *change == ItemChange::default() {
        return Ok(());
    }
    let (project, number) = (&subject.project, subject.number);
    let ids = change.assignees.as_ref().map(|people| people.iter().map(|person| person.id));
    match subject.kind {
        SubjectKind::Issue => {
            let mut edit = EditIssue::builder();
            edit.project(project).issue(number);
            match ids {
                Some(ids) if ids.len() > 0 => {
                    edit.assignee_ids(ids);
                }
                Some(_) => {
                    edit.unassign();
                }
                None => {}
            }
            if let Some(milestone) = &change.milestone {
                edit.milestone_id(milestone.id);
            }
            if let Some(due) = change.due {
                edit.due_date(due);
            }
            if let Some(description) = &change.description {
                edit.description(description);
            }
            if change.close {
                edit.state_event(IssueStateEvent::Close);
            }
            transport.send(&built(edit.build())?).await?;
        }
        SubjectKind::MergeRequest => {
            let mut edit = EditMergeRequest::builder();
            edit.project(project).merge_request(number);
            match ids {
                Some(ids) if ids.len() > 0 => {
                    edit.assignees(ids);
                }
                Some(_) => {
                    edit.unassigned();
                }
                None => {}
            }
            if let Some(milestone) = &change.milestone {
                edit.milestone_id(milestone.id);
            }
            if let Some(description) = &change.description {
                edit.description(description);
            }
            if change.close {
                edit.state_event(MergeRequestStateEvent::Close);
            }
            transport.send(&built(edit.build())?).await?;
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    }
    Ok(())
}

pub(super) async fn set_status(
    transport: &Transport,
    subject: &Subject,
    status: &CommitStatus,
) -> Result<(), ForgeError> {
    let (state, name) = match status.state {
        StatusState::Pending => (CommitStatusState::Pending, "pending"),
        StatusState::Success => (CommitStatusState::Success, "success"),
        StatusState::Failed => (CommitStatusState::Failed, "failed"),
    };
    let text = cut(&status.text);
    let mut create = CreateCommitStatus::builder();
    let create = create
        .project(&subject.project)
        .commit(status.commit.as_str())
        .name(status.name.as_str())
        .state(state)
        .description(&*text)
        .build();
    match transport.send(&built(create)?).await {
        Ok(_) => Ok(()),
        // Pending and to become so again: GitLab refuses what would change nothing but the text.
        Err(ForgeError::Refused { status: 400, message, .. })
            if message.contains("Cannot transition status")
                && message.contains(&format!("from :{name}")) =>
        {
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// A text in the length that GitLab takes, with a sign that it was cut.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    const SIGN: &str = "…";
    if text.len() <= LONGEST_TEXT {
        return text.into();
    }
    let end = text.floor_char_boundary(LONGEST_TEXT - SIGN.len());
    format!("{}{SIGN}", text[..end].trim_end()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        for text in ["x".repeat(255), "short".into()] {
            assert_eq!(cut(&text), text);
        }
        for text in ["x".repeat(256), "ä".repeat(128), "🦀".repeat(70)] {
            let cut = cut(&text);
            assert!(cut.len() <= LONGEST_TEXT && cut.len() > 245, "{}", cut.len());
            assert!(cut.ends_with('…') && text.starts_with(cut.trim_end_matches('…')));
        }
    }
}
