//! A rule as it is asked: read, merged from the layers and checked.

use super::{Canary, Cites, Condition, Expr, Mode, Then};
use crate::{
    model::{Cite, LabelName, SubjectKind},
    policy::Located,
};

/// The start of the names of rules that stand in `rules/*.yml`, as reasons and the ledger name
/// them.
pub const DECLARED: &str = "rules.";

/// A rule of the policies.
#[derive(Debug)]
pub struct Rule {
    /// Its key in `rules/*.yml`.
    pub key: String,
    /// The name in reasons and in the ledger: `rules.<key>`.
    pub name: String,
    /// What it is for, in its author's words.
    pub about: String,
    /// The kinds of items that it looks at. Never empty.
    pub on: Vec<SubjectKind>,
    /// When it holds.
    pub when: Option<Located<Condition>>,
    /// When it holds, in CEL. With `when`, both must hold.
    pub expr: Option<Expr>,
    /// What shall be while it holds.
    pub then: Then,
    /// Whether it acts.
    pub mode: Mode,
    /// Where it acts with [`Mode::Canary`].
    pub canary: Option<Canary>,
    /// What it enforces.
    pub cites: Option<Cites>,
    /// Where it is written.
    pub cite: Cite,
    /// Whether it looks at items in every state, since it asks for the state itself. A rule that
    /// does not looks at open items only.
    pub asks_state: bool,
}

impl Rule {
    /// The name of the template that an inline text of the rule is registered under.
    pub fn inline_template(key: &str) -> String {
        format!("{INLINE}{key}")
    }

    /// The template that makes the rule's section of a comment, if it has words.
    pub fn template(&self) -> Option<String> {
        let comment = self.then.comment.as_ref()?;
        match (&comment.template, &comment.text) {
            (Some(template), _) => Some(template.value.clone()),
            (None, Some(_)) => Some(Self::inline_template(&self.key)),
            (None, None) => None,
        }
    }

    /// Whether a label is one of those that it sets.
    pub fn sets(&self, label: &LabelName) -> bool {
        let mut added = self.then.labels.iter().flat_map(|labels| &labels.add);
        added.any(|added| LabelName::new(added.as_str()).same(label))
    }

    /// Whether a label is one of those that it sets or removes.
    pub fn touches(&self, label: &LabelName) -> bool {
        let mut removed = self.then.labels.iter().flat_map(|labels| &labels.remove);
        self.sets(label) || removed.any(|pattern| pattern.fits(label.as_str()))
    }

    /// Whether it has something to say in a comment.
    pub fn speaks(&self) -> bool {
        let then = &self.then;
        then.comment.is_some() || then.mention.is_some() || !then.checklist.is_empty()
    }
}

/// The start of the names of templates that stand in rules.
pub(super) const INLINE: &str = "rule/";

/// All rules, in the order in which they are asked.
#[derive(Debug, Default)]
pub struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn new(rules: Vec<Rule>) -> Self {
        Self(rules)
    }

    /// In the order in which they are asked: by the files' names, then from top to bottom.
    pub fn iter(&self) -> std::slice::Iter<'_, Rule> {
        self.0.iter()
    }

    /// The rule with this key.
    pub fn get(&self, key: &str) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.key == key)
    }

    /// The first rule that sets a label.
    pub fn that_sets(&self, label: &LabelName) -> Option<&Rule> {
        self.0.iter().find(|rule| rule.sets(label))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> IntoIterator for &'a Rules {
    type Item = &'a Rule;
    type IntoIter = std::slice::Iter<'a, Rule>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
