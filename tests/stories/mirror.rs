//! The mirror: what `steward sync` copies, how it goes on after a stop, and what it costs.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use rstest::rstest;
use steward::{
    app::{self, Client},
    forgesim::{
        Change, Face, Fault, FaultKind, ItemKind, NewMergeRequest, Offer, Sim, SimSettings,
    },
    mirror::{
        Mirror, MirrorReader, Pace, Patience, Progress, Saved, Silent, Sync, SyncError, Synced,
    },
    model::Subject,
    settings::Settings,
};
use tempfile::TempDir;

use crate::{
    process::{run, settings_of, steward},
    world::{Item, PROJECT, World, furnish, secrets_on},
};

/// A simulated forge and a mirror of it.
struct Stage {
    face: Face,
    sim: Sim,
    client: Client,
    path: PathBuf,
    _folder: TempDir,
}

impl Stage {
    async fn on(face: Face) -> Self {
        let sim = Sim::start(SimSettings { face, ..SimSettings::default() });
        let sim = sim.await.expect("a simulated forge");
        let bot = furnish(&sim);
        let folder = TempDir::new().expect("a folder");
        let mut settings = Settings::default();
        settings.gitlab.url = sim.url().to_owned();
        settings.github.url = sim.url().to_owned();
        let client = app::client(&settings, &secrets_on(face, &bot.token)).expect("a client");
        Self { face, sim, client, path: folder.path().join("mirror.db"), _folder: folder }
    }

    fn calls(&self) -> u64 {
        self.client.source().calls()
    }

    /// An item of the project.
    fn subject(&self, kind: ItemKind, iid: u64) -> Subject {
        Item { face: self.face, project: PROJECT, kind, iid }.subject()
    }

    /// The numbers of the items of a kind, which on GitHub have theirs together.
    fn numbers(&self, kind: ItemKind) -> Vec<u64> {
        let there = |iid: &u64| match kind {
            ItemKind::Issue => self.sim.issue(PROJECT, *iid).is_ok(),
            ItemKind::MergeRequest => self.sim.merge_request(PROJECT, *iid).is_ok(),
        };
        (1..=1000).filter(there).collect()
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
        let mirror = Mirror::open(&self.path, self.client.place()).await.expect("a mirror");
        let patience = Patience { tries: 3, first: Duration::from_millis(5), waits: 2 };
        let sync =
            Sync::new(self.client.source(), &mirror, progress, Pace::new(1_000_000), patience);
        let synced = sync.project(PROJECT, full).await;
        mirror.close().await;
        synced
    }

    async fn syncs(&self) -> Saved {
        self.tries(false).await.expect("it syncs").items
    }

    /// What stands in the mirror, in order.
    async fn mirrored(&self) -> Vec<String> {
        let mut reader = MirrorReader::open(&self.path, None).await.expect("a mirror");
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
        let mirror = Mirror::open(&self.path, self.client.place()).await.expect("a mirror");
        let kept = mirror.snapshot(subject).await.expect("it reads").expect("it is there");
        mirror.close().await;
        let mut read = self.client.forge().read(subject).await.expect("the forge answers");
        read.facets = Default::default();
        // A pull request that is read alone does not tell who reacted, and the list does.
        read.votes = read.votes.or(kept.votes);
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

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_open_items_are_copied_as_a_single_reading_shows_them(#[case] face: Face) {
    let stage = Stage::on(face).await;
    stage.fill(350);
    let anna = stage.sim.person("anna");
    let closed = anna.opens_issue(PROJECT, "Closed already", "", &[]).expect("opened");
    anna.on_issue(PROJECT, closed).closes().expect("closed");
    assert_eq!(stage.syncs().await, saved(350, 0, 0));
    assert_eq!(stage.mirrored().await.len(), 350);
    for kind in [ItemKind::Issue, ItemKind::MergeRequest] {
        for number in stage.numbers(kind).into_iter().skip(6).step_by(50) {
            stage.is_as_the_forge_shows(&stage.subject(kind, number)).await;
        }
    }
    let mut reader = MirrorReader::open(&stage.path, None).await.expect("a mirror");
    let projects = reader.projects().await.expect("it reads");
    let [project] = projects.as_slice() else { panic!("one project: {projects:?}") };
    // Those of the group above it among them.
    assert!(project.labels.contains(&"group::project management".into()));
    assert!(project.labels.contains(&"frontend".into()));
    assert!(project.synced_at.is_some());
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn later_only_what_changed_is_read(#[case] face: Face) {
    let stage = Stage::on(face).await;
    stage.fill(1000);
    stage.syncs().await;
    let issues = stage.numbers(ItemKind::Issue);
    let requests = stage.numbers(ItemKind::MergeRequest);
    let anna = stage.sim.person("anna");
    // Long after: what changed just before the end of a reading is looked at twice.
    stage.sim.advance(TimeDelta::hours(1));
    let new = anna.opens_issue(PROJECT, "New", "", &[]).expect("opened");
    anna.on_issue(PROJECT, issues[0]).renames("Another title").expect("renamed");
    anna.on_issue(PROJECT, issues[1]).closes().expect("closed");
    anna.on_merge_request(PROJECT, requests[0]).merges().expect("merged");
    let before = stage.calls();
    assert_eq!(stage.syncs().await, saved(1, 1, 2));
    // On GitHub the pull requests that changed in the last half a minute are read alone as well.
    let most = if face == Face::Gitlab { 5 } else { 12 };
    assert!(stage.calls() - before <= most, "{} calls", stage.calls() - before);
    stage.is_as_the_forge_shows(&stage.subject(ItemKind::Issue, new)).await;
    stage.is_as_the_forge_shows(&stage.subject(ItemKind::Issue, issues[0])).await;
    let left = stage.mirrored().await;
    assert_eq!(left.len(), 999);
    assert!(!left.contains(&stage.subject(ItemKind::Issue, issues[1]).to_string()));
    // It comes back when somebody opens it again.
    anna.on_issue(PROJECT, issues[1]).reopens().expect("open again");
    assert_eq!(stage.syncs().await, saved(1, 0, 0));
    assert_eq!(stage.syncs().await, saved(0, 0, 0));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_reading_goes_on_where_it_was(#[case] face: Face) {
    let stage = Stage::on(face).await;
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
    let (anna, issues) = (stage.sim.person("anna"), stage.numbers(ItemKind::Issue));
    anna.on_issue(PROJECT, issues[0]).closes().expect("closed");
    anna.on_issue(PROJECT, issues[1]).renames("Another title").expect("renamed");
    stage.sim.clear_requests();
    let saved = stage.syncs().await;
    assert_eq!(saved.new, 2000 - had as u64);
    let calls = stage.sim.requests().latest;
    let from_the_start = calls.iter().filter(|call| {
        let list = call.path.contains("issues?") || call.path.contains("merge_requests?");
        let newest = call.path.contains("desc");
        list && !newest && !call.path.contains("since=") && !call.path.contains("updated_after=")
    });
    // Merge requests alone are new to it.
    assert_eq!(from_the_start.count(), 1, "it did not begin anew: {calls:#?}");
    let left = stage.mirrored().await;
    assert_eq!(left.len(), 1999);
    assert!(!left.contains(&stage.subject(ItemKind::Issue, issues[0]).to_string()));
    stage.is_as_the_forge_shows(&stage.subject(ItemKind::Issue, issues[1])).await;
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_that_changed_in_one_instant_are_neither_lost_nor_read_for_ever(#[case] face: Face) {
    let stage = Stage::on(face).await;
    stage.fill(800);
    let at = Utc::now() - TimeDelta::days(3);
    // A change of many at once: more than two pages, which begin in the middle of one.
    for iid in stage.numbers(ItemKind::Issue).into_iter().skip(50).take(300) {
        stage.sim.set_updated_at(PROJECT, ItemKind::Issue, iid, at).expect("it is there");
    }
    assert_eq!(stage.syncs().await, saved(800, 0, 0));
    assert_eq!(stage.syncs().await, saved(0, 0, 0));
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_reading_drops_what_is_not_there_any_more(#[case] face: Face) {
    let stage = Stage::on(face).await;
    stage.fill(120);
    stage.syncs().await;
    let fifth = stage.numbers(ItemKind::Issue)[4];
    stage.sim.removes_item(PROJECT, ItemKind::Issue, fifth).expect("it is there");
    assert_eq!(stage.syncs().await, saved(0, 0, 0), "nobody tells of what was deleted");
    let synced = stage.tries(true).await.expect("it syncs");
    assert_eq!(synced.items, saved(0, 0, 1));
    assert_eq!(stage.mirrored().await.len(), 119);
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_forge_may_limit_and_stumble(#[case] face: Face) {
    let stage = Stage::on(face).await;
    stage.fill(150);
    stage.sim.fails(Fault::new(FaultKind::TooManyRequests { retry_after: 1 }).times(1));
    let list = if face == Face::Gitlab { "/merge_requests" } else { "/pulls" };
    stage.sim.fails(Fault::new(FaultKind::CutBefore).at(list).times(1));
    let began = std::time::Instant::now();
    assert_eq!(stage.syncs().await, saved(150, 0, 0));
    assert!(began.elapsed() >= Duration::from_secs(1), "it waited as it was asked to");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_once_and_only_where_no_label_tells(#[case] face: Face) {
    let stage = Stage::on(face).await;
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
        let mirror = Mirror::open(&stage.path, stage.client.place()).await.expect("a mirror");
        let sync = Sync::new(
            stage.client.source(),
            &mirror,
            &Silent,
            Pace::new(1_000_000),
            Patience::default(),
        );
        let count = sync.files(PROJECT, &pack).await.expect("they are read");
        mirror.close().await;
        count
    };
    assert_eq!(files().await, 2);
    assert_eq!(files().await, 0, "they are known");
    anna.on_merge_request(PROJECT, plain).pushes(Vec::new()).expect("pushed");
    assert_eq!(files().await, 1, "the newest commit is another one");
    let mut reader = MirrorReader::open(&stage.path, None).await.expect("a mirror");
    let rows = reader.next().await.expect("it reads");
    let key = stage.subject(ItemKind::MergeRequest, marked).to_string();
    let row = rows.iter().find(|row| row.subject == key).expect("it is there");
    let changes = row.changes.as_deref().expect("they are known");
    assert!(changes.contains("app/models/integrations/jira.rb"), "{changes}");
}

/// The same path may stand on several forges, or on two of a kind, and a file may have them all.
#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_file_keeps_the_same_path_of_several_forges_apart(#[case] other: Face) {
    let (first, mut second) = (Stage::on(Face::Github).await, Stage::on(other).await);
    second.path.clone_from(&first.path);
    first.fill(5);
    second.fill(9);
    assert_eq!((first.syncs().await.new, second.syncs().await.new), (5, 9));
    // Dropped is only what the forge itself does not show any more.
    let again = first.tries(true).await.expect("it syncs").items;
    assert_eq!((again.new, again.gone), (0, 0));
    for (stage, items) in [(&first, 5), (&second, 9)] {
        let place = stage.client.place();
        let mut reader = MirrorReader::open(&stage.path, Some(&place)).await.expect("a mirror");
        assert_eq!(reader.forge(), Some(stage.client.kind()));
        assert_eq!(reader.count().await.expect("it reads"), items);
        assert_eq!(reader.projects().await.expect("it reads").len(), 1);
        assert_eq!(reader.next().await.expect("it reads").len() as u64, items);
    }
    let error = MirrorReader::open(&first.path, None).await.expect_err("which one?");
    assert!(error.to_string().contains("items of several forges (git"), "{error}");
}

#[rstest]
#[case::gitlab(Face::Gitlab)]
#[case::github(Face::Github)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_says_what_it_did(#[case] face: Face) {
    let gitlab = World::without_steward(SimSettings { face, ..SimSettings::default() }).await;
    gitlab.sim.fill(PROJECT, 30, &Offer::default()).expect("filled");
    let folder = gitlab.folder();
    let equipped = |arguments: &[&str]| {
        let mut command = steward(&folder, arguments);
        settings_of(&gitlab, &mut command);
        command
    };
    run(equipped(&["sync"])).await.exits_with(1).complains("set `projects` in [mirror]");
    run(equipped(&["sync", "no such"])).await.exits_with(1).complains("/project");
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
