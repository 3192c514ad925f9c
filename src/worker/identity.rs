//! Steward's own account, as far as it is known yet.

use std::sync::OnceLock;

/// Steward's own account. Serve starts while the forge is down, so it may become known later.
#[derive(Debug, Default)]
pub struct Identity {
    id: OnceLock<u64>,
}

impl Identity {
    /// Remembers the account.
    pub fn learn(&self, id: u64) {
        // The account of a token never changes: a second answer is the same.
        let _ = self.id.set(id);
    }

    /// Whether the forge has told who Steward is.
    pub fn is_known(&self) -> bool {
        self.id.get().is_some()
    }

    /// Whether an account is Steward's own. No, while that is not known: then its echo makes
    /// work that finds nothing to do.
    pub fn is_me(&self, id: u64) -> bool {
        self.id.get() == Some(&id)
    }
}
