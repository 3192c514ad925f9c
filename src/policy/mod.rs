//! Policies: what a team may want to change, as YAML, loaded with errors that point at the token.
//!
//! [`PolicySource`] finds the files (built-in pack, directory laid over it), [`parse_all`] turns one
//! file into a typed value, and [`PolicyErrors`] carries everything that is wrong at once.

mod blocks;
mod error;
mod git;
mod layered;
mod mend;
pub(crate) mod nearest;
mod report;
mod source;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use error::sanitize;
pub use error::{PolicyError, PolicyErrors, Span, render};
pub(crate) use layered::Layered;
pub use mend::parse_all;
pub use nearest::nearest;
pub use report::{Finding, Severity, code_quality, json};
pub use source::{BY_KEY, DEFAULT_PACK, MAX_FILE_BYTES, Origin, PolicySource, SourceFile};
pub use yaml::{Located, LocatedMap, OneOrMany, parse};
pub(crate) use yaml::{parse_foreign, parse_lenient};
