//! The HTTP side: GitLab's REST v4 paths, the web pages, and the simulation's own
//! controls under `/_sim`.

mod awards;
mod context;
mod control;
mod entities;
mod error;
pub(in crate::forgesim) mod gate;
mod hooks;
mod item_list;
mod items;
mod labels;
mod milestones;
mod notes;
mod pages;
mod paging;
mod params;
mod people;
mod repository;
pub(in crate::forgesim) mod wire;

use std::sync::Arc;

use axum::{Extension, Router, middleware, routing};

pub(crate) use wire::{CuttableListener, Wire};

use crate::forgesim::{Face, github, sim::Shared, world::types::ItemKind};

/// All routes of a simulation.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .merge(people::routes())
        .merge(labels::routes())
        .merge(milestones::routes())
        .merge(repository::routes())
        .merge(hooks::routes())
        .merge(item_routes(ItemKind::Issue))
        .merge(item_routes(ItemKind::MergeRequest))
        .fallback(|| async { error::ApiError::no_route() })
        .merge(group_item_routes(ItemKind::Issue))
        .merge(group_item_routes(ItemKind::MergeRequest))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), gate::pass));
    let (at, api) = match shared.settings.face {
        Face::Gitlab => ("/api/v4", api),
        Face::Github => ("/api/v3", github::routes(&shared)),
    };
    Router::new()
        .nest(at, api)
        .merge(control::routes())
        .route("/", routing::get(pages::index))
        .fallback(pages::item)
        .with_state(shared)
}

/// The lists of a group's issues or merge requests.
fn group_item_routes(kind: ItemKind) -> Router<Arc<Shared>> {
    Router::new()
        .route(&format!("/groups/{{id}}/{}", kind.segment()), routing::get(item_list::group_list))
        .layer(Extension(kind))
}

/// What issues and merge requests have in common, under their own path segment.
fn item_routes(kind: ItemKind) -> Router<Arc<Shared>> {
    let all = format!("/projects/{{id}}/{}", kind.segment());
    let one = format!("{all}/{{iid}}");
    Router::new()
        .merge(items::routes(&all, &one, kind))
        .merge(notes::routes(&one))
        .merge(awards::routes(&one))
        .layer(Extension(kind))
}
