//! How a row of a checklist is proven from files. Pure: texts in, what stands in them out.
//!
//! Everything that is looked for comes from the policies; what a language's literals and sections
//! are is known here. What cannot be told for sure is said so ([`Found::open`]), never passed over.
//!
//! | Question to | Module |
//! |-------------|--------|
//! | parsed code | [`code`] |
//! | any text, by regular expression | [`pattern`] |
//! | Markdown | [`markdown`] |
//! | the section of a page that is about one thing | [`section`] |
//! | YAML | [`yaml`] |
//! | the lines that a diff adds | [`lines`] |
//! | an entry about a deprecation | [`deprecations`] |

pub mod code;
pub mod deprecations;
mod entries;
pub mod form;
pub mod lines;
pub mod markdown;
pub mod names;
pub mod pattern;
pub mod section;
mod snippet;
pub mod yaml;

pub use entries::{Entry, Found, Open};

/// The largest file that is looked into, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;
/// So many entries of one file answer a question at the most.
pub const MOST_ENTRIES: usize = 2_000;
