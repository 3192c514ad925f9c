//! `link`: the description links to such an address.

use super::{At, Predicate, Truth, few};
use crate::pack::rules::Pattern;

pub(super) struct Link<'c>(pub(super) &'c [Pattern]);

/// The web addresses in a text in lower case. Markdown and punctuation end them.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("http").map(|(at, _)| &text[at..]);
    starts.filter(|rest| rest.starts_with("http://") || rest.starts_with("https://")).map(|rest| {
        let ends = |c: char| c.is_whitespace() || "<>()[]{}\"'`|".contains(c);
        let end = rest.find(ends).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_'])
    })
}

impl Link<'_> {
    fn fit<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        addresses(text).filter(|address| self.0.iter().any(|one| one.fits_lower(address)))
    }
}

impl Predicate for Link<'_> {
    fn name(&self) -> &'static str {
        "link"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        self.fit(at.view.description_lower()).next().is_some().into()
    }

    fn asked(&self) -> String {
        few(self.0)
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        few(self.fit(at.view.description_lower()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::rules::declared::Truth::{self, *};

    #[rstest]
    #[case("see https://Docs.example.com/a.", Yes, "https://docs.example.com/a")]
    #[case("[docs](https://docs.example.com/b)", Yes, "https://docs.example.com/b")]
    #[case("<https://docs.example.com/c>", Yes, "https://docs.example.com/c")]
    #[case("https://other.example.com/ https docs.example.com", No, "none")]
    #[case("", No, "none")]
    fn a_link_is_found(#[case] text: &str, #[case] truth: Truth, #[case] saw: &str) {
        let item = Made::issue().texts("", text);
        assert_eq!(asks("link: 'https://docs.example.com/*'", &item), (truth, saw.to_owned()));
    }
}
