//! Why: the way to a decision, with what was seen, for what was done and for what was not. One
//! value, which `steward why` prints and the answer to the command `why` is made of.

mod fate;
mod samples;
mod told;
mod would;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use fate::Fate;
pub(super) use samples::samples;
pub use told::Thing;
pub use would::{Failed, Would};

use crate::{
    model::{Action, Cite, Held, LabelEvent, LabelName, Reason, Subject},
    pack::rules::Mode,
    rules::{
        Step, View, Wanted,
        declared::{self, Explained, Truth},
    },
};

/// The way to a decision.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// What it is about.
    pub subject: Subject,
    /// Its title, as a user typed it.
    pub title: String,
    /// The policies in force.
    pub policy_version: String,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// What routing did, step by step; nothing, where somebody asks about a label that only rules
    /// know.
    pub routing: Vec<Step>,
    /// What each rule that the team wrote saw, in the order in which they are asked; where somebody
    /// asks about labels, of each that sets or removes one.
    pub rules: Vec<RuleTold>,
    /// What became of each label that is on the item or was asked for, and of those that somebody
    /// asks about.
    pub labels: Vec<LabelTold>,
    /// What became of comments and all else.
    pub others: Vec<OtherTold>,
    /// Why nothing is asked for, when that is so.
    pub idle: Option<Reason>,
}

/// A rule that the team wrote, clause by clause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleTold {
    /// Its name: `rules.<key>`.
    pub rule: String,
    /// Whether it acts.
    pub mode: Mode,
    /// Where it is written.
    pub cite: Cite,
    /// What it asked and saw.
    pub tree: Explained,
}

impl RuleTold {
    /// The clauses that keep the rule from holding.
    pub fn failed(&self) -> Vec<Failed> {
        let mut failed = Vec::new();
        gather(&self.tree, true, &mut failed);
        failed
    }
}

/// The clauses below one that are not as it wants them: that do not hold, and below `not` those
/// that do.
fn gather(clause: &Explained, want: bool, failed: &mut Vec<Failed>) {
    let wanted = Truth::from(want);
    for child in clause.children.iter().filter(|child| child.truth != wanted) {
        match child.clause.as_str() {
            // What it is made of shall be the other way round.
            "not" => gather(child, !want, failed),
            "all" | "any" => gather(child, want, failed),
            name => failed.push(Failed {
                clause: if want { name.to_owned() } else { format!("not {name}") },
                asked: child.asked.clone(),
                saw: child.saw.clone(),
            }),
        }
    }
}

/// What became of a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelTold {
    /// The label.
    pub label: LabelName,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
    /// Why.
    pub reason: Option<Reason>,
    /// What would set it, where nothing does.
    pub would: Vec<WouldTold>,
    /// Who set and removed it when, oldest first.
    pub history: Vec<LabelEvent>,
}

/// Something that would set a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WouldTold {
    /// What.
    #[serde(flatten)]
    pub would: Would,
    /// Where the policy says so.
    pub cite: Option<Cite>,
}

/// What became of something else than a label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherTold {
    /// What, and what became of it.
    #[serde(flatten)]
    pub thing: Thing,
    /// Why.
    pub reason: Reason,
}

impl LabelTold {
    /// Whether Steward has or had a hand in it, or was asked to.
    pub fn is_ours(&self) -> bool {
        self.reason.is_some() || matches!(self.fate, Fate::StewardSet { .. } | Fate::Kept { .. })
    }
}

impl Explanation {
    /// What became of a label.
    pub fn label(&self, name: &LabelName) -> Option<&LabelTold> {
        self.labels.iter().find(|told| told.label.same(name))
    }
}

/// What became of what was wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) actions: &'a [Action],
    pub(super) held: &'a [Held],
}

/// Whether routing neither reads nor sets a label.
fn is_for_rules(view: &View<'_>, label: &LabelName) -> bool {
    let catalog = &view.pack.catalog;
    view.pack.routing.value_of(label.as_str()).is_none()
        && catalog.group_by_label(label.as_str()).is_none()
        && !catalog.stages().any(|stage| LabelName::new(&stage.label).same(label))
}

/// Explains a decision. `about` are labels that somebody asks about, whether or not they are on the
/// item.
pub(super) fn explanation(
    view: &View<'_>,
    outcome: Outcome<'_>,
    about: &[LabelName],
) -> Explanation {
    let snapshot = view.snapshot;
    let rules: Vec<RuleTold> = view
        .pack
        .rules
        .iter()
        .filter(|rule| about.is_empty() || about.iter().any(|label| rule.touches(label)))
        .map(|rule| RuleTold {
            rule: rule.name.clone(),
            mode: rule.mode,
            cite: rule.cite.clone(),
            tree: declared::explain(rule, view),
        })
        .collect();
    Explanation {
        subject: snapshot.subject.clone(),
        title: snapshot.title.clone(),
        policy_version: view.pack.version.clone(),
        decided_at: view.now,
        routing: match !rules.is_empty() && about.iter().all(|label| is_for_rules(view, label)) {
            true if !about.is_empty() => Vec::new(),
            _ => view.steps(),
        },
        labels: fate::of_labels(view, outcome, &rules, about),
        rules,
        others: told::others(view, outcome),
        idle: outcome.actions.is_empty().then(|| outcome.wanted.idle.clone()).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(name: &str, truth: Truth, children: Vec<Explained>) -> Explained {
        let leaf = children.is_empty();
        let text = |text: &str| if leaf { text.to_owned() } else { String::new() };
        let (asked, saw) = (text("asked"), text("saw"));
        Explained { clause: name.into(), asked, saw, truth, line: 1, children }
    }

    #[test]
    fn what_stands_below_not_is_told_as_far_as_it_keeps_the_rule_from_holding() {
        use Truth::{No, Yes};
        let any =
            clause("any", Yes, vec![clause("label", Yes, vec![]), clause("title", No, vec![])]);
        let double = clause("not", No, vec![clause("not", Yes, vec![clause("draft", No, vec![])])]);
        let tree = clause("rule", No, vec![clause("not", No, vec![any]), double]);
        let cite = Cite { file: "rules/team.yml".into(), line: 1 };
        let told = RuleTold { rule: "rules.a".into(), mode: Mode::On, cite, tree };
        let failed: Vec<String> = told.failed().into_iter().map(|one| one.clause).collect();
        assert_eq!(failed, ["not label", "draft"]);
    }
}
