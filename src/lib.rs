//! Steward looks after a product's integrations for their whole life.

pub mod app;
pub mod bench;
pub mod catalog;
pub mod cli;
pub mod demo;
pub mod forge;
pub mod forgesim;
pub mod intake;
pub mod model;
pub mod plan;
pub mod policy;
pub mod queue;
pub mod rules;
pub mod settings;
pub mod store;
mod temp_folder;
pub mod web;
pub mod words;
pub mod worker;
