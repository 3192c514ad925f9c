//! Check runs: written by Apps only, listed by commit.

use std::sync::Arc;

use axum::{Router, routing};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    Sim,
    access::DEVELOPER,
    sim::Shared,
    world::{World, checks::CheckRun, types::Project},
};

/// The longest summary, in characters.
const LONGEST: usize = 65_535;
/// So many annotations a request takes.
const MOST_ANNOTATIONS: usize = 50;

/// A check run of a simulated GitHub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRunView {
    /// The name of the check.
    pub name: String,
    /// Its status, and its conclusion behind a blank when it has one.
    pub state: String,
    /// The line for people.
    pub title: String,
    /// Markdown.
    pub summary: String,
    /// What the App calls it by.
    pub external_id: String,
    /// Where the annotations stand, what they weigh and say: `path:line level message`.
    pub annotations: Vec<String>,
}

impl Sim {
    /// The check runs of a commit, oldest first, those that others have replaced among them.
    pub fn check_runs(&self, project: impl AsRef<str>, sha: &str) -> Vec<CheckRunView> {
        let world = self.shared.world();
        let project = world.project_id(project.as_ref()).and_then(|id| world.projects.get(&id));
        let runs = project.into_iter().flat_map(|project| &project.check_runs);
        runs.filter(|run| run.sha == sha).map(view).collect()
    }

    /// Asks for all checks of a commit to be made again, as people can: GitHub forgets what they
    /// came to, and tells the App.
    pub fn rerequests_checks(&self, project: impl AsRef<str>, sha: &str) {
        let mut world = self.shared.world();
        let project = world.project_id(project.as_ref());
        let runs = project.and_then(|id| world.project_mut(id).ok());
        for run in runs.into_iter().flat_map(|project| &mut project.check_runs) {
            if run.sha == sha {
                "queued".clone_into(&mut run.status);
                (run.conclusion, run.completed_at) = (None, None);
            }
        }
    }
}

fn view(run: &CheckRun) -> CheckRunView {
    let note = |note: &Value| {
        let text = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
        let level = text("annotation_level");
        format!("{}:{} {level} {}", text("path"), note["start_line"], text("message"))
    };
    let conclusion = run.conclusion.as_deref().map(|text| format!(" {text}"));
    CheckRunView {
        name: run.name.clone(),
        state: format!("{}{}", run.status, conclusion.unwrap_or_default()),
        title: run.title.clone().unwrap_or_default(),
        summary: run.summary.clone().unwrap_or_default(),
        external_id: run.external_id.clone().unwrap_or_default(),
        annotations: run.annotations.iter().map(note).collect(),
    }
}

pub(super) fn routes() -> Router<Arc<Shared>> {
    let repo = "/repos/{owner}/{repo}";
    Router::new()
        .route(&format!("{repo}/check-runs"), routing::post(create))
        .route(&format!("{repo}/check-runs/{{id}}"), routing::patch(update))
        .route(&format!("{repo}/commits/{{sha}}/check-runs"), routing::get(list))
}

/// The App of the caller. People, and whatever token they have, are none.
fn app(cx: &Context, world: &World) -> Result<u64, ApiError> {
    match world.apps.app_of(cx.user()?) {
        Some((app, true)) => Ok(app),
        Some((_, false)) => Err(ApiError::not_for_apps()),
        None => {
            let message = "You must authenticate via a GitHub App.";
            Err(ApiError::new(StatusCode::FORBIDDEN, message))
        }
    }
}

fn invalid(field: &str, problem: &str) -> ApiError {
    ApiError::invalid("CheckRun", field, problem)
}

/// Puts what was sent into a check run.
fn take(run: &mut CheckRun, world: &World, body: &Value) -> Result<(), ApiError> {
    if let Some(key) = body["external_id"].as_str() {
        run.external_id = Some(key.to_owned());
    }
    if let Some(status) = body["status"].as_str() {
        if !["queued", "in_progress", "completed"].contains(&status) {
            return Err(invalid("status", "is no status"));
        }
        status.clone_into(&mut run.status);
    }
    if let Some(conclusion) = body["conclusion"].as_str() {
        run.conclusion = Some(conclusion.to_owned());
        "completed".clone_into(&mut run.status);
    }
    match run.status.as_str() {
        "completed" if run.conclusion.is_none() => {
            return Err(invalid("conclusion", "is missing for a completed check run"));
        }
        "completed" => run.completed_at = Some(world.now()),
        _ => (run.conclusion, run.completed_at) = (None, None),
    }
    let output = &body["output"];
    if output.is_null() {
        return Ok(());
    }
    let text = |name: &str| {
        output[name].as_str().ok_or_else(|| invalid(&format!("output.{name}"), "is missing"))
    };
    let (title, summary) = (text("title")?, text("summary")?);
    if summary.chars().count() > LONGEST {
        let problem = format!("is too long (maximum is {LONGEST} characters)");
        return Err(invalid("output.summary", &problem));
    }
    (run.title, run.summary) = (Some(title.to_owned()), Some(summary.to_owned()));
    let notes = output["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    if notes.len() > MOST_ANNOTATIONS {
        return Err(invalid("output.annotations", "are more than 50"));
    }
    let levels = ["notice", "warning", "failure"];
    for note in notes {
        let whole = note["path"].is_string()
            && note["start_line"].as_u64().is_some_and(|line| line > 0)
            && note["end_line"].as_u64().is_some_and(|line| line > 0)
            && note["message"].is_string()
            && note["annotation_level"].as_str().is_some_and(|level| levels.contains(&level));
        if !whole {
            return Err(invalid("output.annotations", "lack path, lines, level or message"));
        }
    }
    run.annotations.extend_from_slice(notes);
    Ok(())
}

async fn create(cx: Context) -> Answer {
    let mut world = cx.world();
    let app = app(&cx, &world)?;
    let project = cx.project_as(&world, DEVELOPER)?;
    let sent = cx.body["head_sha"].as_str().unwrap_or_default();
    let no_commit = || {
        let message = format!("No commit found for SHA: {sent}");
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    };
    let sha = project.repository.resolve(sent).ok_or_else(no_commit)?.to_owned();
    let name = cx.body["name"].as_str().filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| invalid("name", "is missing"))?.to_owned();
    let project = project.id;
    let mut run = CheckRun {
        // Given when it is added.
        id: 0,
        app,
        name,
        sha,
        external_id: None,
        status: "queued".to_owned(),
        conclusion: None,
        started_at: world.now(),
        completed_at: None,
        title: None,
        summary: None,
        annotations: Vec::new(),
    };
    take(&mut run, &world, &cx.body)?;
    let run = world.add_check_run(project, run)?;
    Ok(Context::json(StatusCode::CREATED, &shown(&world, world.project(project)?, &run)))
}

async fn update(cx: Context) -> Answer {
    let mut world = cx.world();
    let app = app(&cx, &world)?;
    let project = cx.project_as(&world, DEVELOPER)?;
    let id = cx.path_number("id")?;
    // Another App's are not to be touched.
    let found = project.check_runs.iter().find(|run| run.id == id && run.app == app);
    let mut run = found.ok_or_else(ApiError::not_found)?.clone();
    let project = project.id;
    take(&mut run, &world, &cx.body)?;
    if let Some(old) = world.project_mut(project)?.check_runs.iter_mut().find(|old| old.id == id) {
        *old = run.clone();
    }
    Ok(Context::json(StatusCode::OK, &shown(&world, world.project(project)?, &run)))
}

/// The newest first; with `filter=latest`, which is the default, one of each name and App.
async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let no_commit = || {
        let message = format!("No commit found for SHA: {}", cx.path("sha"));
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    };
    let sha = project.repository.resolve(cx.path("sha")).ok_or_else(no_commit)?;
    let mut found: Vec<&CheckRun> = Vec::new();
    for run in project.check_runs.iter().rev().filter(|run| run.sha == sha) {
        let fits = cx.query("check_name").is_none_or(|name| run.name == name)
            && cx.query("status").is_none_or(|status| run.status == status)
            && cx.query("app_id").is_none_or(|id| run.app.to_string() == id);
        let superseded = cx.query("filter") != Some("all")
            && found.iter().any(|newer| newer.name == run.name && newer.app == run.app);
        if fits && !superseded {
            found.push(run);
        }
    }
    let shown: Vec<Value> = found.iter().map(|run| shown(&world, project, run)).collect();
    Ok(Context::json(StatusCode::OK, &json!({ "total_count": shown.len(), "check_runs": shown })))
}

fn shown(world: &World, project: &Project, run: &CheckRun) -> Value {
    let at = entities::api(world, &format!("repos/{}/check-runs/{}", project.path, run.id));
    let page = format!("{}/{}/runs/{}", world.web_url, project.path, run.id);
    json!({
        "id": run.id,
        "node_id": entities::node("CR", run.id),
        "name": run.name,
        "head_sha": run.sha,
        "external_id": run.external_id.as_deref().unwrap_or_default(),
        "url": at,
        "html_url": page,
        "details_url": page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": entities::stamp(run.started_at),
        "completed_at": run.completed_at.map(entities::stamp),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": null,
            "annotations_count": run.annotations.len(),
            "annotations_url": format!("{at}/annotations"),
        },
        "check_suite": { "id": run.app },
        "app": world.apps.shown(world, run.app),
        "pull_requests": [],
    })
}
