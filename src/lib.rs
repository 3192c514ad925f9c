//! Steward looks after a product's integrations for their whole life.

pub mod catalog;
pub mod forgesim;
pub mod policy;
