//! The face of a GitHub: the REST v3 paths that Steward uses, on the same world.
//!
//! Source: GitHub's REST API documentation, version 2022-11-28. Answers are built as JSON values,
//! which keeps their many fields in one place each.

mod announce;
mod app;
mod checks;
mod comments;
mod context;
mod deliveries;
mod entities;
mod error;
mod gate;
mod items;
mod labels;
mod people;
mod repository;
mod reviews;

use std::sync::Arc;

use axum::{Router, middleware};

pub use app::App;
pub(crate) use app::Apps;
pub use checks::CheckRunView;

use crate::forgesim::sim::Shared;

/// All routes below `/api/v3`.
pub(in crate::forgesim) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .merge(app::routes())
        .merge(checks::routes())
        .merge(comments::routes())
        .merge(deliveries::routes())
        .merge(items::routes())
        .merge(labels::routes())
        .merge(people::routes())
        .merge(repository::routes())
        .fallback(|| async { error::ApiError::not_found() })
        .layer(middleware::from_fn_with_state(Arc::clone(shared), gate::pass))
}
