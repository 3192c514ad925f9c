//! A running simulation.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, Uri};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::forgesim::{
    Delivery, Fault, HookView, Mention, Requests,
    api::{self, CuttableListener, Wire},
    error::SimError,
    faults::Faults,
    requests::{Budget, RecordedRequest, Recorder},
    settings::{Face, SimSettings},
    transcript::Transcript,
    webhooks::Outbox,
    world::{World, clock::Clock},
    writes::{WriteTotals, Writes},
};

/// A simulated GitLab, listening until the last clone of this handle is dropped.
///
/// See the [module](crate::forgesim) for what it simulates and how to set it up.
#[derive(Clone)]
pub struct Sim {
    pub(crate) shared: Arc<Shared>,
    _server: Arc<Server>,
}

/// The part of a simulation that its HTTP handlers share with its handles.
pub(crate) struct Shared {
    pub(crate) settings: SimSettings,
    pub(crate) url: String,
    world: Mutex<World>,
    pub(crate) outbox: Outbox,
    pub(crate) faults: Faults,
    recorder: Mutex<Recorder>,
    pub(crate) transcript: Option<Transcript>,
    pub(crate) writes: Writes,
    pub(crate) budget: Budget,
    latency_micros: AtomicU64,
}

/// Ends the server task with the last handle.
struct Server {
    /// Told that no further request shall be taken.
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.task.abort();
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("url", &self.shared.url).finish_non_exhaustive()
    }
}

impl Sim {
    /// Starts an empty GitLab. Must be called inside a tokio runtime.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, or the transcript cannot be begun.
    pub async fn start(settings: SimSettings) -> Result<Self, SimError> {
        let address = settings.listen.to_string();
        let failed = |source| SimError::Listen { address: address.clone(), source };
        let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        let clock = settings.start_time.map_or_else(Clock::default, Clock::starting_at);
        let transcript = match (&settings.transcripts, settings.face) {
            (Some(folder), Face::Github) => {
                let begun = Transcript::in_folder(folder);
                let folder = folder.display().to_string();
                Some(begun.map_err(|source| SimError::Transcript { folder, source })?)
            }
            _ => None,
        };
        let outbox = Outbox::new(&settings, url.clone(), clock.clone())?;
        let shared = Arc::new(Shared {
            world: Mutex::new(World::new(settings.face, url.clone(), clock, outbox.clone())),
            url,
            outbox,
            faults: Faults::default(),
            recorder: Mutex::default(),
            transcript,
            writes: Writes::default(),
            budget: Budget::new(settings.rate_limit),
            latency_micros: AtomicU64::default(),
            settings,
        });
        shared.set_latency(shared.settings.latency);

        let (stop, mut stopped) = watch::channel(false);
        let router = api::router(Arc::clone(&shared));
        let serve = axum::serve(
            CuttableListener(listener),
            router.into_make_service_with_connect_info::<Wire>(),
        );
        let serve = serve.with_graceful_shutdown(async move {
            // An error means that the handles are gone without a word.
            stopped.wait_for(|stopped| *stopped).await.ok();
        });
        let task = tokio::spawn(async move {
            if let Err(error) = serve.await {
                tracing::error!(%error, "the simulated GitLab stopped serving");
            }
        });
        Ok(Self { shared, _server: Arc::new(Server { stop, task }) })
    }

    /// The address of this GitLab, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The simulated time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.world().now()
    }

    /// Lets simulated time pass at once.
    pub fn advance(&self, by: TimeDelta) {
        self.shared.world().clock.advance(by);
    }

    /// Waits until every webhook delivery that was queued has been answered or failed.
    pub async fn settle(&self) {
        self.shared.outbox.settle().await;
    }

    /// The webhook deliveries that are still remembered, oldest first.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.outbox.deliveries()
    }

    /// Sends a delivery again with the same `Idempotency-Key`, as a person can in
    /// GitLab's list of recent events. Returns the number of the new delivery.
    ///
    /// # Errors
    ///
    /// When the delivery or its hook is gone.
    pub fn resend(&self, delivery: u64) -> Result<u64, SimError> {
        self.shared.outbox.resend(delivery)
    }

    /// A hook's record; nothing when there is no such hook.
    pub fn hook(&self, id: u64) -> Option<HookView> {
        self.shared.outbox.hook(id)
    }

    /// Lets something go wrong from now on.
    pub fn fails(&self, fault: Fault) {
        self.shared.faults.add(fault);
    }

    /// Lets nothing go wrong any more.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Delays each API answer from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.set_latency(latency);
    }

    /// The API requests since the last clearing.
    pub fn requests(&self) -> Requests {
        self.shared.recorder().read()
    }

    /// What was written to items over the API so far.
    pub fn write_totals(&self) -> WriteTotals {
        self.shared.writes.totals()
    }

    /// Forgets the recorded API requests.
    pub fn clear_requests(&self) {
        self.shared.recorder().clear();
    }

    /// Who was mentioned, oldest first. An edited text notifies only the newly mentioned.
    pub fn notified(&self) -> Vec<Mention> {
        self.shared.world().mentions.iter().cloned().collect()
    }
}

impl Shared {
    /// The world, locked.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic while changing the world would be a bug of ours; what it leaves is
        // still a world, and more useful to look at than a second panic.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn latency(&self) -> Duration {
        Duration::from_micros(self.latency_micros.load(Ordering::Relaxed))
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latency_micros.store(micros, Ordering::Relaxed);
    }

    /// Notes an API request and how it was answered.
    pub(crate) fn record(
        &self,
        method: &Method,
        uri: &Uri,
        route: Option<&str>,
        status: u16,
        user: Option<u64>,
    ) {
        let user = user.and_then(|id| Some(self.world().users.get(&id)?.username.clone()));
        let request = RecordedRequest {
            method: method.to_string(),
            path: uri.path_and_query().map_or_else(String::new, ToString::to_string),
            route: route.unwrap_or("unknown").to_owned(),
            status,
            user,
        };
        self.recorder().add(request, self.settings.requests_kept);
    }
}
