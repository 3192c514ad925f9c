//! Entries about deprecations, `data/deprecations/*.yml` in GitLab's repository: one file tells
//! users what leaves, since when that is announced, and when it will be gone.
//!
//! Nobody validates these files, so everything that people wrote is read as far as it can be:
//! milestones with and without quotes (taken from the text as it is written: a bare `18.10` is not
//! 18.1), words in place of a milestone, missing keys, texts and lists and numbers for each other.
//! Whatever is odd is told with its line.
//!
//! [`read`] makes an entry of a text, [`check`] holds it against [`Expected`] and the calendar,
//! [`lint`] does both for all files and sets aside what somebody answered for.

mod check;
mod entry;
mod expected;
mod finding;
mod lint;
mod read;

#[cfg(test)]
mod tests;

pub use check::{Window, check, window};
pub use entry::{Breaking, Deprecation, Place, Said, When};
pub use expected::{Exception, Expected};
pub use finding::{Finding, Kind};
pub use lint::{File, Report, Told, lint};
pub use read::read;
