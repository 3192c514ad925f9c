//! From what the rules want to what is done: a three-way merge of *last applied by Steward*,
//! *now on the forge* and *wanted*.
//!
//! Deciding is pure: the same function serves the webhook, `steward plan`, the dry run, the demo
//! and the tests.

mod answers;
mod comment;
pub mod explain;
mod fields;
mod labels;
mod leaving;
mod recorded;
mod recover;
mod rehearsal;
mod rehearsed_checklists;
pub(crate) mod rehearsed_cleanup;
mod rehearsed_lifecycle;
mod rehearsed_rules;
mod sample_reasons;
mod verdicts;
mod waivers;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    commands::Question,
    model::{Activity, Because, Facet, LabelName, Ledger, Person, Plan, Reason, Snapshot},
    pack::Pack,
    rules::{View, Wanted, declared, lifecycle, newcomer, routing},
    words::WordsError,
};

use comment::Done;
use recover::{needs_history, recover};
use verdicts::Verdicts;

pub use fields::without_close;
pub use recorded::{Difference, RecordedInput, Replayed, StoredInput, What, compare, replay};
pub use rehearsal::rehearse;

use explain::Explanation;

/// What deciding came to.
#[derive(Debug)]
pub enum Decision {
    /// These facets must be read first.
    Needs(BTreeSet<Facet>),
    /// What shall be done.
    Plan(Box<Plan>),
}

/// How much of a plan is worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it, the text of each comment included.
    Full,
    /// New comments are not put into words: their bodies stay empty. For counting.
    Outline,
    /// As an outline, and labels that the rules want and that are on the subject count as set by
    /// Steward. For guessing what it did where no ledger is at hand.
    Adopted,
}

/// All that a decision is made of, but for the policies.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The subject as it was read.
    pub snapshot: &'a Snapshot,
    /// What Steward did here before.
    pub ledger: &'a Ledger,
    /// Steward's own account.
    pub me: &'a Person,
    /// When it is decided.
    pub now: DateTime<Utc>,
    /// What people asked in comments and have no answer to yet.
    pub questions: &'a [Question],
}

/// What explaining came to.
#[derive(Debug)]
pub enum Explaining {
    /// These facets must be read first.
    Needs(BTreeSet<Facet>),
    /// The way to the decision, and what was decided.
    Explained(Box<Explanation>, Box<Plan>),
}

/// Decides what shall be done about a subject. Reads no clock, calls nobody.
///
/// # Errors
/// When a template cannot be rendered: the policies' fault, not the subject's.
pub fn decide(
    snapshot: &Snapshot,
    ledger: &Ledger,
    pack: &Pack,
    me: &Person,
    now: DateTime<Utc>,
) -> Result<Decision, WordsError> {
    decide_in(Detail::Full, snapshot, ledger, pack, me, now)
}

/// As [`decide`], in the detail that the caller needs.
///
/// # Errors
/// As [`decide`].
pub fn decide_in(
    detail: Detail,
    snapshot: &Snapshot,
    ledger: &Ledger,
    pack: &Pack,
    me: &Person,
    now: DateTime<Utc>,
) -> Result<Decision, WordsError> {
    decide_input(detail, Input { snapshot, ledger, me, now, questions: &[] }, pack)
}

/// As [`decide_in`], on all that may play a part.
///
/// # Errors
/// As [`decide`].
pub fn decide_input(detail: Detail, input: Input<'_>, pack: &Pack) -> Result<Decision, WordsError> {
    Ok(match deciding(detail, input, pack, None)? {
        Deciding::Needs(needs) => Decision::Needs(needs),
        Deciding::Decided(plan, _) => Decision::Plan(plan),
    })
}

/// Decides, and tells the way to the decision. `about` are labels that somebody asks about, whether
/// or not they are on the item. Asks for the label history besides what the rules ask for.
///
/// # Errors
/// As [`decide`].
pub fn explain(
    input: Input<'_>,
    pack: &Pack,
    about: &[LabelName],
) -> Result<Explaining, WordsError> {
    Ok(match deciding(Detail::Full, input, pack, Some(about))? {
        Deciding::Needs(needs) => Explaining::Needs(needs),
        Deciding::Decided(plan, explanation) => match explanation {
            Some(explanation) => Explaining::Explained(explanation, plan),
            None => Explaining::Needs(BTreeSet::from([Facet::LabelHistory])),
        },
    })
}

enum Deciding {
    Needs(BTreeSet<Facet>),
    /// The explanation, if it was asked for.
    Decided(Box<Plan>, Option<Box<Explanation>>),
}

fn deciding(
    detail: Detail,
    input: Input<'_>,
    pack: &Pack,
    about: Option<&[LabelName]>,
) -> Result<Deciding, WordsError> {
    let Input { snapshot, ledger, me, now, questions } = input;
    // After a write whose outcome nobody knows, the truth is read before anything else.
    let truth = BTreeSet::from([Facet::LabelHistory, Facet::OwnComments]);
    if ledger.uncertain && !truth.iter().all(|facet| snapshot.has(facet)) {
        return Ok(Deciding::Needs(truth));
    }
    // A rule that says nothing leaves no marker: whether a label is its doing, the history tells.
    if needs_history(snapshot, ledger, pack) {
        return Ok(Deciding::Needs(BTreeSet::from([Facet::LabelHistory])));
    }
    // What was decided about a removal stands in Steward's comment; that there is one, the description
    // tells for free.
    if !ledger.known
        && fields::has_section(&snapshot.description)
        && !snapshot.has(&Facet::OwnComments)
    {
        return Ok(Deciding::Needs(BTreeSet::from([Facet::OwnComments])));
    }
    let recovered = recover(snapshot, ledger, pack, me);
    let known = recovered.as_ref().unwrap_or(ledger);
    let verdicts = match questions.is_empty() {
        true => Verdicts::default(),
        false => {
            let view = View::new(snapshot, known, pack, me, now);
            let verdicts = verdicts::judge(&view, questions, now);
            if view.lacks_something() {
                return Ok(Deciding::Needs(view.needs()));
            }
            verdicts
        }
    };
    let known = verdicts.ledger.as_ref().unwrap_or(known);
    let view = View::new(snapshot, known, pack, me, now);
    let explains = about.is_some() || !questions.is_empty();
    let view = if explains { view.traced() } else { view };
    let mut wanted = routing::route(&view);
    // Which files changed says what the item is about: nothing else is worth a call before.
    if view.lacks(&Facet::Changes) {
        return Ok(Deciding::Needs(view.needs()));
    }
    declared::ask(&view, &mut wanted);
    newcomer::ask(&view, &mut wanted);
    lifecycle::track(&view, &mut wanted);
    lifecycle::child(&view, &mut wanted);
    lifecycle::digest(&view, &mut wanted);
    lifecycle::deprecated(&view, &mut wanted);
    if view.lacks(&Facet::Changes) {
        return Ok(Deciding::Needs(view.needs()));
    }
    merge(&view, wanted, detail, (questions, &verdicts), about)
}

/// Merges what the rules want with what is there, answers the questions, and tells the way to the
/// decision if somebody asks `about` it.
fn merge<'a>(
    view: &View<'a>,
    wanted: Wanted<'a>,
    detail: Detail,
    (questions, verdicts): (&[Question], &Verdicts),
    about: Option<&[LabelName]>,
) -> Result<Deciding, WordsError> {
    let mut labels = labels::merge(view, &wanted, view.now);
    if detail == Detail::Adopted {
        labels.adopt(view.now);
    }
    let fields = fields::merge(view, &wanted, detail)?;
    let done = Done { labels: &labels, applied: &fields.applied };
    let mut comment = comment::merge(view, &wanted, done, detail)?;
    if about.is_some() || !questions.is_empty() {
        view.label_history();
    }
    if !questions.is_empty() {
        answers::give(view, (questions, verdicts), &wanted, done, &fields, detail, &mut comment);
    }
    let needs = view.needs();
    if !needs.is_empty() {
        return Ok(Deciding::Needs(needs));
    }
    let mut actions = labels.actions;
    actions.extend(fields.actions);
    actions.extend(comment.actions);
    actions.extend(fields.statuses);
    actions.extend(fields.issues);
    actions.extend(fields.close);
    let mut held = labels.held;
    held.extend(fields.held);
    held.extend(comment.held);
    let activity = match actions.is_empty() {
        true => view.ledger.activity,
        false => Some(Activity { others: view.active_at(), wrote: view.now }),
    };
    let explanation = about.map(|about| {
        let outcome = explain::Outcome { wanted: &wanted, actions: &actions, held: &held };
        Box::new(explain::explanation(view, outcome, about))
    });
    let as_it_should_be =
        || Reason { rule: "plan".into(), cite: None, because: Because::AsItShouldBe };
    let plan = Box::new(Plan {
        subject: view.snapshot.subject.clone(),
        policy_version: view.pack.version.clone(),
        policy_commit: view.pack.commit.clone(),
        decided_at: view.now,
        close_limit: fields.close_limit,
        idle: actions.is_empty().then(|| wanted.idle.unwrap_or_else(as_it_should_be)),
        actions,
        held,
        shadow: wanted.shadow,
        ledger_after: Ledger {
            labels: labels.ours,
            comments: comment.live,
            applied: fields.applied,
            activity,
            known: view.ledger.known || comment.looked,
            uncertain: false,
            closing: None,
        },
    });
    Ok(Deciding::Decided(plan, explanation))
}
