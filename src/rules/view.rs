//! A snapshot through the eyes of the rules: it remembers which facets they missed.

use std::{cell::RefCell, collections::BTreeSet};

use chrono::{DateTime, Utc};

use super::{Saw, Step};
use crate::model::{
    Changes, Cite, Comment, Facet, LabelEvent, LabelName, Ledger, Person, Snapshot,
};
use crate::pack::Pack;

/// Who took a label off and when, as far as that is known.
#[derive(Debug, Clone)]
pub struct Removal {
    /// The handle.
    pub by: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

/// What a rule may look at. Asking for a facet that was not read yet notes it as needed and
/// answers "nothing"; whoever decides then reads the facet and decides again.
#[derive(Debug)]
pub struct View<'a> {
    /// The subject as it was read.
    pub snapshot: &'a Snapshot,
    /// What Steward did here before.
    pub ledger: &'a Ledger,
    /// The policies in force.
    pub pack: &'a Pack,
    /// Steward's own account.
    pub me: &'a Person,
    /// When it is decided.
    pub now: DateTime<Utc>,
    needs: RefCell<BTreeSet<Facet>>,
    /// The steps of routing, where somebody wants to know them.
    steps: Option<RefCell<Vec<Step>>>,
}

impl<'a> View<'a> {
    /// A view of a snapshot.
    pub fn new(
        snapshot: &'a Snapshot,
        ledger: &'a Ledger,
        pack: &'a Pack,
        me: &'a Person,
        now: DateTime<Utc>,
    ) -> Self {
        Self { snapshot, ledger, pack, me, now, needs: RefCell::default(), steps: None }
    }

    /// The same view, which also notes the steps that routing takes.
    pub fn traced(self) -> Self {
        Self { steps: Some(RefCell::default()), ..self }
    }

    /// Notes a step of routing, if anybody wants to know it.
    pub fn note(
        &self,
        rule: &str,
        held: bool,
        cite: impl FnOnce() -> Option<Cite>,
        saw: impl FnOnce() -> Saw,
    ) {
        if let Some(steps) = &self.steps {
            let step = Step { rule: rule.to_owned(), held, cite: cite(), saw: saw() };
            steps.borrow_mut().push(step);
        }
    }

    /// The steps that routing took, if this view notes them.
    pub fn steps(&self) -> Vec<Step> {
        self.steps.as_ref().map(|steps| steps.borrow().clone()).unwrap_or_default()
    }

    /// Whether this view notes the steps of routing.
    pub fn is_traced(&self) -> bool {
        self.steps.is_some()
    }

    /// The facets that were asked for and are not there.
    pub fn needs(&self) -> BTreeSet<Facet> {
        self.needs.borrow().clone()
    }

    /// Whether anything was asked for that is not there.
    pub fn lacks_something(&self) -> bool {
        !self.needs.borrow().is_empty()
    }

    /// Who set and removed which label when, oldest first.
    pub fn label_history(&self) -> &'a [LabelEvent] {
        self.facet(self.snapshot.facets.label_history.as_deref(), Facet::LabelHistory)
    }

    /// Steward's own comments, oldest first.
    pub fn own_comments(&self) -> &'a [Comment] {
        self.facet(self.snapshot.facets.own_comments.as_deref(), Facet::OwnComments)
    }

    /// The changed files of a merge request.
    pub fn changes(&self) -> Option<&'a Changes> {
        if self.snapshot.facets.changes.is_none() {
            self.needs.borrow_mut().insert(Facet::Changes);
        }
        self.snapshot.facets.changes.as_ref()
    }

    /// The label in the forge's spelling, if the forge has it. `None` also while it is not read.
    pub fn label_on_forge(&self, name: &LabelName) -> Option<&'a LabelName> {
        match self.snapshot.facets.labels_known.get(&name.as_str().to_lowercase()) {
            Some(found) => found.as_ref(),
            None => {
                self.needs.borrow_mut().insert(Facet::Label(name.clone()));
                None
            }
        }
    }

    /// The last event of a label, told by somebody's hand or Steward's.
    pub fn last_event(&self, label: &LabelName) -> Option<&'a LabelEvent> {
        self.label_history()
            .iter()
            .rfind(|event| event.label.as_ref().is_some_and(|of| of.same(label)))
    }

    /// Whether an event was Steward's own doing.
    pub fn is_mine(&self, event: &LabelEvent) -> bool {
        event.by.as_ref().is_some_and(|by| by.id == self.me.id)
    }

    /// Whether somebody else took the label off after it had been there: an answer that stands,
    /// unless the evidence for the label is newer (`since`), which makes it a new request.
    pub fn taken_off(&self, label: &LabelName, since: Option<DateTime<Utc>>) -> Option<Removal> {
        if self.snapshot.label(label).is_some() {
            return None;
        }
        match self.last_event(label) {
            Some(event) if event.added || self.is_mine(event) => None,
            Some(event) if since.is_some_and(|since| since > event.at) => None,
            Some(event) => Some(Removal {
                by: event.by.as_ref().map(|by| by.username.clone()),
                at: Some(event.at),
            }),
            // A label without any event was deleted on the forge, and perhaps created anew.
            None => None,
        }
    }

    fn facet<T>(&self, read: Option<&'a [T]>, facet: Facet) -> &'a [T] {
        read.unwrap_or_else(|| {
            self.needs.borrow_mut().insert(facet);
            &[]
        })
    }
}
