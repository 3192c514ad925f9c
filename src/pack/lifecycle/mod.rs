//! `lifecycle.yml`: how integrations leave.

mod cleanup;
mod deprecated;
mod deprecations;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Deserialize;

pub use cleanup::{CleanupFile, CleanupPolicy, DeleteAfter, DeleteAfterFile};
pub use deprecated::{CommunityFile, DeprecatedFile, DeprecatedPolicy};
pub use deprecations::{DeprecationsFile, ExceptionFile};

use crate::{
    evidence::deprecations::Expected,
    policy::{Layered, PolicyErrors, PolicySource, parse_all},
};

/// The file, in a pack that says how integrations leave.
pub(super) const FILE: &str = "lifecycle.yml";

/// How integrations leave; the fields are described in `policies/lifecycle.yml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifecycleFile {
    /// What is expected of entries about deprecations. Left out, there are none.
    #[serde(default)]
    pub deprecations: Option<DeprecationsFile>,
    /// What is still taken for an integration whose removal is announced. Left out, nobody is told.
    #[serde(default)]
    pub deprecated: Option<DeprecatedFile>,
    /// How the last traces of an integration are cleared away. Left out, they are not.
    #[serde(default)]
    pub cleanup: Option<CleanupFile>,
}

/// How integrations leave, checked. A pack without the file expects nothing.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle {
    /// What is expected of entries about deprecations, where there are such.
    pub deprecations: Option<Expected>,
    /// What is still taken for an integration whose removal is announced, where people are told.
    pub deprecated: Option<DeprecatedPolicy>,
    /// How the last traces of an integration are cleared away, where that is done at all.
    pub cleanup: Option<CleanupPolicy>,
}

impl Lifecycle {
    /// Reads and checks `lifecycle.yml`, if it is there. `has_calendar` is whether the pack has
    /// one, without which no window can be counted.
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn load(source: &PolicySource, has_calendar: bool) -> Result<Self, PolicyErrors> {
        let Some(file) = source.file(FILE) else { return Ok(Self::default()) };
        let layered = Layered::new(file, source.beneath(FILE));
        let read = |layered: &Layered| {
            let file: LifecycleFile = parse_all(layered.file())?;
            let deprecations = file
                .deprecations
                .map(|deprecations| deprecations::checked(deprecations, layered, has_calendar))
                .transpose()?;
            let deprecated = file.deprecated.map(|one| one.checked(layered)).transpose()?;
            let cleanup = file
                .cleanup
                .map(|cleanup| cleanup.checked(layered.file(), has_calendar))
                .transpose()?;
            Ok(Self { deprecations, deprecated, cleanup })
        };
        read(&layered).map_err(|errors| layered.errors(errors))
    }
}
