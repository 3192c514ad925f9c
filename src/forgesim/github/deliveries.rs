//! What was delivered to webhooks of repositories and of Apps: listed from the newest on, and sent again
//! when somebody asks.

use std::sync::Arc;

use axum::{Router, routing};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::{
    app::app,
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::{Delivery, Outcome, access::OWNER, sim::Shared, world::World};

/// GitHub's default page size.
const DEFAULT_PER_PAGE: usize = 30;

pub(super) fn routes() -> Router<Arc<Shared>> {
    let of_repo = "/repos/{owner}/{repo}/hooks/{hook}/deliveries";
    let of_app = "/app/hook/deliveries";
    let attempts = "{delivery}/attempts";
    Router::new()
        .route(of_repo, routing::get(of_repository))
        .route(&format!("{of_repo}/{attempts}"), routing::post(again_of_repository))
        .route(of_app, routing::get(of_the_app))
        .route(&format!("{of_app}/{attempts}"), routing::post(again_of_the_app))
}

/// The webhook of the path and its repository, for who administers it.
fn in_repository(cx: &Context, world: &World) -> Result<(u64, Option<u64>), ApiError> {
    let project = cx.project_as(world, OWNER).map_err(|_| ApiError::not_found())?;
    let id = cx.path_number("hook")?;
    let of = world.outbox.read_hooks(&[id], |hook, _| hook.project).pop();
    (of == Some(project.id)).then_some((id, None)).ok_or_else(ApiError::not_found)
}

/// The App's webhook, and its installation.
fn in_app(cx: &Context, world: &World) -> Result<(u64, Option<u64>), ApiError> {
    let found = world.apps.hook_of(app(cx)?);
    found.map(|(hook, of)| (hook, Some(of))).ok_or_else(ApiError::not_found)
}

async fn of_repository(cx: Context) -> Answer {
    let world = cx.world();
    list(&cx, &world, in_repository(&cx, &world)?)
}

async fn of_the_app(cx: Context) -> Answer {
    let world = cx.world();
    list(&cx, &world, in_app(&cx, &world)?)
}

async fn again_of_repository(cx: Context) -> Answer {
    let world = cx.world();
    again(&cx, &world, in_repository(&cx, &world)?.0)
}

async fn again_of_the_app(cx: Context) -> Answer {
    let world = cx.world();
    again(&cx, &world, in_app(&cx, &world)?.0)
}

/// A page from the cursor on, or from the newest. What is under way is not in the list yet.
fn list(cx: &Context, world: &World, (hook, installation): (u64, Option<u64>)) -> Answer {
    let size = cx.query("per_page").and_then(|text| text.parse().ok()).unwrap_or(DEFAULT_PER_PAGE);
    let size = size.clamp(1, cx.shared.settings.per_page_cap.clamp(1, 100));
    let from = match cx.query("cursor").map(|text| text.strip_prefix("v1_").map(str::parse)) {
        None => u64::MAX,
        Some(Some(Ok(id))) => id,
        Some(_) => return Err(ApiError::new(StatusCode::BAD_REQUEST, "Invalid cursor")),
    };
    let mut all = world.outbox.deliveries();
    all.retain(|one| one.hook == hook && one.id <= from && one.outcome != Outcome::Pending);
    all.reverse();
    let shown: Vec<Value> = all.iter().take(size).map(|one| shown(one, installation)).collect();
    let mut response = Context::json(StatusCode::OK, &Value::Array(shown));
    if let Some(next) = all.get(size) {
        let link =
            format!("<{}>; rel=\"next\"", cx.address_with("cursor", &format!("v1_{}", next.id)));
        if let Ok(link) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

fn again(cx: &Context, world: &World, hook: u64) -> Answer {
    let id = cx.path_number("delivery")?;
    let known = world.outbox.deliveries().iter().any(|one| one.id == id && one.hook == hook);
    if !known {
        return Err(ApiError::not_found());
    }
    world.outbox.resend(id)?;
    Ok(Context::json(StatusCode::ACCEPTED, &json!({})))
}

fn shown(one: &Delivery, installation: Option<u64>) -> Value {
    let body: Value = serde_json::from_slice(&one.body).unwrap_or_default();
    let (status, code) = match &one.outcome {
        Outcome::Answered(code) if (200..300).contains(code) => ("OK".to_owned(), *code),
        Outcome::Answered(code) => (format!("Invalid HTTP Response: {code}"), *code),
        Outcome::Pending | Outcome::Failed(_) => ("failed to connect".to_owned(), 502),
    };
    json!({
        "id": one.id,
        "guid": one.idempotency_key.to_string(),
        "delivered_at": entities::stamp(one.at),
        "redelivery": one.again,
        "duration": 0.27,
        "status": status,
        "status_code": code,
        "event": one.event,
        "action": body["action"],
        "installation_id": installation,
        "repository_id": body["repository"]["id"],
        "throttled_at": null,
    })
}
