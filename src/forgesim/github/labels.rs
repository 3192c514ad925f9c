//! Labels of repositories and of items, and milestones.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;
use serde_json::Value;

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    access::DEVELOPER,
    sim::Shared,
    world::{
        World,
        items::ItemChange,
        labels::LabelChange,
        types::{ItemKey, Milestone, Owner},
    },
    writes::Write,
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    let labels = "/repos/{owner}/{repo}/labels";
    let of_item = "/repos/{owner}/{repo}/issues/{number}/labels";
    Router::new()
        .route(labels, routing::get(list).post(create))
        .route(&format!("{labels}/{{name}}"), routing::get(show).delete(delete))
        .route(of_item, routing::get(of_item_list).post(add))
        .route(&format!("{of_item}/{{name}}"), routing::delete(remove))
        .route("/repos/{owner}/{repo}/milestones", routing::get(milestones))
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let all = world.labels_of(Owner::Project(cx.project(&world)?.id), true);
    cx.list(&all, |id| entities::label(&world, *id))
}

fn find(cx: &Context, world: &World) -> Result<u64, ApiError> {
    let project = cx.project(world)?.id;
    world.find_label(project, cx.path("name")).ok_or_else(ApiError::not_found)
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    Ok(Context::json(StatusCode::OK, &entities::label(&world, find(&cx, &world)?)))
}

async fn create(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, DEVELOPER)?.id;
    let name = cx.text("name")?;
    if world.find_label(project, name).is_some() {
        return Err(ApiError::exists("Label", "name"));
    }
    let color = cx.body["color"].as_str().map(|color| format!("#{color}"));
    let description = cx.body["description"].as_str().map(str::to_owned);
    let id = world.add_label(Owner::Project(project), name, color.as_deref());
    if let Some(label) = world.labels.get_mut(&id) {
        label.description = description;
    }
    Ok(Context::json(StatusCode::CREATED, &entities::label(&world, id)))
}

async fn delete(cx: Context) -> Answer {
    let mut world = cx.world();
    cx.project_as(&world, DEVELOPER)?;
    let id = find(&cx, &world)?;
    world.delete_label(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn on_item(cx: &Context, world: &World, key: ItemKey) -> Answer {
    let labels = &world.item(key)?.labels;
    cx.list(labels, |id| entities::label(world, *id))
}

async fn of_item_list(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    on_item(&cx, &world, key)
}

/// Adds labels; what the repository does not have is made, as GitHub does.
async fn add(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item_to_triage(&world)?;
    let names = match &cx.body {
        Value::Array(names) => names,
        body => body["labels"]
            .as_array()
            .ok_or_else(|| ApiError::invalid("Label", "labels", "is missing"))?,
    };
    let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
    let add = world.resolve_labels(key.project, names, true);
    let labels = LabelChange { add, ..LabelChange::default() };
    world.change_item(cx.user()?, key, ItemChange { labels, ..ItemChange::default() })?;
    cx.wrote(key, Write::Change);
    on_item(&cx, &world, key)
}

async fn remove(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item_to_triage(&world)?;
    let missing = || ApiError::new(StatusCode::NOT_FOUND, "Label does not exist");
    let id = find(&cx, &world).map_err(|_| missing())?;
    if !world.item(key)?.labels.contains(&id) {
        return Err(missing());
    }
    let labels = LabelChange { remove: vec![id], ..LabelChange::default() };
    world.change_item(cx.user()?, key, ItemChange { labels, ..ItemChange::default() })?;
    cx.wrote(key, Write::Change);
    on_item(&cx, &world, key)
}

async fn milestones(cx: Context) -> Answer {
    let world = cx.world();
    let owner = Owner::Project(cx.project(&world)?.id);
    let state = cx.query("state").unwrap_or("open");
    let fits = |one: &&Milestone| {
        one.owner == owner && (state == "all" || (state == "open") == one.active)
    };
    let found: Vec<&Milestone> = world.milestones.values().filter(fits).collect();
    cx.list(&found, |one| entities::milestone(&world, one))
}
