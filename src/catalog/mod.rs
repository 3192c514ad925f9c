//! Integrations, their labels and the groups that own them.
//!
//! The facts stand in `policies/catalog/`; [`Catalog`] holds them checked. The ownership page of
//! a handbook is their origin, and `import` keeps the two in step.

mod codeowners;
mod file;
pub mod import;
mod load;
mod lookup;
mod model;

#[cfg(test)]
mod tests;

pub(crate) use codeowners::Settings as CodeownersFile;
pub use codeowners::{codeowners_file, codeowners_url};
pub(crate) use file::{GroupsFile, IntegrationsFile};
pub use load::FILES;
pub use lookup::Catalog;
pub use model::{
    Group, GroupKey, Integration, IntegrationKey, Kind, Lifecycle, Place, Stage, StageKey,
};
