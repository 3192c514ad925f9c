//! Repositories: themselves, their webhooks, files, comparisons and commit statuses.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    access::{DEVELOPER, OWNER},
    sim::Shared,
    world::{
        World,
        repository::{DEFAULT_BRANCH, blob_id},
        statuses::Status,
        types::Project,
    },
};

/// The longest description of a status.
const LONGEST_TEXT: usize = 140;
/// So many bytes of a file are shown in Base64 at the most.
const LARGEST_INLINE: usize = 1024 * 1024;

pub(super) fn routes() -> Router<Arc<Shared>> {
    let repo = "/repos/{owner}/{repo}";
    Router::new()
        .route(repo, routing::get(show))
        .route(&format!("{repo}/hooks"), routing::get(hooks))
        .route(&format!("{repo}/contents/{{*path}}"), routing::get(contents))
        .route(&format!("{repo}/compare/{{range}}"), routing::get(compare))
        .route(&format!("{repo}/statuses/{{sha}}"), routing::post(set_status))
        .route(&format!("{repo}/commits/{{sha}}/statuses"), routing::get(statuses))
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let level = world.level(cx.user()?, project.id);
    Ok(Context::json(StatusCode::OK, &entities::whole_repository(&world, project, level)))
}

/// Hidden from whoever is no administrator.
async fn hooks(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project_as(&world, OWNER).map_err(|_| ApiError::not_found())?;
    // An App's is none of the repository's.
    let own = world.outbox.read_hooks(&project.hooks, |hook, _| (hook.id, hook.project));
    let own: Vec<u64> =
        own.into_iter().filter(|(_, of)| *of == project.id).map(|(id, _)| id).collect();
    let hooks: Vec<Value> = world.outbox.read_hooks(&own, |hook, now| {
        let settings = &hook.settings;
        let events: Vec<&str> = [
            ("issues", settings.issues_events),
            ("pull_request", settings.merge_requests_events),
            ("issue_comment", settings.note_events),
        ]
        .into_iter()
        .filter(|(_, sent)| *sent)
        .map(|(event, _)| event)
        .collect();
        let at = entities::api(&world, &format!("repos/{}/hooks/{}", project.path, hook.id));
        json!({
            "type": "Repository",
            "id": hook.id,
            "url": at,
            "test_url": format!("{at}/test"),
            "ping_url": format!("{at}/pings"),
            "deliveries_url": format!("{at}/deliveries"),
            "last_response": { "code": null, "status": "unused", "message": null },
            "name": "web",
            "active": hook.is_executable(now),
            "events": events,
            "config": { "url": settings.url, "content_type": "json", "insecure_ssl": "0" },
            "created_at": entities::stamp(hook.created_at),
            "updated_at": entities::stamp(hook.created_at),
        })
    });
    cx.list(&hooks, Value::clone)
}

/// A file; as it is when `Accept` asks for that. A folder is listed in JSON in any case.
async fn contents(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let reference = cx.query("ref").unwrap_or(DEFAULT_BRANCH);
    let no_commit = || {
        let message = format!("No commit found for the ref {reference}");
        ApiError::new(StatusCode::NOT_FOUND, message)
    };
    let tree = project.repository.tree(reference).ok_or_else(no_commit)?;
    let path = cx.path("path");
    let Some(content) = tree.get(path) else {
        let folder = format!("{path}/");
        let inside: Vec<&String> = tree.keys().filter(|one| one.starts_with(&folder)).collect();
        if inside.is_empty() {
            return Err(ApiError::not_found());
        }
        let shown: Vec<Value> =
            inside.iter().map(|path| json!({ "type": "file", "path": path })).collect();
        return Ok(Context::json(StatusCode::OK, &Value::Array(shown)));
    };
    let accept = cx.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("raw")) {
        let headers = [(header::CONTENT_TYPE, "application/vnd.github.raw+json; charset=utf-8")];
        return Ok((headers, content.to_string()).into_response());
    }
    let small = content.len() <= LARGEST_INLINE;
    Ok(Context::json(
        StatusCode::OK,
        &json!({
            "type": "file",
            "encoding": if small { "base64" } else { "none" },
            "size": content.len(),
            "name": path.rsplit('/').next(),
            "path": path,
            "sha": blob_id(content),
            "content": if small { STANDARD.encode(content.as_bytes()) } else { String::new() },
        }),
    ))
}

/// Two commits: the simulation has no history, so they part where a pull request says.
async fn compare(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let (base, head) = cx.path("range").split_once("...").ok_or_else(ApiError::not_found)?;
    let resolve = |reference| project.repository.resolve(reference).ok_or_else(ApiError::not_found);
    let (base, head) = (resolve(base)?, resolve(head)?);
    let parted = project
        .merge_requests
        .values()
        .filter_map(|item| item.merge.as_ref())
        .find(|merge| merge.sha == head)
        .map_or(base, |merge| &merge.base_sha);
    let rest = format!("{}/compare/{base}...{head}", project.path);
    let at = entities::api(&world, &format!("repos/{rest}"));
    let page = format!("{}/{rest}", world.web_url);
    Ok(Context::json(
        StatusCode::OK,
        &json!({
            "url": at,
            "html_url": page,
            "permalink_url": page,
            "diff_url": format!("{page}.diff"),
            "patch_url": format!("{page}.patch"),
            "status": "ahead",
            "base_commit": entities::commit(&world, project, base),
            "merge_base_commit": entities::commit(&world, project, parted),
            "ahead_by": 1,
            "behind_by": 0,
            "total_commits": 1,
            "commits": [],
        }),
    ))
}

fn status(world: &World, project: &Project, sha: &str, status: &Status) -> Value {
    json!({
        "id": status.id,
        "node_id": entities::node("SC", status.id),
        "url": entities::api(world, &format!("repos/{}/statuses/{sha}", project.path)),
        "avatar_url": null,
        "state": state_of(&status.state),
        "context": status.name,
        "description": status.description,
        "target_url": status.target_url,
        "creator": entities::user(world, status.author),
        "created_at": entities::stamp(status.created_at),
        "updated_at": entities::stamp(status.created_at),
    })
}

/// The world's states in GitHub's words.
fn state_of(state: &str) -> &str {
    match state {
        "failed" => "failure",
        "running" => "pending",
        "canceled" | "skipped" => "error",
        other => other,
    }
}

async fn statuses(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let sha = project.repository.resolve(cx.path("sha")).ok_or_else(ApiError::not_found)?;
    let mut all: Vec<&Status> = project.statuses.get(sha).into_iter().flatten().collect();
    all.reverse();
    cx.list(&all, |one| status(&world, project, sha, one))
}

/// Every status is a new one; the newest of a name counts.
async fn set_status(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, DEVELOPER)?;
    let sha = cx.path("sha");
    let known = project.repository.resolve(sha).map(str::to_owned);
    let project = project.id;
    let no_commit = || {
        let message = format!("No commit found for SHA: {sha}");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    };
    let sha = known.ok_or_else(no_commit)?;
    let state = match cx.text("state")? {
        "failure" => "failed",
        "error" => "canceled",
        known @ ("pending" | "success") => known,
        _ => return Err(ApiError::invalid("Status", "state", "is no state")),
    };
    let description = cx.body["description"].as_str();
    if description.is_some_and(|text| text.chars().count() > LONGEST_TEXT) {
        let problem = format!("description is too long (maximum is {LONGEST_TEXT} characters)");
        return Err(ApiError::invalid("Status", "description", &problem));
    }
    let wanted = Status {
        id: 0,
        author: cx.user()?,
        name: cx.body["context"].as_str().unwrap_or("default").to_owned(),
        state: state.to_owned(),
        target_url: cx.body["target_url"].as_str().map(str::to_owned),
        description: description.map(str::to_owned),
        reference: None,
        created_at: world.now(),
    };
    let set = world.push_status(project, &sha, wanted)?;
    let project = world.project(project)?;
    Ok(Context::json(StatusCode::CREATED, &status(&world, project, &sha, &set)))
}
