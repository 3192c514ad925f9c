//! What a change of the policies would do to the items that are open now.
//!
//! For each item the old policies are decided and taken as carried out; what the new ones then want
//! is what the change does. Whatever the old policies had not done yet is none of its effects. All
//! of it is pure: items come in as they stand in the mirror, and what the mirror does not have is
//! assumed ([`assume`]), counted, and told in the report.

mod apply;
mod assume;
mod compare;
mod mentions;
mod render;
mod report;
mod run;
mod totals;

#[cfg(test)]
mod tests;

pub use assume::{Assumed, Ledgers};
pub use compare::{Change, Comparer, Raw, Seen, Sides};
pub use render::{json, markdown, text};
pub use report::{Budget, Calls, Counted, Report, Side};
pub use run::{Chunk, run};
pub use totals::Totals;
