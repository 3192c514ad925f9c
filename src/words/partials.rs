//! Which templates a template calls.

use std::sync::LazyLock;

use regex::Regex;

use crate::policy::Span;

static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{\{?~?\s*#?>\s*([\w/.-]+)").expect("a constant that a test compiles")
});

/// The names of the partials that a template calls. Dynamic names are not found, and strict mode
/// refuses them when rendering.
pub(crate) fn of(text: &str) -> Vec<String> {
    CALL.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// Where a template calls a partial for the first time.
pub(super) fn place(text: &str, partial: &str) -> Span {
    let mut calls = CALL.captures_iter(text).filter_map(|found| found.get(1));
    let call = calls.find(|name| name.as_str() == partial);
    call.map_or_else(Span::default, |name| Span::at(text, name.start(), name.len()))
}
