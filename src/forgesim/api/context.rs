//! What a handler gets: the world, the caller, path and parameters.

use std::sync::{Arc, MutexGuard};

use axum::{
    body::to_bytes,
    extract::{FromRequest, OriginalUri, RawPathParams, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde::Serialize;

use super::{error::ApiError, paging::Page, params::Params};
use crate::forgesim::{
    sim::Shared,
    world::{
        World,
        types::{ItemKey, ItemKind, Project},
    },
    writes::Write,
};

/// The largest request body that is read; above GitLab's limit for a comment.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// The user whose token a request carries, put there by the gate.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) user: u64,
    pub(super) token: String,
}

/// A handler's answer.
pub(super) type Answer = Result<Response, ApiError>;

/// One API request.
pub(super) struct Context {
    shared: Arc<Shared>,
    /// Id of the calling user.
    pub(super) user: u64,
    /// The token it came with.
    pub(super) token: String,
    /// What the route is about, for the routes that issues and merge requests share.
    pub(super) kind: ItemKind,
    pub(super) params: Params,
    path: Vec<(String, String)>,
    uri: Uri,
}

impl FromRequest<Arc<Shared>> for Context {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        use axum::RequestPartsExt;

        let (mut parts, body) = request.into_parts();
        let raw = parts.extract::<RawPathParams>().await.map_err(|_| ApiError::no_route())?;
        let path = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let Caller { user, token } =
            parts.extensions.remove().ok_or_else(ApiError::unauthorized)?;
        let kind = parts.extensions.get().copied().unwrap_or(ItemKind::Issue);
        // Nested routers see a shortened address; links must show the whole.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.clone(),
            None => parts.uri.clone(),
        };
        let mut params = Params::default();
        params.read_form(uri.query().unwrap_or_default().as_bytes());
        if parts.method != Method::GET {
            let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| ApiError::too_large())?;
            let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            if body.is_empty() {
                // Parameters of a write may all stand in the query.
            } else if kind.is_some_and(|kind| kind.starts_with("application/json")) {
                params.read_json(&body)?;
            } else {
                params.read_form(&body);
            }
        }
        Ok(Self { shared: Arc::clone(shared), user, token, kind, params, path, uri })
    }
}

impl Context {
    /// The world, locked: keep it short and do not wait meanwhile.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// Notes that a write was applied.
    pub(super) fn wrote(&self, key: ItemKey, write: Write) {
        self.shared.writes.note(key, write);
    }

    /// A part of the path, decoded.
    pub(super) fn path(&self, name: &str) -> &str {
        let part = self.path.iter().find(|(known, _)| known == name);
        part.map_or("", |(_, value)| value)
    }

    /// A part of the path that must be a number.
    pub(super) fn path_number(&self, name: &str) -> Result<u64, ApiError> {
        self.path(name).parse().map_err(|_| ApiError::parameter(name, "is invalid"))
    }

    /// The project of the path, when the caller may see it: a private one looks as if
    /// it did not exist.
    pub(super) fn project<'w>(&self, world: &'w World) -> Result<&'w Project, ApiError> {
        let id = world.project_id(self.path("id"));
        let project = id.and_then(|id| world.projects.get(&id));
        project
            .filter(|project| project.public || world.level(self.user, project.id) > 0)
            .ok_or_else(|| ApiError::not_found("Project"))
    }

    /// The project, when the caller has at least this level in it.
    pub(super) fn project_as<'w>(
        &self,
        world: &'w World,
        level: u8,
    ) -> Result<&'w Project, ApiError> {
        let project = self.project(world)?;
        if world.level(self.user, project.id) < level {
            return Err(ApiError::forbidden());
        }
        Ok(project)
    }

    /// The issue or merge request of the path. Confidential ones hide from strangers.
    pub(super) fn item(&self, world: &World) -> Result<ItemKey, ApiError> {
        let project = self.project(world)?;
        let key = ItemKey { project: project.id, kind: self.kind, iid: self.path_number("iid")? };
        let item = world.item(key)?;
        if item.confidential && !world.may_edit(self.user, key) {
            return Err(ApiError::not_found(""));
        }
        Ok(key)
    }

    /// Answers with one thing.
    pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
        match serde_json::to_vec(value) {
            Ok(body) => {
                let headers = [(header::CONTENT_TYPE, "application/json")];
                (status, headers, body).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "the simulated GitLab cannot write an answer");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// Answers with one thing, as reading does.
    pub(super) fn ok(value: &impl Serialize) -> Response {
        Self::json(StatusCode::OK, value)
    }

    /// How many entries of a list must be known to answer the asked page.
    pub(super) fn counted(&self) -> Result<usize, ApiError> {
        Ok(Page::read(&self.params, self.shared.settings.per_page_cap)?.counted())
    }

    /// Answers with the asked page of a list.
    pub(super) fn list<'a, T, E: Serialize>(
        &self,
        all: &'a [T],
        entity: impl FnMut(&'a T) -> E,
    ) -> Answer {
        let page = Page::read(&self.params, self.shared.settings.per_page_cap)?;
        let entries: Vec<E> = page.of(all).iter().map(entity).collect();
        let headers: HeaderMap = page.headers(all.len(), &self.shared.url, &self.uri);
        Ok((headers, Self::ok(&entries)).into_response())
    }
}
