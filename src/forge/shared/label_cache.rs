//! Which labels exist. The forges create an unknown label silently when it is set on an item, so
//! every label is looked up before; the answers are remembered, since few labels are asked for
//! again and again.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use crate::{forge::ForgeError, model::LabelName};

/// Some megabytes at most. A catalog has a few hundred labels; this only bounds the harm of a
/// policy that makes up names from what users type.
const MOST_ENTRIES: usize = 10_000;

/// What a lookup answers: the label in the forge's spelling, or that there is none.
pub(in crate::forge) type Found = Result<Option<LabelName>, ForgeError>;
type Lookup = Shared<BoxFuture<'static, Found>>;
/// Project and name in lower case.
type Key = (String, String);

/// What is known of labels. Concurrent questions for one label share one lookup; failures are
/// shared with those who wait and are not remembered.
#[derive(Clone)]
pub(in crate::forge) struct LabelCache {
    inner: Arc<Inner>,
}

struct Inner {
    found_for: Duration,
    missing_for: Duration,
    entries: Mutex<HashMap<Key, Entry>>,
}

enum Entry {
    Known { label: Option<LabelName>, until: Instant },
    // Weak, so that a lookup ends when nobody waits for it any more.
    Asking(WeakShared<BoxFuture<'static, Found>>),
}

impl LabelCache {
    pub(in crate::forge) fn new(found_for: Duration, missing_for: Duration) -> Self {
        let entries = Mutex::default();
        Self { inner: Arc::new(Inner { found_for, missing_for, entries }) }
    }

    /// The label in the forge's spelling, remembered or else by the given lookup.
    pub(in crate::forge) async fn get<F>(
        &self,
        project: &str,
        name: &LabelName,
        lookup: impl FnOnce() -> F,
    ) -> Found
    where
        F: Future<Output = Found> + Send + 'static,
    {
        let key = (project.to_owned(), name.as_str().to_lowercase());
        let asking: Lookup = {
            let mut entries = self.inner.entries();
            let now = Instant::now();
            let asking = match entries.get(&key) {
                Some(Entry::Known { label, until }) if *until > now => return Ok(label.clone()),
                Some(Entry::Asking(weak)) => weak.upgrade(),
                _ => None,
            };
            match asking {
                Some(asking) => asking,
                None => {
                    let asking = self.ask(key.clone(), lookup());
                    make_room(&mut entries, now);
                    if let Some(weak) = asking.downgrade() {
                        entries.insert(key, Entry::Asking(weak));
                    }
                    asking
                }
            }
        };
        asking.await
    }

    fn ask(&self, key: Key, lookup: impl Future<Output = Found> + Send + 'static) -> Lookup {
        let inner = Arc::clone(&self.inner);
        async move {
            let found = lookup.await;
            let mut entries = inner.entries();
            match &found {
                Ok(label) => {
                    let ttl = if label.is_some() { inner.found_for } else { inner.missing_for };
                    let entry = Entry::Known { label: label.clone(), until: Instant::now() + ttl };
                    entries.insert(key, entry);
                }
                Err(_) => {
                    entries.remove(&key);
                }
            }
            drop(entries);
            found
        }
        .boxed()
        .shared()
    }
}

impl Inner {
    fn entries(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is out of date, and everything when that is not enough: a lookup costs little.
fn make_room(entries: &mut HashMap<Key, Entry>, now: Instant) {
    if entries.len() < MOST_ENTRIES {
        return;
    }
    entries.retain(|_, entry| match entry {
        Entry::Known { until, .. } => *until > now,
        Entry::Asking(weak) => weak.upgrade().is_some(),
    });
    if entries.len() >= MOST_ENTRIES {
        entries.retain(|_, entry| matches!(entry, Entry::Asking(_)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn broken() -> ForgeError {
        ForgeError::Broken { request: "GET x".into(), message: "cut".into(), status: None }
    }

    #[tokio::test]
    async fn concurrent_questions_share_one_lookup_and_its_failure() {
        let cache = LabelCache::new(Duration::from_secs(60), Duration::from_secs(60));
        let calls = Arc::new(AtomicUsize::new(0));
        for (answer, expected) in [(Err(broken()), 1), (Ok(Some("Bug".into())), 2)] {
            let all = (0..50).map(|i| {
                let (cache, calls, answer) = (cache.clone(), calls.clone(), answer.clone());
                async move {
                    let name = LabelName::from(if i % 2 == 0 { "bug" } else { "BUG" });
                    cache
                        .get("a/b", &name, || async move {
                            calls.fetch_add(1, Ordering::SeqCst);
                            tokio::time::sleep(Duration::from_millis(20)).await;
                            answer
                        })
                        .await
                }
            });
            let answers = futures::future::join_all(all).await;
            assert!(answers.iter().all(|given| given.is_ok() == answer.is_ok()));
            assert_eq!(calls.load(Ordering::SeqCst), expected, "one call for all");
        }
        let known = cache.get("a/b", &"bUg".into(), || async { Err(broken()) }).await;
        assert_eq!(known.expect("remembered"), Some("Bug".into()));
        cache
            .get("a/c", &"bug".into(), || async { Err(broken()) })
            .await
            .expect_err("other project");
    }

    #[tokio::test]
    async fn missing_labels_are_forgotten_sooner() {
        let cache = LabelCache::new(Duration::from_secs(60), Duration::ZERO);
        let none = cache.get("a/b", &"x".into(), || async { Ok(None) }).await;
        assert_eq!(none.expect("asked"), None);
        let now = cache.get("a/b", &"x".into(), || async { Ok(Some("x".into())) }).await;
        assert_eq!(now.expect("asked again"), Some("x".into()));
    }

    #[tokio::test]
    async fn a_lookup_that_nobody_waits_for_does_not_block_the_next() {
        let cache = LabelCache::new(Duration::from_secs(60), Duration::from_secs(60));
        let name = LabelName::from("x");
        let given_up = cache.get("a/b", &name, std::future::pending);
        tokio::time::timeout(Duration::from_millis(5), given_up).await.expect_err("pending");
        let answer = cache.get("a/b", &name, || async { Ok(Some("x".into())) });
        let answer = tokio::time::timeout(Duration::from_secs(5), answer).await.expect("in time");
        assert_eq!(answer.expect("asked"), Some("x".into()));
    }

    #[tokio::test]
    async fn the_memory_is_bounded() {
        let cache = LabelCache::new(Duration::from_secs(60), Duration::from_secs(60));
        for i in 0..MOST_ENTRIES + 10 {
            let name = LabelName::new(format!("l{i}"));
            cache.get("a/b", &name, || async { Ok(None) }).await.expect("asked");
        }
        assert!(cache.inner.entries().len() <= MOST_ENTRIES);
    }
}
