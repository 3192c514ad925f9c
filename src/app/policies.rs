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

/// How long changed files must have stayed as they are before they are taken: a checkout writes one
/// after the other, and may be whole policies for a moment before it is done.
pub(super) const SETTLE: Duration = Duration::from_secs(1);

/// Looks after the policies in force.
#[derive(Debug)]
pub(super) struct Keeper {
    /// The time between two looks at files that have changed: [`SETTLE`].
    pub(super) settle: Duration,
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
        let mut seen = Seen::new(self.current.get().version.clone());
        while !*stopped.borrow() {
            let wait = match seen.changed.is_some() {
                true => Some(self.settle),
                false => (every > 0).then(|| Duration::from_secs(every)),
            };
            tokio::select! {
                _ = stopped.changed() => continue,
                () = sleep(wait.unwrap_or_default()), if wait.is_some() => {}
                Some(()) = async { match &mut hangup {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                } } => seen.forget(),
            };
            // Files are read, and `git` is asked, where they hold nobody up.
            let (settings, had) = (self.settings.clone(), seen.clone());
            match tokio::task::spawn_blocking(move || look(&settings, had)).await {
                Ok((now, loaded)) => {
                    seen = now;
                    match loaded {
                        Some(Ok(pack)) => self.take(pack).await,
                        Some(Err(errors)) => self.refuse(&errors),
                        None => {}
                    }
                }
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

/// What was seen of the files so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// The version that was taken or refused last.
    settled: String,
    /// Another one that the last look found. What is not there twice is still being written.
    changed: Option<String>,
}

impl Seen {
    fn new(version: String) -> Self {
        Self { settled: version, changed: None }
    }

    /// Who asks by a signal gets an answer in the log even if nothing has changed.
    fn forget(&mut self) {
        self.settled.clear();
    }

    /// Whether what lies there now is to be taken or refused.
    fn settles(&mut self, version: String) -> bool {
        if version == self.settled {
            self.changed = None;
        } else if self.changed.as_ref() == Some(&version) {
            *self = Self::new(version);
            return true;
        } else {
            self.changed = Some(version);
        }
        false
    }
}

/// Looks at the files, and answers what was seen by now, and the policies, or what is wrong with
/// them, if they have changed and settled.
fn look(settings: &Settings, mut seen: Seen) -> (Seen, Option<Result<Pack, PolicyErrors>>) {
    let loaded = match source(settings) {
        Ok(source) => seen.settles(source.version()).then(|| take(&source, settings)),
        // Not one that a hash could be: told once, and again when something else is wrong.
        Err(errors) => seen.settles(format!("unreadable: {errors}")).then_some(Err(errors)),
    };
    (seen, loaded)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    const RULE: &str = "rules:\n  one:\n    about: x\n    when: { label: bug }\n    then: { labels: \
                        { add: [y] } }\n";

    fn over(dir: &Path) -> Settings {
        let mut settings = Settings::default();
        settings.policies.dir = dir.to_owned();
        settings
    }

    fn write(dir: &Path, path: &str, text: &str) {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Each look stands for one after the interval; nothing here waits.
    #[test]
    fn a_checkout_is_taken_once_it_has_stayed_as_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let settings = over(dir.path());
        let before = source(&settings).expect("readable").version();
        let seen = Seen::new(before.clone());
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none() && seen == Seen::new(before.clone()));

        // Half of it is there, and is whole policies.
        write(dir.path(), "rules/one.yml", RULE);
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none(), "a first look takes nothing");
        write(dir.path(), "rules/two.yml", &RULE.replace("one", "two"));
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none(), "it went on in between");
        let (seen, loaded) = look(&settings, seen);
        let pack = loaded.expect("settled").unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(pack.rules.iter().count(), 2);
        assert_eq!(seen, Seen::new(pack.version.clone()));
        assert!(look(&settings, seen.clone()).1.is_none(), "taken once");

        // What was there for one look and is gone again was never there.
        write(dir.path(), "rules/three.yml", "rules: [");
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none());
        fs::remove_file(dir.path().join("rules/three.yml")).expect("gone");
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none() && seen == Seen::new(pack.version));

        write(dir.path(), "rules/three.yml", "rules: [");
        let (seen, _) = look(&settings, seen);
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_some_and(|loaded| loaded.is_err()), "refused once");
        assert!(look(&settings, seen).1.is_none());
    }

    #[test]
    fn who_asks_is_answered_though_nothing_has_changed() {
        let dir = tempfile::tempdir().expect("a folder");
        let settings = over(dir.path());
        let mut seen = Seen::new(source(&settings).expect("readable").version());
        seen.forget();
        let (seen, loaded) = look(&settings, seen);
        assert!(loaded.is_none());
        assert!(look(&settings, seen).1.is_some());
    }
}
