//! What a handler gets: the world, the caller, path, query and body.

use std::sync::{Arc, MutexGuard};

use axum::{
    body::to_bytes,
    extract::{FromRequest, OriginalUri, RawPathParams, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;
use url::form_urlencoded;

use super::error::ApiError;
use crate::forgesim::{
    sim::Shared,
    world::{
        World, access,
        types::{ItemKey, ItemKind, Project},
    },
    writes::Write,
};

/// The largest request body that is read; above GitHub's limit for a comment.
const BODY_LIMIT: usize = 8 * 1024 * 1024;
/// GitHub's default page size.
const DEFAULT_PER_PAGE: usize = 30;

/// Who is calling, put there by the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A user, or an App's account through one of its installations.
    User(u64),
    /// An App itself, by its signature.
    App(u64),
}

/// A handler's answer.
pub(super) type Answer = Result<Response, ApiError>;

/// One API request.
pub(super) struct Context {
    pub(super) shared: Arc<Shared>,
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
    /// The JSON that was sent; null when there was none.
    pub(super) body: Value,
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
    uri: Uri,
}

impl FromRequest<Arc<Shared>> for Context {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, ApiError> {
        use axum::RequestPartsExt;

        let (mut parts, body) = request.into_parts();
        let raw = parts.extract::<RawPathParams>().await.map_err(|_| ApiError::not_found())?;
        let path = raw.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let caller = parts.extensions.remove().ok_or_else(ApiError::unauthorized)?;
        // Nested routers see a shortened address; links must show the whole.
        let uri = match parts.extensions.get::<OriginalUri>() {
            Some(OriginalUri(uri)) => uri.clone(),
            None => parts.uri.clone(),
        };
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
            .into_owned()
            .collect();
        let malformed = || ApiError::new(StatusCode::BAD_REQUEST, "Problems parsing JSON");
        let mut json = Value::Null;
        if parts.method != Method::GET {
            let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| malformed())?;
            if !body.is_empty() {
                json = serde_json::from_slice(&body).map_err(|_| malformed())?;
            }
        }
        let (shared, headers) = (Arc::clone(shared), parts.headers);
        Ok(Self { shared, caller, headers, body: json, path, query, uri })
    }
}

impl Context {
    /// The world, locked: keep it short and do not wait meanwhile.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// The calling user; an App itself is none.
    pub(super) fn user(&self) -> Result<u64, ApiError> {
        match self.caller {
            Caller::User(id) => Ok(id),
            Caller::App(_) => Err(ApiError::unauthorized()),
        }
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
        self.path(name).parse().map_err(|_| ApiError::not_found())
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let part = self.query.iter().find(|(known, _)| known == name);
        part.map(|(_, value)| value.as_str())
    }

    /// The repository of the path, when the caller may see it: a private one looks as if it did not
    /// exist.
    pub(super) fn project<'w>(&self, world: &'w World) -> Result<&'w Project, ApiError> {
        let path = format!("{}/{}", self.path("owner"), self.path("repo"));
        let id = world.project_id(&path);
        let user = match self.caller {
            Caller::User(user) => user,
            Caller::App(_) => 0,
        };
        id.and_then(|id| world.projects.get(&id))
            .filter(|project| project.public || world.level(user, project.id) > 0)
            .ok_or_else(ApiError::not_found)
    }

    /// The repository, when the caller has at least this level in it.
    pub(super) fn project_as<'w>(
        &self,
        world: &'w World,
        level: u8,
    ) -> Result<&'w Project, ApiError> {
        let project = self.project(world)?;
        if world.level(self.user()?, project.id) < level {
            return Err(ApiError::forbidden());
        }
        Ok(project)
    }

    /// The issue or pull request with the number of the path.
    pub(super) fn item(&self, world: &World) -> Result<ItemKey, ApiError> {
        let project = self.project(world)?;
        let iid = self.path_number("number")?;
        let kind = match project.merge_requests.contains_key(&iid) {
            true => ItemKind::MergeRequest,
            false => ItemKind::Issue,
        };
        let key = ItemKey { project: project.id, kind, iid };
        world.item(key)?;
        Ok(key)
    }

    /// The same, for somebody who may change its labels.
    pub(super) fn item_to_triage(&self, world: &World) -> Result<ItemKey, ApiError> {
        let key = self.item(world)?;
        match world.level(self.user()?, key.project) >= access::PLANNER {
            true => Ok(key),
            false => Err(ApiError::forbidden()),
        }
    }

    /// A field of the body that must be a text.
    pub(super) fn text(&self, name: &str) -> Result<&str, ApiError> {
        let missing = || ApiError::invalid("Issue", name, "is missing or no text");
        self.body[name].as_str().ok_or_else(missing)
    }

    /// Answers with one thing.
    pub(super) fn json(status: StatusCode, value: &Value) -> Response {
        let headers = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
        (status, headers, value.to_string()).into_response()
    }

    /// Answers with the asked page of a list. `Link` has absolute addresses, and there is none when
    /// one page is all.
    pub(super) fn list<T>(&self, all: &[T], entity: impl FnMut(&T) -> Value) -> Answer {
        let number = |name: &str, or: usize| {
            self.query(name).and_then(|text| text.parse().ok()).filter(|n| *n > 0).unwrap_or(or)
        };
        let size = number("per_page", DEFAULT_PER_PAGE);
        let size = size.min(self.shared.settings.per_page_cap.max(1)).min(100);
        let page = number("page", 1);
        let start = (page - 1).saturating_mul(size).min(all.len());
        let end = (start + size).min(all.len());
        let entries: Vec<Value> = all[start..end].iter().map(entity).collect();
        let mut response = Self::json(StatusCode::OK, &Value::Array(entries));
        let last = all.len().div_ceil(size).max(1);
        let mut links = Vec::new();
        let mut link = |page: usize, rel: &str| {
            links.push(format!("<{}>; rel=\"{rel}\"", self.address(page)));
        };
        if page > 1 {
            link(page - 1, "prev");
        }
        if page < last {
            link(page + 1, "next");
            link(last, "last");
        }
        if page > 1 {
            link(1, "first");
        }
        if let Ok(value) = links.join(", ").parse()
            && !links.is_empty()
        {
            response.headers_mut().insert(header::LINK, value);
        }
        Ok(response)
    }

    /// The absolute address of another page of the same list.
    fn address(&self, page: usize) -> String {
        self.address_with("page", &page.to_string())
    }

    /// The absolute address of the same list with one part of the query replaced.
    pub(super) fn address_with(&self, replaced: &str, by: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.query.iter().filter(|(name, _)| name != replaced) {
            query.append_pair(name, value);
        }
        query.append_pair(replaced, by);
        format!("{}{}?{}", self.shared.url, self.uri.path(), query.finish())
    }
}
