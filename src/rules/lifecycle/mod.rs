//! How integrations leave the product: what is recorded (`removals.yml`), what the files prove, and
//! what is due when.

mod leaf;
mod ledger;

pub(in crate::rules) use leaf::ask;
pub use ledger::{Leaving, Stride, StrideState, ledger, looked_for};
