//! The mirror: what `steward sync` copies, how it goes on after a stop, and what it costs.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use secrecy::SecretString;
use steward::{
    app,
    forge::{Forge, Listing, gitlab::GitlabForge},
    forgesim::{Change, Fault, FaultKind, ItemKind, NewMergeRequest, Offer, Sim, SimSettings},
    mirror::{
        Mirror, MirrorReader, Pace, Patience, Progress, Saved, Silent, Sync, SyncError, Synced,
    },
    model::Subject,
    settings::Settings,
};
use tempfile::TempDir;

use crate::{
    process::{run, settings_of, steward},
    world::{PROJECT, World, furnish},
};

/// A simulated GitLab and a mirror of it.
struct Stage {
    sim: Sim,
    forge: GitlabForge,
    path: PathBuf,
    _folder: TempDir,
}

impl Stage {
    async fn new() -> Self {
        let sim = Sim::start(SimSettings::default()).await.expect("a simulated GitLab");
        let bot = furnish(&sim);
        let folder = TempDir::new().expect("a folder");
        let mut settings = Settings::default();
        settings.gitlab.url = sim.url().to_owned();
        let forge = app::gitlab(&settings, Some(SecretString::from(bot.token))).expect("a client");
        Self { sim, forge, path: folder.path().join("mirror.db"), _folder: folder }
    }

    fn fill(&self, items: u64) {
        let offer = Offer {
            routed: vec![vec!["Integration::Jira".into(), "group::project management".into()]],
            others: vec!["bug".into(), "frontend".into()],
            ..Offer::default()
        };
        self.sim.fill(PROJECT, items, &offer).expect("the project is there");
    }

    async fn tries(&self, full: bool) -> Result<Synced, SyncError> {
        self.tries_telling(&Silent, full).await
    }

    async fn tries_telling(
        &self,
        progress: &dyn Progress,
        full: bool,
    ) -> Result<Synced, SyncError> {
        let mirror = Mirror::open(&self.path).await.expect("a mirror");
        let patience = Patience { tries: 3, first: Duration::from_millis(5), waits: 2 };
        let sync = Sync::new(&self.forge, &mirror, progress, Pace::new(1_000_000), patience);
        let synced = sync.project(PROJECT, full).await;
        mirror.close().await;
        synced
    }

    async fn syncs(&self) -> Saved {
        self.tries(false).await.expect("it syncs").items
    }

    /// What stands in the mirror, in order.
    async fn mirrored(&self) -> Vec<String> {
        let mut reader = MirrorReader::open(&self.path).await.expect("a mirror");
        let mut all = Vec::new();
        loop {
            let rows = reader.next().await.expect("it reads");
            if rows.is_empty() {
                all.sort();
                return all;
            }
            all.extend(rows.into_iter().map(|row| row.subject));
        }
    }

    async fn is_as_the_forge_shows(&self, subject: &Subject) {
        let mirror = Mirror::open(&self.path).await.expect("a mirror");
        let kept = mirror.snapshot(subject).await.expect("it reads").expect("it is there");
        mirror.close().await;
        let mut read = self.forge.read(subject).await.expect("the forge answers");
        read.facets = Default::default();
        assert_eq!(kept, read);
    }
}

/// The forge goes away once so many items were read.
struct Outage {
    sim: Sim,
    left: AtomicU64,
}

impl Progress for Outage {
    fn begins(&self, _: &str, _: &str) {}

    fn read(&self, items: u64, _: Option<u64>) {
        if self
            .left
            .fetch_update(Relaxed, Relaxed, |left| Some(left.saturating_sub(items)))
            .is_ok_and(|left| left <= items)
        {
            self.sim.fails(Fault::new(FaultKind::BadGatewayBefore).forever());
        }
    }

    fn waits(&self, _: &str, _: Duration) {}
}

fn saved(new: u64, changed: u64, gone: u64) -> Saved {
    Saved { new, changed, gone }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_open_items_are_copied_as_a_single_reading_shows_them() {
    let stage = Stage::new().await;
    stage.fill(350);
    let anna = stage.sim.person("anna");
    let closed = anna.opens_issue(PROJECT, "Closed already", "", &[]).expect("opened");
    anna.on_issue(PROJECT, closed).closes().expect("closed");
    assert_eq!(stage.syncs().await, saved(350, 0, 0));
    assert_eq!(stage.mirrored().await.len(), 350);
    for subject in [Subject::gitlab_issue(PROJECT, 7), Subject::gitlab_merge_request(PROJECT, 3)] {
        stage.is_as_the_forge_shows(&subject).await;
    }
    let mut reader = MirrorReader::open(&stage.path).await.expect("a mirror");
    let projects = reader.projects().await.expect("it reads");
    let [project] = projects.as_slice() else { panic!("one project: {projects:?}") };
    // Those of the group above it among them.
    assert!(project.labels.contains(&"group::project management".into()));
    assert!(project.labels.contains(&"frontend".into()));
    assert!(project.synced_at.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_only_what_changed_is_read() {
    let stage = Stage::new().await;
    stage.fill(1000);
    stage.syncs().await;
    let anna = stage.sim.person("anna");
    // Long after: what changed just before the end of a reading is looked at twice.
    stage.sim.advance(TimeDelta::hours(1));
    let new = anna.opens_issue(PROJECT, "New", "", &[]).expect("opened");
    anna.on_issue(PROJECT, 1).renames("Another title").expect("renamed");
    anna.on_issue(PROJECT, 2).closes().expect("closed");
    anna.on_merge_request(PROJECT, 1).merges().expect("merged");
    let before = stage.forge.calls();
    assert_eq!(stage.syncs().await, saved(1, 1, 2));
    assert!(stage.forge.calls() - before <= 5, "{} calls", stage.forge.calls() - before);
    stage.is_as_the_forge_shows(&Subject::gitlab_issue(PROJECT, new)).await;
    stage.is_as_the_forge_shows(&Subject::gitlab_issue(PROJECT, 1)).await;
    let left = stage.mirrored().await;
    assert_eq!(left.len(), 999);
    assert!(!left.contains(&format!("gitlab:{PROJECT}#2")));
    // It comes back when somebody opens it again.
    anna.on_issue(PROJECT, 2).reopens().expect("open again");
    assert_eq!(stage.syncs().await, saved(1, 0, 0));
    assert_eq!(stage.syncs().await, saved(0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_reading_goes_on_where_it_was() {
    let stage = Stage::new().await;
    stage.fill(2000);
    let outage = Outage { sim: stage.sim.clone(), left: AtomicU64::new(600) };
    let tried = stage.tries_telling(&outage, false).await;
    let error = tried.expect_err("the forge is away").to_string();
    assert!(
        error.contains(PROJECT) && error.contains("502") && error.contains("goes on"),
        "{error}"
    );
    let had = stage.mirrored().await.len();
    assert!((500..=700).contains(&had), "{had} items were kept");
    stage.sim.clear_faults();
    // What was read already is closed and changed meanwhile.
    let anna = stage.sim.person("anna");
    anna.on_issue(PROJECT, 1).closes().expect("closed");
    anna.on_issue(PROJECT, 2).renames("Another title").expect("renamed");
    let before = stage.forge.calls();
    let saved = stage.syncs().await;
    assert_eq!(saved.new, 2000 - had as u64);
    let calls = stage.forge.calls() - before;
    assert!(calls < 25, "it did not begin anew: {calls} calls");
    let left = stage.mirrored().await;
    assert_eq!(left.len(), 1999);
    assert!(!left.contains(&format!("gitlab:{PROJECT}#1")));
    stage.is_as_the_forge_shows(&Subject::gitlab_issue(PROJECT, 2)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_that_changed_in_one_instant_are_neither_lost_nor_read_for_ever() {
    let stage = Stage::new().await;
    stage.fill(800);
    let at = Utc::now() - TimeDelta::days(3);
    // A change of many at once: more than two pages, which begin in the middle of one.
    for iid in 51..=350 {
        stage.sim.set_updated_at(PROJECT, ItemKind::Issue, iid, at).expect("it is there");
    }
    assert_eq!(stage.syncs().await, saved(800, 0, 0));
    assert_eq!(stage.syncs().await, saved(0, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_reading_drops_what_is_not_there_any_more() {
    let stage = Stage::new().await;
    stage.fill(120);
    stage.syncs().await;
    stage.sim.removes_item(PROJECT, ItemKind::Issue, 5).expect("it is there");
    assert_eq!(stage.syncs().await, saved(0, 0, 0), "nobody tells of what was deleted");
    let synced = stage.tries(true).await.expect("it syncs");
    assert_eq!(synced.items, saved(0, 0, 1));
    assert_eq!(stage.mirrored().await.len(), 119);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_forge_may_limit_and_stumble() {
    let stage = Stage::new().await;
    stage.fill(150);
    stage.sim.fails(Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).times(1));
    stage.sim.fails(Fault::new(FaultKind::CutBefore).at("/merge_requests").times(1));
    let began = std::time::Instant::now();
    assert_eq!(stage.syncs().await, saved(150, 0, 0));
    assert!(began.elapsed() >= Duration::from_secs(1), "it waited as it was asked to");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_once_and_only_where_no_label_tells() {
    let stage = Stage::new().await;
    let anna = stage.sim.person("anna");
    let opens = |labels: &[&str]| {
        let new = NewMergeRequest {
            title: "Change".into(),
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            changes: vec![Change::added("app/models/integrations/jira.rb", "x")],
            ..NewMergeRequest::default()
        };
        anna.opens_merge_request(PROJECT, new).expect("opened")
    };
    let plain = opens(&[]);
    let marked = opens(&["Integration::New"]);
    opens(&["Integration::Jira"]);
    let pack = app::load_pack(&Settings::default()).expect("the built-in policies");
    let files = async || {
        stage.syncs().await;
        let mirror = Mirror::open(&stage.path).await.expect("a mirror");
        let sync =
            Sync::new(&stage.forge, &mirror, &Silent, Pace::new(1_000_000), Patience::default());
        let count = sync.files(PROJECT, &pack).await.expect("they are read");
        mirror.close().await;
        count
    };
    assert_eq!(files().await, 2);
    assert_eq!(files().await, 0, "they are known");
    anna.on_merge_request(PROJECT, plain).pushes(Vec::new()).expect("pushed");
    assert_eq!(files().await, 1, "the newest commit is another one");
    let mut reader = MirrorReader::open(&stage.path).await.expect("a mirror");
    let rows = reader.next().await.expect("it reads");
    let key = Subject::gitlab_merge_request(PROJECT, marked).to_string();
    let row = rows.iter().find(|row| row.subject == key).expect("it is there");
    let changes = row.changes.as_deref().expect("they are known");
    assert!(changes.contains("app/models/integrations/jira.rb"), "{changes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_it_did() {
    let gitlab = World::without_steward(SimSettings::default()).await;
    gitlab.sim.fill(PROJECT, 30, &Offer::default()).expect("filled");
    let folder = gitlab.folder();
    let equipped = |arguments: &[&str]| {
        let mut command = steward(&folder, arguments);
        settings_of(&gitlab, &mut command);
        command
    };
    run(equipped(&["sync"])).await.exits_with(1).complains("set `projects` in [mirror]");
    run(equipped(&["sync", "no such"])).await.exits_with(1).complains("group/project");
    run(equipped(&["sync", "example/nothing"])).await.exits_with(1).complains("not found");
    run(equipped(&["sync", PROJECT]))
        .await
        .exits_with(0)
        .prints("1 project: 30 new, 0 changed, 0 gone; ");
    assert!(folder.join("steward-mirror.db").is_file(), "beside the database");
    let mut named = equipped(&["sync", "--full", "--files"]);
    named.env("STEWARD_MIRROR_PROJECTS", PROJECT);
    run(named).await.exits_with(0).prints("0 new, 0 changed, 0 gone, files of 7; ");
}
