//! Stories: people do things on a simulated GitLab or GitHub, Steward does its part, and what the forge
//! shows in the end is what counts. All is real but the forge: HTTP, router, client, database.

mod face;
mod hooks;
mod process;
mod shown;
mod someone;
mod world;

mod check;
mod checklists;
mod cleanup;
mod cli;
mod commands;
mod comments;
mod costs;
mod declared;
mod deprecated;
mod doctor;
mod files;
mod forges;
mod github;
mod github_checks;
mod github_reads;
mod harmless;
mod home_assistant;
mod hostile;
mod intake;
mod kills;
mod lifecycle;
mod mirror;
mod on_forge;
mod opened;
mod outages;
mod people;
mod preview;
mod reload;
mod removals;
mod replay;
mod restarts;
mod routing;
mod running;
mod secrets;
mod sweeps;
mod tracking;
mod why;
mod writes;
