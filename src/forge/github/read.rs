//! Reading items and their facets.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use http::Method;
use serde_json::Value;

use super::{
    payload,
    remembered::Pulls,
    request::{By, Call},
    transport::Transport,
    url::is_project,
};
use crate::{
    forge::ForgeError,
    model::{
        ChangedFile, Changes, Comment, Facets, LabelEvent, LabelName, Person, Requested, Snapshot,
        Subject, SubjectKind, TeamName, Votes,
    },
};

/// So many changed files of a pull request are listed at the most (GitHub, "List pull requests
/// files").
const MOST_CHANGES: usize = 3000;

/// A request about something in a subject's repository.
pub(super) fn call(
    transport: &Transport,
    method: Method,
    project: &str,
    rest: &[&str],
) -> Result<Call, ForgeError> {
    let Some((owner, name)) = project.split_once('/').filter(|_| is_project(project)) else {
        return Err(ForgeError::Refused {
            request: format!("repository `{}`", super::tidy::tidy(project)),
            status: 0,
            message: "expected owner and name, such as owner/project".to_owned(),
        });
    };
    let mut segments = vec!["repos", owner, name];
    segments.extend(rest);
    Call::new(transport.api(), method, By::Project(project.to_owned()), &segments)
}

/// An epic, which GitHub does not have.
pub(super) fn unsupported(subject: &Subject) -> ForgeError {
    ForgeError::Unsupported { what: format!("the epic {subject}") }
}

pub(super) async fn snapshot(
    transport: &Transport,
    said: &Pulls,
    subject: &Subject,
) -> Result<Snapshot, ForgeError> {
    let item = item(transport, subject).await?;
    if subject.kind == SubjectKind::MergeRequest {
        said.remember(subject, &item);
    }
    Ok(snapshot_of(subject.clone(), item, transport.root().as_str()))
}

pub(super) async fn item(
    transport: &Transport,
    subject: &Subject,
) -> Result<payload::Item, ForgeError> {
    let kind = match subject.kind {
        SubjectKind::Issue => "issues",
        SubjectKind::MergeRequest => "pulls",
        SubjectKind::Epic => return Err(unsupported(subject)),
    };
    let number = subject.number.to_string();
    let ask = call(transport, Method::GET, &subject.project, &[kind, &number])?;
    let request = ask.name();
    let item: payload::Item = transport.json(ask).await?;
    if item.number != subject.number {
        // GitHub leads from an issue that was moved to the one that it is now.
        let message = format!("it was moved to {}", super::tidy::tidy(&item.html_url));
        return Err(ForgeError::NotFound { request, message });
    }
    if subject.kind == SubjectKind::Issue && item.pull_request.is_some() {
        let key = Subject { kind: SubjectKind::MergeRequest, ..subject.clone() }.reference();
        let message = format!("it is a pull request; name it {key}");
        return Err(ForgeError::Refused { request, status: 0, message });
    }
    Ok(item)
}

pub(super) fn snapshot_of(subject: Subject, item: payload::Item, root: &str) -> Snapshot {
    let no_comments = item.comments == Some(0);
    let state = item.state();
    let head = item.head.map(|head| head.sha).filter(|sha| !sha.is_empty());
    let files_url = head.as_ref().map(|sha| format!("{root}{}/blob/{sha}", subject.project));
    // A pull request that is read alone does not tell who reacted.
    let votes = item.reactions.map(|all| Votes { up: all.up, down: all.down });
    let reviewers = (subject.kind == SubjectKind::MergeRequest).then(|| Requested {
        people: item.requested_reviewers.into_iter().map(Person::from).collect(),
        teams: Some(teams_of(&subject.project, item.requested_teams)),
    });
    Snapshot {
        subject,
        url: item.html_url,
        title: item.title,
        description: item.body,
        state,
        draft: item.draft,
        author: item.user.map_or_else(ghost, Person::from),
        labels: item.labels.into_iter().filter_map(payload::LabelOnItem::name).collect(),
        milestone: item.milestone.map(Into::into),
        created_at: item.created_at,
        updated_at: item.updated_at.unwrap_or(item.created_at),
        head,
        assignees: item.assignees.into_iter().map(Person::from).collect(),
        reviewers,
        votes,
        weight: None,
        confidential: false,
        facets: Facets { own_comments: no_comments.then(Vec::new), files_url, ..Facets::default() },
    }
}

fn teams_of(project: &str, teams: Vec<payload::Team>) -> Vec<TeamName> {
    teams.iter().map(|team| TeamName::in_project(&team.slug, project)).collect()
}

/// How many thumbs a pull request got, which it tells only as the issue that it is too.
pub(super) async fn votes(transport: &Transport, subject: &Subject) -> Result<Votes, ForgeError> {
    let number = subject.number.to_string();
    let ask = call(transport, Method::GET, &subject.project, &["issues", &number])?;
    let item: payload::Item = transport.json(ask).await?;
    Ok(item.reactions.map_or_else(Votes::default, |all| Votes { up: all.up, down: all.down }))
}

/// Stands for an author whose account is gone, under the name that GitHub has for it.
fn ghost() -> Person {
    Person { id: 0, username: "ghost".to_owned(), name: "Deleted user".to_owned() }
}

/// Who set and removed which label when. Read as values: each kind of event has a shape of its own,
/// GitHub invents new ones, and none but two are of interest.
pub(super) async fn label_history(
    transport: &Transport,
    subject: &Subject,
) -> Result<Vec<LabelEvent>, ForgeError> {
    let number = subject.number.to_string();
    let ask = call(transport, Method::GET, &subject.project, &["issues", &number, "events"])?;
    // By id: an event that moved to the next page meanwhile counts once.
    let events: BTreeMap<u64, LabelEvent> =
        transport.all::<Value>(ask).await?.iter().filter_map(label_event).collect();
    let mut events: Vec<_> = events.into_values().collect();
    events.sort_by_key(|event| event.at);
    Ok(events)
}

fn label_event(event: &Value) -> Option<(u64, LabelEvent)> {
    let added = match event["event"].as_str()? {
        "labeled" => true,
        "unlabeled" => false,
        _ => return None,
    };
    let at: DateTime<Utc> = event["created_at"].as_str()?.parse().ok()?;
    let actor = &event["actor"];
    let by = actor["id"].as_u64().map(|id| {
        let login = actor["login"].as_str().unwrap_or_default().to_owned();
        Person { id, username: login.clone(), name: login }
    });
    let label = event["label"]["name"].as_str().map(LabelName::new);
    Some((event["id"].as_u64()?, LabelEvent { label, added, by, at }))
}

pub(super) async fn comments_by(
    transport: &Transport,
    subject: &Subject,
    author: u64,
) -> Result<Vec<Comment>, ForgeError> {
    let number = subject.number.to_string();
    let ask = call(transport, Method::GET, &subject.project, &["issues", &number, "comments"])?;
    let all: Vec<payload::Comment> = transport.all(ask).await?;
    let own = all.into_iter().filter(|one| one.user.as_ref().is_some_and(|by| by.id == author));
    let comments: BTreeMap<u64, Comment> = own
        .map(|payload::Comment { id, body, created_at, .. }| (id, Comment { id, body, created_at }))
        .collect();
    let mut comments: Vec<_> = comments.into_values().collect();
    comments.sort_by_key(|comment| comment.created_at);
    Ok(comments)
}

pub(super) async fn changes(
    transport: &Transport,
    said: &Pulls,
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
        None => item(transport, subject).await?.changed_files,
    };
    let number = subject.number.to_string();
    let ask = call(transport, Method::GET, &subject.project, &["pulls", &number, "files"])?;
    let files: Vec<payload::File> = transport.all(ask).await?;
    let files: Vec<ChangedFile> = files.into_iter().map(ChangedFile::from).collect();
    let complete = is_complete(files.len(), count);
    Ok(Changes { files, complete })
}

/// Whether a list has all the files that the pull request says it changes.
fn is_complete(files: usize, count: Option<usize>) -> bool {
    count.is_some_and(|count| files >= count && count <= MOST_CHANGES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_complete_only_when_the_pull_request_says_so() {
        for (files, count, complete) in [
            (3, Some(3), true),
            (2, Some(3), false),
            (0, Some(0), true),
            (3000, Some(3000), true),
            (3000, Some(3001), false),
            (3, None, false),
        ] {
            assert_eq!(is_complete(files, count), complete, "{files} of {count:?}");
        }
    }

    #[test]
    fn events_of_any_shape_are_survived() {
        let at = "2026-11-20T12:00:00Z";
        let anna = json!({ "id": 7, "login": "anna" });
        let good = json!({ "id": 1, "event": "labeled", "created_at": at, "actor": anna, "label": { "name": "bug" } });
        let (id, event) = label_event(&good).expect("an event");
        assert_eq!((id, event.added, event.label), (1, true, Some("bug".into())));
        assert_eq!(event.by.expect("anna").username, "anna");
        let gone = json!({ "id": 2, "event": "unlabeled", "created_at": at, "actor": null });
        let (_, event) = label_event(&gone).expect("an event");
        assert_eq!((event.added, event.label, event.by), (false, None, None));
        for odd in [
            json!(null),
            json!([]),
            json!({ "event": "labeled" }),
            json!({ "event": 7, "id": 1, "created_at": at }),
            json!({ "event": "labeled", "id": "1", "created_at": at }),
            json!({ "event": "labeled", "id": 1, "created_at": "today" }),
            json!({ "event": "sub_issue_added", "id": 1, "created_at": at }),
        ] {
            assert!(label_event(&odd).is_none(), "{odd}");
        }
    }
}
