//! Somebody lets Steward in, or shuts it out: what is remembered of it is forgotten, and what waited for it
//! is looked at again.

use std::sync::Arc;

use chrono::Utc;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use crate::{
    forge::{AccessChange, Forge},
    store::{Store, StoreError},
    sweeps::Sweeper,
};

/// So many changes may wait; people make them by hand.
pub(super) const WAITING: usize = 64;

/// Who acts on such changes.
pub(super) struct Watch {
    pub(super) changed: mpsc::Receiver<AccessChange>,
    pub(super) forge: Arc<dyn Forge>,
    pub(super) store: Store,
    pub(super) sweeper: Arc<Sweeper>,
}

impl Watch {
    /// Acts on changes until `stopped` becomes true.
    pub(super) async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        loop {
            let change = tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => return,
                change = self.changed.recv() => change,
            };
            let Some(change) = change else {
                // Nobody takes webhooks any more.
                let _ = stopped.wait_for(|stop| *stop).await;
                return;
            };
            self.forge.access_changed(&change);
            let AccessChange { owner, gained, .. } = &change;
            if !gained {
                warn!(owner, "Steward was shut out, wholly or from some projects");
                continue;
            }
            match self.bring_back(owner).await {
                Ok(tried) => info!(owner, tried, "Steward was let in, or may do something else"),
                Err(error) => warn!(owner, %error, "what was put aside could not be brought back"),
            }
            self.sweeper.look_again(owner);
        }
    }

    /// Tries again what was put aside: it may have been for want of this. Answers how many that are.
    async fn bring_back(&self, owner: &str) -> Result<usize, StoreError> {
        let mut tried = 0;
        for parked in self.store.parked().await? {
            let its = parked.subject.project.split('/').next().unwrap_or_default();
            let is_theirs = its.eq_ignore_ascii_case(owner);
            tried +=
                usize::from(is_theirs && self.store.unpark(&parked.subject, Utc::now()).await?);
        }
        Ok(tried)
    }
}
