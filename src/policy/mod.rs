//! Policies: what a team may want to change, as YAML, loaded with errors that point at the token.
//!
//! [`PolicySource`] finds the files (built-in pack, directory laid over it), [`parse`] turns one
//! file into a typed value, and [`PolicyErrors`] carries everything that is wrong at once.

mod error;
mod git;
pub(crate) mod nearest;
mod source;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use error::sanitize;
pub use error::{PolicyError, PolicyErrors, Span, render};
pub use nearest::nearest;
pub use source::{MAX_FILE_BYTES, Origin, PolicySource, SourceFile};
pub use yaml::{Located, LocatedMap, OneOrMany, parse};
