//! The part of `lifecycle.yml` about contributions to integrations whose removal is announced.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    model::{Access, Cite, SubjectKind},
    pack::{
        RoutingMode,
        rules::{Cites, Pattern},
    },
    policy::{Layered, Located, PolicyErrors},
};

/// What is still taken for an integration whose removal is announced, as it is written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeprecatedFile {
    /// Whether people are told; `on`, if left out.
    #[serde(default)]
    pub mode: RoutingMode,
    /// Which kinds of items are looked at; merge requests, if left out.
    #[serde(default = "merge_requests")]
    pub kinds: Located<Vec<SubjectKind>>,
    /// Whose items they are.
    pub community: Located<CommunityFile>,
    /// Labels of what is taken all the same; `*` stands for any text.
    pub taken: Vec<Pattern>,
    /// Labels of issues that ask for more; only such issues are looked at.
    #[serde(default)]
    pub features: Vec<Pattern>,
    /// The page that says so.
    #[serde(default)]
    pub cites: Option<Cites>,
}

/// Who is no member of the team. Any of these suffices.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommunityFile {
    /// Labels that the items of others carry; `*` stands for any text.
    #[serde(default)]
    pub labels: Vec<Pattern>,
    /// The author may do less than this in the project; left out, that is not asked.
    #[serde(default)]
    pub author_below: Option<Access>,
}

fn merge_requests() -> Located<Vec<SubjectKind>> {
    Located { value: vec![SubjectKind::MergeRequest], ..Located::default() }
}

/// What is still taken for an integration whose removal is announced.
#[derive(Debug, Clone)]
pub struct DeprecatedPolicy {
    /// Whether people are told.
    pub mode: RoutingMode,
    /// Which kinds of items are looked at.
    pub kinds: Vec<SubjectKind>,
    /// Labels that the items of others carry.
    pub community: Vec<Pattern>,
    /// Who may do less than this in the project is no member of the team.
    pub author_below: Option<Access>,
    /// Labels of what is taken all the same.
    pub taken: Vec<Pattern>,
    /// Labels of issues that ask for more.
    pub features: Vec<Pattern>,
    /// The page that says so.
    pub page: Option<String>,
    /// Where the policies say so.
    pub cite: Cite,
}

impl DeprecatedFile {
    /// Checks what is written.
    ///
    /// # Errors
    /// Every mistake with its place.
    pub(super) fn checked(self, layered: &Layered) -> Result<DeprecatedPolicy, PolicyErrors> {
        let mut errors = PolicyErrors::default();
        let (file, kinds) = (layered.file(), &self.kinds);
        let known = [SubjectKind::MergeRequest, SubjectKind::Issue];
        if kinds.is_empty() || !kinds.iter().all(|kind| known.contains(kind)) {
            errors.push(
                kinds
                    .error(file, "`kinds` names something else than merge requests and issues")
                    .with_help("expected [merge_request], [issue] or both".to_owned()),
            );
        }
        if kinds.contains(&SubjectKind::Issue) && self.features.is_empty() {
            errors.push(
                kinds
                    .error(file, "`kinds` has issues, and nothing tells which ask for features")
                    .with_help("name their labels: `features: [\"type::feature\"]`".to_owned()),
            );
        }
        let community = &self.community;
        if community.labels.is_empty() && community.author_below.is_none() {
            errors.push(
                community
                    .error(file, "`community` tells nobody from the team")
                    .with_help("name `labels`, `author_below: developer`, or both".to_owned()),
            );
        }
        let (name, line) = layered.place(community.line());
        let CommunityFile { labels, author_below } = self.community.value;
        errors.or(DeprecatedPolicy {
            mode: self.mode,
            kinds: self.kinds.value,
            community: labels,
            author_below,
            taken: self.taken,
            features: self.features,
            page: self.cites.map(|cites| cites.url.value),
            cite: Cite { file: name, line },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pack::lifecycle::Lifecycle,
        policy::{Origin, PolicySource, SourceFile},
    };

    fn load(text: &str) -> Result<Lifecycle, String> {
        let mut source = PolicySource::built_in();
        source.insert(SourceFile::new("lifecycle.yml", Origin::File("l.yml".into()), text));
        Lifecycle::load(&source, true).map_err(|errors| errors.to_string())
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let read =
            load("deprecated:\n  community: { labels: [guest] }\n  taken: ['severity::1']\n");
        let policy = read.expect("right").deprecated.expect("there");
        assert_eq!(policy.kinds, [SubjectKind::MergeRequest]);
        assert_eq!((policy.mode, policy.author_below), (RoutingMode::On, None));
        assert_eq!(policy.cite, Cite { file: "l.yml".into(), line: 2 });
    }

    #[test]
    fn mistakes_are_told_with_their_places() {
        let text = "deprecated:\n  kinds: [issue]\n  community: {}\n  taken: []\n";
        let errors = load(text).expect_err("wrong");
        for told in ["l.yml:2:10: `kinds` has issues", "l.yml:3:14: `community` tells nobody"] {
            assert!(errors.contains(told), "{errors}");
        }
        let errors = load("deprecated: { kinds: [epic], community: { labels: [a] }, taken: [] }");
        assert!(errors.expect_err("wrong").contains("something else than merge requests"));
    }
}
