//! Texts that fit a pattern, as examples.

use crate::pack::rules::Pattern;

/// What stands for a star in examples: nothing that anybody writes into a pattern, so that a
/// text made with it fits another pattern only if every text of the first one does.
pub(super) const ANYTHING: &str = "…";

/// A text that fits a pattern, and is as little like other patterns as can be.
pub(super) fn of(pattern: &Pattern) -> String {
    pattern.as_str().replace('*', ANYTHING)
}

/// Whether a pattern has a star.
pub(super) fn is_open(pattern: &Pattern) -> bool {
    pattern.exact().is_none()
}

/// Texts that fit a pattern for paths, the plainest first, as far as that can be guessed.
pub(super) fn of_path(glob: &str) -> String {
    let mut text = String::new();
    let mut rest = glob;
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '*' if rest.starts_with("**/") => 3,
            '*' => {
                let stars = rest.len() - rest.trim_start_matches('*').len();
                text.push_str("example");
                stars
            }
            '?' => {
                text.push('x');
                1
            }
            '{' => match rest.find('}') {
                Some(end) => {
                    text.push_str(rest[1..end].split(',').next().unwrap_or_default());
                    end + 1
                }
                None => 1,
            },
            '[' => match rest.find(']') {
                Some(end) => {
                    text.extend(rest[1..end].chars().find(|c| *c != '!' && *c != '^'));
                    end + 1
                }
                None => 1,
            },
            '\\' => {
                let next = rest[1..].chars().next();
                text.extend(next);
                1 + next.map_or(0, char::len_utf8)
            }
            other => {
                text.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[step..];
    }
    text
}

/// The product of choices, one of each list, at most `most` of them; and whether that is all.
pub(super) fn choices<T: Clone>(lists: &[Vec<T>], most: usize) -> (Vec<Vec<T>>, bool) {
    let mut found: Vec<Vec<T>> = vec![Vec::new()];
    for list in lists {
        if found.len().saturating_mul(list.len()) > most {
            let first = found.into_iter().take(1).map(|mut one| {
                one.extend(lists.iter().skip(one.len()).filter_map(|list| list.first().cloned()));
                one
            });
            return (first.collect(), false);
        }
        let longer = found.iter().flat_map(|start| {
            list.iter().map(move |one| {
                let mut next = start.clone();
                next.push(one.clone());
                next
            })
        });
        found = longer.collect();
    }
    (found, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::rules::PathGlob;

    #[test]
    fn an_example_of_a_path_fits_its_pattern() {
        for glob in ["app/models/**/*.rb", "**/x", "doc/{a,b}/*.md", "a/?[bc]/**", "plain.txt"] {
            let pattern = PathGlob::try_from(glob.to_owned()).expect(glob);
            assert!(pattern.fits(&of_path(glob)), "{glob}: {}", of_path(glob));
        }
    }

    #[test]
    fn choices_are_one_of_each() {
        let (all, whole) = choices(&[vec![1, 2], vec![3]], 10);
        assert_eq!((all, whole), (vec![vec![1, 3], vec![2, 3]], true));
        let (some, whole) = choices(&[vec![1, 2], vec![3, 4]], 3);
        assert_eq!((some, whole), (vec![vec![1, 3]], false));
    }
}
