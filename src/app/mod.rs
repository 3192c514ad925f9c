//! Puts the rooms together: one server, one worker, one database.

mod access;
mod connect;
mod policies;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use chrono::{TimeDelta, Utc};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{info, warn};

use crate::{
    forge::{
        Housekeeping, github,
        gitlab::{SetupError, webhook::SecretsError},
    },
    model::ForgeKind,
    pack::Current,
    policy::PolicyErrors,
    queue::{Backoff, RetryPolicy},
    removals::{Asker, Code},
    settings::{Secrets, Settings},
    store::{Store, StoreError, StoreOptions},
    sweeps::{Sweeper, SweeperSettings},
    web,
    worker::{Identity, Worker, WorkerSettings},
};

pub use connect::{Client, check_webhook_secrets, client, forge_of, github, gitlab, place_of};
use policies::Keeper;
pub use policies::{load, load_pack, source};

/// How long everything may take to end in order. Nothing is lost after that: what was answered is
/// on disk, and what was begun is looked at again.
const STOP_WITHIN: Duration = Duration::from_secs(30);
/// How long the database may take to close after that.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);
/// How often old deliveries are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// So many deliveries go in one transaction, some megabytes, and then others have their turn.
const PRUNE_BATCH: usize = 200;
const PRUNE_PAUSE: Duration = Duration::from_millis(100);

/// How long the sweeps do not look at the clock, at the most.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long until a sweep that broke off is tried again the first time.
const SWEEP_AGAIN: Duration = Duration::from_secs(60);

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
    #[error("{}", which_secret(.0))]
    WebhookSecret(#[from] SecretsError),
    /// GitLab's address cannot be used.
    #[error("{}", which_option(.0))]
    Gitlab(#[from] SetupError),
    /// Secrets of both forges.
    #[error(
        "secrets of GitLab and of GitHub are set, and one Steward looks after one forge: unset one \
         of them, STEWARD_GITLAB_… or STEWARD_GITHUB_…, and run a second Steward for the other"
    )]
    TwoForges,
    /// No way into GitHub.
    #[error(
        "no way into GitHub: set `app_id` in [github] and STEWARD_GITHUB_APP_KEY, or \
         STEWARD_GITHUB_APP_KEY_FILE to a file that holds the App's private key; or set \
         STEWARD_GITHUB_TOKEN to an access token of the bot's account"
    )]
    NoGithubToken,
    /// An App needs both its number and its key, and no token.
    #[error(
        "a GitHub App is let in by its number and its key: set both `app_id` in [github] and \
         STEWARD_GITHUB_APP_KEY, and not STEWARD_GITHUB_TOKEN; for a plain token set neither"
    )]
    AppHalf,
    /// No webhook of GitHub could be checked.
    #[error(
        "no webhook secret: set STEWARD_GITHUB_WEBHOOK_SECRET to the secret of the webhook, or of \
         the GitHub App, in GitHub"
    )]
    NoGithubWebhookSecret,
    /// GitHub's webhook secret cannot be one.
    #[error("STEWARD_GITHUB_WEBHOOK_SECRET: {0}")]
    GithubWebhookSecret(#[from] github::webhook::SecretsError),
    /// GitHub's address or credentials cannot be used.
    #[error("{}", which_github_option(.0))]
    Github(#[from] github::SetupError),
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

/// The webhook's room does not know where its secrets come from; whoever reads the message must.
fn which_secret(error: &SecretsError) -> String {
    match error {
        SecretsError::EmptyToken => format!("STEWARD_GITLAB_WEBHOOK_SECRET: {error}"),
        SecretsError::SigningToken => "STEWARD_GITLAB_SIGNING_TOKEN: expected `whsec_` and \
             Base64, as GitLab shows it; a plain secret belongs in STEWARD_GITLAB_WEBHOOK_SECRET"
            .to_owned(),
    }
}

fn which_option(error: &SetupError) -> String {
    match error {
        SetupError::Url(why) => {
            format!("`url` in [gitlab]: expected an address such as https://gitlab.com; {why}")
        }
        SetupError::Token => format!("STEWARD_GITLAB_TOKEN: {error}"),
        SetupError::Client(_) => error.to_string(),
    }
}

fn which_github_option(error: &github::SetupError) -> String {
    use github::SetupError::{Client, Key, Token, Url};
    match error {
        Url(why) => {
            format!("`url` in [github]: expected an address such as https://github.com; {why}")
        }
        Token => format!("STEWARD_GITHUB_TOKEN: {error}"),
        Key => format!("STEWARD_GITHUB_APP_KEY: {error}"),
        Client(_) => error.to_string(),
    }
}

/// A running Steward.
#[derive(Debug)]
pub struct App {
    address: SocketAddr,
    store: Store,
    stop: watch::Sender<bool>,
    /// The parts, each of which answers with its name when it ends.
    tasks: JoinSet<&'static str>,
}

impl App {
    /// Starts everything. The forge is not asked: Steward starts while it is down, takes webhooks
    /// and works them off later.
    ///
    /// # Errors
    /// What is wrong with policies, settings, secrets, database or address.
    pub async fn start(settings: &Settings, secrets: Secrets) -> Result<Self, StartError> {
        let pack = load_pack(settings).map_err(StartError::Policies)?;
        check_webhook_secrets(&secrets)?;
        let client = client(settings, &secrets)?;
        let kind = client.kind();
        let (forge, swept, housekeeping) = client.into_parts();
        let asker = asker_with(settings, kind, housekeeping);
        let options = StoreOptions { version: policies::version(&pack), ..StoreOptions::default() };
        let store = Store::open(&settings.database.path, options).await?;
        let address = settings.server.listen;
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| StartError::Listen { address, error })?;
        let address =
            listener.local_addr().map_err(|error| StartError::Listen { address, error })?;

        let (policy_version, integrations) =
            (pack.version.clone(), pack.catalog.integrations().len());
        let packs = Current::new(pack);
        let refused = Arc::new(Mutex::new(web::Refused::default()));
        let identity = Arc::new(Identity::default());
        let worker = Worker::new(
            store.clone(),
            Arc::clone(&forge),
            packs.clone(),
            Arc::clone(&identity),
            code_of(settings),
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
        );
        let worker = Arc::new(worker.asking(asker.clone()));
        let sweeper = Arc::new(Sweeper::new(
            store.clone(),
            swept,
            packs.clone(),
            sweeper_settings(settings, kind),
            Arc::new(Utc::now),
        ));
        let (changes, changed) = mpsc::channel(access::WAITING);
        let routes = connect::door(&secrets, &store, &identity, changes)?
            .merge(web::router(store.clone(), packs.clone(), Arc::clone(&refused)))
            .merge(web::removals_router(packs.clone(), store.clone(), code_of(settings), asker))
            .layer(CatchPanicLayer::new());

        let (stop, stopped) = watch::channel(false);
        info!(%address, policies = policy_version, integrations,
            "listening");
        if settings.worker.dry_run {
            warn!("dry run: nothing is written to the forge");
        }
        let keep = TimeDelta::days(i64::from(settings.database.keep_days.get()));
        let mut tasks = JoinSet::new();
        tasks.spawn(named("the server", serve(listener, routes, stopped.clone())));
        tasks
            .spawn(named("the clearing of the inbox", prune(store.clone(), keep, stopped.clone())));
        let keeper = Keeper {
            settle: policies::SETTLE,
            settings: settings.clone(),
            current: packs,
            store: store.clone(),
            refused,
        };
        tasks.spawn(named("the watch over the policies", keeper.run(stopped.clone())));
        let access =
            access::Watch { changed, forge, store: store.clone(), sweeper: Arc::clone(&sweeper) };
        tasks.spawn(named("the watch over what Steward may do", access.run(stopped.clone())));
        tasks.spawn(named("the sweeps", sweeper.run(stopped.clone())));
        tasks.spawn(named("the worker", worker.run(stopped)));
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

    /// Returns when a part has ended that should not have, and says which. Without it Steward
    /// would look alive and do nothing.
    pub async fn breaks_off(&mut self) -> String {
        tokio::select! {
            () = self.store.gone() => "the writer of the database".to_owned(),
            Some(ended) = self.tasks.join_next() => match ended {
                Ok(part) => part.to_owned(),
                Err(error) => format!("a part of Steward: {error}"),
            },
        }
    }

    /// Takes no more webhooks, ends what was begun, closes the database. What takes longer than
    /// half a minute is dropped.
    pub async fn stop(mut self) {
        // Nobody listening any more means that all has ended already.
        let _ = self.stop.send(true);
        let all_end = async {
            while let Some(ended) = self.tasks.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "a part of Steward broke off");
                }
            }
        };
        if timeout(STOP_WITHIN, all_end).await.is_err() {
            warn!("not all has ended in time; the next start takes it up");
            self.tasks.shutdown().await;
        }
        if timeout(CLOSE_WITHIN, self.store.close()).await.is_err() {
            warn!("the database did not close in time; nothing is lost");
        }
    }
}

/// Where the product's code lies under these settings.
pub fn code_of(settings: &Settings) -> Code {
    Code { repository: settings.code.repository.clone(), revision: settings.code.revision.clone() }
}

/// Who asks the forge about the labels of integrations that leave. Must be called inside a tokio
/// runtime.
///
/// # Errors
/// As [`client`].
pub fn asker(settings: &Settings, secrets: &Secrets) -> Result<Asker, StartError> {
    let client = client(settings, secrets)?;
    let kind = client.kind();
    let (_, _, housekeeping) = client.into_parts();
    Ok(asker_with(settings, kind, housekeeping))
}

fn asker_with(settings: &Settings, kind: ForgeKind, forge: Arc<dyn Housekeeping>) -> Asker {
    Asker {
        forge,
        kind,
        projects: settings.projects(kind).to_vec(),
        database: Some(settings.database.path.clone()),
    }
}

/// How sweeps of a forge behave under these settings.
pub fn sweeper_settings(settings: &Settings, forge: ForgeKind) -> SweeperSettings {
    SweeperSettings {
        forge,
        dry_run: settings.worker.dry_run,
        projects: settings.projects(forge).to_vec(),
        calls_per_minute: settings.mirror.calls_per_minute.get(),
        lease: Duration::from_secs(settings.worker.lease_seconds.get()),
        look_every: LOOK_EVERY,
        backoff: Backoff { first: SWEEP_AGAIN, ..Backoff::default() },
        max_attempts: settings.worker.max_attempts.get(),
    }
}

/// A part that answers with its name when it has ended.
async fn named(name: &'static str, part: impl Future<Output = ()>) -> &'static str {
    part.await;
    name
}

/// Removes old deliveries and decisions now and then.
async fn prune(store: Store, keep: TimeDelta, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let wait = match store.prune(Utc::now() - keep, PRUNE_BATCH).await {
            Ok(0) => PRUNE_EVERY,
            Ok(gone) => {
                info!(gone, "old deliveries and decisions are removed");
                PRUNE_PAUSE
            }
            Err(error) => {
                warn!(%error, "old deliveries and decisions could not be removed");
                PRUNE_EVERY
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            _ = stopped.changed() => {}
        }
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
        let page = include_str!("../../docs/policies.md");
        // Rules have tests of their own.
        let (page, _) = page.split_once("\n## Rules").expect("the section on rules");
        let [groups, integrations, codeowners, names, routing] = blocks(page, "yaml")[..] else {
            panic!("five files");
        };
        let pack = load_files(&[
            ("catalog/groups.yml", groups),
            ("catalog/integrations/chat.yml", integrations),
            ("routing.yml", routing),
        ]);
        assert_eq!(pack.catalog.integrations().len(), 1);
        let routing = "label_prefix: 'integration: '\nstates: [open]\nmost_integrations: 5\n";
        let pack = load_files(&[
            ("CODEOWNERS", "/homeassistant/components/hue/ @anna\n"),
            ("catalog/codeowners.yml", codeowners),
            ("catalog/integrations/names.yml", names),
            ("routing.yml", routing),
        ]);
        let hue = pack.catalog.by_label_value("philips_hue").expect("there");
        assert_eq!((hue.name.as_str(), hue.group.as_str()), ("Philips Hue", "anna"));
    }

    /// A pack of these files and nothing else.
    fn load_files(files: &[(&str, &str)]) -> crate::pack::Pack {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let mut settings = Settings::default();
        settings.policies.dir = dir.path().to_owned();
        settings.policies.built_in = false;
        load_pack(&settings).unwrap_or_else(|errors| panic!("{errors}"))
    }

    #[test]
    fn the_settings_in_the_documentation_are_valid() {
        for page in [include_str!("../../README.md"), include_str!("../../docs/policies.md")] {
            let found = blocks(page, "toml");
            assert!(!found.is_empty());
            for text in found {
                toml::from_str::<Settings>(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            }
        }
    }
}
