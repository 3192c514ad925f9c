//! Where the product's code lies.

use std::path::PathBuf;

use crate::checkout::Tree;

/// Where the product's code lies: a copy that somebody else keeps fresh.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// A folder in a git repository; none if it is empty.
    pub repository: PathBuf,
    /// A branch or commit.
    pub revision: String,
}

impl Code {
    /// Whether there is any.
    pub fn is_named(&self) -> bool {
        !self.repository.as_os_str().is_empty()
    }

    /// The commit that the revision means now.
    ///
    /// # Errors
    /// What git says, or which setting is missing.
    pub fn commit(&self) -> Result<String, String> {
        if !self.is_named() {
            return Err(Self::missing());
        }
        Tree::commit_of(&self.repository, &self.revision).map_err(|error| error.to_string())
    }

    /// The files of that commit.
    ///
    /// # Errors
    /// As [`Code::commit`].
    pub fn tree(&self) -> Result<Tree, String> {
        let commit = self.commit()?;
        Tree::open(&self.repository, &commit).map_err(|error| error.to_string())
    }

    /// What to do when none is named.
    pub fn missing() -> String {
        "no repository is named: `repository` in [code] of the settings".to_owned()
    }
}
