//! Steward looks after a product's integrations for their whole life.

pub mod catalog;
pub mod forge;
pub mod forgesim;
pub mod model;
pub mod policy;
pub mod queue;
pub mod store;
