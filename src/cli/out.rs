//! Standard output that somebody may close early.

use std::{fmt, io::Write};

use crate::terminal::{Look, hanging};

/// Prints a line. When the reader has gone (`steward plan … | head -1`) there is nobody left to
/// tell, and the process ends as if it had been told: `println!` would panic.
pub(super) fn line(text: fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if out.write_fmt(text).and_then(|()| out.write_all(b"\n")).is_err() {
        std::process::exit(0);
    }
}

/// `1 mistake`, `2 mistakes`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What went wrong, for standard error. For a person it is broken at blanks; what is drawn over
/// several lines stays as it is.
pub(super) fn failure(error: &str, look: Look) -> String {
    let text = format!("steward: {error}");
    match look.colour && !error.contains('\n') {
        true => hanging("", 2, &text, look.width),
        false => text,
    }
}

/// `println!` for the commands.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::out::line(format_args!($($text)*)) };
}
pub(super) use say;
