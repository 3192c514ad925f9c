//! What stories cannot see: turns, errors of the forge, and who holds a run.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use super::{Sweeper, SweeperSettings};
use crate::{
    forge::{Deliveries, ForgeError, ListAsk, ListPage, Listing},
    model::{ForgeKind, LabelName, Person, Snapshot, State, Subject, SubjectKind},
    pack::{Current, Pack},
    policy::{Origin, PolicySource, SourceFile},
    queue::Backoff,
    store::{Store, StoreOptions, SweepRun, SweepState},
};

/// A forge with so many open issues in each project, which answers its first asks with errors.
#[derive(Default)]
struct Lists {
    issues: u64,
    errors: Mutex<Vec<ForgeError>>,
    asked: AtomicUsize,
}

impl Deliveries for Lists {}

#[async_trait]
impl Listing for Lists {
    fn subject_at(&self, _url: &str) -> Option<Subject> {
        None
    }

    async fn page(&self, ask: &ListAsk) -> Result<ListPage, ForgeError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = self.errors.lock().expect("errors").pop() {
            return Err(error);
        }
        if ask.project == "example/gone" {
            let (request, message) = ("GET example/gone".to_owned(), String::new());
            return Err(ForgeError::NotFound { request, message });
        }
        let issues = if ask.kind == SubjectKind::Issue { self.issues } else { 0 };
        let items: Vec<_> = (1..=issues).map(|number| issue(&ask.project, number)).collect();
        let newest = items.iter().map(|item| item.updated_at).max();
        Ok(ListPage { items, newest, next: None, total: None })
    }

    async fn last_change(
        &self,
        _: &str,
        _: SubjectKind,
    ) -> Result<Option<DateTime<Utc>>, ForgeError> {
        Ok(None)
    }

    async fn labels(&self, _: &str) -> Result<Vec<LabelName>, ForgeError> {
        Ok(Vec::new())
    }

    fn calls(&self) -> u64 {
        0
    }
}

fn issue(project: &str, number: u64) -> Snapshot {
    Snapshot {
        subject: Subject::gitlab_issue(project, number),
        url: String::new(),
        title: String::new(),
        description: String::new(),
        state: State::Open,
        draft: false,
        author: Person { id: 1, username: "anna".into(), name: "Anna".into() },
        labels: vec!["Integration::Jira".into()],
        milestone: None,
        created_at: noted_at(),
        updated_at: noted_at(),
        head: None,
        assignees: Vec::new(),
        reviewers: None,
        votes: Some(crate::model::Votes::default()),
        weight: None,
        confidential: false,
        facets: crate::model::Facets::default(),
    }
}

fn noted_at() -> DateTime<Utc> {
    "2027-03-01T12:00:00Z".parse().expect("a time")
}

/// A store in which the schedule has counted for long, and a sweeper that looks at it a day later.
struct Stage {
    _folder: tempfile::TempDir,
    store: Store,
    forge: Arc<Lists>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Stage {
    async fn with(forge: Lists, projects: &[&str], per_minute: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("steward.db");
        let store = Store::open(&path, StoreOptions::default()).await.expect("a store");
        let mut source = PolicySource::built_in();
        let text = format!(
            "schedules:\n  nightly:\n    cron: 0 2 * * *\n    zone: Etc/UTC\n    do: {{ reconcile: \
             {{}} }}\n    limits: {{ per_minute: {per_minute} }}\n"
        );
        source.insert(SourceFile::new("schedules.yml", Origin::BuiltIn, text));
        let pack = Pack::load(&source).unwrap_or_else(|errors| panic!("{errors}"));
        let timetable = pack.schedules.get("nightly").expect("there").schedule.to_string();
        store.note_schedule("nightly", &timetable, noted_at()).await.expect("noted");
        let forge = Arc::new(forge);
        let settings = SweeperSettings {
            forge: ForgeKind::Gitlab,
            dry_run: false,
            projects: projects.iter().map(|&project| project.to_owned()).collect(),
            calls_per_minute: 6000,
            lease: Duration::from_secs(60),
            look_every: Duration::from_millis(20),
            backoff: Backoff { first: Duration::ZERO, ..Backoff::default() },
            max_attempts: 3,
        };
        let sweeper = Sweeper::new(
            store.clone(),
            Arc::clone(&forge) as _,
            Current::new(pack),
            settings,
            Arc::new(|| noted_at() + TimeDelta::days(1)),
        );
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(Arc::new(sweeper).run(stopped));
        Self { _folder: folder, store, forge, stop, task }
    }

    async fn last(&self) -> SweepRun {
        self.store.last_sweeps().await.expect("an answer").remove(0)
    }

    async fn ends(&self) -> SweepRun {
        self.until(|run| matches!(run.state, SweepState::Done | SweepState::Failed)).await
    }

    async fn until(&self, holds: impl Fn(&SweepRun) -> bool) -> SweepRun {
        for _ in 0..2000 {
            let last = self.last().await;
            if holds(&last) {
                return last;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("not so: {:?}", self.last().await);
    }

    async fn ready(&self) -> u64 {
        self.store.stats(Utc::now()).await.expect("stats").ready
    }
}

#[tokio::test]
async fn items_come_in_parts_and_wait_for_what_is_there() {
    let stage = Stage::with(Lists { issues: 5, ..Lists::default() }, &["a/b"], 60).await;
    let mut claimed = 0;
    while claimed < 5 {
        stage.until(|run| run.queued > claimed).await;
        // Somebody comments: that waits behind two at the most.
        assert!(stage.ready().await <= 2, "{}", stage.ready().await);
        let claims = stage.store.claim(10, Duration::from_secs(60), Utc::now()).await;
        claimed += claims.expect("claims").len() as u64;
    }
    let run = stage.ends().await;
    assert_eq!((run.state, run.found, run.queued, run.attempts), (SweepState::Done, 5, 5, 1));
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_does_not_is_told() {
    let broken = |status| ForgeError::Broken {
        request: "GET".into(),
        message: "cut".into(),
        status: Some(status),
    };
    let waits =
        ForgeError::RateLimited { request: "GET".into(), retry_after: Duration::from_secs(1) };
    let errors = Mutex::new(vec![waits, broken(502)]);
    let stage = Stage::with(Lists { issues: 1, errors, ..Lists::default() }, &["a/b"], 6000).await;
    let run = stage.ends().await;
    assert_eq!((run.state, run.queued, run.attempts), (SweepState::Done, 1, 2), "{run:?}");

    // Always: it is given up.
    let errors = Mutex::new((0..3).map(|_| broken(500)).collect());
    let stage = Stage::with(Lists { issues: 1, errors, ..Lists::default() }, &["a/b"], 6000).await;
    let run = stage.ends().await;
    assert_eq!((run.state, run.attempts), (SweepState::Failed, 3));
    assert!(run.error.expect("an error").contains("cut"));
    assert_eq!(stage.forge.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_project_that_is_gone_keeps_no_other_from_being_looked_at() {
    let lists = Lists { issues: 2, ..Lists::default() };
    let stage = Stage::with(lists, &["example/gone", "a/b"], 6000).await;
    let run = stage.ends().await;
    assert_eq!((run.state, run.found, run.queued), (SweepState::Failed, 2, 2));
    assert!(run.error.expect("an error").contains("GET example/gone: not found"));

    let stage = Stage::with(Lists::default(), &[], 6000).await;
    let run = stage.ends().await;
    assert!(run.error.expect("an error").contains("set `projects` of the forge"));
}

#[tokio::test]
async fn a_run_that_is_told_to_end_is_left_to_the_next() {
    let stage = Stage::with(Lists { issues: 5, ..Lists::default() }, &["a/b"], 60).await;
    stage.until(|run| run.queued > 0).await;
    stage.stop.send(true).expect("it runs");
    stage.task.await.expect("it ends");
    let run = stage.store.last_sweeps().await.expect("an answer").remove(0);
    assert_eq!((run.state, run.attempts), (SweepState::Waiting, 1));
    assert_eq!(run.error.as_deref(), Some("Steward was stopped"));
}
