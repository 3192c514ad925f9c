//! HTTP to one GitHub, through octocrab's client.
//!
//! **Nothing is repeated here**, as in `forge/gitlab/transport.rs`. What octocrab would do by
//! itself, and how it is kept from it:
//!
//! * It sends a request that was answered with 5xx three times more, a POST too
//!   (`RetryConfig::Simple(3)` is its default). `RetryConfig::None` is set, and a test below counts.
//! * As an installation it sends a request again that was answered 401. It is never told of
//!   installations: their tokens are made here ([`super::auth`]), and each call is counted.
//! * Its layer that follows redirects is compiled out (the feature `follow-redirect`): it would
//!   turn a POST into a GET. [`Transport::send`] follows them for GET, within this GitHub.
//! * It calls itself `octocrab` and adds what else one gives it as a second `User-Agent`, so
//!   Steward goes by the library's name.
//! * Its time-outs are for the silence between two packets, and none unless set; a time limit for
//!   the whole of a request is put around it.

use std::{fmt, sync::Arc, time::Duration, time::Instant};

use axum::body::Body;
use bytes::Bytes;
use chrono::Utc;
use http::{HeaderValue, Method, StatusCode, header};
use octocrab::{Octocrab, service::middleware::retry::RetryConfig};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    answer::{Answer, error_of, limit_of},
    auth::Auth,
    etags::Etags,
    request::{By, Call},
    settings::{GithubAuth, GithubSettings, SetupError},
    tidy::tidy,
    wire::{body_of, network_error, request, told},
};
use crate::forge::{
    AccessChange, CallCounts, ForgeError, RateLimit,
    shared::{meter::Meter, pause::Pause},
};

/// GitHub redirects once, from a repository's old name to its number.
const MOST_REDIRECTS: usize = 3;

/// HTTP to one GitHub. Cheap to clone; clones share connections and counts.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    /// Adds no credentials of its own.
    client: Octocrab,
    /// Signs as the App.
    as_app: Option<Octocrab>,
    auth: Auth,
    check: &'static str,
    root: Url,
    api: Url,
    timeout: Duration,
    meter: Meter,
    pause: Pause,
    etags: Etags,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("api", &self.inner.api.as_str()).finish_non_exhaustive()
    }
}

impl Transport {
    /// Prepares the client. Nothing is sent, so that Steward can start while GitHub is down. Must
    /// be called inside a tokio runtime, in which octocrab then runs a task of its own.
    ///
    /// # Errors
    /// When the address or the credentials cannot be used, or TLS cannot be set up.
    pub fn new(settings: &GithubSettings) -> Result<Self, SetupError> {
        let (root, api) = (settings.root()?, settings.api()?);
        let builder = || -> Result<_, SetupError> {
            let at = api.as_str().trim_end_matches('/').to_owned();
            let builder = Octocrab::builder()
                .base_uri(at)
                .map_err(|error| SetupError::Client(told(&error)))?
                .add_retry_config(RetryConfig::None)
                .set_connect_timeout(Some(settings.connect_timeout))
                .set_read_timeout(Some(settings.timeout))
                .set_write_timeout(Some(settings.timeout));
            Ok(builder)
        };
        let built = |error: octocrab::Error| SetupError::Client(told(&error));
        let (auth, as_app, check) = match &settings.auth {
            GithubAuth::Token(token) => (Auth::token(token)?, None, "STEWARD_GITHUB_TOKEN"),
            GithubAuth::App { id, key, installation } => {
                let key = key.expose_secret().as_bytes();
                let app =
                    builder()?.app_from_rsa_pem((*id).into(), key).map_err(|_| SetupError::Key)?;
                let app = app.build().map_err(built)?;
                (
                    Auth::app(*id, *installation),
                    Some(app),
                    "STEWARD_GITHUB_APP_KEY and `app_id` in [github]",
                )
            }
        };
        let client = builder()?.build().map_err(built)?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                as_app,
                auth,
                check,
                root,
                api,
                timeout: settings.timeout,
                meter: Meter::default(),
                pause: Pause::default(),
                etags: Etags::default(),
            }),
        })
    }

    /// Where people see this GitHub, ending in a slash.
    pub fn root(&self) -> &Url {
        &self.inner.root
    }

    /// The root of its API, ending in a slash.
    pub(super) fn api(&self) -> &Url {
        &self.inner.api
    }

    /// How long an answer is waited for at the most.
    pub(super) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    /// The App's number, when Steward is let in as one.
    pub(super) fn app(&self) -> Option<u64> {
        match &self.inner.auth {
            Auth::App(app) => Some(app.id()),
            Auth::Token(_) => None,
        }
    }

    /// Whether Steward may write check runs in a repository that it has just read: as an App whose
    /// installation there was allowed to.
    pub(super) fn writes_checks(&self, project: &str) -> bool {
        match &self.inner.auth {
            Auth::App(app) => app.writes_checks(project),
            Auth::Token(_) => false,
        }
    }

    /// Forgets what it knows of an installation of the App.
    pub(super) fn access_changed(&self, change: &AccessChange) {
        if let Auth::App(app) = &self.inner.auth {
            app.changed(&change.owner, change.way);
        }
    }

    /// Whether Steward is let in as an App.
    pub(super) fn is_app(&self) -> bool {
        matches!(self.inner.auth, Auth::App(_))
    }

    /// How many requests were made, by how they ended. Those that were answered "not modified" are
    /// among the successful ones.
    pub fn counts(&self) -> CallCounts {
        self.inner.meter.counts()
    }

    /// The budget that GitHub reported last; `None` while it has reported none.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.inner.meter.limit()
    }

    /// Sends one request and returns its successful answer, following redirects within this GitHub
    /// for GET.
    pub(super) async fn send(&self, mut call: Call) -> Result<Answer, ForgeError> {
        for _ in 0..=MOST_REDIRECTS {
            let header = match (&self.inner.auth, &call.by) {
                (Auth::App(_), By::App) => return self.send_as_app(call).await,
                (Auth::App(app), by) => app.header(self, by).await?,
                (Auth::Token(header), _) => header.clone(),
            };
            let result = self.once(&self.inner.client, &call, Some(&header)).await;
            if let (Err(ForgeError::Unauthorized { .. }), Auth::App(app)) =
                (&result, &self.inner.auth)
            {
                app.forget(&header);
            }
            match result? {
                Ok(answer) => return Ok(answer),
                Err(target) => call.url = target,
            }
        }
        Err(ForgeError::Refused {
            request: call.name(),
            status: StatusCode::FOUND.as_u16(),
            message: "redirected too often".to_owned(),
        })
    }

    /// Sends one request, signed as the App.
    pub(super) async fn send_as_app(&self, call: Call) -> Result<Answer, ForgeError> {
        let Some(app) = &self.inner.as_app else {
            let what = format!("{} without a GitHub App", call.name());
            return Err(ForgeError::Unsupported { what });
        };
        match self.once(app, &call, None).await? {
            Ok(answer) => Ok(answer),
            Err(target) => Err(ForgeError::Unexpected {
                request: call.name(),
                message: format!("redirected to {}", tidy(target.path())),
            }),
        }
    }

    /// Sends one request and reads its JSON answer.
    pub(super) async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T, ForgeError> {
        let name = call.name();
        let answer = self.send(call).await?;
        self.parse(&name, &answer.body)
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        name: &str,
        body: &[u8],
    ) -> Result<T, ForgeError> {
        serde_json::from_slice(body).map_err(|error| {
            let error = ForgeError::Unexpected {
                request: name.to_owned(),
                message: tidy(&error.to_string()),
            };
            self.inner.meter.failed(&error);
            error
        })
    }

    /// One request on the wire: an answer, or where it is to be sent instead. Nothing is sent while
    /// GitHub asks to wait.
    async fn once(
        &self,
        client: &Octocrab,
        call: &Call,
        auth: Option<&HeaderValue>,
    ) -> Result<Result<Answer, Url>, ForgeError> {
        self.inner.pause.permits(|| call.name())?;
        let meter = &self.inner.meter;
        let start = Instant::now();
        meter.started();
        let limit = self.inner.timeout;
        let result = match tokio::time::timeout(limit, self.exchange(client, call, auth)).await {
            Ok(result) => result,
            Err(_) => Err(ForgeError::Broken {
                request: call.name(),
                message: format!("no whole answer within {} s", limit.as_secs_f32()),
                status: None,
            }),
        };
        let ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (method, path) = (&call.method, call.url.path());
        match &result {
            Ok(Ok(answer)) => {
                meter.succeeded();
                tracing::debug!(%method, path, status = answer.status.as_u16(), ms, "github call");
            }
            Ok(Err(target)) => {
                meter.succeeded();
                tracing::debug!(%method, path, to = target.path(), ms, "github call redirected");
            }
            Err(error) => {
                meter.failed(error);
                self.inner.pause.heeds(error);
                tracing::debug!(%method, path, %error, ms, "github call failed");
            }
        }
        result
    }

    async fn exchange(
        &self,
        client: &Octocrab,
        call: &Call,
        auth: Option<&HeaderValue>,
    ) -> Result<Result<Answer, Url>, ForgeError> {
        let address = match call.url.query() {
            Some(query) => format!("{}?{query}", call.url.path()),
            None => call.url.path().to_owned(),
        };
        let known = call.may_be_kept().then(|| self.inner.etags.tag(&address)).flatten();
        let request = request(call, &address, auth, known.as_ref())?;
        let response =
            client.execute(request).await.map_err(|error| network_error(call.name(), &error))?;
        let (parts, body) = response.into_parts();
        let (status, headers) = (parts.status, parts.headers);
        if let Some(limit) = limit_of(&headers) {
            self.inner.meter.saw(limit);
        }
        if status == StatusCode::NOT_MODIFIED {
            return self.inner.etags.unchanged(&address, &headers).map(Ok).ok_or_else(|| {
                let message = "not modified, and there is nothing to compare with".to_owned();
                ForgeError::Unexpected { request: call.name(), message }
            });
        }
        if status.is_redirection() {
            return self.redirected(call, status, headers.get(header::LOCATION)).map(Err);
        }
        let most = call.most.filter(|_| status.is_success());
        let (body, cut) = match body_of(call, Body::new(body), &headers, most).await {
            Ok(Some(body)) => (body, false),
            Ok(None) => (Bytes::new(), true),
            // The status alone says that nothing was done; only the reason is lost.
            Err(_) if status.is_client_error() => (Bytes::new(), false),
            Err(error) => return Err(error),
        };
        if !status.is_success() {
            let check = self.inner.check;
            return Err(error_of(&call.name(), check, status, &headers, &body, Utc::now()));
        }
        let answer = Answer { status, headers, body, cut };
        if call.may_be_kept() {
            self.inner.etags.keep(&address, &answer);
        }
        Ok(Ok(answer))
    }

    /// Where to go instead, if that is safe: only a GET, and only within this GitHub.
    fn redirected(
        &self,
        call: &Call,
        status: StatusCode,
        location: Option<&HeaderValue>,
    ) -> Result<Url, ForgeError> {
        let refused = |message: String| ForgeError::Refused {
            request: call.name(),
            status: status.as_u16(),
            message,
        };
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| call.url.join(value).ok())
            .ok_or_else(|| refused("redirected to nowhere".to_owned()))?;
        let shown = tidy(&format!("{}{}", target.origin().ascii_serialization(), target.path()));
        if !self.is_mine(&target) {
            return Err(refused(format!(
                "redirected to {shown}, outside the configured GitHub; correct its address if it \
                 has moved"
            )));
        }
        if call.method != Method::GET {
            return Err(refused(format!("redirected to {shown}; a write is not sent twice")));
        }
        Ok(target)
    }

    /// Whether an address lies within this GitHub's API: same scheme, host and port, below its root.
    pub(super) fn is_mine(&self, url: &Url) -> bool {
        let api = &self.inner.api;
        url.origin() == api.origin()
            && url.path().starts_with(api.path())
            && url.username().is_empty()
            && url.password().is_none()
    }
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;
