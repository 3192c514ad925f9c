//! `author`: who opened the item.

use super::{At, Predicate, Truth, few, written};
use crate::{model::Access, pack::rules::Author, rules::view::lower};

pub(super) struct ByAuthor<'c>(pub(super) &'c Author);

impl Predicate for ByAuthor<'_> {
    fn name(&self) -> &'static str {
        "author"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let handle = lower(&at.view.snapshot.author.username);
        if self.0.handle.as_ref().is_some_and(|any| !any.iter().any(|one| one.fits_lower(&handle)))
        {
            return Truth::No;
        }
        if self.0.member.is_none() && self.0.at_least.is_none() {
            return Truth::Yes;
        }
        let Some(access) = at.author_access() else { return Truth::CannotTell };
        let member = self.0.member.is_none_or(|member| (access > Access::None) == member);
        (member && self.0.at_least.is_none_or(|least| access >= least)).into()
    }

    fn asked(&self) -> String {
        let mut asked = Vec::new();
        if let Some(handle) = &self.0.handle {
            asked.push(few(handle.iter()));
        }
        match self.0.member {
            Some(true) => asked.push("member".into()),
            Some(false) => asked.push("no member".into()),
            None => {}
        }
        if let Some(least) = &self.0.at_least {
            asked.push(format!("{} at least", written(least)));
        }
        asked.join(", ")
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        let handle = &at.view.snapshot.author.username;
        if self.0.member.is_none() && self.0.at_least.is_none() {
            return handle.clone();
        }
        match at.author_access() {
            Some(Access::None) => format!("{handle}, no member"),
            Some(access) => format!("{handle}, {}", written(&access)),
            None => handle.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::{
        model::{Access, Facet},
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("{ handle: Ben }", Access::None, Yes, "ben")]
    #[case("{ handle: ['*-bot', anna] }", Access::None, No, "ben")]
    #[case("{ member: false }", Access::None, Yes, "ben, no member")]
    #[case("{ member: true }", Access::Guest, Yes, "ben, guest")]
    #[case("{ at_least: developer }", Access::Reporter, No, "ben, reporter")]
    #[case("{ at_least: developer }", Access::Owner, Yes, "ben, owner")]
    #[case("{ handle: ben, member: true }", Access::None, No, "ben, no member")]
    fn the_author_is_tested(
        #[case] test: &str,
        #[case] access: Access,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        let item = Made::issue().access(access);
        assert_eq!(asks(&format!("author: {test}"), &item), (truth, saw.to_owned()));
    }

    #[test]
    fn access_is_read_only_when_the_handle_fits() {
        let item = Made::issue();
        assert_eq!(item.needs("author: { handle: anna, member: true }"), []);
        assert_eq!(item.needs("author: { handle: ben, member: true }"), [Facet::AuthorAccess]);
    }
}
