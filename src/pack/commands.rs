//! `commands.yml`: how far people may ask Steward in comments.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::policy::{PolicyErrors, PolicySource, parse};

const FILE: &str = "commands.yml";

/// The policy about commands; the fields are described in `policies/commands.yml`. A pack without
/// the file has the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Commands {
    /// So many questions on one item are answered at a time; further ones are dropped. 0 answers
    /// nobody.
    pub most_unanswered: usize,
    /// So many answers an account gets on one item in an hour; what it asks beyond is dropped.
    pub most_an_hour: u32,
    /// So many answers one comment gets, however often it is edited.
    pub most_for_a_comment: u32,
}

impl Default for Commands {
    fn default() -> Self {
        Self { most_unanswered: 5, most_an_hour: 10, most_for_a_comment: 20 }
    }
}

impl Commands {
    /// Reads and checks `commands.yml`, if it is there.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        Ok(match source.file(FILE) {
            Some(file) => parse(file)?,
            None => Self::default(),
        })
    }
}
