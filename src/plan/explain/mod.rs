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
    /// What routing did, step by step.
    pub routing: Vec<Step>,
    /// What each rule that the team wrote saw, in the order in which they are asked.
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
    /// Where it is written.
    pub cite: Cite,
    /// What it asked and saw.
    pub tree: Explained,
}

impl RuleTold {
    /// The clauses that keep the rule from holding.
    pub fn failed(&self) -> Vec<&Explained> {
        let mut failed = Vec::new();
        gather(&self.tree, &mut failed);
        failed
    }
}

/// The clauses below one that does not hold that do not hold themselves. What stands below `not` is
/// told by `not` itself: its clauses do hold.
fn gather<'a>(clause: &'a Explained, failed: &mut Vec<&'a Explained>) {
    for child in clause.children.iter().filter(|child| child.truth != Truth::Yes) {
        let joins = matches!(child.clause.as_str(), "all" | "any");
        match joins && !child.children.is_empty() {
            true => gather(child, failed),
            false => failed.push(child),
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
        .map(|rule| RuleTold {
            rule: rule.name.clone(),
            cite: rule.cite.clone(),
            tree: declared::explain(rule, view),
        })
        .collect();
    Explanation {
        subject: snapshot.subject.clone(),
        title: snapshot.title.clone(),
        policy_version: view.pack.version.clone(),
        decided_at: view.now,
        routing: view.steps(),
        labels: fate::of_labels(view, outcome, &rules, about),
        rules,
        others: told::others(view, outcome),
        idle: outcome.actions.is_empty().then(|| outcome.wanted.idle.clone()).flatten(),
    }
}
