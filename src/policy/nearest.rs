//! "Did you mean ...?": the nearest valid name for a name that is not valid.

/// How far a word may be from a candidate and still be taken for a slip of the pen.
///
/// A third of the longer word, and at least one edit: `rationle` finds `rationale`,
/// while `xyz` finds nothing among four-letter names.
pub(crate) fn tolerance(a: &str, b: &str) -> usize {
    (a.chars().count().max(b.chars().count()) / 3).max(1)
}

/// The candidate nearest to `wrong`, or `None` when nothing is near enough to be helpful.
///
/// Case is ignored. Of two equally near candidates the first in alphabetical order wins,
/// so that messages do not change from run to run.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Edit distance is quadratic: a pasted page must not cost seconds.
    if wrong.is_empty() || wrong.chars().count() > 200 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let lower = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&wrong, &lower);
            (distance <= tolerance(&wrong, &lower)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// A help text: the nearest name if there is one, then what would have been valid.
///
/// Long lists are cut, because a wall of names hides the one that matters.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    const SHOWN: usize = 20;
    let near = nearest(wrong, candidates.clone());
    let all: Vec<&str> = candidates.into_iter().collect();
    let list = match all.len() {
        0 => None,
        n if n > SHOWN => None,
        _ => Some(all.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    };
    match (near, list) {
        (Some(near), Some(list)) => Some(format!("did you mean `{near}`? Valid here: {list}")),
        (Some(near), None) => Some(format!("did you mean `{near}`?")),
        (None, Some(list)) => Some(format!("valid here: {list}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_nonsense_is_not() {
        let names = ["name", "group", "rationale"];
        assert_eq!(nearest("rationle", names), Some("rationale"));
        assert_eq!(nearest("GRUOP", names), Some("group"));
        assert_eq!(nearest("zzzzzz", names), None);
        assert_eq!(nearest("", names), None);
    }

    #[test]
    fn long_lists_are_not_shown() {
        let many: Vec<String> = (0..50).map(|n| format!("name_{n:02}")).collect();
        let help = did_you_mean("name_7", many.iter().map(String::as_str));
        assert_eq!(help.as_deref(), Some("did you mean `name_07`?"));
    }
}
