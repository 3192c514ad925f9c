//! How a row of a checklist is proven from files. Pure: texts in, what stands in them out.
//!
//! Everything that is looked for comes from the policies; what a language's literals and sections
//! are is known here. What cannot be told for sure is said so ([`Found::open`]), never passed over.

mod entries;
pub mod form;
pub mod names;

pub use entries::{Entry, Found, Open};
