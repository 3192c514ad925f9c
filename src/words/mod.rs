//! Every text that Steward says: Handlebars templates, reasons as sentences, Markdown escaping
//! and the markers in comments. No other room holds a text for people.

mod bounded;
pub mod escape;
mod helpers;
mod marker;
mod net;
pub(crate) mod partials;
mod templates;
pub(crate) mod typed;
mod wrong;

pub use escape::acts_as_quick_action;
pub use marker::Marker;
pub use templates::{Style, Words, WordsError};
pub use wrong::Slip;

#[cfg(test)]
mod tests;
