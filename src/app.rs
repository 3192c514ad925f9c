//! Puts the rooms together: one server, one worker, one database.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use secrecy::SecretString;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{info, warn};

use crate::{
    forge::gitlab::{
        GitlabForge, GitlabSettings, SetupError,
        webhook::{self, SecretsError},
    },
    intake::{self, GitlabIntake},
    pack::Pack,
    plan,
    policy::{PolicyErrors, PolicySource},
    queue::{Backoff, RetryPolicy},
    settings::{Secrets, Settings},
    store::{Store, StoreError, StoreOptions},
    web,
    worker::{Identity, Worker, WorkerSettings},
};

/// Why Steward cannot start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The policies are wrong.
    #[error("the policies are wrong:\n{0}")]
    Policies(PolicyErrors),
    /// The token is missing.
    #[error(
        "no token: set STEWARD_GITLAB_TOKEN, or STEWARD_GITLAB_TOKEN_FILE to a file that holds it \
         (an access token of the bot's account with the scope `api`)"
    )]
    NoToken,
    /// No webhook could be checked.
    #[error(
        "no webhook secret: set STEWARD_GITLAB_SIGNING_TOKEN or STEWARD_GITLAB_WEBHOOK_SECRET to \
         what the webhook in GitLab is configured with"
    )]
    NoWebhookSecret,
    /// A webhook secret cannot be one.
    #[error("{0}")]
    WebhookSecret(#[from] SecretsError),
    /// GitLab's address cannot be used.
    #[error("gitlab: {0}")]
    Gitlab(#[from] SetupError),
    /// The database cannot be used.
    #[error("database: {0}")]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; set `listen` in [server] to a free address")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
}

/// A running Steward.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    store: Store,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// Loads the policies that the settings name.
///
/// # Errors
/// Every mistake in them.
pub fn load_pack(settings: &Settings) -> Result<Pack, PolicyErrors> {
    let source = match settings.policies_dir() {
        Some(dir) if settings.policies.built_in => PolicySource::with_overlay(dir)?,
        Some(dir) => PolicySource::own(dir)?,
        None => PolicySource::built_in(),
    };
    let pack = Pack::load(&source)?;
    plan::rehearse(&pack)?;
    Ok(pack)
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

impl App {
    /// Starts everything. The forge is not asked: Steward starts while it is down, takes webhooks
    /// and works them off later.
    ///
    /// # Errors
    /// What is wrong with policies, settings, secrets, database or address.
    pub async fn start(settings: &Settings, secrets: Secrets) -> Result<Self, StartError> {
        let pack = Arc::new(load_pack(settings).map_err(StartError::Policies)?);
        if secrets.gitlab_webhook_secrets.is_empty() && secrets.gitlab_signing_tokens.is_empty() {
            return Err(StartError::NoWebhookSecret);
        }
        let webhook_secrets =
            webhook::Secrets::new(secrets.gitlab_webhook_secrets, secrets.gitlab_signing_tokens)?;
        let forge = Arc::new(gitlab(settings, secrets.gitlab_token)?);
        let store = Store::open(&settings.database.path, StoreOptions::default()).await?;
        let address = settings.server.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        let address =
            listener.local_addr().map_err(|error| StartError::Listen { address, error })?;

        let identity = Arc::new(Identity::default());
        let worker = Arc::new(Worker::new(
            store.clone(),
            forge,
            Arc::clone(&pack),
            Arc::clone(&identity),
            WorkerSettings {
                dry_run: settings.worker.dry_run,
                concurrency: settings.worker.concurrency.get(),
                lease: Duration::from_secs(settings.worker.lease_seconds.get()),
                settle: Duration::from_secs(settings.worker.settle_seconds),
                retry: RetryPolicy {
                    backoff: Backoff {
                        first: Duration::from_millis(settings.worker.first_retry_ms.get()),
                        ..Backoff::default()
                    },
                    max_attempts: settings.worker.max_attempts.get(),
                },
            },
        ));
        let routes = intake::router(GitlabIntake {
            store: store.clone(),
            secrets: webhook_secrets,
            identity,
        })
        .merge(web::router(store.clone(), pack.version.clone()))
        .layer(CatchPanicLayer::new());

        let (stop, stopped) = watch::channel(false);
        info!(%address, policies = pack.version, integrations = pack.catalog.integrations().len(),
            "listening");
        if settings.worker.dry_run {
            warn!("dry run: nothing is written to the forge");
        }
        let tasks = vec![
            tokio::spawn(serve(listener, routes, stopped.clone())),
            tokio::spawn(worker.run(stopped)),
        ];
        Ok(Self { address, store, stop, tasks })
    }

    /// Where it listens: the port that the system chose, if the settings said 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database, for those who want to look.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Takes no more webhooks, ends what was begun, closes the database.
    pub async fn stop(self) {
        // Nobody listening any more means that all has ended already.
        let _ = self.stop.send(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of Steward broke off");
            }
        }
        self.store.close().await;
    }
}

async fn serve(listener: TcpListener, routes: Router, mut stopped: watch::Receiver<bool>) {
    let until = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(until).await {
        tracing::error!(%error, "the server broke off");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of a language in a page of the documentation.
    fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
        page.split("```")
            .skip(1)
            .step_by(2)
            .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
            .collect()
    }

    #[test]
    fn the_example_pack_of_the_documentation_is_whole() {
        let page = include_str!("../docs/policies.md");
        let [groups, integrations, routing] = blocks(page, "yaml")[..] else {
            panic!("three files");
        };
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("catalog/groups.yml", groups),
            ("catalog/integrations/chat.yml", integrations),
            ("routing.yml", routing),
        ] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let mut settings = Settings::default();
        settings.policies.dir = dir.path().to_owned();
        settings.policies.built_in = false;
        let pack = load_pack(&settings).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(pack.catalog.integrations().len(), 1);
    }

    #[test]
    fn the_settings_in_the_documentation_are_valid() {
        for page in [include_str!("../README.md"), include_str!("../docs/policies.md")] {
            let found = blocks(page, "toml");
            assert!(!found.is_empty());
            for text in found {
                toml::from_str::<Settings>(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            }
        }
    }
}
