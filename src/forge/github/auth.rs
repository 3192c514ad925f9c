//! What stands in the `Authorization` header: a plain token, or the token of an App's installation,
//! which is made for an hour and made anew before it ends.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    payload::nullable,
    request::{By, Call},
    settings::SetupError,
    transport::Transport,
};
use crate::forge::ForgeError;

/// A token that ends sooner is not used any more: the request may wait on the way.
const SPARE: TimeDelta = TimeDelta::minutes(2);

/// By what requests are let in.
pub(super) enum Auth {
    /// The header with a plain token.
    Token(HeaderValue),
    /// An App, whose own requests are signed by the client library.
    App(Installations),
}

/// The installations of an App, with their tokens.
#[derive(Default)]
pub(super) struct Installations {
    /// The App's number.
    id: u64,
    /// The one that all requests are made as, if the settings name one.
    only: Option<u64>,
    /// Which installation has the repositories of an owner, by the owner's name in lower case.
    of_owner: Mutex<HashMap<String, u64>>,
    tokens: Mutex<HashMap<u64, Minted>>,
    /// Held while a token is made, so that many requests at once make one.
    minting: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Minted {
    header: HeaderValue,
    until: DateTime<Utc>,
    /// Whether it may write check runs.
    checks: bool,
}

#[derive(Deserialize)]
struct Token {
    token: String,
    expires_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "nullable")]
    permissions: Permissions,
}

/// What the installation was allowed.
#[derive(Default, Deserialize)]
struct Permissions {
    #[serde(default, deserialize_with = "nullable")]
    checks: String,
}

#[derive(Deserialize)]
struct Installation {
    id: u64,
}

/// The header for a token, as it must never be shown.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, SetupError> {
    let mut header =
        HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| SetupError::Token)?;
    header.set_sensitive(true);
    Ok(header)
}

impl Auth {
    /// A plain token. One that was read from a file often ends in a newline.
    pub(super) fn token(token: &SecretString) -> Result<Self, SetupError> {
        match token.expose_secret().trim() {
            "" => Err(SetupError::Token),
            token => Ok(Self::Token(bearer(token)?)),
        }
    }

    /// An App, as one installation or as each repository's own.
    pub(super) fn app(id: u64, only: Option<u64>) -> Self {
        Self::App(Installations { id, only, ..Installations::default() })
    }
}

impl Installations {
    /// The App's number.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Whether the token for a repository, made a moment ago, may write check runs.
    pub(super) fn writes_checks(&self, project: &str) -> bool {
        let owner = project.split_once('/').map_or(project, |(owner, _)| owner).to_lowercase();
        let installation = self.only.or_else(|| lock(&self.of_owner).get(&owner).copied());
        let tokens = lock(&self.tokens);
        installation.and_then(|id| tokens.get(&id)).is_some_and(|minted| minted.checks)
    }

    /// The header for a request, made if need be.
    pub(super) async fn header(
        &self,
        transport: &Transport,
        by: &By,
    ) -> Result<HeaderValue, ForgeError> {
        let installation = match (self.only, by) {
            (Some(only), _) => only,
            (None, By::Project(project)) => self.of_project(transport, project).await?,
            (None, _) => self.any(transport).await?,
        };
        if let Some(header) = self.known(installation) {
            return Ok(header);
        }
        let _one_at_a_time = self.minting.lock().await;
        if let Some(header) = self.known(installation) {
            return Ok(header);
        }
        let id = installation.to_string();
        let path = ["app", "installations", &id, "access_tokens"];
        let mint = Call::new(transport.api(), Method::POST, By::App, &path)?;
        let name = mint.name();
        let answer = transport.send_as_app(mint).await?;
        let token: Token = transport.parse(&name, &answer.body)?;
        let header = bearer(&token.token).map_err(|error| ForgeError::Unexpected {
            request: name,
            message: error.to_string(),
        })?;
        let checks = token.permissions.checks == "write";
        let minted = Minted { header: header.clone(), until: token.expires_at, checks };
        lock(&self.tokens).insert(installation, minted);
        Ok(header)
    }

    /// Forgets a token that was refused: it may have been revoked, or the App installed anew.
    pub(super) fn forget(&self, header: &HeaderValue) {
        lock(&self.tokens).retain(|_, minted| minted.header != *header);
        lock(&self.of_owner).clear();
    }

    /// Forgets an installation and its token: it is gone, is another one now, or may do something else.
    pub(super) fn changed(&self, owner: &str, installation: u64) {
        lock(&self.of_owner).remove(&owner.to_lowercase());
        lock(&self.tokens).remove(&installation);
    }

    fn known(&self, installation: u64) -> Option<HeaderValue> {
        let tokens = lock(&self.tokens);
        let minted = tokens.get(&installation)?;
        (minted.until > Utc::now() + SPARE).then(|| minted.header.clone())
    }

    async fn of_project(&self, transport: &Transport, project: &str) -> Result<u64, ForgeError> {
        let (owner, name) = project.split_once('/').unwrap_or((project, ""));
        let key = owner.to_lowercase();
        if let Some(id) = lock(&self.of_owner).get(&key) {
            return Ok(*id);
        }
        let path = ["repos", owner, name, "installation"];
        let ask = Call::new(transport.api(), Method::GET, By::App, &path)?;
        let request = ask.name();
        let answer = transport.send_as_app(ask).await?;
        let found: Installation = transport.parse(&request, &answer.body)?;
        lock(&self.of_owner).insert(key, found.id);
        Ok(found.id)
    }

    async fn any(&self, transport: &Transport) -> Result<u64, ForgeError> {
        if let Some(id) = lock(&self.of_owner).values().next() {
            return Ok(*id);
        }
        let ask = Call::new(transport.api(), Method::GET, By::App, &["app", "installations"])?
            .query("per_page", "1");
        let request = ask.name();
        let answer = transport.send_as_app(ask).await?;
        let found: Vec<Installation> = transport.parse(&request, &answer.body)?;
        found.first().map(|first| first.id).ok_or_else(|| ForgeError::NotFound {
            request,
            message: "the GitHub App is not installed anywhere yet; install it in the \
                      organization whose repositories it shall look after"
                .to_owned(),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
