//! Questions to parsed code, written as [tree-sitter queries](https://tree-sitter.github.io/tree-sitter/using-parsers/queries/).
//!
//! | Capture | Meaning |
//! |---------|---------|
//! | `@key` | An entry. A whole list (`%w[a b]`, `[:a]`, an argument list) is an entry for each element. |
//! | `@value` | What the keys of the same match are set to. |
//! | `@open` | Something that only running the program would tell, unless it is a `@key` of another match. |
//! | `@inside` | A part of the file. If any pattern has it, keys and opens count only inside such parts. |
//! | `@outside` | A part of the file. Keys and opens inside it do not count. |
//! | `@_name` | For predicates only. |
//!
//! A key or value that is no literal is told as open. Comments and the contents of strings are no
//! code, so that a query for constants does not find them there.

mod ask;
mod grammar;
mod hazard;
mod language;
mod lazy;
mod literal;
mod matching;
#[cfg(test)]
mod matching_tests;
mod parsed;
mod pattern;
mod query;
#[cfg(test)]
mod ruby_queries_tests;
#[cfg(test)]
mod tests;
mod tree;

pub use language::Language;
pub use lazy::LazyQuery;
pub use parsed::{Limits, Parsed};
pub use query::{Query, QueryMistake};
