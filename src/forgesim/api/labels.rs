//! Labels of projects and groups.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    access::PLANNER,
    sim::Shared,
    world::{
        World,
        types::{Label, Owner},
    },
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/projects/{id}/labels", routing::get(list).post(create))
        .route("/projects/{id}/labels/{name}", routing::get(show).put(change).delete(delete))
        .route("/groups/{id}/labels", routing::get(group_list).post(group_create))
        .route(
            "/groups/{id}/labels/{name}",
            routing::get(group_show).put(group_change).delete(group_delete),
        )
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    answer_list(&cx, &world, Owner::Project(project.id))
}

async fn group_list(cx: Context) -> Answer {
    let world = cx.world();
    let group = group(&cx, &world)?;
    answer_list(&cx, &world, Owner::Group(group))
}

fn group(cx: &Context, world: &World) -> Result<u64, ApiError> {
    world.group_id(cx.path("id")).ok_or_else(|| ApiError::not_found("Group"))
}

fn answer_list(cx: &Context, world: &World, owner: Owner) -> Answer {
    let with_ancestors = cx.params.flag("include_ancestor_groups", true)?;
    let with_counts = cx.params.flag("with_counts", false)?;
    let search = cx.params.text("search").unwrap_or_default().to_lowercase();
    let labels: Vec<&Label> = world
        .labels_of(owner, with_ancestors)
        .into_iter()
        .filter_map(|id| world.labels.get(&id))
        .filter(|label| search.is_empty() || label.title.to_lowercase().contains(&search))
        .collect();
    cx.list(&labels, |label| {
        let entity = entities::label(label);
        if with_counts { entity.with_counts(world.label_counts(label.id)) } else { entity }
    })
}

/// Finds the label of the path by exact title or by id.
fn find(cx: &Context, world: &World, owner: Owner, with_ancestors: bool) -> Result<u64, ApiError> {
    let name = cx.path("name");
    let by_title = match owner {
        Owner::Project(id) if with_ancestors => world.find_label(id, name),
        Owner::Project(id) => world.projects.get(&id).and_then(|p| p.labels.get(name).copied()),
        Owner::Group(_) => None,
    };
    by_title
        .or_else(|| {
            let all = world.labels_of(owner, with_ancestors);
            let by_id = |id: &u64| name.parse() == Ok(*id) || world.title(*id) == name;
            all.into_iter().find(by_id)
        })
        .ok_or_else(|| ApiError::not_found("Label"))
}

fn answer(world: &World, id: u64, status: StatusCode) -> Answer {
    let label = world.labels.get(&id).ok_or_else(|| ApiError::not_found("Label"))?;
    Ok(Context::json(status, &entities::label(label)))
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let owner = Owner::Project(cx.project(&world)?.id);
    let with_ancestors = cx.params.flag("include_ancestor_groups", true)?;
    let id = find(&cx, &world, owner, with_ancestors)?;
    answer(&world, id, StatusCode::OK)
}

async fn group_show(cx: Context) -> Answer {
    let world = cx.world();
    let owner = Owner::Group(group(&cx, &world)?);
    let id = find(&cx, &world, owner, cx.params.flag("include_ancestor_groups", true)?)?;
    answer(&world, id, StatusCode::OK)
}

/// The group of the path, when the caller may change its labels.
fn group_to_change(cx: &Context, world: &World) -> Result<Owner, ApiError> {
    let group = group(cx, world)?;
    match world.group_level(cx.user, group) >= PLANNER {
        true => Ok(Owner::Group(group)),
        false => Err(ApiError::forbidden()),
    }
}

async fn group_create(cx: Context) -> Answer {
    let mut world = cx.world();
    let owner = group_to_change(&cx, &world)?;
    let (name, color) = (cx.params.required("name")?, cx.params.required("color")?);
    if world.labels_of(owner, false).into_iter().any(|id| world.title(id) == name) {
        return Err(ApiError::conflict("Label already exists"));
    }
    let id = world.add_label(owner, name, Some(color));
    describe(&cx, &mut world, id);
    answer(&world, id, StatusCode::CREATED)
}

async fn group_change(cx: Context) -> Answer {
    let mut world = cx.world();
    let owner = group_to_change(&cx, &world)?;
    let id = find(&cx, &world, owner, false)?;
    describe(&cx, &mut world, id);
    answer(&world, id, StatusCode::OK)
}

async fn group_delete(cx: Context) -> Answer {
    let mut world = cx.world();
    let owner = group_to_change(&cx, &world)?;
    let id = find(&cx, &world, owner, false)?;
    world.delete_label(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn create(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, PLANNER)?.id;
    let (name, color) = (cx.params.required("name")?, cx.params.required("color")?);
    if name.trim().is_empty() {
        return Err(ApiError::bad_request(serde_json::json!({ "title": ["can't be blank"] })));
    }
    if world.find_label(project, name).is_some() {
        return Err(ApiError::conflict("Label already exists"));
    }
    let id = world.add_label(Owner::Project(project), name, Some(color));
    describe(&cx, &mut world, id);
    answer(&world, id, StatusCode::CREATED)
}

fn describe(cx: &Context, world: &mut World, id: u64) {
    let now = world.now();
    let Some(label) = world.labels.get_mut(&id) else {
        return;
    };
    if let Some(text) = cx.params.text("description") {
        label.description = (!text.is_empty()).then(|| text.to_owned());
    }
    if let Some(color) = cx.params.text("color") {
        color.clone_into(&mut label.color);
    }
    if let Ok(archived) = cx.params.flag("archived", label.archived) {
        label.archived = archived;
    }
    label.updated_at = now;
}

async fn change(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, PLANNER)?.id;
    // Only the project's own labels: those of groups are changed where they are kept.
    let id = find(&cx, &world, Owner::Project(project), false)?;
    if !["new_name", "color", "description", "archived", "priority"]
        .iter()
        .any(|n| cx.params.has(n))
    {
        let names = "new_name, color, description, priority, archived";
        let problem = "are missing, at least one parameter must be provided";
        return Err(ApiError::parameter(names, problem));
    }
    if let Some(name) = cx.params.text("new_name").filter(|name| !name.trim().is_empty()) {
        if world.find_label(project, name).is_some_and(|other| other != id) {
            return Err(ApiError::bad_request(
                serde_json::json!({ "title": ["has already been taken"] }),
            ));
        }
        world.rename_label(id, name);
    }
    describe(&cx, &mut world, id);
    answer(&world, id, StatusCode::OK)
}

async fn delete(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, PLANNER)?.id;
    let id = find(&cx, &world, Owner::Project(project), false)?;
    world.delete_label(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}
