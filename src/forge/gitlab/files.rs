//! Files of merge requests, whole.

use gitlab::api::projects::repository::files::FileRaw;

use super::{
    built,
    file_cache::{FileCache, Key},
    read::{item, unsupported},
    remembered::MergeRequests,
    transport::Transport,
};
use crate::{
    forge::ForgeError,
    model::{FileAt, FileContent, MOST_FILES, Side, Snapshot, SubjectKind, Unreadable},
};

/// So many bytes of a file are read at the most: what is longer is no text that somebody wrote.
const MOST_BYTES: usize = 1024 * 1024;

/// A file of a merge request's project. What stands at a commit is asked for once.
pub(super) async fn file(
    transport: &Transport,
    said: &MergeRequests,
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
        Side::Base => at_base(transport, said, cache, snapshot, &at.path).await,
    }
}

/// The commits of a merge request lie in the project that it goes to, also when it comes from a
/// fork, which Steward may be kept out of: GitLab fetches them there, and keeps the newest as
/// `refs/merge-requests/:iid/head`. So nothing is asked of the source project. Its name for the
/// head is the second choice, since it moves with the next push, and what was read would be told
/// of the commit before. It is asked when GitLab does not find the commit under its id.
async fn at_head(
    transport: &Transport,
    cache: &FileCache,
    snapshot: &Snapshot,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let project = &snapshot.subject.project;
    let name = format!("refs/merge-requests/{}/head", snapshot.subject.number);
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

/// The commit that the change starts from; the target branch while GitLab has not found it.
async fn at_base(
    transport: &Transport,
    said: &MergeRequests,
    cache: &FileCache,
    snapshot: &Snapshot,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let (subject, head) = (&snapshot.subject, snapshot.head.as_deref());
    let base = match said.base(subject, head) {
        Some(base) => base,
        None => {
            let item = item(transport, subject).await?;
            said.remember(subject, &item);
            said.base(subject, item.sha.as_deref()).unwrap_or_default()
        }
    };
    match (&base.commit, &base.branch) {
        (Some(commit), _) => at_commit(transport, cache, &subject.project, commit, path).await,
        (None, Some(branch)) => at_ref(transport, &subject.project, branch, path).await,
        (None, None) => Err(ForgeError::Unexpected {
            request: format!("the base of {subject}"),
            message: "neither `diff_refs.base_sha` nor `target_branch`".to_owned(),
        }),
    }
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

/// One call. GitLab answers 404 to a file that is not there, and to a commit or a project that it
/// does not find (`lib/api/files.rb`): only the first tells something of the file, and its message
/// says so.
async fn at_ref(
    transport: &Transport,
    project: &str,
    reference: &str,
    path: &str,
) -> Result<FileContent, ForgeError> {
    let mut file = FileRaw::builder();
    let file = built(file.project(project).file_path(path).ref_(reference).build())?;
    match transport.send_at_most(&file, MOST_BYTES).await {
        Ok(answer) if answer.cut => {
            Ok(FileContent::Unreadable(Unreadable::TooLarge { most: MOST_BYTES as u64 }))
        }
        Ok(answer) => Ok(FileContent::from_bytes(&answer.body)),
        Err(ForgeError::NotFound { message, .. }) if message.contains("File Not Found") => {
            Ok(FileContent::Absent)
        }
        Err(ForgeError::NotFound { request, message }) => {
            // The path of the request does not have the commit.
            Err(ForgeError::NotFound { request: format!("{request} at {reference}"), message })
        }
        Err(error) => Err(error),
    }
}

fn lacks_commit(error: &ForgeError) -> bool {
    matches!(error, ForgeError::NotFound { message, .. } if message.contains("Commit Not Found"))
}
