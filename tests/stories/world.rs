//! The stage of a story: a simulated GitLab or GitHub with one project, and Steward connected to it.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, TcpListener},
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::Utc;
use secrecy::SecretString;
use steward::{
    app::{self, App},
    forgesim::{
        Face, HookSettings, ItemKind, RecordedRequest, Sim, SimSettings, User, access,
        signing_token,
    },
    model::Subject,
    settings::{Secrets, Settings},
    store::{AuditRow, AuditState, Disposition, Stats, Store},
};
use tempfile::TempDir;

use crate::{shown::Shown, someone::Someone};

/// The project of most stories.
pub(crate) const PROJECT: &str = "example/product";
/// A project deeper down, whose labels come from the group at the top.
pub(crate) const NESTED: &str = "example/tools/deep/down";
/// Steward's account.
pub(crate) const BOT: &str = "steward-bot";
/// What `X-Gitlab-Token` must be.
pub(crate) const WEBHOOK_SECRET: &str = "open-sesame-5f1d";
/// The key behind [`signing`].
const SIGNING_KEY: &[u8] = b"a key that only this GitLab and Steward know";
/// How long a story waits for what must come. Long: the machine may be busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The signing token that GitLab and Steward share.
pub(crate) fn signing() -> String {
    signing_token(SIGNING_KEY)
}

/// An issue or merge request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) face: Face,
    pub(crate) project: &'static str,
    pub(crate) kind: ItemKind,
    pub(crate) iid: u64,
}

impl Item {
    pub(crate) fn issue(iid: u64) -> Self {
        Self { face: Face::Gitlab, project: PROJECT, kind: ItemKind::Issue, iid }
    }

    pub(crate) fn subject(self) -> Subject {
        match (self.face, self.kind) {
            (Face::Gitlab, ItemKind::Issue) => Subject::gitlab_issue(self.project, self.iid),
            (Face::Gitlab, ItemKind::MergeRequest) => {
                Subject::gitlab_merge_request(self.project, self.iid)
            }
            (Face::Github, ItemKind::Issue) => Subject::github_issue(self.project, self.iid),
            (Face::Github, ItemKind::MergeRequest) => {
                Subject::github_pull_request(self.project, self.iid)
            }
        }
    }

    /// Where the item is in the API.
    pub(crate) fn api_path(self) -> String {
        let project = self.project.replace('/', "%2F");
        if self.face == Face::Github {
            let kind = if self.kind == ItemKind::Issue { "issues" } else { "pulls" };
            return format!("/api/v3/repos/{}/{kind}/{}", self.project, self.iid);
        }
        match self.kind {
            ItemKind::Issue => format!("/api/v4/projects/{project}/issues/{}", self.iid),
            ItemKind::MergeRequest => {
                format!("/api/v4/projects/{project}/merge_requests/{}", self.iid)
            }
        }
    }
}

/// The labels that the policies ask for.
static LABELS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let pack = app::load_pack(&Settings::default()).expect("the built-in policies are right");
    let mut labels: BTreeSet<String> = BTreeSet::new();
    labels.extend(pack.catalog.groups().filter_map(|group| group.label.clone()));
    labels.extend(pack.catalog.stages().map(|stage| stage.label.clone()));
    for integration in pack.catalog.integrations() {
        labels.insert(format!("{}{}", *pack.routing.label_prefix, integration.label));
    }
    labels.into_iter().collect()
});

/// A port that stays free while nobody listens on it: below those that the system gives away.
pub(crate) fn free_port() -> SocketAddr {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| {
        // Far from what suites next to this one begin with: their numbers follow one another.
        let begin = std::process::id().wrapping_mul(499) % 20_000;
        AtomicU16::new(u16::try_from(begin).unwrap_or_default())
    });
    loop {
        let port = 12_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 20_000;
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Puts group, project, people and labels into a simulation; answers Steward's account.
pub(crate) fn furnish(sim: &Sim) -> User {
    for project in [PROJECT, NESTED] {
        sim.add_project(project);
    }
    for label in LABELS.iter() {
        sim.add_group_label("example", label, "#428BCA");
    }
    for (username, name, level) in
        [("anna", "Anna Triager", access::DEVELOPER), ("carla", "Carla Product", access::DEVELOPER)]
    {
        let user = sim.add_user(username, name);
        sim.add_group_member("example", &user, level);
    }
    let bot = sim.add_user(BOT, "Steward");
    sim.add_group_member("example", &bot, access::DEVELOPER);
    bot
}

/// A simulated GitLab and Steward.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) face: Face,
    pub(crate) sim: Sim,
    pub(crate) bot: User,
    pub(crate) settings: Settings,
    pub(crate) hook: u64,
    app: Option<App>,
    folder: TempDir,
}

impl World {
    /// GitLab and Steward, both up.
    pub(crate) async fn new() -> Self {
        Self::on(Face::Gitlab).await
    }

    /// The same on one forge or the other.
    pub(crate) async fn on(face: Face) -> Self {
        Self::on_with(face, |_| ()).await
    }

    /// The same, with some settings of Steward changed.
    pub(crate) async fn on_with(face: Face, change: impl FnOnce(&mut Settings)) -> Self {
        let mut world = Self::without_steward(SimSettings { face, ..SimSettings::default() }).await;
        change(&mut world.settings);
        world.steward_starts().await;
        world
    }

    /// One forge or the other alone.
    pub(crate) async fn stage(face: Face) -> Self {
        Self::without_steward(SimSettings { face, ..SimSettings::default() }).await
    }

    /// GitLab alone, with a webhook that leads to where Steward will be.
    ///
    /// A GitHub keeps a transcript in the folder that `STORIES_TRANSCRIPTS` names. Steward refuses what
    /// begins with its own name and is no setting.
    pub(crate) async fn without_steward(mut sim: SimSettings) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        sim.transcripts = std::env::var_os("STORIES_TRANSCRIPTS").map(PathBuf::from);
        let face = sim.face;
        let sim = Sim::start(sim).await.expect("a simulated GitLab");
        let bot = furnish(&sim);
        let mut settings = settings(&folder, sim.url());
        settings.server.listen = free_port();
        let mut world = Self { face, sim, bot, settings, hook: 0, app: None, folder };
        let hook = world.hook_settings();
        let hook = match face {
            Face::Gitlab => hook.signed_with(signing()),
            Face::Github => hook.with_secret(WEBHOOK_SECRET),
        };
        world.hook = world.sim.add_hook(PROJECT, hook);
        world
    }

    /// A webhook to Steward, without any secret yet.
    pub(crate) fn hook_settings(&self) -> HookSettings {
        HookSettings::new(self.steward_url(self.door()))
    }

    pub(crate) async fn steward_starts(&mut self) {
        self.steward_starts_with(secrets_on(self.face, &self.bot.token)).await;
    }

    pub(crate) async fn steward_starts_with(&mut self, secrets: Secrets) {
        self.app = Some(App::start(&self.settings, secrets).await.expect("Steward starts"));
    }

    /// Steward starts as a GitHub App, whose installation the settings name or do not.
    pub(crate) async fn steward_starts_as_an_app(&mut self, names_it: bool) {
        let public = include_str!("../data/made-up-github-app.pub.pem");
        let app = self.sim.add_app("steward", "example", public).expect("a key");
        self.settings.github.app_id = app.id;
        self.settings.github.installation_id = if names_it { app.installation } else { 0 };
        self.steward_starts_with(app_secrets()).await;
    }

    pub(crate) async fn steward_stops(&mut self) {
        self.app.take().expect("Steward is up").stop().await;
    }

    /// Steward is stopped, loses all that it knew, and starts again.
    pub(crate) async fn steward_loses_its_database(&mut self) {
        self.steward_stops().await;
        let path = &self.settings.database.path;
        std::fs::remove_file(path).expect("the database is there");
        for more in ["-wal", "-shm"] {
            let mut name = path.clone().into_os_string();
            name.push(more);
            // Only there when the database was not closed in order.
            let _ = std::fs::remove_file(name);
        }
        self.steward_starts().await;
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn steward_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.settings.server.listen)
    }

    pub(crate) fn store(&self) -> &Store {
        self.app.as_ref().expect("Steward is up").store()
    }

    pub(crate) fn anna(&self) -> Someone {
        self.person("anna")
    }

    pub(crate) fn ben(&self) -> Someone {
        self.person("ben")
    }

    pub(crate) fn carla(&self) -> Someone {
        self.person("carla")
    }

    pub(crate) fn person(&self, username: &str) -> Someone {
        Someone(self.sim.person(username))
    }

    /// What the forge shows of an item now.
    #[track_caller]
    pub(crate) fn shows(&self, item: Item) -> Shown {
        let view = match item.kind {
            ItemKind::Issue => self.sim.issue(item.project, item.iid),
            ItemKind::MergeRequest => self.sim.merge_request(item.project, item.iid),
        };
        Shown(view.expect("the item is there"))
    }

    /// Waits until every webhook is delivered and Steward has nothing left to do.
    pub(crate) async fn rests(&self) {
        let started = Instant::now();
        let mut before = None;
        loop {
            let stats = self.stats().await;
            let work = stats.ready + stats.waiting + stats.running;
            let deliveries = self.sim.deliveries();
            let under_way = deliveries.iter().filter(|one| !one.is_over()).count();
            let last = deliveries.last().map(|one| one.id);
            // Twice the same: what Steward wrote in between would have made a new delivery.
            if work == 0 && under_way == 0 && before == Some(last) {
                return;
            }
            before = (work == 0 && under_way == 0).then_some(last);
            assert!(
                started.elapsed() < PATIENCE,
                "no rest after {PATIENCE:?}: {under_way} webhooks under way, {stats:?}, parked {:?}",
                self.store().parked().await
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn stats(&self) -> Stats {
        self.store().stats(Utc::now()).await.expect("the database answers")
    }

    /// All that was recorded about an item.
    pub(crate) async fn audit(&self, item: Item) -> Vec<AuditRow> {
        self.store().audit(&item.subject()).await.expect("the database answers")
    }

    /// The kinds of what was recorded in a state, in order: `["label_present", …]`.
    pub(crate) async fn audited(&self, item: Item, state: AuditState) -> Vec<String> {
        let rows = self.audit(item).await.into_iter();
        rows.filter(|row| row.state == state).map(|row| row.effect).collect()
    }

    /// How many deliveries were kept as this.
    pub(crate) async fn kept(&self, disposition: Disposition) -> u64 {
        let counts = self.store().inbox_counts().await.expect("the database answers");
        counts.iter().find(|(had, _)| *had == disposition).map_or(0, |(_, count)| *count)
    }

    /// The calls to the forge since they were last forgotten.
    pub(crate) fn calls(&self) -> Vec<RecordedRequest> {
        self.sim.requests().latest
    }

    /// How many of them had this method and a path that ends so (before its query).
    pub(crate) fn calls_of(&self, method: &str, end: &str) -> usize {
        let path =
            |call: &RecordedRequest| call.path.split('?').next().unwrap_or_default().ends_with(end);
        self.calls().iter().filter(|call| call.method == method && path(call)).count()
    }

    /// How many were to read this item itself.
    pub(crate) fn readings(&self, item: Item) -> usize {
        self.calls_of("GET", &item.api_path())
    }

    /// Who was called by name in comments, but for the owning groups.
    pub(crate) fn disturbed(&self) -> Vec<String> {
        let mentions = self.sim.notified().into_iter().filter(|one| one.note.is_some());
        mentions.map(|one| one.name).filter(|name| !name.starts_with("gitlab-org/")).collect()
    }

    /// Routes one issue, so that Steward knows its account and which labels there are, and
    /// forgets the calls that this took.
    pub(crate) async fn warms_up(&self) {
        let warm = self.anna().opens_labelled("Warm-up", &["Integration::Jira"]);
        self.rests().await;
        self.shows(warm).one_comment();
        self.sim.clear_requests();
    }
}

trait IsOver {
    fn is_over(&self) -> bool;
}

impl IsOver for steward::forgesim::Delivery {
    fn is_over(&self) -> bool {
        self.outcome != steward::forgesim::Outcome::Pending
    }
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !holds().await {
        assert!(started.elapsed() < PATIENCE, "not so after {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

/// Steward's settings for stories: its folder, and short waits.
pub(crate) fn settings(folder: &TempDir, gitlab: &str) -> Settings {
    let mut settings = Settings::default();
    settings.database.path = folder.path().join("steward.db");
    settings.gitlab.url = gitlab.to_owned();
    settings.github.url = gitlab.to_owned();
    settings.worker.first_retry_ms = NonZeroU64::MIN.saturating_add(39);
    // The simulated GitLab applies nothing late, unless a story asks for it.
    settings.worker.settle_seconds = 0;
    settings.worker.concurrency = NonZeroUsize::MIN.saturating_add(7);
    settings
}

/// What Steward is told in confidence as a GitHub App.
pub(crate) fn app_secrets() -> Secrets {
    Secrets {
        github_app_key: Some(SecretString::from(include_str!("../data/made-up-github-app.pem"))),
        github_webhook_secrets: vec![WEBHOOK_SECRET.into()],
        ..Secrets::default()
    }
}

/// The same for one forge or the other.
pub(crate) fn secrets_on(face: Face, token: &str) -> Secrets {
    match face {
        Face::Gitlab => secrets(token),
        Face::Github => Secrets {
            github_token: Some(SecretString::from(token)),
            github_webhook_secrets: vec!["one-that-was".into(), WEBHOOK_SECRET.into()],
            ..Secrets::default()
        },
    }
}

/// What Steward is told in confidence.
pub(crate) fn secrets(token: &str) -> Secrets {
    Secrets {
        gitlab_token: Some(SecretString::from(token)),
        gitlab_webhook_secrets: vec![SecretString::from(WEBHOOK_SECRET)],
        gitlab_signing_tokens: vec![SecretString::from(signing())],
        ..Secrets::default()
    }
}
