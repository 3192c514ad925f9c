//! Emoji reactions on issues, merge requests and comments.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{
    error::SimError,
    sim::Shared,
    world::{
        World,
        types::{Award, ItemKey},
    },
};

pub(super) fn routes(one: &str) -> Router<Arc<Shared>> {
    let mut router = Router::new();
    for place in [one.to_owned(), format!("{one}/notes/{{note_id}}")] {
        router = router
            .route(&format!("{place}/award_emoji"), routing::get(list).post(give))
            .route(&format!("{place}/award_emoji/{{award_id}}"), routing::delete(revoke));
    }
    router
}

/// The comment of the path, if it names one.
fn note(cx: &Context) -> Result<Option<u64>, ApiError> {
    match cx.path("note_id") {
        "" => Ok(None),
        _ => cx.path_number("note_id").map(Some),
    }
}

fn awards(world: &World, key: ItemKey, note: Option<u64>) -> Result<&[Award], SimError> {
    match note {
        None => Ok(&world.item(key)?.awards),
        Some(id) => Ok(&world.note(key, id)?.awards),
    }
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let (item, note) = (world.item(key)?, note(&cx)?);
    cx.list(awards(&world, key, note)?, |award| entities::award(&world, item, note, award))
}

async fn give(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let (note, name) = (note(&cx)?, cx.params.required("name")?);
    let award = match world.award(cx.user, key, note, name) {
        Ok(award) => award,
        // GitLab answers a doubled reaction like this, of all things.
        Err(SimError::Invalid { problem, .. }) => {
            return Err(ApiError::not_found(&format!("Award Emoji Name {problem}")));
        }
        Err(error) => return Err(error.into()),
    };
    let entity = entities::award(&world, world.item(key)?, note, &award);
    Ok(Context::json(StatusCode::CREATED, &entity))
}

async fn revoke(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let (note, id) = (note(&cx)?, cx.path_number("award_id")?);
    let award = awards(&world, key, note)?.iter().find(|award| award.id == id);
    match award.map(|award| award.user) {
        None => Err(ApiError::not_found("Award Emoji")),
        Some(user) if user != cx.user => Err(ApiError::forbidden()),
        Some(_) => {
            world.revoke(key, note, id)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
    }
}
