//! What must be true of a condition before it is taken.

use std::collections::BTreeSet;

use super::{Condition, Range, check::Names};
use crate::policy::{Located, PolicyErrors, SourceFile, nearest};

/// Tells what is wrong with a condition and all below it. Without `names` no name is unknown.
pub(super) fn check(
    file: &SourceFile,
    at: &Located<Condition>,
    names: Option<&Names<'_>>,
    errors: &mut PolicyErrors,
) {
    let mut says_nothing = |name: &str, fields: &str| {
        errors.push(
            at.error(file, format!("`{name}` says nothing"))
                .with_help(format!("give it at least one of {fields}")),
        );
    };
    match &at.value {
        Condition::All(list) | Condition::Any(list) => {
            if list.is_empty() {
                let name = if matches!(at.value, Condition::All(_)) { "all" } else { "any" };
                errors.push(
                    at.error(file, format!("the list of `{name}` is empty"))
                        .with_help(Some("write what shall hold, or leave it out".to_owned())),
                );
            }
            list.iter().for_each(|one| check(file, one, names, errors));
        }
        Condition::Not(inner) => check(file, inner, names, errors),
        Condition::Title(text) | Condition::Description(text) => {
            if text.contains.is_none() && text.matches.is_none() && text.empty.is_none() {
                let name =
                    if matches!(at.value, Condition::Title(_)) { "title" } else { "description" };
                says_nothing(name, "`contains`, `matches` and `empty`");
            }
            if text.contains.iter().flat_map(|texts| texts.iter()).any(|text| text.is_empty()) {
                errors.push(at.error(file, "an empty text is contained in every text"));
            }
        }
        Condition::Author(author) => {
            if author.handle.is_none() && author.member.is_none() && author.at_least.is_none() {
                says_nothing("author", "`handle`, `member` and `at_least`");
            }
        }
        Condition::Milestone(one) => {
            if one.set.is_none()
                && one.title.is_none()
                && one.version.is_none()
                && one.major.is_none()
                && one.overdue.is_none()
            {
                let fields = "`set`, `title`, `version`, `major` and `overdue`";
                says_nothing("milestone", fields);
            }
        }
        Condition::Age(age) => {
            if age.at_least.is_none() && age.less_than.is_none() {
                says_nothing("age", "`at_least` and `less_than`");
            }
        }
        Condition::Integration(one) => {
            if one.known.is_none()
                && one.key.is_none()
                && one.category.is_none()
                && one.kind.is_none()
                && one.lifecycle.is_none()
                && one.docs.is_none()
            {
                let fields = "`known`, `key`, `category`, `kind`, `lifecycle` and `docs`";
                says_nothing("integration", fields);
            }
            let Some(names) = names else { return };
            for key in one.key.iter().flat_map(|keys| keys.iter()) {
                known_at(file, at, key, "integration", &names.integrations, errors);
            }
            for category in one.category.iter().flat_map(|all| all.iter()) {
                known_at(file, at, category, "category", &names.categories, errors);
            }
        }
        Condition::Group(groups) => {
            let Some(names) = names else { return };
            for group in groups.iter() {
                known_at(file, at, group, "group", &names.groups, errors);
            }
        }
        Condition::Votes(votes) => {
            if votes.up.is_none() && votes.down.is_none() {
                says_nothing("votes", "`up` and `down`");
            }
            for found in [votes.up, votes.down].into_iter().flatten() {
                range(file, at, found, errors);
            }
        }
        Condition::Labels(found) | Condition::Weight(found) => range(file, at, *found, errors),
        Condition::Label(_)
        | Condition::LabelSet(_)
        | Condition::Changes(_)
        | Condition::Assigned(_)
        | Condition::Link(_)
        | Condition::State(_)
        | Condition::Draft(_)
        | Condition::Confidential(_)
        | Condition::Project(_) => {}
    }
}

fn range(file: &SourceFile, at: &Located<Condition>, range: Range, errors: &mut PolicyErrors) {
    match (range.at_least, range.at_most) {
        (None, None) => errors.push(
            at.error(file, "the range says nothing")
                .with_help(Some("give it `at_least`, `at_most` or both".to_owned())),
        ),
        (Some(least), Some(most)) if least > most => errors.push(
            at.error(file, format!("no number is at least {least} and at most {most}"))
                .with_help(Some("change the two".to_owned())),
        ),
        _ => {}
    }
}

/// Tells predicates that only merge requests can meet.
pub(super) fn for_merge_requests(
    file: &SourceFile,
    at: &Located<Condition>,
    errors: &mut PolicyErrors,
) {
    let name = match &at.value {
        Condition::All(list) | Condition::Any(list) => {
            return list.iter().for_each(|one| for_merge_requests(file, one, errors));
        }
        Condition::Not(inner) => return for_merge_requests(file, inner, errors),
        Condition::Draft(_) => "draft",
        Condition::Changes(_) => "changes",
        _ => return,
    };
    errors.push(
        at.error(file, format!("`{name}` is about merge requests, and `on` leaves them out"))
            .with_help(Some("add `merge_request` to `on`".to_owned())),
    );
}

/// Tells a name that the catalog does not have.
pub(super) fn must_be_known(
    file: &SourceFile,
    name: &Located<String>,
    what: &str,
    known: &BTreeSet<&str>,
    errors: &mut PolicyErrors,
) {
    if !known.contains(name.as_str()) {
        let near = nearest(name, known.iter().copied());
        errors.push(
            name.error(file, format!("the catalog has no {what} `{}`", name.value))
                .with_help(near.map(|near| format!("did you mean `{near}`?"))),
        );
    }
}

/// As [`must_be_known`] for a name within a condition, whose own place is looked for.
fn known_at(
    file: &SourceFile,
    at: &Located<Condition>,
    name: &str,
    what: &str,
    known: &BTreeSet<&str>,
    errors: &mut PolicyErrors,
) {
    let span = super::check::within(file, at.span, name).unwrap_or(at.span);
    let name = Located { value: name.to_owned(), span };
    must_be_known(file, &name, what, known, errors);
}
