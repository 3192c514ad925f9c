//! Who is calling, who is a member, what project and version this is.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, routing};
use serde_json::json;

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{VERSION, sim::Shared};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/user", routing::get(myself))
        .route("/users", routing::get(users))
        .route("/users/{user_id}", routing::get(one_user))
        .route("/version", routing::get(version))
        .route("/personal_access_tokens/self", routing::get(token))
        .route("/projects/{id}", routing::get(project))
        .route("/projects/{id}/members/all", routing::get(members))
        .route("/projects/{id}/members/all/{user_id}", routing::get(member))
        .route("/groups/{id}/members/all/{user_id}", routing::get(group_member))
        .route("/groups/{id}/members/{user_id}", routing::get(direct_group_member))
}

async fn myself(cx: Context) -> Answer {
    let world = cx.world();
    let user = entities::user(&world, cx.user).ok_or_else(ApiError::unauthorized)?;
    Ok(Context::ok(&user))
}

async fn users(cx: Context) -> Answer {
    let world = cx.world();
    let ids: Vec<u64> = match cx.params.text("username") {
        Some(name) => world.user_id(name).into_iter().collect(),
        None => world.users.keys().copied().collect(),
    };
    cx.list(&ids, |id| entities::user(&world, *id))
}

async fn one_user(cx: Context) -> Answer {
    let world = cx.world();
    let user = entities::user(&world, cx.path_number("user_id")?);
    Ok(Context::ok(&user.ok_or_else(|| ApiError::not_found("User"))?))
}

async fn version(_: Context) -> Answer {
    Ok(Context::ok(&json!({ "version": VERSION, "revision": "simulated" })))
}

async fn token(cx: Context) -> Answer {
    let world = cx.world();
    let token = world.tokens.get(&cx.token).ok_or_else(ApiError::unauthorized)?;
    Ok(Context::ok(&json!({
        "id": token.id,
        "name": "simulated",
        "revoked": token.revoked,
        "created_at": token.created_at,
        "scopes": token.scopes,
        "user_id": token.user,
        "last_used_at": world.now(),
        "active": !token.revoked,
        "expires_at": token.expires_at,
    })))
}

async fn project(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    Ok(Context::ok(&entities::project(&world, project, cx.user)))
}

async fn members(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let groups = project.ancestors.iter().filter_map(|id| world.groups.get(id));
    let inherited = groups.flat_map(|group| group.members.keys());
    let levels: BTreeMap<u64, u8> = project
        .members
        .keys()
        .chain(inherited)
        .map(|user| (*user, world.level(*user, project.id)))
        .collect();
    let levels: Vec<(u64, u8)> = levels.into_iter().collect();
    cx.list(&levels, |(user, level)| {
        entities::user(&world, *user).map(|user| user.with_level(*level))
    })
}

async fn member(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let id = cx.path_number("user_id")?;
    let level = world.level(id, project.id);
    match entities::user(&world, id) {
        Some(user) if level > 0 => Ok(Context::ok(&user.with_level(level))),
        _ => Err(ApiError::not_found("")),
    }
}

/// Only who was added to this very group.
async fn direct_group_member(cx: Context) -> Answer {
    let world = cx.world();
    let group = world.group_id(cx.path("id")).and_then(|id| world.groups.get(&id));
    let group = group
        .filter(|group| !group.hidden || world.group_level(cx.user, group.id) > 0)
        .ok_or_else(|| ApiError::not_found("Group"))?;
    let id = cx.path_number("user_id")?;
    match (entities::user(&world, id), group.members.get(&id)) {
        (Some(user), Some(level)) => Ok(Context::ok(&user.with_level(*level))),
        _ => Err(ApiError::not_found("")),
    }
}

async fn group_member(cx: Context) -> Answer {
    let world = cx.world();
    let group = world.group_id(cx.path("id")).and_then(|id| world.groups.get(&id));
    let group = group
        .filter(|group| !group.hidden || world.group_level(cx.user, group.id) > 0)
        .ok_or_else(|| ApiError::not_found("Group"))?;
    let id = cx.path_number("user_id")?;
    let level = world.group_level(id, group.id);
    match entities::user(&world, id) {
        Some(user) if level > 0 => Ok(Context::ok(&user.with_level(level))),
        _ => Err(ApiError::not_found("")),
    }
}
