//! `lifecycle.yml`: how integrations leave.

mod cleanup;

use schemars::JsonSchema;
use serde::Deserialize;

pub use cleanup::{CleanupFile, CleanupPolicy};

use crate::policy::{PolicyErrors, PolicySource, parse_all};

/// The file, in a pack that says how integrations leave.
pub(super) const FILE: &str = "lifecycle.yml";

/// How integrations leave; the fields are described in `policies/lifecycle.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifecycleFile {
    /// How the last traces of an integration are cleared away. Left out, they are not.
    #[serde(default)]
    pub cleanup: Option<CleanupFile>,
}

/// How integrations leave, checked. A pack without the file expects nothing.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// How the last traces of an integration are cleared away, where that is done at all.
    pub cleanup: Option<CleanupPolicy>,
}

impl Lifecycle {
    /// Reads and checks `lifecycle.yml`, if it is there.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(source: &PolicySource) -> Result<Self, PolicyErrors> {
        let Some(file) = source.file(FILE) else { return Ok(Self::default()) };
        let read: LifecycleFile = parse_all(file)?;
        let cleanup = read.cleanup.map(|cleanup| cleanup.checked(file)).transpose()?;
        Ok(Self { cleanup })
    }
}
