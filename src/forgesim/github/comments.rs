//! Comments in the conversation of an item, and reactions to them.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;

use super::{
    context::{Answer, Context},
    entities::{self, comment},
    error::ApiError,
};
use crate::forgesim::{
    access::MAINTAINER,
    error::SimError,
    sim::Shared,
    world::{
        World,
        notes::Written,
        types::{ItemKey, ItemKind, Note},
    },
    writes::Write,
};

/// The longest comment that GitHub takes, in characters.
const LONGEST: usize = 65_536;

/// GitHub's eight reactions, and the emoji that stand for them in the world.
pub(super) const REACTIONS: [(&str, &str); 8] = [
    ("+1", "thumbsup"),
    ("-1", "thumbsdown"),
    ("laugh", "laughing"),
    ("confused", "confused"),
    ("heart", "heart"),
    ("hooray", "tada"),
    ("rocket", "rocket"),
    ("eyes", "eyes"),
];

pub(super) fn routes() -> Router<Arc<Shared>> {
    let one = "/repos/{owner}/{repo}/issues/comments/{id}";
    Router::new()
        .route("/repos/{owner}/{repo}/issues/{number}/comments", routing::get(list).post(write))
        .route(one, routing::get(show).patch(edit).delete(delete))
        .route(&format!("{one}/reactions"), routing::post(react))
}

/// The item under which the comment of the path stands.
fn find(cx: &Context, world: &World) -> Result<(ItemKey, u64), ApiError> {
    let (project, id) = (cx.project(world)?, cx.path_number("id")?);
    for kind in [ItemKind::Issue, ItemKind::MergeRequest] {
        let found = project.items(kind).values().find(|item| item.notes.contains_key(&id));
        if let Some(item) = found {
            return Ok((ItemKey { project: project.id, kind, iid: item.iid }, id));
        }
    }
    Err(ApiError::not_found())
}

/// The same, when the caller may change it.
fn owned(cx: &Context, world: &World) -> Result<(ItemKey, u64), ApiError> {
    let (key, id) = find(cx, world)?;
    let (note, user) = (world.note(key, id)?, cx.user()?);
    let allowed = note.author == user || world.level(user, key.project) >= MAINTAINER;
    if note.system || !allowed {
        return Err(ApiError::forbidden());
    }
    Ok((key, id))
}

fn answer(world: &World, key: ItemKey, id: u64, status: StatusCode) -> Answer {
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    Ok(Context::json(status, &comment(world, project, item, world.note(key, id)?)))
}

fn body(cx: &Context) -> Result<&str, ApiError> {
    let body = cx.text("body")?;
    if body.trim().is_empty() {
        return Err(ApiError::invalid("IssueComment", "body", "body can't be blank"));
    }
    if body.chars().count() > LONGEST {
        let problem = format!("body is too long (maximum is {LONGEST} characters)");
        return Err(ApiError::invalid("IssueComment", "body", &problem));
    }
    Ok(body)
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let notes: Vec<&Note> =
        item.notes.values().filter(|note| !note.system && !note.internal).collect();
    cx.list(&notes, |note| comment(&world, project, item, note))
}

async fn write(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    match world.write_note(cx.user()?, key, body(&cx)?, false)? {
        Written::Note(id, _) => {
            cx.wrote(key, Write::Comment);
            answer(&world, key, id, StatusCode::CREATED)
        }
        // Nothing in a comment acts there.
        Written::OnlyCommands(_) => Err(ApiError::not_found()),
    }
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let (key, id) = find(&cx, &world)?;
    answer(&world, key, id, StatusCode::OK)
}

async fn edit(cx: Context) -> Answer {
    let mut world = cx.world();
    let (key, id) = owned(&cx, &world)?;
    world.edit_note(cx.user()?, key, id, body(&cx)?)?;
    answer(&world, key, id, StatusCode::OK)
}

async fn delete(cx: Context) -> Answer {
    let mut world = cx.world();
    let (key, id) = owned(&cx, &world)?;
    world.delete_note(key, id)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Answers 201, or 200 when the reaction is there already.
async fn react(cx: Context) -> Answer {
    let mut world = cx.world();
    let (key, id) = find(&cx, &world)?;
    let content = cx.text("content")?;
    let (content, emoji) = REACTIONS
        .into_iter()
        .find(|(known, _)| *known == content)
        .ok_or_else(|| ApiError::invalid("Reaction", "content", "is not a reaction"))?;
    let user = cx.user()?;
    let status = match world.award(user, key, Some(id), emoji) {
        Ok(_) => StatusCode::CREATED,
        Err(SimError::Invalid { .. }) => StatusCode::OK,
        Err(error) => return Err(error.into()),
    };
    let note = world.note(key, id)?;
    let award = note.awards.iter().find(|award| award.user == user && award.name == emoji);
    let award = award.ok_or_else(ApiError::not_found)?;
    Ok(Context::json(status, &entities::reaction(&world, award, content)))
}
