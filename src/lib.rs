//! Steward looks after a product's integrations for their whole life.
//!
//! The modules, in the order in which data walks through them:
//!
//! ```text
//!   webhook ──▶ intake ──▶ store (inbox, work) ──▶ worker ◀── queue (when again?)
//!                                                    │
//!                      forge (read) ◀────────────────┤ reads what the rules ask for
//!                                                    ▼
//!   policies ─▶ policy ─▶ catalog, words ─▶ pack ─▶ rules ─▶ plan   all of it pure
//!                                                    │
//!                      store (plans, audit) ◀────────┤ intents first
//!                      forge (write) ◀───────────────┤ then the writes
//!                      store (audit, ledger) ◀───────┘ then the outcomes
//!
//!   a comment `@steward why` ─▶ intake ─▶ commands ─▶ store ─▶ plan (answers, explain)
//!   policies ─▶ lint                    what is wrong with them, before they are in force
//!   forge ─▶ mirror ─▶ preview          what others would do to all open items
//!   another program's policies ─▶ import ─▶ rules as YAML
//!   schedules.yml ─▶ sweeps ─▶ store (work)  what no webhook told, by the clock
//!   a label ─▶ cleanup ─▶ forge          the end of an integration, and the way back
//!   a git checkout ─▶ checkout ─▶ rules  the checklists, before anything is pushed
//!   a commit ─▶ checkout ─▶ removals     what leaves, proven, due and too early
//! ```
//!
//! [`model`], [`policy`], [`catalog`], [`words`], [`pack`], [`commands`], [`rules`], [`evidence`],
//! [`plan`] and [`lint`] know no client, no clock and no database. A forge's payload types stay in its folder below [`forge`]. Texts for people
//! stand in `templates/`, everything that a team may want to change in `policies/`.
//!
//! # Glossary
//!
//! - **Subject**: an issue, merge request or epic that is looked after ([`model::Subject`]).
//! - **Snapshot**: a subject as it was read just now ([`model::Snapshot`]).
//! - **Facet**: a part of a snapshot that costs a call of its own and is read only when a rule
//!   asks for it ([`model::Facet`]).
//! - **Ledger**: what Steward itself did to a subject ([`model::Ledger`]).
//! - **Plan**: what shall be done and what is left alone, each with its reason ([`model::Plan`]).
//! - **Marker**: the hidden last line of Steward's comments, from which the ledger can be made
//!   anew ([`words::Marker`]).
//! - **Mirror**: a local copy of open items' snapshots, to count on and never to write by
//!   ([`mirror::Mirror`]).
//! - **Preview**: what a change of the policies would do to the mirror's items ([`preview`]).
//! - **Declared rule**: a rule that a team wrote in `rules/*.yml` ([`pack::rules`]).
//! - **Explanation**: the way to a decision, clause by clause ([`plan::explain`]).
//! - **Question**: a comment with commands, which waits for its answer ([`commands::Question`]).
//! - **Removal**: an integration that leaves, and the steps on its way out, each proven by a checklist
//!   ([`pack::removals`], [`removals`]).
//! - **Sheet**: a checklist filled in for one integration, row by row, each proven from files
//!   ([`model::Sheet`]).
//! - **Calendar**: the list of releases with their days; how far one is from another is counted over
//!   it, never over numbers ([`model::Calendar`]).
//! - **Window**: so many releases a removal comes after its announcement
//!   ([`evidence::deprecations::Window`]).
//! - **Entry**: something that stands in a file ([`evidence::Entry`]).
//! - **Shadow**: a rule on trial: it decides and is recorded, and nothing is written.
//! - **Delivery**: a webhook as it came in ([`store::Delivery`]).
//! - **Sweep**: a run of a schedule's job for one moment ([`sweeps`]).
//! - **Cleanup**: the closing of all that carries an integration's label, and the label's end
//!   ([`cleanup`]).
//! - **Lease**: the time for which a subject is one worker's alone ([`store::Claim`]).
//! - **Parked**: put aside with its error until something changes.

pub mod app;
pub mod bench;
pub mod catalog;
pub mod checkout;
pub mod cleanup;
pub mod cli;
pub mod commands;
pub mod demo;
pub mod evidence;
pub mod forge;
pub mod forgesim;
mod git;
pub mod import;
pub mod intake;
pub mod lint;
pub mod mirror;
pub mod model;
pub mod pack;
pub mod plan;
pub mod policy;
pub mod preview;
pub mod queue;
pub mod removals;
pub mod rules;
pub mod settings;
pub mod store;
pub mod sweeps;
mod temp_folder;
mod terminal;
pub mod web;
pub mod words;
pub mod worker;
