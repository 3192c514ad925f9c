//! Files of pull requests, whole.

use http::Method;

use super::{
    file_cache::{FileCache, Key},
    payload,
    read::{call, item, unsupported},
    remembered::{Base, Pulls},
    transport::Transport,
};
use crate::{
    forge::ForgeError,
    model::{FileAt, FileContent, MOST_FILES, Side, Snapshot, SubjectKind, Unreadable},
};

/// So many bytes of a file are read at the most: what is longer is no text that somebody wrote.
const MOST_BYTES: usize = 1024 * 1024;
/// What GitHub says when it is the commit that is not there (`contents`, 404).
const NO_COMMIT: &str = "No commit found";

/// A file of a pull request's repository. What stands at a commit is asked for once.
pub(super) async fn file(
    transport: &Transport,
    said: &Pulls,
    cache: &FileCache,
    snapshot: &Snapshot,
    at: &FileAt,
) -> Result<FileContent, ForgeError> {
    match snapshot.subject.kind {
        SubjectKind::MergeRequest => {}
        // An issue has no commits, and that is all there is to know.
        SubjectKind::Issue => return Ok(FileContent::Absent),
        SubjectKind::Epic => return Err(unsupported(&snapshot.subject)),
    }
    if !at.is_sound() {
        return Ok(FileContent::Unreadable(Unreadable::BadPath));
    }
    let known = &snapshot.facets.files;
    if known.len() >= MOST_FILES && !known.contains_key(at) {
        return Ok(FileContent::Unreadable(Unreadable::TooMany { most: MOST_FILES }));
    }
    match at.side {
        Side::Head => at_head(transport, cache, snapshot, &at.path).await,
        Side::Base => {
            let commit = base(transport, said, snapshot).await?;
            at_commit(transport, cache, &snapshot.subject.project, &commit, &at.path).await
        }
    }
}

/// The commits of a pull request are found in the repository that it goes to, also when it comes
/// from a fork; the newest stands there as `refs/pull/:number/head` too. That name is the second
/// choice, since it moves with the next push.
async fn at_head(
    transport: &Transport,
    cache: &FileCache,
    snapshot: &Snapshot,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let project = &snapshot.subject.project;
    let name = format!("refs/pull/{}/head", snapshot.subject.number);
    let Some(commit) = &snapshot.head else {
        return at_ref(transport, project, &name, path).await;
    };
    match at_commit(transport, cache, project, commit, path).await {
        Err(error) if lacks_commit(&error) => match at_ref(transport, project, &name, path).await {
            // The commit is what was asked for.
            Err(other) if lacks_commit(&other) => Err(error),
            result => result,
        },
        result => result,
    }
}

/// The commit that the changes start from. A pull request tells where its target branch stood, and
/// that may have gone on since the two parted; comparing them tells where they did.
async fn base(
    transport: &Transport,
    said: &Pulls,
    snapshot: &Snapshot,
) -> Result<String, ForgeError> {
    let (subject, head) = (&snapshot.subject, snapshot.head.as_deref());
    if let Some(Base::Commit(commit)) = said.base(subject, head) {
        return Ok(commit);
    }
    // Files are asked for side by side: one of them finds it out for all.
    let _alone = said.finds_out(subject).await;
    let base = match said.base(subject, head) {
        Some(base) => Some(base),
        None => {
            let item = item(transport, subject).await?;
            said.remember(subject, &item);
            said.base(subject, item.head.as_ref().map(|head| head.sha.as_str()))
        }
    };
    let branch = match base {
        Some(Base::Commit(commit)) => return Ok(commit),
        Some(Base::Branch(commit)) if !commit.is_empty() => commit,
        _ => {
            return Err(ForgeError::Unexpected {
                request: format!("the base of {subject}"),
                message: "no `base.sha`".to_owned(),
            });
        }
    };
    let Some(head) = head else { return Ok(branch) };
    let range = format!("{branch}...{head}");
    let ask = call(transport, Method::GET, &subject.project, &["compare", &range])?
        .query("per_page", "1");
    let commit = match transport.json::<payload::Comparison>(ask).await {
        Ok(compared) => compared.merge_base_commit.map(|commit| commit.sha),
        // Nothing in common, or a commit that went with its fork.
        Err(ForgeError::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    let commit = commit.filter(|sha| !sha.is_empty()).unwrap_or(branch);
    said.found_base(subject, Some(head), &commit);
    Ok(commit)
}

async fn at_commit(
    transport: &Transport,
    cache: &FileCache,
    project: &str,
    commit: &str,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let key = Key { project: project.to_owned(), commit: commit.to_owned(), path: path.to_owned() };
    if let Some(content) = cache.get(&key) {
        return Ok(content);
    }
    let content = at_ref(transport, project, commit, path).await?;
    cache.put(key, content.clone());
    Ok(content)
}

/// One call. GitHub answers 404 to a file that is not there, and to a commit or a repository that
/// it does not find: the message tells the commit apart, and the repository was there a moment ago.
async fn at_ref(
    transport: &Transport,
    project: &str,
    reference: &str,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let segments: Vec<&str> = std::iter::once("contents").chain(path.split('/')).collect();
    let ask = call(transport, Method::GET, project, &segments)?.query("ref", reference);
    match transport.send(ask.raw(MOST_BYTES)).await {
        Ok(answer) if answer.cut => {
            Ok(FileContent::Unreadable(Unreadable::TooLarge { most: MOST_BYTES as u64 }))
        }
        // A folder or a submodule is told of in JSON, whatever was asked for.
        Ok(answer) if is_json(&answer.headers) => Ok(FileContent::Unreadable(Unreadable::NotText)),
        Ok(answer) => Ok(FileContent::from_bytes(&answer.body)),
        Err(ForgeError::NotFound { request, message }) if message.contains(NO_COMMIT) => {
            // The path of the request does not have the commit.
            Err(ForgeError::NotFound { request: format!("{request} at {reference}"), message })
        }
        Err(ForgeError::NotFound { .. }) => Ok(FileContent::Absent),
        Err(error) => Err(error),
    }
}

fn is_json(headers: &http::HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}

fn lacks_commit(error: &ForgeError) -> bool {
    matches!(error, ForgeError::NotFound { message, .. } if message.contains(NO_COMMIT))
}
