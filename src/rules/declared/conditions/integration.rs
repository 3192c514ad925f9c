//! `integration`: the item is about such an integration.

use super::{At, Predicate, Truth, few, written, yes_no};
use crate::{catalog::Integration, pack::rules::IntegrationIs};

pub(super) struct About<'c>(pub(super) &'c IntegrationIs);

impl About<'_> {
    fn fits(&self, one: &Integration) -> bool {
        let test = self.0;
        test.key.as_ref().is_none_or(|any| any.iter().any(|key| key == one.key.as_str()))
            && test.category.as_ref().is_none_or(|any| any.contains(&one.category))
            && test.kind.as_ref().is_none_or(|any| any.contains(&one.kind))
            && test.lifecycle.as_ref().is_none_or(|any| any.contains(&one.lifecycle))
            && test.docs.is_none_or(|docs| one.docs.is_some() == docs)
    }
}

impl Predicate for About<'_> {
    fn name(&self) -> &'static str {
        "integration"
    }

    fn holds(&self, at: &At<'_, '_>) -> Truth {
        let Some(about) = at.about() else { return Truth::CannotTell };
        if about.cut {
            return Truth::CannotTell;
        }
        let test = self.0;
        if test.known == Some(false) {
            return about.found.is_empty().into();
        }
        about.found.iter().any(|one| self.fits(one.integration)).into()
    }

    fn asked(&self) -> String {
        let test = self.0;
        let mut asked = Vec::new();
        asked.extend(test.known.map(|known| if known { "known" } else { "not known" }.to_owned()));
        asked.extend(test.key.as_ref().map(|any| few(any.iter())));
        asked.extend(test.category.as_ref().map(|any| few(any.iter())));
        asked.extend(test.kind.as_ref().map(|any| few(any.iter().map(written))));
        asked.extend(test.lifecycle.as_ref().map(|any| few(any.iter().map(written))));
        asked.extend(test.docs.map(|docs| format!("documented: {}", yes_no(docs))));
        asked.join(", ")
    }

    fn saw(&self, at: &At<'_, '_>) -> String {
        match at.about() {
            Some(about) => few(about.found.iter().map(|one| &one.integration.key)),
            None => "nobody knows".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::testing::{Made, asks};
    use crate::{
        model::{Facet, FileStatus},
        rules::declared::Truth::{self, *},
    };

    #[rstest]
    #[case("{ known: true }", "Integration::Jira", Yes, "jira")]
    #[case("{ known: true }", "Integration::Nobody", No, "none")]
    #[case("{ known: false }", "Integration::Nobody", Yes, "none")]
    #[case("{ known: false }", "Integration::Jira", No, "jira")]
    #[case("{ key: [harbor, jira] }", "Integration::Jira", Yes, "jira")]
    #[case("{ category: External Issue Trackers }", "Integration::Jira", Yes, "jira")]
    #[case("{ kind: routing_only }", "Integration::Jira", No, "jira")]
    #[case("{ lifecycle: active, kind: model }", "Integration::Jira", Yes, "jira")]
    #[case("{ lifecycle: [deprecated, removed] }", "Integration::Jira", No, "jira")]
    fn an_integration_is_tested(
        #[case] test: &str,
        #[case] label: &str,
        #[case] truth: Truth,
        #[case] saw: &str,
    ) {
        let item = Made::issue().labels(&[label]);
        assert_eq!(asks(&format!("integration: {test}"), &item), (truth, saw.to_owned()));
    }

    #[test]
    fn files_tell_where_no_label_does() {
        let when = "integration: { key: jira }";
        let jira = [("app/models/integrations/jira.rb", FileStatus::Modified)];
        let unread = Made::merge_request();
        assert_eq!((asks(when, &unread).0, unread.needs(when)), (CannotTell, vec![Facet::Changes]));
        let read = Made::merge_request().files(&jira, true);
        // A person may have taken the label off: the history tells.
        assert_eq!(
            (asks(when, &read).0, read.needs(when)),
            (CannotTell, vec![Facet::LabelHistory])
        );
        assert_eq!(asks(when, &read.history(&[])).0, Yes);
        assert_eq!(asks(when, &Made::merge_request().files(&[], false)).0, CannotTell);
        assert_eq!(asks(when, &Made::merge_request().files(&[], true)).0, No);
    }
}
