//! People and bots, by immutable id.

use serde::{Deserialize, Serialize};

/// Somebody with an account on the forge. Usernames change; the id is the identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The forge's number for the account.
    pub id: u64,
    /// The handle, without `@`.
    pub username: String,
    /// The display name.
    pub name: String,
}

impl Person {
    /// The name by which people address the account in a comment: that of a GitHub App's account ends
    /// in `[bot]`, which nobody types.
    pub fn handle(&self) -> &str {
        self.username.strip_suffix("[bot]").unwrap_or(&self.username)
    }
}
