//! The policies of a running Steward: loaded when it starts, and again when their files change.
//!
//! New policies are taken as a whole or not at all. What is wrong with them is logged and shown in
//! the health, and the old ones stay in force.

use std::{
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::Utc;
use tokio::{signal::unix::SignalKind, sync::watch, time::sleep};
use tracing::{error, info, warn};

use crate::{
    pack::{Current, Pack},
    plan,
    policy::{PolicyErrors, PolicySource},
    settings::Settings,
    store::Store,
    web::Refused,
};

/// The files of the policies that the settings name.
///
/// # Errors
/// What cannot be read.
pub fn source(settings: &Settings) -> Result<PolicySource, PolicyErrors> {
    match settings.policies_dir() {
        Some(dir) if settings.policies.built_in => {
            PolicySource::pack(&settings.policies.pack)?.under(dir)
        }
        Some(dir) => PolicySource::own(dir),
        None => PolicySource::pack(&settings.policies.pack),
    }
}

/// Loads the policies that the settings name.
///
/// # Errors
/// Every mistake in them.
pub fn load_pack(settings: &Settings) -> Result<Pack, PolicyErrors> {
    take(&source(settings)?, settings)
}

/// Loads and tries out policies from wherever they are.
///
/// # Errors
/// Every mistake in them.
pub fn load(source: &PolicySource) -> Result<Pack, PolicyErrors> {
    let pack = Pack::load(source)?;
    plan::rehearse(&pack)?;
    Ok(pack)
}

fn take(source: &PolicySource, settings: &Settings) -> Result<Pack, PolicyErrors> {
    let mut pack = load(source)?;
    pack.commit = commit(settings);
    Ok(pack)
}

/// The commit of the repository that the policies lie in, if they lie in one and `git` is there.
fn commit(settings: &Settings) -> Option<String> {
    let dir = settings.policies_dir()?;
    let answer = Command::new("git")
        .arg("-C")
        .arg(dir)
        .args(["rev-parse", "--short=12", "HEAD"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|answer| answer.status.success())?;
    let commit = String::from_utf8(answer.stdout).ok()?.trim().to_owned();
    let plain = !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then_some(commit)
}

/// Looks after the policies in force.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) settings: Settings,
    pub(super) current: Current,
    pub(super) store: Store,
    pub(super) refused: Arc<Mutex<Refused>>,
}

impl Keeper {
    /// Loads the policies again whenever their files have changed, and on SIGHUP, until `stopped`.
    pub(super) async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut hangup = match tokio::signal::unix::signal(SignalKind::hangup()) {
            Ok(signal) => Some(signal),
            Err(error) => {
                warn!(%error, "SIGHUP cannot be waited for; changes of the files are seen anyway");
                None
            }
        };
        let every = self.settings.policies.reload_seconds;
        // What was looked at last, taken or refused.
        let mut seen = self.current.get().version.clone();
        while !*stopped.borrow() {
            let asked = tokio::select! {
                _ = stopped.changed() => continue,
                () = sleep(Duration::from_secs(every.max(1))), if every > 0 => false,
                Some(()) = async { match &mut hangup {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                } } => true,
            };
            // Files are read, and `git` is asked, where they hold nobody up. Who asks by a signal
            // gets an answer in the log even if nothing has changed.
            let (settings, had) =
                (self.settings.clone(), if asked { String::new() } else { seen.clone() });
            match tokio::task::spawn_blocking(move || look(&settings, &had)).await {
                Ok(Some((version, loaded))) => {
                    seen = version;
                    match loaded {
                        Ok(pack) => self.take(pack).await,
                        Err(errors) => self.refuse(&errors),
                    }
                }
                Ok(None) => {}
                Err(error) => error!(%error, "looking for new policies broke off"),
            }
        }
    }

    async fn take(&self, pack: Pack) {
        let old = self.current.get().version.clone();
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).now = None;
        if pack.version == old {
            info!(policies = old, "the policies are as they were");
            return;
        }
        info!(policies = pack.version, commit = pack.commit, instead_of = old, "new policies");
        let version = version(&pack);
        self.current.replace(pack);
        // What could not be decided may be decided now.
        match self.store.new_version(version).await {
            Ok(0) => {}
            Ok(revived) => info!(revived, "trying again what the old policies had put aside"),
            Err(error) => warn!(%error, "what was put aside could not be tried again"),
        }
    }

    fn refuse(&self, errors: &PolicyErrors) {
        for error in errors.iter() {
            error!(%error, help = error.help_text(), "new policies are refused");
        }
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.times += 1;
        refused.now = Some((Utc::now(), errors.iter().map(ToString::to_string).collect()));
        error!(
            times = refused.times,
            policies = self.current.get().version,
            "the old policies stay in force"
        );
    }
}

/// What the store calls Steward under these policies.
pub(super) fn version(pack: &Pack) -> String {
    format!("{} {}", env!("CARGO_PKG_VERSION"), pack.version)
}

/// The version of the policies that lie there now, and the policies, or what is wrong with them.
/// `None` if they are those of `seen`, so that nothing is to be done.
fn look(settings: &Settings, seen: &str) -> Option<(String, Result<Pack, PolicyErrors>)> {
    match source(settings) {
        Ok(source) => {
            let version = source.version();
            (version != seen).then(|| (version, take(&source, settings)))
        }
        Err(errors) => {
            // Not one that a hash could be: told once, and again when something else is wrong.
            let version = format!("unreadable: {errors}");
            (version != seen).then_some((version, Err(errors)))
        }
    }
}
