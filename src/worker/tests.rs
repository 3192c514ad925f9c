//! What stories cannot see: work that stops because its lease is gone, or the forge asked to wait.

mod fields;
mod files;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{TimeDelta, Utc};
use tokio::sync::watch;

use super::{Identity, Sources, Worker, WorkerSettings, reading};
use crate::{
    app::load_pack,
    forge::{CommitStatus, Forge, ForgeError, ItemChange, ReviewAsk, ReviewsRefused},
    model::{Facet, FacetValue, ForgeKind, LabelName, Ledger, Person, Snapshot, Subject},
    pack::Current,
    queue::RetryPolicy,
    removals::Code,
    settings::Settings,
    store::{Delivery, Disposition, Store, StoreOptions},
};

/// A forge whose items never answer. Counts who reads at the moment, and who ever did.
#[derive(Debug, Default)]
struct Silent {
    reading: AtomicUsize,
    read: AtomicUsize,
}

struct Leaves<'a>(&'a AtomicUsize);

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Forge for Silent {
    async fn me(&self) -> Result<Person, ForgeError> {
        Ok(Person { id: 1, username: "bot".into(), name: "Bot".into() })
    }

    async fn read(&self, _: &Subject) -> Result<Snapshot, ForgeError> {
        self.read.fetch_add(1, Ordering::SeqCst);
        self.reading.fetch_add(1, Ordering::SeqCst);
        let _leaves = Leaves(&self.reading);
        std::future::pending().await
    }

    async fn read_facet(&self, _: &Snapshot, _: &Facet) -> Result<FacetValue, ForgeError> {
        self.reading.fetch_add(1, Ordering::SeqCst);
        let _leaves = Leaves(&self.reading);
        std::future::pending().await
    }

    async fn change_labels(
        &self,
        _: &Subject,
        _: &[LabelName],
        _: &[LabelName],
    ) -> Result<(), ForgeError> {
        std::future::pending().await
    }

    async fn change_item(&self, _: &Subject, _: &ItemChange) -> Result<(), ForgeError> {
        std::future::pending().await
    }

    async fn request_review(
        &self,
        _: &Subject,
        _: &ReviewAsk,
    ) -> Result<ReviewsRefused, ForgeError> {
        std::future::pending().await
    }

    async fn set_status(&self, _: &Subject, _: &CommitStatus) -> Result<(), ForgeError> {
        std::future::pending().await
    }

    async fn post_comment(&self, _: &Subject, _: &str) -> Result<u64, ForgeError> {
        std::future::pending().await
    }

    async fn edit_comment(&self, _: &Subject, _: u64, _: &str) -> Result<(), ForgeError> {
        std::future::pending().await
    }

    async fn delete_comment(&self, _: &Subject, _: u64) -> Result<(), ForgeError> {
        std::future::pending().await
    }

    async fn react(&self, _: &Subject, _: u64, _: &str) -> Result<(), ForgeError> {
        std::future::pending().await
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not so: {what}");
}

#[tokio::test]
async fn work_stops_when_its_lease_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("steward.db");
    let store = Store::open(&path, StoreOptions::default()).await.expect("a store");
    let subject = Subject::gitlab_issue("group/project", 1);
    let delivery = Delivery {
        forge: ForgeKind::Gitlab,
        key: "a".into(),
        event: "Issue Hook".into(),
        subject: Some(subject.clone()),
        actor: None,
        disposition: Disposition::Queued,
        body: Bytes::new(),
        received_at: Utc::now(),
        asking: None,
    };
    store.accept(delivery).await.expect("kept");
    let forge = Arc::new(Silent::default());
    let pack = Current::new(load_pack(&Settings::default()).expect("a pack"));
    let settings = WorkerSettings {
        dry_run: false,
        concurrency: 2,
        lease: Duration::from_millis(600),
        settle: Duration::ZERO,
        retry: RetryPolicy::default(),
    };
    let identity = Arc::new(Identity::default());
    let asked = Arc::clone(&forge) as _;
    let worker = Worker::new(store.clone(), asked, pack, identity, Code::default(), settings);
    let (_stop, stopped) = watch::channel(false);
    let task = tokio::spawn(Arc::new(worker).run(stopped));
    until("it is being read", || forge.reading.load(Ordering::SeqCst) == 1).await;

    // Somebody whose clock is ahead takes the lease for expired.
    let later = Utc::now() + TimeDelta::hours(1);
    let heir = store.claim(1, Duration::from_secs(600), later).await.expect("claims");
    assert_eq!(heir.len(), 1);
    until("nobody reads it any more", || forge.reading.load(Ordering::SeqCst) == 0).await;
    assert_eq!(forge.read.load(Ordering::SeqCst), 1, "and nobody begins again");
    task.abort();
}

#[tokio::test]
async fn nothing_is_read_once_the_forge_has_asked_to_wait() {
    let forge = Silent::default();
    let pack = Arc::new(load_pack(&Settings::default()).expect("a pack"));
    let sources = Sources { forge: &forge, beside: None };
    let subject = Subject::gitlab_issue("group/project", 1);
    let wait = Duration::from_secs(7);
    let ledger = Ledger::default();
    let stopped = reading::decide_unless(sources, &pack, &subject, &ledger, &[], || Some(wait))
        .await
        .map(|_| ());
    assert!(
        matches!(stopped, Err(reading::ReadingError::Paused(left)) if left == wait),
        "{stopped:?}"
    );
    assert_eq!(forge.read.load(Ordering::SeqCst), 0);
}
