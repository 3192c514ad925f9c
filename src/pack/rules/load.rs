//! `rules/*.yml` of all layers to checked rules. Every mistake of every file is found in one go.

use std::collections::BTreeMap;

use super::{
    Condition, DECLARED, Expr, Mode, Rule, RuleFile, Rules, RulesFile, Then, check::Checker,
    known::Known,
};
use crate::{
    model::{Cite, SubjectKind},
    policy::{Located, Origin, PolicyErrors, PolicySource, SourceFile, parse_all},
    words::Words,
};

/// Files that hold rules, as [`PolicySource::unread`] wants them.
pub const FILES: &str = "rules/*.yml";
const FOLDER: &str = "rules/";

/// The files with rules, each as far as it could be read.
pub(in crate::pack) struct Files<'s> {
    read: Vec<(&'s SourceFile, RulesFile)>,
    errors: PolicyErrors,
}

impl<'s> Files<'s> {
    /// Reads the files, one by one.
    pub(in crate::pack) fn read(source: &'s PolicySource) -> Self {
        let mut files = Self { read: Vec::new(), errors: PolicyErrors::default() };
        for file in source.files(FOLDER).filter(|file| is_rules(&file.path)) {
            match parse_all(file) {
                Ok(rules) => files.read.push((file, rules)),
                Err(errors) => files.errors.extend(errors),
            }
        }
        files
    }

    /// The templates that rules name, as far as that is known: `None` when a file could not be
    /// read.
    pub(in crate::pack) fn templates(&self) -> Option<Vec<&str>> {
        let rules = || self.read.iter().flat_map(|(_, file)| &file.rules.0);
        let named = rules().filter_map(|(_, rule)| {
            let comment = rule.then.as_ref()?.comment.as_ref()?;
            Some(comment.template.as_ref()?.as_str())
        });
        self.errors.is_empty().then(|| named.collect())
    }

    /// Merges the layers and checks the rules. Inline texts become templates.
    ///
    /// # Errors
    /// Every mistake with its place.
    pub(in crate::pack) fn load(
        self,
        known: &Known<'_>,
        words: Option<&mut Words>,
    ) -> Result<Rules, PolicyErrors> {
        let mut checker = Checker::new(known, words, self.errors);
        let mut order: Vec<&str> = Vec::new();
        let mut layers: BTreeMap<&str, Layers<'_>> = BTreeMap::new();
        for (file, rules) in &self.read {
            for (key, rule) in &rules.rules.0 {
                checker.rule_by_itself(file, key, rule);
                let entry = layers.entry(key.as_str()).or_insert_with(|| {
                    order.push(key.as_str());
                    Layers::default()
                });
                let changed_above = entry.above.is_some();
                let (place, built_in) = match file.origin {
                    Origin::BuiltIn | Origin::Pack(_) => (&mut entry.below, true),
                    Origin::File(_) => (&mut entry.above, false),
                };
                // A rule keeps the place of the built-in one, whoever changes a field of it.
                if built_in && changed_above && place.is_none() {
                    order.retain(|had| *had != key.as_str());
                    order.push(key.as_str());
                }
                match place {
                    Some(first) => checker.twice(file, key, first.file, first.key),
                    None => *place = Some(Layer { file, key, rule }),
                }
            }
        }
        let rules =
            order.into_iter().filter_map(|key| merged(layers.get(key)?, &mut checker)).collect();
        checker.errors.or(Rules::new(rules))
    }
}

fn is_rules(path: &str) -> bool {
    path.strip_prefix(FOLDER)
        .and_then(|rest| rest.strip_suffix(".yml"))
        .is_some_and(|stem| !stem.is_empty() && !stem.contains('/'))
}

/// A rule as one file has it.
#[derive(Clone, Copy)]
pub(super) struct Layer<'s> {
    pub(super) file: &'s SourceFile,
    pub(super) key: &'s Located<String>,
    pub(super) rule: &'s RuleFile,
}

/// A rule as the built-in pack and the user's folder have it.
#[derive(Default)]
pub(super) struct Layers<'s> {
    below: Option<Layer<'s>>,
    above: Option<Layer<'s>>,
}

impl<'s> Layers<'s> {
    /// A field, and the file that it is from: the user's, else the built-in one.
    pub(super) fn field<T>(
        &self,
        of: impl Fn(&'s RuleFile) -> Option<&'s T>,
    ) -> Option<(&'s T, &'s SourceFile)> {
        [self.above, self.below]
            .into_iter()
            .flatten()
            .find_map(|layer| Some((of(layer.rule)?, layer.file)))
    }

    /// The layer that people look at first: the user's, if it says when the rule holds or what
    /// shall be then.
    pub(super) fn place(&self) -> Option<Layer<'s>> {
        let says = |layer: &Layer<'_>| {
            let rule = layer.rule;
            rule.when.is_some() || rule.when_expr.is_some() || rule.then.is_some()
        };
        self.above.filter(says).or(self.below).or(self.above)
    }
}

/// The rule that the layers make together; `None` after a mistake, which is told.
fn merged(layers: &Layers<'_>, checker: &mut Checker<'_, '_>) -> Option<Rule> {
    let place = layers.place()?;
    checker.rule_as_whole(layers);
    let key = place.key.value.clone();
    let when = layers.field(|rule| rule.when.as_ref()).map(|(when, _)| when.clone());
    let (expr, expr_failed) = match layers.field(|rule| rule.when_expr.as_ref()) {
        Some((source, file)) => {
            let expr = checker.expr(file, source);
            let failed = expr.is_none();
            (expr, failed)
        }
        None => (None, false),
    };
    let then = layers.field(|rule| rule.then.as_ref()).map(|(then, _)| then.value.clone())?;
    let about = layers.field(|rule| rule.about.as_ref())?.0.value.clone();
    if expr_failed || (when.is_none() && expr.is_none()) {
        return None;
    }
    let mode = layers.field(|rule| rule.mode.as_ref()).map(|(mode, _)| mode.value);
    let asks_state = when.as_ref().is_some_and(|when| asks_state(when))
        || expr.as_ref().is_some_and(Expr::asks_state);
    Some(Rule {
        name: format!("{DECLARED}{key}"),
        about,
        on: layers
            .field(|rule| rule.on.as_ref())
            .map_or_else(all_kinds, |(on, _)| on.value.clone()),
        when,
        expr,
        then,
        mode: mode.unwrap_or_default(),
        canary: layers
            .field(|rule| rule.canary.as_ref())
            .filter(|_| mode == Some(Mode::Canary))
            .map(|(canary, _)| canary.value.clone()),
        cites: layers.field(|rule| rule.cites.as_ref()).map(|(cites, _)| cites.clone()),
        cite: Cite { file: place.file.display_name(), line: place.key.line() },
        asks_state,
        key,
    })
}

/// Every kind of item.
pub(super) fn all_kinds() -> Vec<SubjectKind> {
    vec![SubjectKind::Issue, SubjectKind::MergeRequest, SubjectKind::Epic]
}

/// Whether a condition has the predicate `state`.
fn asks_state(condition: &Condition) -> bool {
    match condition {
        Condition::State(_) => true,
        Condition::All(list) | Condition::Any(list) => list.iter().any(|one| asks_state(one)),
        Condition::Not(inner) => asks_state(inner),
        _ => false,
    }
}

/// Whether a rule does anything at all.
pub(super) fn does_something(then: &Then) -> bool {
    let labels = then.labels.as_ref();
    labels.is_some_and(|labels| !labels.add.is_empty() || !labels.remove.is_empty())
        || then.comment.is_some()
        || then.mention.is_some()
        || then.assign.is_some()
        || then.request_review.is_some()
        || then.milestone.is_some()
        || then.status.is_some()
        || !then.checklist.is_empty()
        || then.close.is_some()
}
