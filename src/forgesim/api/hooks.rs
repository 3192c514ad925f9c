//! Webhooks as the API manages them, with their recent deliveries.

use std::sync::Arc;

use axum::{Router, response::IntoResponse, routing};
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::{
    context::{Answer, Context},
    entities::{stamp, stamp_option},
    error::ApiError,
};
use crate::forgesim::{
    Delivery, HookSettings, Outcome,
    access::MAINTAINER,
    sim::Shared,
    webhooks::Hook,
    world::{World, types::Time},
};

pub(super) fn routes() -> Router<Arc<Shared>> {
    let hook = "/projects/{id}/hooks/{hook_id}";
    Router::new()
        .route("/projects/{id}/hooks", routing::get(list).post(create))
        .route(hook, routing::get(show).delete(delete))
        .route(&format!("{hook}/events"), routing::get(events))
        .route(&format!("{hook}/events/{{event_id}}/resend"), routing::post(resend))
}

/// A hook. Its secrets are never shown.
#[derive(Serialize)]
struct HookEntity {
    id: u64,
    url: String,
    project_id: u64,
    #[serde(serialize_with = "stamp")]
    created_at: Time,
    push_events: bool,
    issues_events: bool,
    confidential_issues_events: bool,
    merge_requests_events: bool,
    note_events: bool,
    confidential_note_events: bool,
    emoji_events: bool,
    enable_ssl_verification: bool,
    alert_status: &'static str,
    #[serde(serialize_with = "stamp_option")]
    disabled_until: Option<Time>,
}

fn entity(hook: &Hook, now: Time) -> HookEntity {
    let settings = &hook.settings;
    HookEntity {
        id: hook.id,
        url: settings.url.clone(),
        project_id: hook.project,
        created_at: hook.created_at,
        push_events: false,
        issues_events: settings.issues_events,
        confidential_issues_events: settings.confidential_issues_events,
        merge_requests_events: settings.merge_requests_events,
        note_events: settings.note_events,
        confidential_note_events: settings.confidential_note_events,
        emoji_events: settings.emoji_events,
        enable_ssl_verification: true,
        alert_status: hook.alert_status(now),
        disabled_until: hook.disabled_until,
    }
}

async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project_as(&world, MAINTAINER)?;
    let hooks = world.outbox.read_hooks(&project.hooks, entity);
    cx.list(&hooks, |hook| hook)
}

/// The hook of the path, which must be the project's.
fn find(cx: &Context, world: &World) -> Result<u64, ApiError> {
    let project = cx.project_as(world, MAINTAINER)?;
    let id = cx.path_number("hook_id")?;
    project.hooks.contains(&id).then_some(id).ok_or_else(|| ApiError::not_found("Hook"))
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let id = find(&cx, &world)?;
    let hook = world.outbox.read_hooks(&[id], entity).pop();
    Ok(Context::ok(&hook.ok_or_else(|| ApiError::not_found("Hook"))?))
}

async fn create(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project_as(&world, MAINTAINER)?.id;
    let params = &cx.params;
    let url = params.required("url")?;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(ApiError::unprocessable("Invalid url given"));
    }
    let secret = |name| params.text(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let settings = HookSettings {
        url: url.to_owned(),
        secret_token: secret("token"),
        signing_token: secret("signing_token"),
        issues_events: params.flag("issues_events", false)?,
        confidential_issues_events: params.flag("confidential_issues_events", false)?,
        merge_requests_events: params.flag("merge_requests_events", false)?,
        note_events: params.flag("note_events", false)?,
        confidential_note_events: params.flag("confidential_note_events", false)?,
        emoji_events: params.flag("emoji_events", false)?,
    };
    let id = world.outbox.add_hook(project, settings);
    world.project_mut(project)?.hooks.push(id);
    let hook = world.outbox.read_hooks(&[id], entity).pop();
    Ok(Context::json(StatusCode::CREATED, &hook))
}

async fn delete(cx: Context) -> Answer {
    let mut world = cx.world();
    let id = find(&cx, &world)?;
    let project = cx.project(&world)?.id;
    world.project_mut(project)?.hooks.retain(|hook| *hook != id);
    world.outbox.remove_hook(id);
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn events(cx: Context) -> Answer {
    let world = cx.world();
    let hook = find(&cx, &world)?;
    let mut deliveries = world.outbox.deliveries();
    deliveries.retain(|delivery| delivery.hook == hook);
    deliveries.reverse();
    cx.list(&deliveries, |delivery: &Delivery| {
        let status = match &delivery.outcome {
            Outcome::Answered(status) => status.to_string(),
            Outcome::Pending => String::new(),
            Outcome::Failed(_) => "internal error".to_owned(),
        };
        json!({
            "id": delivery.id,
            "trigger": delivery.event.to_lowercase().replace(' ', "_"),
            "request_headers": {
                "X-Gitlab-Event": delivery.event,
                "Idempotency-Key": delivery.idempotency_key.to_string(),
            },
            "request_data": serde_json::from_slice::<serde_json::Value>(&delivery.body).ok(),
            "response_status": status,
        })
    })
}

async fn resend(cx: Context) -> Answer {
    let world = cx.world();
    find(&cx, &world)?;
    world.outbox.resend(cx.path_number("event_id")?)?;
    Ok(Context::json(StatusCode::CREATED, &json!({ "response_status": 200 })))
}
