//! `title` and `description`: a test on a text.

use super::{At, Predicate, Truth, few, shown};
use crate::{pack::rules::Text, rules::view::lower};

pub(super) struct Title<'c>(pub(super) &'c Text);
pub(super) struct Description<'c>(pub(super) &'c Text);

fn holds(test: &Text, text: &str, text_lower: impl FnOnce() -> bool) -> Truth {
    let empty = || test.empty.is_none_or(|empty| text.trim().is_empty() == empty);
    let matches = || test.matches.as_ref().is_none_or(|pattern| pattern.is_match(text));
    (empty() && (test.contains.is_none() || text_lower()) && matches()).into()
}

fn contains(test: &Text, lower_text: &str) -> bool {
    test.contains.iter().flat_map(|texts| texts.iter()).any(|one| lower_text.contains(&*lower(one)))
}

fn asked(test: &Text) -> String {
    let mut asked = Vec::new();
    if let Some(texts) = &test.contains {
        asked.push(format!("contains {}", few(texts.iter())));
    }
    if let Some(pattern) = &test.matches {
        asked.push(format!("matches {}", pattern.as_str()));
    }
    match test.empty {
        Some(true) => asked.push("empty".into()),
        Some(false) => asked.push("not empty".into()),
        None => {}
    }
    asked.join(", ")
}

fn saw(test: &Text, text: &str) -> String {
    if text.trim().is_empty() {
        return "nothing".into();
    }
    let found = test.matches.as_ref().and_then(|pattern| pattern.find(text));
    let shortly = |text: &str| {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty());
        shown(line.unwrap_or_default()).into_owned()
    };
    match found {
        Some(found) if !found.as_str().trim().is_empty() => shortly(found.as_str()),
        _ => shortly(text),
    }
}

impl Predicate for Title<'_> {
    fn name(&self) -> &'static str {
        "title"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        holds(self.0, &at.view.snapshot.title, || contains(self.0, at.view.title_lower()))
    }

    fn asked(&self) -> String {
        asked(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        saw(self.0, &at.view.snapshot.title)
    }
}

impl Predicate for Description<'_> {
    fn name(&self) -> &'static str {
        "description"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let text = &at.view.snapshot.description;
        holds(self.0, text, || contains(self.0, at.view.description_lower()))
    }

    fn asked(&self) -> String {
        asked(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        saw(self.0, &at.view.snapshot.description)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("{ contains: BROKEN }", "It is broken", Yes, "It is broken")]
    #[case("{ contains: [a, ÄRGER] }", "ärger", Yes, "ärger")]
    #[case("{ contains: whole }", "It is broken", No, "It is broken")]
    #[case("{ matches: '(?i)is +b' }", "It is broken", Yes, "is b")]
    #[case("{ matches: '^is' }", "It is broken", No, "It is broken")]
    #[case("{ empty: true }", "  \n", Yes, "nothing")]
    #[case("{ empty: false }", "x", Yes, "x")]
    #[case("{ contains: a, empty: true }", "a", No, "a")]
    fn a_text_is_tested(
        #[case] test: &str,
        #[case] text: &str,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        let item = Made::issue().texts(text, text);
        for name in ["title", "description"] {
            let when = format!("{name}: {test}");
            assert_eq!(asks(&when, &item), (truth, saw.to_owned()), "{when}");
        }
    }
}
