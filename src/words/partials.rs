//! Which templates a template calls.

use std::sync::LazyLock;

use regex::Regex;

/// The names of the partials that a template calls. Dynamic names are not found, and strict mode
/// refuses them when rendering.
pub(crate) fn of(text: &str) -> Vec<String> {
    static CALL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\{\{\{?~?\s*#?>\s*([\w/.-]+)").expect("a constant that a test compiles")
    });
    CALL.captures_iter(text).map(|found| found[1].to_owned()).collect()
}
