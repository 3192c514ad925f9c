//! The policies in force, shared by all who decide.

use std::sync::{Arc, PoisonError, RwLock};

use super::Pack;

/// The policies in force. Cheap to clone; all clones are the same. New ones replace them as a
/// whole, and whoever decides takes them once for each decision.
#[derive(Debug, Clone)]
pub struct Current(Arc<RwLock<Arc<Pack>>>);

impl Current {
    /// These policies, until others come.
    pub fn new(pack: Pack) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(pack))))
    }

    /// The policies in force now.
    pub fn get(&self) -> Arc<Pack> {
        // A panic elsewhere cannot leave half a pack behind.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts others in force, for all decisions from now on.
    pub fn replace(&self, pack: Pack) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pack);
    }
}
