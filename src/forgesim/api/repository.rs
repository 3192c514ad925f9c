//! Files, trees and commit statuses.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, response::IntoResponse, routing};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::json;

use super::{
    context::{Answer, Context},
    entities::{UserEntity, stamp, user},
    error::ApiError,
};
use crate::forgesim::{
    access::DEVELOPER,
    sim::Shared,
    world::{
        World,
        repository::{Tree, blob_id},
        statuses::Status,
        types::{Project, Time},
    },
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    let commit = "/projects/{id}/repository/commits/{sha}";
    Router::new()
        .route("/projects/{id}/repository/tree", routing::get(tree))
        .route("/projects/{id}/repository/files/{path}", routing::get(file))
        .route("/projects/{id}/repository/files/{path}/raw", routing::get(raw))
        .route(&format!("{commit}/statuses"), routing::get(statuses))
        .route("/projects/{id}/statuses/{sha}", routing::post(set_status))
}

fn files<'w>(cx: &Context, project: &'w Project) -> Option<&'w Tree> {
    project.repository.tree(cx.params.text("ref").unwrap_or("HEAD"))
}

/// A file or directory.
#[derive(Serialize)]
struct TreeEntity<'a> {
    id: String,
    name: &'a str,
    r#type: &'static str,
    path: &'a str,
    mode: &'static str,
}

async fn tree(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let files = files(&cx, project).ok_or_else(|| ApiError::not_found("Tree"))?;
    let folder = cx.params.text("path").unwrap_or_default().trim_matches('/');
    let recursive = cx.params.flag("recursive", false)?;
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    // Directories first, as git lists them apart; by path, so that each shows once.
    let mut directories = BTreeMap::new();
    let mut blobs = Vec::new();
    let inside = files.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
    for (path, _) in inside {
        let rest = &path[prefix.len()..];
        for (at, _) in rest.match_indices('/') {
            directories.insert(&path[..prefix.len() + at], ());
            if !recursive {
                break;
            }
        }
        if recursive || !rest.contains('/') {
            blobs.push(path.as_str());
        }
    }
    if directories.is_empty() && blobs.is_empty() && !folder.is_empty() {
        return Err(ApiError::not_found("invalid revision or path"));
    }
    let directories = directories.into_keys().map(|path| (path, true));
    let entries: Vec<(&str, bool)> =
        directories.chain(blobs.into_iter().map(|path| (path, false))).collect();
    cx.list(&entries, |(path, directory)| TreeEntity {
        id: blob_id(path),
        name: path.rsplit('/').next().unwrap_or(path),
        r#type: if *directory { "tree" } else { "blob" },
        path,
        mode: if *directory { "040000" } else { "100644" },
    })
}

/// A file's content with the commit it was read at.
fn content(cx: &Context, project: &Project) -> Result<(Arc<str>, String), ApiError> {
    let reference = cx.params.text("ref").unwrap_or("HEAD");
    let commit =
        project.repository.resolve(reference).ok_or_else(|| ApiError::not_found("Commit"))?;
    let files = files(cx, project).ok_or_else(|| ApiError::not_found("Commit"))?;
    let content = files.get(cx.path("path")).ok_or_else(|| ApiError::not_found("File"))?;
    Ok((Arc::clone(content), commit.to_owned()))
}

async fn file(cx: Context) -> Answer {
    let world = cx.world();
    let (content, commit) = content(&cx, cx.project(&world)?)?;
    let path = cx.path("path");
    Ok(Context::ok(&json!({
        "file_name": path.rsplit('/').next(),
        "file_path": path,
        "size": content.len(),
        "encoding": "base64",
        "content": STANDARD.encode(content.as_bytes()),
        "ref": cx.params.text("ref").unwrap_or("HEAD"),
        "blob_id": blob_id(&content),
        "commit_id": commit,
        "last_commit_id": commit,
        "execute_filemode": false,
    })))
}

async fn raw(cx: Context) -> Answer {
    let world = cx.world();
    let (content, _) = content(&cx, cx.project(&world)?)?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, content.to_string()).into_response())
}

/// A commit status.
#[derive(Serialize)]
struct StatusEntity<'a> {
    id: u64,
    sha: &'a str,
    r#ref: Option<&'a str>,
    status: &'a str,
    name: &'a str,
    target_url: Option<&'a str>,
    description: Option<&'a str>,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    allow_failure: bool,
    coverage: Option<f64>,
    author: Option<UserEntity<'a>>,
}

fn entity<'a>(world: &'a World, sha: &'a str, status: &'a Status) -> StatusEntity<'a> {
    StatusEntity {
        id: status.id,
        sha,
        r#ref: status.reference.as_deref(),
        status: &status.state,
        name: &status.name,
        target_url: status.target_url.as_deref(),
        description: status.description.as_deref(),
        created_at: status.created_at,
        allow_failure: false,
        coverage: None,
        author: user(world, status.author),
    }
}

async fn statuses(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let sha = cx.path("sha");
    let sha = project.repository.resolve(sha).ok_or_else(|| ApiError::not_found("Commit"))?;
    let all = cx.params.flag("all", false)?;
    let statuses = project.statuses.get(sha).map(Vec::as_slice).unwrap_or_default();
    // Without `all`, only the latest of each name.
    let latest = |at: usize, name: &str| !statuses[at + 1..].iter().any(|other| other.name == name);
    let shown: Vec<&Status> = statuses
        .iter()
        .enumerate()
        .filter(|(at, status)| all || latest(*at, &status.name))
        .map(|(_, status)| status)
        .filter(|status| cx.params.text("name").is_none_or(|name| name == status.name))
        .collect();
    cx.list(&shown, |status| entity(&world, sha, status))
}

/// The longest description, address and ref that GitLab stores.
const TEXT_LIMIT: usize = 255;

async fn set_status(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, DEVELOPER)?;
    let sha = project.repository.resolve(cx.path("sha")).map(str::to_owned);
    let sha = sha.ok_or_else(|| ApiError::not_found("Commit"))?;
    let project = project.id;
    let text = |name: &'static str| -> Result<Option<String>, ApiError> {
        match cx.params.text(name) {
            Some(text) if text.chars().count() > TEXT_LIMIT => {
                let problem = format!("is too long (maximum is {TEXT_LIMIT} characters)");
                Err(ApiError::bad_request(json!({ name: [problem] })))
            }
            text => Ok(text.map(str::to_owned)),
        }
    };
    let name = text("name")?.or(text("context")?).unwrap_or_else(|| "default".to_owned());
    let wanted = Status {
        id: 0,
        author: cx.user,
        name,
        state: cx.params.required("state")?.to_owned(),
        target_url: text("target_url")?,
        description: text("description")?,
        reference: text("ref")?,
        created_at: world.now(),
    };
    let status = world.set_status(project, &sha, wanted)?;
    Ok(Context::json(StatusCode::CREATED, &entity(&world, &sha, &status)))
}
