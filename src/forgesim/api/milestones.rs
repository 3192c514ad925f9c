//! Milestones of projects and groups.

use std::sync::Arc;

use axum::{Router, routing};

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    sim::Shared,
    world::{
        World,
        types::{Milestone, Owner},
    },
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/projects/{id}/milestones", routing::get(of_project))
        .route("/groups/{id}/milestones", routing::get(of_group))
}

async fn of_project(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let with_ancestors = cx.params.flag("include_ancestors", false)?
        || cx.params.flag("include_parent_milestones", false)?;
    let mut owners = vec![Owner::Project(project.id)];
    if with_ancestors {
        owners.extend(project.ancestors.iter().copied().map(Owner::Group));
    }
    list(&cx, &world, &owners)
}

async fn of_group(cx: Context) -> Answer {
    let world = cx.world();
    let id = world.group_id(cx.path("id")).ok_or_else(|| ApiError::not_found("Group"))?;
    list(&cx, &world, &[Owner::Group(id)])
}

fn list(cx: &Context, world: &World, owners: &[Owner]) -> Answer {
    let params = &cx.params;
    let iids = params.numbers("iids")?;
    let search = params.text("search").unwrap_or_default().to_lowercase();
    let day = match params.text("containing_date") {
        None | Some("") => None,
        Some(text) => {
            let day = text.parse::<chrono::NaiveDate>();
            Some(day.map_err(|_| ApiError::parameter("containing_date", "is invalid"))?)
        }
    };
    let mut found: Vec<&Milestone> = world
        .milestones
        .values()
        .filter(|one| owners.contains(&one.owner))
        .filter(|one| iids.is_empty() || iids.contains(&one.iid))
        .filter(|one| params.text("title").is_none_or(|title| title == one.title))
        .filter(|one| search.is_empty() || one.title.to_lowercase().contains(&search))
        .filter(|one| match params.text("state") {
            Some("active") => one.active,
            Some("closed") => !one.active,
            _ => true,
        })
        .filter(|one| {
            day.is_none_or(|day| {
                one.start_date.is_some_and(|start| start <= day)
                    && one.due_date.is_some_and(|due| due >= day)
            })
        })
        .collect();
    // The order that GitLab falls back to: by due date, the ones without last.
    found.sort_by_key(|one| (one.due_date.is_none(), one.due_date, one.id));
    cx.list(&found, |one| entities::milestone(world, one))
}
