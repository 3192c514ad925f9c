//! Every text that Steward says: Handlebars templates, reasons as sentences, Markdown escaping
//! and the markers in comments. No other room holds a text for people.

pub mod escape;
mod helpers;
mod marker;
pub(crate) mod partials;
mod templates;
mod wrong;

pub use marker::Marker;
pub use templates::{Style, Words, WordsError};
pub use wrong::Slip;
