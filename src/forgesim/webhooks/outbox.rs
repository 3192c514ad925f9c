//! Queues and records of webhook deliveries.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use serde::Serialize;
use tokio::{
    runtime::Handle,
    sync::{mpsc, watch},
};
use uuid::Uuid;

use crate::forgesim::{
    Face,
    error::SimError,
    settings::SimSettings,
    webhooks::{
        HookView, courier,
        hook::{Hook, HookSettings, Topic},
    },
    world::{clock::Clock, types::Time},
};

/// In a hook's place for its project: it is an App's.
pub(crate) const NO_PROJECT: u64 = 0;

/// How a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still queued or under way.
    Pending,
    /// The receiver answered with this HTTP status.
    Answered(u16),
    /// No answer came; the text says why.
    Failed(String),
}

impl Outcome {
    /// Whether GitLab counts this as a success: redirects do, errors do not
    /// (`WebHookService#response_category`).
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Answered(status) if (200..400).contains(status))
    }
}

/// One webhook request, as sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Number of this delivery; a resend is a delivery of its own.
    pub id: u64,
    /// The hook it belongs to.
    pub hook: u64,
    /// Value of `X-Gitlab-Event`.
    pub event: &'static str,
    /// Value of `Idempotency-Key` (and `webhook-id`); a resend keeps it.
    pub idempotency_key: Uuid,
    /// Value of `X-Gitlab-Event-UUID`.
    pub event_uuid: Uuid,
    /// The JSON payload.
    pub body: Bytes,
    /// When it was sent, by the simulated clock.
    pub at: Time,
    /// Whether somebody asked for it to be sent again.
    pub again: bool,
    /// How it ended.
    pub outcome: Outcome,
}

/// A delivery on its way to a courier.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) delivery: u64,
    pub(crate) hook: u64,
    pub(crate) event: &'static str,
    pub(crate) idempotency_key: Uuid,
    pub(crate) event_uuid: Uuid,
    pub(crate) body: Bytes,
    /// Whether the hook is an App's, and no project's.
    pub(crate) of_app: bool,
    pub(crate) url: Arc<str>,
    pub(crate) secret_token: Option<Arc<str>>,
    pub(crate) signing_token: Option<Arc<str>>,
}

/// All hooks of a simulation with what was sent to them.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    records: Mutex<Records>,
    pending: watch::Sender<usize>,
    pub(crate) client: reqwest::Client,
    pub(crate) instance: String,
    pub(crate) face: Face,
    clock: Clock,
    runtime: Handle,
    concurrency: usize,
    kept: usize,
}

#[derive(Debug, Default)]
struct Records {
    hooks: BTreeMap<u64, Hook>,
    last_hook: u64,
    /// Without gaps: a delivery is found by its distance from the first.
    deliveries: VecDeque<Delivery>,
    last_delivery: u64,
}

impl Records {
    fn delivery_mut(&mut self, id: u64) -> Option<&mut Delivery> {
        let first = self.deliveries.front()?.id;
        let at = usize::try_from(id.checked_sub(first)?).ok()?;
        self.deliveries.get_mut(at)
    }
}

impl Outbox {
    /// Must be called inside a tokio runtime, which then runs the couriers.
    pub(crate) fn new(
        settings: &SimSettings,
        instance: String,
        clock: Clock,
    ) -> Result<Self, SimError> {
        let client = reqwest::Client::builder()
            .timeout(settings.hook_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(30))
            .no_proxy()
            .build()?;
        Ok(Self {
            inner: Arc::new(Inner {
                records: Mutex::default(),
                pending: watch::Sender::new(0),
                client,
                instance,
                face: settings.face,
                clock,
                runtime: Handle::current(),
                concurrency: settings.hook_concurrency.max(1),
                kept: settings.deliveries_kept.max(1),
            }),
        })
    }

    pub(crate) fn add_hook(&self, project: u64, settings: HookSettings) -> u64 {
        let (queue, parcels) = mpsc::unbounded_channel();
        let mut records = self.inner.records();
        records.last_hook += 1;
        let id = records.last_hook;
        records.hooks.insert(
            id,
            Hook {
                id,
                project,
                settings,
                created_at: self.inner.clock.now(),
                failures: 0,
                pauses: self.inner.face == Face::Gitlab,
                disabled_until: None,
                queue,
            },
        );
        drop(records);
        let inner = Arc::downgrade(&self.inner);
        self.inner.runtime.spawn(courier::run(inner, parcels, self.inner.concurrency));
        id
    }

    /// Removes a hook; what is queued for it is still delivered.
    pub(crate) fn remove_hook(&self, id: u64) -> bool {
        self.inner.records().hooks.remove(&id).is_some()
    }

    /// Looks at hooks by id, with the time by which to judge whether they are paused.
    pub(crate) fn read_hooks<T>(
        &self,
        ids: &[u64],
        mut read: impl FnMut(&Hook, Time) -> T,
    ) -> Vec<T> {
        let now = self.inner.clock.now();
        let records = self.inner.records();
        ids.iter().filter_map(|id| records.hooks.get(id)).map(|hook| read(hook, now)).collect()
    }

    pub(crate) fn hook(&self, id: u64) -> Option<HookView> {
        let view = |hook: &Hook, now| HookView {
            id: hook.id,
            url: hook.settings.url.clone(),
            failures: hook.failures,
            executable: hook.is_executable(now),
        };
        self.read_hooks(&[id], view).pop()
    }

    /// Queues an event for each of the hooks that wants it and is not paused.
    /// The payload is only written when somebody wants it.
    pub(crate) fn post(&self, hooks: &[u64], topic: Topic, payload: impl FnOnce() -> Bytes) {
        let now = self.inner.clock.now();
        let mut records = self.inner.records();
        let wants = |id: &&u64| {
            let hook = records.hooks.get(id);
            hook.is_some_and(|hook| hook.settings.wants(topic) && hook.is_executable(now))
        };
        let receivers: Vec<u64> = hooks.iter().filter(wants).copied().collect();
        if receivers.is_empty() {
            return;
        }
        let (body, event_uuid) = (payload(), Uuid::new_v4());
        for hook in receivers {
            // GitHub's is the same for all webhooks that are told of an event.
            let idempotency_key = match self.inner.face {
                Face::Gitlab => Uuid::new_v4(),
                Face::Github => event_uuid,
            };
            self.queue(
                &mut records,
                Delivery {
                    id: 0,
                    hook,
                    event: topic.header(self.inner.face),
                    idempotency_key,
                    event_uuid,
                    body: body.clone(),
                    at: now,
                    again: false,
                    outcome: Outcome::Pending,
                },
            );
        }
    }

    /// Sends a delivery once more, with the same key. Also reaches a paused hook, as
    /// in GitLab, and wakes it up when the receiver takes it.
    pub(crate) fn resend(&self, id: u64) -> Result<u64, SimError> {
        let mut records = self.inner.records();
        let mut again = records.delivery_mut(id).cloned().ok_or(SimError::NoDelivery(id))?;
        let hook = again.hook;
        (again.outcome, again.again, again.at) = (Outcome::Pending, true, self.inner.clock.now());
        self.queue(&mut records, again).ok_or(SimError::NoHook(hook))
    }

    fn queue(&self, records: &mut Records, mut delivery: Delivery) -> Option<u64> {
        let id = records.last_delivery + 1;
        let hook = records.hooks.get(&delivery.hook)?;
        let settings = &hook.settings;
        let parcel = Parcel {
            delivery: id,
            hook: delivery.hook,
            event: delivery.event,
            idempotency_key: delivery.idempotency_key,
            event_uuid: delivery.event_uuid,
            body: delivery.body.clone(),
            of_app: hook.project == NO_PROJECT,
            url: settings.url.as_str().into(),
            secret_token: settings.secret_token.as_deref().map(Into::into),
            signing_token: settings.signing_token.as_deref().map(Into::into),
        };
        self.inner.pending.send_modify(|pending| *pending += 1);
        if hook.queue.send(parcel).is_err() {
            // The runtime is shutting down and took the courier with it.
            self.inner.pending.send_modify(|pending| *pending -= 1);
            return None;
        }
        delivery.id = id;
        records.last_delivery = id;
        if records.deliveries.len() == self.inner.kept {
            records.deliveries.pop_front();
        }
        records.deliveries.push_back(delivery);
        Some(id)
    }

    /// Waits until nothing is queued or under way.
    pub(crate) async fn settle(&self) {
        let mut pending = self.inner.pending.subscribe();
        // An error would mean that the sender is gone, and with it every delivery.
        pending.wait_for(|pending| *pending == 0).await.ok();
    }

    /// The deliveries that are still remembered, oldest first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.inner.records().deliveries.iter().cloned().collect()
    }
}

impl Inner {
    fn records(&self) -> MutexGuard<'_, Records> {
        // Nothing panics while holding the lock; were it to, the records stay usable.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how a delivery ended.
    pub(crate) fn finish(&self, delivery: u64, hook: u64, outcome: Outcome) {
        let now = self.clock.now();
        let success = outcome.is_success();
        let mut records = self.records();
        // A delivery may have been forgotten meanwhile; its hook still learns.
        if let Some(delivery) = records.delivery_mut(delivery) {
            delivery.outcome = outcome;
        }
        if let Some(hook) = records.hooks.get_mut(&hook) {
            hook.record(success, now);
        }
        drop(records);
        self.pending.send_modify(|pending| *pending -= 1);
    }
}
