//! Requests for reviews.

use http::StatusCode;
use serde_json::Value;

use super::{
    context::{Answer, Context},
    error::ApiError,
    items::simple,
};
use crate::forgesim::{access, writes::Write};

/// Asks for reviews besides those that were asked for before: all of them or none.
pub(super) async fn request(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    if world.level(cx.user()?, key.project) < access::PLANNER {
        return Err(ApiError::forbidden());
    }
    let refused = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, message);
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let merge = item.merge.as_ref().ok_or_else(ApiError::not_found)?;
    let (mut people, mut teams) = (merge.reviewers.clone(), merge.review_teams.clone());
    let names = |field: &str| -> Vec<&str> {
        cx.body[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    };
    for name in names("reviewers") {
        let id = world.user_id(name).filter(|id| world.level(*id, key.project) > 0);
        match id {
            Some(id) if id == item.author => {
                let message = "Review cannot be requested from pull request author.";
                return Err(refused(message.to_owned()));
            }
            Some(id) if people.contains(&id) => {}
            Some(id) => people.push(id),
            None => {
                return Err(refused(format!(
                    "Reviews may only be requested from collaborators. One or more of the users or \
                     teams you specified is not a collaborator of the {} repository.",
                    project.path
                )));
            }
        }
    }
    let owner = project.path.split('/').next().unwrap_or_default();
    for slug in names("team_reviewers") {
        match world.group_id(&format!("{owner}/{slug}")) {
            Some(id) if teams.contains(&id) => {}
            Some(id) => teams.push(id),
            None => {
                let message = "Could not resolve to a node with the global id of 'T_none'.";
                return Err(refused(message.to_owned()));
            }
        }
    }
    world.ask_for_review(key, people, teams)?;
    cx.wrote(key, Write::Change);
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let merge = item.merge.as_ref().ok_or_else(ApiError::not_found)?;
    Ok(Context::json(StatusCode::CREATED, &simple(&world, project, item, merge)))
}
