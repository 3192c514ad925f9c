//! `steward catalog import`: keeps the catalog in step with the ownership page of a handbook.
//!
//! [`page`] reads the tables, [`diff`] compares them with the catalog, [`edit`] works out new
//! texts for the YAML files, and [`command`] is what the command line calls.

pub mod command;
mod derive;
pub mod diff;
pub mod edit;
mod group_cell;
pub mod page;
mod scalar;
mod write;

#[cfg(test)]
mod tests;

pub use command::{ImportArgs, ImportError, Outcome, execute, run};
pub use derive::DeriveError;
pub use group_cell::{UnknownGroup, group_of_cell};
