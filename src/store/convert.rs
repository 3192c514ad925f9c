//! Between Rust's types and what the columns hold.

use chrono::{DateTime, Utc};

use super::StoreError;
use crate::model::Subject;

/// The longest error text that is kept, in bytes.
const LONGEST_ERROR: usize = 4096;

/// Epoch milliseconds.
pub(super) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The time of a column of epoch milliseconds. A value beyond what a date can be (only a hand
/// in the database writes that) becomes the nearest one.
pub(super) fn time(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(if millis < 0 {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    })
}

/// The key of a subject. Control characters are refused: no forge has them in a path, and
/// databases cut or refuse texts at a NUL, which would mix two subjects up.
pub(super) fn key(subject: &Subject) -> Result<String, StoreError> {
    let key = subject.to_string();
    if key.chars().any(char::is_control) {
        return Err(StoreError::Invalid(format!("the subject {key:?} has control characters")));
    }
    Ok(key)
}

/// A text as it can be stored everywhere: without NULs.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// An error as it is kept: without NULs and not longer than [`LONGEST_ERROR`].
pub(super) fn brief(text: &str) -> String {
    let mut end = text.len().min(LONGEST_ERROR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut kept = clean(&text[..end]);
    if end < text.len() {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_survive_and_nonsense_is_clamped() {
        let at = time(1_700_000_000_123);
        assert_eq!(millis(at), 1_700_000_000_123);
        assert_eq!(time(i64::MAX), DateTime::<Utc>::MAX_UTC);
        assert_eq!(time(i64::MIN), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn long_errors_are_cut_between_characters() {
        let kept = brief(&"ü".repeat(5000));
        assert!(kept.ends_with('…') && kept.len() <= LONGEST_ERROR + 3);
        assert_eq!(brief("a\0b"), "a\u{fffd}b");
    }

    #[test]
    fn a_subject_with_a_nul_is_refused() {
        assert!(key(&Subject::gitlab_issue("a\0b", 1)).is_err());
        assert_eq!(key(&Subject::gitlab_issue("a/b", 1)).ok().as_deref(), Some("gitlab:a/b#1"));
    }
}
