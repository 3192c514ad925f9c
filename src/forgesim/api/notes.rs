//! Comments of issues and merge requests.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;
use serde_json::json;

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    access::{MAINTAINER, PLANNER},
    sim::Shared,
    world::{
        World,
        notes::{Commands, Written},
        types::{ItemKey, Note},
    },
    writes::Write,
};

pub(super) fn routes(one: &str) -> Router<Arc<Shared>> {
    Router::new()
        .route(&format!("{one}/notes"), routing::get(list).post(write))
        .route(&format!("{one}/notes/{{note_id}}"), routing::get(show).put(edit).delete(delete))
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let item = world.item(key)?;
    let sees_internal = world.level(cx.user, key.project) >= PLANNER;
    let filter = cx.params.text("activity_filter").unwrap_or("all_notes");
    let mut notes: Vec<&Note> = item
        .notes
        .values()
        .filter(|note| sees_internal || !note.internal)
        .filter(|note| match filter {
            "only_comments" => !note.system,
            "only_activity" => note.system,
            _ => true,
        })
        .collect();
    if cx.params.text("order_by") == Some("updated_at") {
        notes.sort_by_key(|note| (note.updated_at, note.id));
    }
    if cx.params.text("sort") != Some("asc") {
        notes.reverse();
    }
    cx.list(&notes, |note| entities::note(&world, key.project, item, note))
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let id = visible(&cx, &world, key)?;
    answer(&world, key, id, StatusCode::OK, Commands::default())
}

/// The comment of the path, when the caller may see it.
fn visible(cx: &Context, world: &World, key: ItemKey) -> Result<u64, ApiError> {
    let id = cx.path_number("note_id")?;
    let note = world.note(key, id)?;
    if note.internal && world.level(cx.user, key.project) < PLANNER && note.author != cx.user {
        return Err(ApiError::not_found("Note"));
    }
    Ok(id)
}

fn answer(world: &World, key: ItemKey, id: u64, status: StatusCode, commands: Commands) -> Answer {
    let (item, note) = (world.item(key)?, world.note(key, id)?);
    let entity = entities::note(world, key.project, item, note).with_commands(commands);
    Ok(Context::json(status, &entity))
}

async fn write(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let body = cx.params.required("body")?;
    let internal = cx.params.flag("internal", cx.params.flag("confidential", false)?)?;
    if internal && world.level(cx.user, key.project) < PLANNER {
        return Err(ApiError::forbidden());
    }
    match world.write_note(cx.user, key, body, internal)? {
        Written::Note(id, commands) => {
            cx.wrote(key, Write::Comment);
            answer(&world, key, id, StatusCode::CREATED, commands)
        }
        Written::OnlyCommands(commands) => {
            let summary = if commands == Commands::default() {
                ["Could not apply the quick actions."]
            } else {
                ["Applied the quick actions."]
            };
            let body = json!({ "commands_changes": commands, "summary": summary });
            Ok(Context::json(StatusCode::ACCEPTED, &body))
        }
    }
}

async fn edit(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let id = owned(&cx, &world, key)?;
    world.edit_note(cx.user, key, id, cx.params.required("body")?)?;
    answer(&world, key, id, StatusCode::OK, Commands::default())
}

async fn delete(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let id = owned(&cx, &world, key)?;
    world.delete_note(key, id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The comment of the path, when the caller may change it.
fn owned(cx: &Context, world: &World, key: ItemKey) -> Result<u64, ApiError> {
    let id = visible(cx, world, key)?;
    let note = world.note(key, id)?;
    let allowed = note.author == cx.user || world.level(cx.user, key.project) >= MAINTAINER;
    if note.system || !allowed {
        return Err(ApiError::forbidden());
    }
    Ok(id)
}
