//! HTTP to one GitLab. Typed endpoints say what to send; this says how, and what the answer
//! means.
//!
//! **Nothing is repeated here.** Whether a failed call is made again is the queue's decision,
//! and a comment that was posted twice is worse than one that is late. What the libraries below
//! would repeat by themselves:
//!
//! * reqwest repeats a request that HTTP/2 refused unprocessed (its `ProtocolNacks` policy).
//!   That is switched off with `retry::never()`, so that no feature added elsewhere in the
//!   dependency graph can bring it back (today only HTTP/1.1 is compiled in).
//! * hyper-util sends a request again on another connection when the pooled connection that it
//!   had picked was found closed (`retry_canceled_requests`, which reqwest leaves on and offers no
//!   switch for). It can do so only when hyper hands the request back, and hyper hands it back
//!   only as long as it still waits in the channel to the connection's task: not one byte was
//!   written. Once it was taken from there a closed connection is an error, here
//!   [`ForgeError::Broken`]. So a POST is never repeated after it was (partly) written;
//!   the tests below hold that against a server that reads a POST and hangs up.
//! * Redirects would turn a POST into a GET (301, 302, 303) or send it again (307, 308). reqwest
//!   follows none; [`Transport::send`] follows them for GET only, and never off this GitLab, so
//!   that the token stays there.

use std::{error::Error as _, fmt, sync::Arc, time::Duration, time::Instant};

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use gitlab::api::Endpoint;
use http::{HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use url::Url;

use super::{
    answer::{Answer, error_of, limit_of},
    meter::{CallCounts, Meter, RateLimit},
    paging::Pages,
    request::Prepared,
    settings::{GitlabSettings, SetupError},
    tidy::tidy,
};
use crate::forge::{ForgeError, shared::pause::Pause};

/// A page of a hundred merge request diffs can have some megabytes; more than this is an
/// accident that should not take the process with it.
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
/// GitLab redirects once, from a project's old path to its new one.
const MOST_REDIRECTS: usize = 3;
/// Idle connections are dropped before nginx (75 s) or a load balancer (60 s) drops them, since
/// a request that meets such a closing connection ends with an unknown outcome.
const IDLE: Duration = Duration::from_secs(30);

/// HTTP to one GitLab. Cheap to clone; clones share connections and counts.
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    client: reqwest::Client,
    root: Url,
    token: SecretString,
    header: HeaderValue,
    timeout: Duration,
    meter: Meter,
    pause: Pause,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("root", &self.inner.root.as_str()).finish_non_exhaustive()
    }
}

impl Transport {
    /// Prepares the client. Nothing is sent, so that Steward can start while GitLab is down.
    ///
    /// # Errors
    /// When the address or the token cannot be used, or TLS cannot be set up.
    pub fn new(settings: &GitlabSettings) -> Result<Self, SetupError> {
        let root = settings.root()?;
        // A token read from a file often ends in a newline.
        let token = settings.token.expose_secret().trim();
        let mut header = HeaderValue::from_str(token).map_err(|_| SetupError::Token)?;
        if token.is_empty() {
            return Err(SetupError::Token);
        }
        header.set_sensitive(true);
        let client = reqwest::Client::builder()
            .user_agent(concat!("steward/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(settings.connections)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .build()
            .map_err(|error| SetupError::Client(chain(&error)))?;
        Ok(Self {
            inner: Arc::new(Inner {
                client,
                root,
                token: token.to_owned().into(),
                header,
                timeout: settings.timeout,
                meter: Meter::default(),
                pause: Pause::default(),
            }),
        })
    }

    /// The root of this GitLab, ending in a slash, without user name or query.
    pub fn root(&self) -> &Url {
        &self.inner.root
    }

    /// How many requests were made, by how they ended.
    pub fn counts(&self) -> CallCounts {
        self.inner.meter.counts()
    }

    /// The budget that GitLab reported last; `None` while it has reported none.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.inner.meter.limit()
    }

    /// Sends one request and returns its successful answer.
    ///
    /// # Errors
    /// What happened, and whether a write may have gone through ([`ForgeError::outcome`]).
    pub async fn send(&self, endpoint: &(impl Endpoint + Sync)) -> Result<Answer, ForgeError> {
        self.dispatch(Prepared::new(self.root(), endpoint)?).await
    }

    /// Sends one request and reads its JSON answer.
    ///
    /// # Errors
    /// As [`Transport::send`], and [`ForgeError::Unexpected`] when the answer does not fit `T`.
    pub async fn get_json<T: DeserializeOwned>(
        &self,
        endpoint: &(impl Endpoint + Sync),
    ) -> Result<T, ForgeError> {
        let prepared = Prepared::new(self.root(), endpoint)?;
        let name = prepared.name();
        let answer = self.dispatch(prepared).await?;
        self.parse(&name, &answer.body)
    }

    /// Reads an answer that may be large, and so many bytes of it at the most: what is longer comes
    /// back as [`Answer::cut`], and the rest is left on the line.
    ///
    /// # Errors
    /// As [`Transport::send`].
    pub async fn send_at_most(
        &self,
        endpoint: &(impl Endpoint + Sync),
        most: usize,
    ) -> Result<Answer, ForgeError> {
        let prepared = Prepared::new(self.root(), endpoint)?;
        self.dispatch(Prepared { most: Some(most), ..prepared }).await
    }

    /// Reads a list, all its pages in order.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn get_all<T: DeserializeOwned>(
        &self,
        endpoint: &(impl Endpoint + Sync),
    ) -> Result<Vec<T>, ForgeError> {
        let mut pages = self.pages(endpoint)?;
        let mut all = Vec::new();
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// Reads a list page by page, in order.
    ///
    /// # Errors
    /// When the endpoint cannot be turned into a request.
    pub fn pages<T: DeserializeOwned>(
        &self,
        endpoint: &(impl Endpoint + Sync),
    ) -> Result<Pages<T>, ForgeError> {
        Ok(Pages::new(self.clone(), Prepared::new(self.root(), endpoint)?))
    }

    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        name: &str,
        body: &[u8],
    ) -> Result<T, ForgeError> {
        serde_json::from_slice(body).map_err(|error| {
            let error = ForgeError::Unexpected {
                request: name.to_owned(),
                message: self.redact(tidy(&error.to_string())),
            };
            self.inner.meter.failed(&error);
            error
        })
    }

    /// Sends a prepared request, following redirects within this GitLab for GET.
    pub(super) async fn dispatch(&self, mut request: Prepared) -> Result<Answer, ForgeError> {
        for _ in 0..=MOST_REDIRECTS {
            match self.once(&request).await? {
                Ok(answer) => return Ok(answer),
                Err(target) => request.url = target,
            }
        }
        Err(ForgeError::Refused {
            request: request.name(),
            status: StatusCode::FOUND.as_u16(),
            message: "redirected too often".to_owned(),
        })
    }

    /// One request on the wire: an answer, or where it is to be sent instead. Nothing is sent while
    /// GitLab asks to wait.
    async fn once(&self, request: &Prepared) -> Result<Result<Answer, Url>, ForgeError> {
        self.inner.pause.permits(|| request.name())?;
        let meter = &self.inner.meter;
        let start = Instant::now();
        meter.started();
        let result = self.exchange(request).await;
        let ms = start.elapsed().as_millis() as u64;
        let (method, path) = (&request.method, request.url.path());
        match &result {
            Ok(Ok(answer)) => {
                meter.succeeded();
                tracing::debug!(%method, path, status = answer.status.as_u16(), ms, "gitlab call");
            }
            Ok(Err(target)) => {
                meter.succeeded();
                tracing::debug!(%method, path, to = target.path(), ms, "gitlab call redirected");
            }
            Err(error) => {
                meter.failed(error);
                self.inner.pause.heeds(error);
                tracing::debug!(%method, path, %error, ms, "gitlab call failed");
            }
        }
        result
    }

    async fn exchange(&self, request: &Prepared) -> Result<Result<Answer, Url>, ForgeError> {
        let mut builder = self
            .inner
            .client
            .request(request.method.clone(), request.url.clone())
            .header("PRIVATE-TOKEN", self.inner.header.clone());
        if let Some((mime, data)) = &request.body {
            builder = builder.header(header::CONTENT_TYPE, *mime).body(data.clone());
        }
        let mut response =
            builder.send().await.map_err(|error| self.network_error(request.name(), error))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        if let Some(limit) = limit_of(&headers) {
            self.inner.meter.saw(limit);
        }
        if status.is_redirection() {
            return self.redirected(request, status, headers.get(header::LOCATION)).map(Err);
        }
        let most = request.most.filter(|_| status.is_success());
        let (body, cut) = match self.body_of(request, &mut response, most).await {
            Ok(Some(body)) => (body, false),
            Ok(None) => (Bytes::new(), true),
            // The status alone says that nothing was done; only the reason is lost.
            Err(_) if status.is_client_error() => (Bytes::new(), false),
            Err(error) => return Err(error),
        };
        if status.is_success() {
            return Ok(Ok(Answer { status, headers, body, cut }));
        }
        Err(self.redacted(error_of(&request.name(), status, &headers, &body, Utc::now())))
    }

    /// The body; `None` when it is longer than `most`. What is left of it is never read: the
    /// connection is dropped with the response.
    async fn body_of(
        &self,
        request: &Prepared,
        response: &mut reqwest::Response,
        most: Option<usize>,
    ) -> Result<Option<Bytes>, ForgeError> {
        let too_long = |length: u64| most.is_some_and(|most| length > most as u64);
        if response.content_length().is_some_and(too_long) {
            return Ok(None);
        }
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if too_long((body.len() + chunk.len()) as u64) => return Ok(None),
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_ANSWER => {
                    let message = format!("more than {} MiB", LARGEST_ANSWER / 1024 / 1024);
                    return Err(ForgeError::Unexpected { request: request.name(), message });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Some(body.freeze())),
                Err(error) => return Err(self.network_error(request.name(), error)),
            }
        }
    }

    /// Where to go instead, if that is safe: only a GET, and only within this GitLab.
    fn redirected(
        &self,
        request: &Prepared,
        status: StatusCode,
        location: Option<&HeaderValue>,
    ) -> Result<Url, ForgeError> {
        let refused = |message: String| ForgeError::Refused {
            request: request.name(),
            status: status.as_u16(),
            message,
        };
        let target = location
            .and_then(|value| value.to_str().ok())
            .and_then(|value| request.url.join(value).ok())
            .ok_or_else(|| refused("redirected to nowhere".to_owned()))?;
        let shown = tidy(&format!("{}{}", target.origin().ascii_serialization(), target.path()));
        if !self.is_mine(&target) {
            return Err(refused(format!(
                "redirected to {shown}, outside the configured GitLab; correct its address if \
                 it has moved"
            )));
        }
        if request.method != Method::GET {
            return Err(refused(format!("redirected to {shown}; a write is not sent twice")));
        }
        Ok(target)
    }

    /// Whether an address lies within this GitLab: same scheme, host and port, below its root.
    pub(super) fn is_mine(&self, url: &Url) -> bool {
        let root = &self.inner.root;
        url.origin() == root.origin()
            && url.path().starts_with(root.path())
            && url.username().is_empty()
            && url.password().is_none()
    }

    fn network_error(&self, request: String, error: reqwest::Error) -> ForgeError {
        let error = error.without_url();
        let message = self.redact(chain(&error));
        // A connection that could not be made in time is both: it counts as not made.
        if error.is_connect() {
            ForgeError::Unreachable { request, message }
        } else if error.is_builder() {
            ForgeError::Refused { request, status: 0, message }
        } else if error.is_timeout() {
            let seconds = self.inner.timeout.as_secs_f32();
            let message = format!("no whole answer within {seconds} s");
            ForgeError::Broken { request, message, status: None }
        } else {
            let message = format!("the connection broke: {message}");
            ForgeError::Broken { request, message, status: None }
        }
    }

    /// Takes the token out of a text from outside, should somebody have echoed it.
    fn redact(&self, text: String) -> String {
        text.replace(self.inner.token.expose_secret(), "[token]")
    }

    fn redacted(&self, mut error: ForgeError) -> ForgeError {
        if let ForgeError::NotFound { message, .. }
        | ForgeError::Forbidden { message, .. }
        | ForgeError::Refused { message, .. }
        | ForgeError::Broken { message, .. }
        | ForgeError::Unexpected { message, .. } = &mut error
        {
            *message = self.redact(std::mem::take(message));
        }
        error
    }
}

/// An error with its causes, which for network errors hold the useful part.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    tidy(&text)
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;
