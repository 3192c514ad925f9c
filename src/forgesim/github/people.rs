//! Who is calling, who an account is, and what it belongs to.

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
    access::DEVELOPER,
    sim::Shared,
    world::{World, types::Group},
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/user", routing::get(myself))
        .route("/user/{id}", routing::get(by_id))
        .route("/users/{login}", routing::get(by_login))
        .route("/orgs/{org}/memberships/{login}", routing::get(of_organization))
        .route("/orgs/{org}/teams/{team}/memberships/{login}", routing::get(of_team))
        .route("/repos/{owner}/{repo}/collaborators/{login}/permission", routing::get(permission))
}

/// An account shown by itself has a name for people too.
fn public(world: &World, id: u64) -> Answer {
    match entities::account(world, id) {
        Value::Null => Err(ApiError::not_found()),
        account => Ok(Context::json(StatusCode::OK, &account)),
    }
}

/// GitHub shows this to people; an App's installation is nobody.
async fn myself(cx: Context) -> Answer {
    let world = cx.world();
    let id = cx.user()?;
    let login = world.users.get(&id).map_or("", |user| user.username.as_str());
    if login.ends_with("[bot]") {
        return Err(ApiError::not_for_apps());
    }
    public(&world, id)
}

async fn by_id(cx: Context) -> Answer {
    let world = cx.world();
    public(&world, cx.path_number("id")?)
}

async fn by_login(cx: Context) -> Answer {
    let world = cx.world();
    let id = world.user_id(cx.path("login")).ok_or_else(ApiError::not_found)?;
    public(&world, id)
}

async fn permission(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let id = world.user_id(cx.path("login")).ok_or_else(ApiError::not_found)?;
    let level = world.level(id, project.id);
    // Everybody may read what is public.
    let (permission, role) = match level {
        50.. => ("admin", "admin"),
        40.. => ("write", "maintain"),
        30.. => ("write", "write"),
        15.. => ("read", "triage"),
        1.. => ("read", "read"),
        0 if project.public => ("read", "read"),
        0 => ("none", "none"),
    };
    let user = entities::collaborator(&world, id, role, level);
    Ok(Context::json(
        StatusCode::OK,
        &json!({ "permission": permission, "role_name": role, "user": user }),
    ))
}

async fn of_organization(cx: Context) -> Answer {
    let world = cx.world();
    let (group, id, role) = membership(&cx, &world, cx.path("org"))?;
    let at = entities::api(&world, &format!("orgs/{}", group.path));
    let login = cx.path("login");
    let shown = json!({
        "url": format!("{at}/memberships/{login}"),
        "state": "active",
        "role": if role == "maintainer" { "admin" } else { role },
        "organization_url": at,
        "organization": entities::organization(&world, group),
        "user": entities::user(&world, id),
    });
    Ok(Context::json(StatusCode::OK, &shown))
}

/// A team is the group of that name in the organization.
async fn of_team(cx: Context) -> Answer {
    let world = cx.world();
    let (organization, team) = (cx.path("org"), cx.path("team"));
    let (_, _, role) = membership(&cx, &world, &format!("{organization}/{team}"))?;
    let path = format!("orgs/{organization}/teams/{team}/memberships/{}", cx.path("login"));
    let shown = json!({ "url": entities::api(&world, &path), "role": role, "state": "active" });
    Ok(Context::json(StatusCode::OK, &shown))
}

/// The group, the account, and its part in the group.
fn membership<'w>(
    cx: &Context,
    world: &'w World,
    path: &str,
) -> Result<(&'w Group, u64, &'static str), ApiError> {
    let group = world.group_id(path).and_then(|id| world.groups.get(&id));
    let seen = |group: &&Group| {
        !group.hidden || cx.user().is_ok_and(|user| world.group_level(user, group.id) > 0)
    };
    let group = group.filter(seen).ok_or_else(ApiError::not_found)?;
    let id = world.user_id(cx.path("login")).ok_or_else(ApiError::not_found)?;
    // Whoever may only look is no member of a team.
    let level = world.team_level(id, group.id);
    let blocked = world.users.get(&id).is_none_or(|user| user.blocked);
    if level < DEVELOPER || blocked {
        return Err(ApiError::not_found());
    }
    Ok((group, id, if level >= 50 { "maintainer" } else { "member" }))
}
