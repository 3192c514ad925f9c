//! What must be true of `request_review` before a rule is taken.

use super::ThenReview;
use crate::policy::{Located, PolicyErrors, SourceFile};

/// Checks who is to be asked, and gathers what is wrong.
pub(super) fn check(file: &SourceFile, review: &Located<ThenReview>, errors: &mut PolicyErrors) {
    if review.people.is_empty() && review.teams.is_empty() && !review.owners {
        let help = Some("name `teams`, `people` or `owners: true`".to_owned());
        errors.push(review.error(file, "`request_review` asks nobody").with_help(help));
    }
    for (place, name) in review.people.iter().zip(review.handles()) {
        let (message, help) = match name {
            _ if name.contains('/') => (format!("`{name}` is a team"), "name it in `teams`"),
            _ if is_name(name) => continue,
            _ => (format!("`{name}` is not a handle"), "write one such as `@anna`"),
        };
        errors.push(place.error(file, message).with_help(Some(help.to_owned())));
    }
    for (place, name) in review.teams.iter().zip(review.team_names()) {
        if name.matches('/').count() > 1 || !name.split('/').all(is_name) {
            let help = "write `org/docs`, or `docs` for a team of the project's organisation";
            let error = place.error(file, format!("`{name}` is not a team"));
            errors.push(error.with_help(Some(help.to_owned())));
        }
    }
}

/// Whether it may be a part of a handle.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}
