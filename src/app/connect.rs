//! Which forge Steward looks after, told by the secrets that it is given, and the client for it.

use std::{sync::Arc, time::Duration};

use axum::Router;
use secrecy::SecretString;
use tokio::sync::mpsc;
use url::Url;

use super::StartError;
use crate::{
    forge::{
        AccessChange, Deliveries, Forge, Housekeeping, Source, Swept,
        github::{GithubAuth, GithubForge, GithubSettings, webhook as github_webhook},
        gitlab::{GitlabForge, GitlabSettings, webhook as gitlab_webhook},
    },
    intake::{self, GithubDoor, GitlabDoor, Intake},
    mirror::Place,
    model::{ForgeKind, Subject},
    settings::{Secrets, Settings},
    store::Store,
    worker::Identity,
};

/// The client of the forge that Steward looks after.
#[derive(Debug)]
pub enum Client {
    /// A GitLab.
    Gitlab(Box<GitlabForge>),
    /// A GitHub.
    Github(Box<GithubForge>),
}

/// One client, shared by those who need different things of it.
pub(super) type Parts = (Arc<dyn Forge>, Arc<dyn Swept>, Arc<dyn Housekeeping>);

impl Client {
    /// The subject that somebody means.
    ///
    /// # Errors
    /// What is wrong with the text, for the person who typed it.
    pub fn parse_subject(&self, text: &str) -> Result<Subject, String> {
        match self {
            Client::Gitlab(forge) => forge.parse_subject(text).map_err(|error| error.to_string()),
            Client::Github(forge) => forge.parse_subject(text).map_err(|error| error.to_string()),
        }
    }

    /// To read and write with.
    pub fn forge(&self) -> &dyn Forge {
        match self {
            Client::Gitlab(forge) => &**forge,
            Client::Github(forge) => &**forge,
        }
    }

    /// To copy its items.
    pub fn source(&self) -> &(dyn Source + 'static) {
        match self {
            Client::Gitlab(forge) => &**forge,
            Client::Github(forge) => &**forge,
        }
    }

    /// For the end of an integration.
    pub fn housekeeping(&self) -> &dyn Housekeeping {
        match self {
            Client::Gitlab(forge) => &**forge,
            Client::Github(forge) => &**forge,
        }
    }

    /// Which forge it is.
    pub fn kind(&self) -> ForgeKind {
        match self {
            Client::Gitlab(_) => ForgeKind::Gitlab,
            Client::Github(_) => ForgeKind::Github,
        }
    }

    /// Which forge it is, for the mirror.
    pub fn place(&self) -> Place {
        match self {
            Client::Gitlab(forge) => Place::new(ForgeKind::Gitlab, forge.transport().root()),
            Client::Github(forge) => Place::new(ForgeKind::Github, forge.transport().root()),
        }
    }

    /// To read and write with, shared, for what is done by the clock, and for the end of an integration.
    pub fn into_parts(self) -> Parts {
        fn all<F: Source + Deliveries + Housekeeping + 'static>(forge: F) -> Parts {
            let forge = Arc::new(forge);
            (Arc::clone(&forge) as _, Arc::clone(&forge) as _, forge)
        }
        match self {
            Client::Gitlab(forge) => all(*forge),
            Client::Github(forge) => all(*forge),
        }
    }
}

/// The forge that the secrets let Steward into; GitLab when there are none.
///
/// # Errors
/// [`StartError::TwoForges`]: what one forge asks Steward to wait for must not hold up the other.
pub fn forge_of(secrets: &Secrets) -> Result<ForgeKind, StartError> {
    match secrets.forges()[..] {
        [] => Ok(ForgeKind::Gitlab),
        [forge] => Ok(forge),
        _ => Err(StartError::TwoForges),
    }
}

/// The forge that settings and secrets name, for the mirror; `None` where they name none, or more than
/// one.
pub fn place_of(settings: &Settings, secrets: &Secrets) -> Option<Place> {
    let [kind] = secrets.forges()[..] else { return None };
    let url = match kind {
        ForgeKind::Gitlab => &settings.gitlab.url,
        ForgeKind::Github => &settings.github.url,
    };
    Url::parse(url.trim()).ok().map(|root| Place::new(kind, &root))
}

/// The client of the forge that settings and secrets name. Must be called inside a tokio runtime.
///
/// # Errors
/// What is missing or wrong, and what to do about it.
pub fn client(settings: &Settings, secrets: &Secrets) -> Result<Client, StartError> {
    Ok(match forge_of(secrets)? {
        ForgeKind::Gitlab => {
            Client::Gitlab(Box::new(gitlab(settings, secrets.gitlab_token.clone())?))
        }
        ForgeKind::Github => Client::Github(Box::new(github(settings, secrets)?)),
    })
}

/// The client of the GitLab that the settings name.
///
/// # Errors
/// [`StartError::NoToken`], [`StartError::Gitlab`].
pub fn gitlab(settings: &Settings, token: Option<SecretString>) -> Result<GitlabForge, StartError> {
    let token = token.ok_or(StartError::NoToken)?;
    let gitlab = &settings.gitlab;
    Ok(GitlabForge::new(GitlabSettings {
        connect_timeout: Duration::from_secs(gitlab.connect_timeout_seconds.get()),
        timeout: Duration::from_secs(gitlab.timeout_seconds.get()),
        connections: settings.worker.concurrency.get(),
        ..GitlabSettings::new(&gitlab.url, token)
    })?)
}

/// The client of the GitHub that the settings name. Must be called inside a tokio runtime.
///
/// # Errors
/// [`StartError::NoGithubToken`], [`StartError::AppHalf`], [`StartError::Github`].
pub fn github(settings: &Settings, secrets: &Secrets) -> Result<GithubForge, StartError> {
    let github = &settings.github;
    let number = |number: u64| (number > 0).then_some(number);
    let auth = match (number(github.app_id), &secrets.github_app_key, &secrets.github_token) {
        (Some(id), Some(key), None) => {
            let installation = number(github.installation_id);
            GithubAuth::App { id, key: key.clone(), installation }
        }
        (None, None, Some(token)) => GithubAuth::Token(token.clone()),
        (None, None, None) => return Err(StartError::NoGithubToken),
        _ => return Err(StartError::AppHalf),
    };
    Ok(GithubForge::new(&GithubSettings {
        connect_timeout: Duration::from_secs(github.connect_timeout_seconds.get()),
        timeout: Duration::from_secs(github.timeout_seconds.get()),
        ..GithubSettings::new(&github.url, auth)
    })?)
}

/// Where the forge's webhooks come in.
///
/// # Errors
/// When there is no secret to check them by, or one cannot be used.
pub(super) fn door(
    secrets: &Secrets,
    store: &Store,
    identity: &Arc<Identity>,
    access: mpsc::Sender<AccessChange>,
) -> Result<Router, StartError> {
    let (store, identity) = (store.clone(), Arc::clone(identity));
    Ok(match forge_of(secrets)? {
        ForgeKind::Gitlab => {
            let door = GitlabDoor(gitlab_secrets(secrets)?);
            intake::router(Intake::new(door, store, identity, access))
        }
        ForgeKind::Github => {
            let door = GithubDoor(github_secrets(secrets)?);
            intake::router(Intake::new(door, store, identity, access))
        }
    })
}

fn gitlab_secrets(secrets: &Secrets) -> Result<gitlab_webhook::Secrets, StartError> {
    let (plain, signing) = (&secrets.gitlab_webhook_secrets, &secrets.gitlab_signing_tokens);
    if plain.is_empty() && signing.is_empty() {
        return Err(StartError::NoWebhookSecret);
    }
    Ok(gitlab_webhook::Secrets::new(plain.clone(), signing.clone())?)
}

fn github_secrets(secrets: &Secrets) -> Result<github_webhook::Secrets, StartError> {
    if secrets.github_webhook_secrets.is_empty() {
        return Err(StartError::NoGithubWebhookSecret);
    }
    Ok(github_webhook::Secrets::new(secrets.github_webhook_secrets.clone())?)
}

/// Whether the webhooks' secrets can be used, without opening anything.
///
/// # Errors
/// As at start.
pub fn check_webhook_secrets(secrets: &Secrets) -> Result<(), StartError> {
    match forge_of(secrets)? {
        ForgeKind::Gitlab => gitlab_secrets(secrets).map(drop),
        ForgeKind::Github => github_secrets(secrets).map(drop),
    }
}
