//! Reading items and their facets.

use std::collections::BTreeMap;

use gitlab::api::{
    common::SortOrder,
    projects::{
        issues::{
            Issue, IssueResourceLabelEvents,
            notes::{IssueNotes, NoteOrderBy},
        },
        merge_requests::{
            MergeRequest, MergeRequestDiffs, MergeRequestResourceLabelEvents,
            notes::MergeRequestNotes,
        },
    },
};

use super::{built, paging::Pages, payload, remembered::MergeRequests, transport::Transport};
use crate::{
    forge::ForgeError,
    model::{
        ChangedFile, Changes, Comment, Due, Facets, LabelEvent, LabelName, Person, Snapshot,
        Subject, SubjectKind, Votes,
    },
};

pub(super) async fn snapshot(
    transport: &Transport,
    said: &MergeRequests,
    subject: &Subject,
) -> Result<Snapshot, ForgeError> {
    let item = item(transport, subject).await?;
    if subject.kind == SubjectKind::MergeRequest {
        said.remember(subject, &item);
    }
    Ok(snapshot_of(subject.clone(), item))
}

/// What an answer tells of a subject, be it read alone or from a list.
pub(super) fn snapshot_of(subject: Subject, item: payload::Item) -> Snapshot {
    let no_comments = item.user_notes_count == Some(0);
    let files_url = item.sha.as_ref().and_then(|sha| {
        let (project, _) = item.web_url.split_once("/-/")?;
        Some(format!("{project}/-/blob/{sha}"))
    });
    let is_issue = subject.kind == SubjectKind::Issue;
    let due = item.due_date.and_then(|day| day.parse().ok());
    Snapshot {
        subject,
        url: item.web_url,
        title: item.title,
        description: item.description,
        state: item.state.into(),
        draft: item.draft || item.work_in_progress,
        author: item.author.map_or_else(ghost, Person::from),
        labels: item.labels.into_iter().map(LabelName::from).collect(),
        milestone: item.milestone.map(Into::into),
        created_at: item.created_at,
        updated_at: item.updated_at.unwrap_or(item.created_at),
        head: item.sha,
        assignees: item.assignees.into_iter().map(Person::from).collect(),
        votes: Votes { up: item.upvotes, down: item.downvotes },
        weight: item.weight,
        confidential: item.confidential,
        facets: Facets {
            label_history: None,
            own_comments: no_comments.then(Vec::new),
            changes: None,
            files_url,
            due: is_issue.then_some(Due { day: due }),
            issue_links: is_issue,
            ..Facets::default()
        },
    }
}

/// Stands for an author whose account is gone, under the name that GitLab has for it.
fn ghost() -> Person {
    Person { id: 0, username: "ghost".to_owned(), name: "Ghost User".to_owned() }
}

pub(super) async fn item(
    transport: &Transport,
    subject: &Subject,
) -> Result<payload::Item, ForgeError> {
    let (project, number) = (&subject.project, subject.number);
    match subject.kind {
        SubjectKind::Issue => {
            let issue = built(Issue::builder().project(project).issue(number).build())?;
            transport.get_json(&issue).await
        }
        SubjectKind::MergeRequest => {
            let builder = MergeRequest::builder().project(project).merge_request(number).build();
            transport.get_json(&built(builder)?).await
        }
        SubjectKind::Epic => Err(unsupported(subject)),
    }
}

/// An epic has no REST API that lasts (deprecated in GitLab 17.0).
pub(super) fn unsupported(subject: &Subject) -> ForgeError {
    ForgeError::Unsupported { what: format!("the epic {subject}") }
}

pub(super) async fn label_history(
    transport: &Transport,
    subject: &Subject,
) -> Result<Vec<LabelEvent>, ForgeError> {
    let (project, number) = (&subject.project, subject.number);
    let mut pages: Pages<payload::LabelEvent> = match subject.kind {
        SubjectKind::Issue => {
            let events = IssueResourceLabelEvents::builder().project(project).issue(number).build();
            transport.pages(&built(events)?)?
        }
        SubjectKind::MergeRequest => {
            let mut builder = MergeRequestResourceLabelEvents::builder();
            transport.pages(&built(builder.project(project).merge_request(number).build())?)?
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    };
    // By id: oldest first, and an event that moved to the next page meanwhile counts once.
    let mut events = BTreeMap::new();
    while let Some(page) = pages.next().await? {
        for event in page {
            let added = match event.action.as_str() {
                "add" => true,
                "remove" => false,
                // A kind of event that GitLab may invent says nothing about the label.
                _ => continue,
            };
            let label = event.label.map(|label| LabelName::new(label.name));
            let by = event.user.map(Person::from);
            events.insert(event.id, LabelEvent { label, added, by, at: event.created_at });
        }
    }
    let mut events: Vec<_> = events.into_values().collect();
    events.sort_by_key(|event| event.at);
    Ok(events)
}

pub(super) async fn comments_by(
    transport: &Transport,
    subject: &Subject,
    author: u64,
) -> Result<Vec<Comment>, ForgeError> {
    let (project, number) = (&subject.project, subject.number);
    let (by, sort) = (NoteOrderBy::CreatedAt, SortOrder::Ascending);
    let mut pages: Pages<payload::Note> = match subject.kind {
        SubjectKind::Issue => {
            let mut notes = IssueNotes::builder();
            let notes = notes.project(project).issue(number).order_by(by).sort(sort).build();
            transport.pages(&built(notes)?)?
        }
        SubjectKind::MergeRequest => {
            let mut notes = MergeRequestNotes::builder();
            let notes =
                notes.project(project).merge_request(number).order_by(by).sort(sort).build();
            transport.pages(&built(notes)?)?
        }
        SubjectKind::Epic => return Err(unsupported(subject)),
    };
    let mut comments = BTreeMap::new();
    while let Some(page) = pages.next().await? {
        for note in page {
            let own = note.author.as_ref().is_some_and(|user| user.id == author);
            if own && !note.system {
                let payload::Note { id, body, created_at, .. } = note;
                comments.insert(id, Comment { id, body, created_at });
            }
        }
    }
    let mut comments: Vec<_> = comments.into_values().collect();
    comments.sort_by_key(|comment| comment.created_at);
    Ok(comments)
}

pub(super) async fn changes(
    transport: &Transport,
    said: &MergeRequests,
    snapshot: &Snapshot,
) -> Result<Changes, ForgeError> {
    let subject = &snapshot.subject;
    match subject.kind {
        SubjectKind::MergeRequest => {}
        // An issue changes no file, and that is all there is to know.
        SubjectKind::Issue => return Ok(Changes { files: Vec::new(), complete: true }),
        SubjectKind::Epic => return Err(unsupported(subject)),
    }
    let count = match said.take_count(subject, snapshot.head.as_deref()) {
        Some(count) => count,
        None => item(transport, subject).await?.changes_count,
    };
    let mut diffs = MergeRequestDiffs::builder();
    let diffs = diffs.project(&subject.project).merge_request(subject.number).build();
    let mut pages: Pages<payload::Diff> = transport.pages(&built(diffs)?)?;
    let mut files = Vec::new();
    while let Some(page) = pages.next().await? {
        files.extend(page.into_iter().map(ChangedFile::from));
    }
    let complete = is_complete(files.len(), count.as_deref());
    Ok(Changes { files, complete })
}

/// Whether a list has all the files that the merge request says it changes. GitLab says `1000+`
/// for a list that it cut, and nothing before it has counted.
fn is_complete(files: usize, count: Option<&str>) -> bool {
    count.and_then(|count| count.trim().parse::<usize>().ok()).is_some_and(|count| files >= count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_complete_only_when_the_merge_request_says_so() {
        for (files, count, complete) in [
            (3, Some("3"), true),
            (4, Some("3"), true),
            (2, Some("3"), false),
            (0, Some("0"), true),
            (1000, Some("1000+"), false),
            (3, None, false),
            (3, Some("many"), false),
        ] {
            assert_eq!(is_complete(files, count), complete, "{files} of {count:?}");
        }
    }
}
