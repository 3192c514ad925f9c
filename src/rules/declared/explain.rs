//! Why a rule holds or does not: its conditions as a tree, with what each saw.

use serde::{Deserialize, Serialize};

use super::{
    At, Truth, conditions,
    holds::{holds, truth},
};
use crate::{
    model::{Because, Evidence, Reason, State},
    pack::rules::{Condition, Rule},
    policy::Located,
    rules::View,
};

/// The most clauses that a reason tells.
const MOST_EVIDENCE: usize = 5;

/// A clause of a rule, what it asks and what it saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The predicate, as policies name it: `label`, `all`; `rule` for a rule as a whole.
    pub clause: String,
    /// What it asks, shortly.
    pub asked: String,
    /// What there was to see; empty for a clause that only joins others.
    pub saw: String,
    /// Whether it holds.
    pub truth: Truth,
    /// The line in the policy, from 1; 0 for what no line says, such as that a rule looks at open
    /// items only.
    pub line: usize,
    /// What it is made of.
    pub children: Vec<Explained>,
}

impl Explained {
    fn leaf(clause: &str, asked: String, saw: String, truth: Truth, line: usize) -> Self {
        Self { clause: clause.to_owned(), asked, saw, truth, line, children: Vec::new() }
    }
}

/// A rule on an item, clause by clause. Facets that it takes to decide are noted by the view, as
/// [`holds`] does; what needs another one is told as not read.
pub fn explain(rule: &Rule, view: &View<'_>) -> Explained {
    let truth = holds(rule, view);
    Explained {
        clause: "rule".into(),
        asked: rule.about.clone(),
        saw: String::new(),
        truth,
        line: rule.cite.line,
        children: children(&At::telling(view, rule)),
    }
}

/// Why a rule that holds does so.
pub(super) fn reason(rule: &Rule, view: &View<'_>) -> Reason {
    let mut evidence = Vec::new();
    for child in &children(&At::telling(view, rule)) {
        gather(child, Truth::Yes, &mut evidence);
    }
    // What every item of these kinds meets says nothing about this one.
    evidence.retain(|one| one.1 > 0);
    evidence.truncate(MOST_EVIDENCE);
    let evidence = evidence.into_iter().map(|(evidence, _)| evidence).collect();
    Reason {
        rule: rule.name.clone(),
        cite: Some(rule.cite.clone()),
        because: Because::RuleHolds { about: rule.about.clone(), evidence },
    }
}

fn children(at: &At<'_, '_>) -> Vec<Explained> {
    let (rule, snapshot) = (at.rule, at.view.snapshot);
    let kinds = conditions::all_written(&rule.on);
    let kind = conditions::written(&snapshot.subject.kind);
    let on = rule.on.contains(&snapshot.subject.kind).into();
    let mut children = vec![Explained::leaf("on", kinds, kind, on, 0)];
    if !rule.asks_state {
        let open = (snapshot.state == State::Open).into();
        let saw = conditions::written(&snapshot.state);
        children.push(Explained::leaf("state", "open".into(), saw, open, 0));
    }
    children.extend(rule.when.as_ref().map(|when| tree(when, at)));
    if let Some(expr) = &rule.expr {
        let truth = conditions::expr::holds(expr, at);
        let saw = if at.takes_missed() { NOT_READ } else { "" };
        let asked = conditions::shown(expr.as_str()).into_owned();
        children.push(Explained::leaf("when_expr", asked, saw.into(), truth, expr.line()));
    }
    children
}

const NOT_READ: &str = "not read";

fn tree(at: &Located<Condition>, eyes: &At<'_, '_>) -> Explained {
    let joined = |clause: &str, children: Vec<Explained>| Explained {
        clause: clause.into(),
        asked: String::new(),
        saw: String::new(),
        truth: truth(at, eyes),
        line: at.line(),
        children,
    };
    let explained = match &at.value {
        Condition::All(list) => joined("all", list.iter().map(|one| tree(one, eyes)).collect()),
        Condition::Any(list) => joined("any", list.iter().map(|one| tree(one, eyes)).collect()),
        Condition::Not(inner) => joined("not", vec![tree(inner, eyes)]),
        leaf => conditions::with(leaf, |predicate| {
            eyes.takes_missed();
            let truth = predicate.holds(eyes);
            let saw = match eyes.takes_missed() {
                true => NOT_READ.to_owned(),
                false => predicate.saw(eyes),
            };
            Explained::leaf(predicate.name(), predicate.asked(), saw, truth, at.line())
        }),
    };
    eyes.takes_missed();
    explained
}

/// The leaves that make a clause hold (`want` is yes) or not hold, each with its line.
fn gather(at: &Explained, want: Truth, to: &mut Vec<(Evidence, usize)>) {
    if at.truth != want {
        return;
    }
    // One of them is enough, or it takes all of them.
    let one_is_enough = match at.clause.as_str() {
        "all" => want == Truth::No,
        "any" => want == Truth::Yes,
        "not" => return at.children.iter().for_each(|child| gather(child, !want, to)),
        clause => {
            to.push((
                Evidence {
                    clause: clause.to_owned(),
                    asked: at.asked.clone(),
                    saw: at.saw.clone(),
                },
                at.line,
            ));
            return;
        }
    };
    let mut deciding = at.children.iter().filter(|child| child.truth == want);
    match one_is_enough {
        true => deciding.next().into_iter().for_each(|child| gather(child, want, to)),
        false => deciding.for_each(|child| gather(child, want, to)),
    }
}
