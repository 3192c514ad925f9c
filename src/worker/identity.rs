//! Steward's own account, as far as it is known yet.

use std::sync::OnceLock;

use crate::model::Person;

/// Steward's own account. Serve starts while the forge is down, so it may become known later.
#[derive(Debug, Default)]
pub struct Identity {
    me: OnceLock<Person>,
}

impl Identity {
    /// Remembers the account.
    pub fn learn(&self, me: Person) {
        // The account of a token never changes: a second answer is the same.
        let _ = self.me.set(me);
    }

    /// Whether the forge has told who Steward is.
    pub fn is_known(&self) -> bool {
        self.me.get().is_some()
    }

    /// Whether an account is Steward's own. No, while that is not known: then its echo makes
    /// work that finds nothing to do.
    pub fn is_me(&self, id: u64) -> bool {
        self.me.get().is_some_and(|me| me.id == id)
    }

    /// The handle by which people address Steward, once it is known.
    pub fn handle(&self) -> Option<&str> {
        self.me.get().map(Person::handle)
    }
}
