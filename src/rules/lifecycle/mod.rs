//! How integrations leave the product: what is recorded (`removals.yml`), what the files prove, and
//! what is due when.

mod child;
pub(crate) mod deprecated;
pub(crate) mod digest;
mod leaf;
mod ledger;
mod named;
mod on_forge;
pub(crate) mod open;
pub(crate) mod planned;
pub(crate) mod told;
pub(crate) mod track;

pub(crate) use child::child;
pub(crate) use deprecated::deprecated;
pub(crate) use digest::digest;
pub(in crate::rules) use leaf::ask;
pub use ledger::{Leaving, Stride, ledger, looked_for};
pub(crate) use named::{find, near_releases};
pub(in crate::rules) use on_forge::ask_forge;
pub use on_forge::{Begun, begun};
pub(crate) use planned::planned;
pub(crate) use track::track;
