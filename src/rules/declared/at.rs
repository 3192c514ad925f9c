//! What a predicate looks at: the item, through the eyes of one rule.

use std::{borrow::Cow, cell::Cell};

use crate::{
    model::{Access, Changes, Facet, LabelEvent, LabelName, Votes},
    pack::rules::Rule,
    rules::{View, routing::About},
};

/// An item through the eyes of one rule.
pub(super) struct At<'v, 'a> {
    pub(super) view: &'v View<'a>,
    pub(super) rule: &'v Rule,
    /// Whether a facet that was not read is asked for; else it is only missed.
    reads: bool,
    missed: Cell<bool>,
}

impl<'v, 'a> At<'v, 'a> {
    /// To decide: what was not read is asked for.
    pub(super) fn deciding(view: &'v View<'a>, rule: &'v Rule) -> Self {
        Self { view, rule, reads: true, missed: Cell::new(false) }
    }

    /// To tell what there is to see, without reading anything more.
    pub(super) fn telling(view: &'v View<'a>, rule: &'v Rule) -> Self {
        Self { reads: false, ..Self::deciding(view, rule) }
    }

    /// Whether a facet was missed since the last time that this was asked.
    pub(super) fn takes_missed(&self) -> bool {
        self.missed.replace(false)
    }

    /// Notes that a facet is missing, without forgetting an earlier one.
    pub(super) fn misses(&self) {
        self.missed.set(true);
    }

    /// The labels on the item that are evidence, as they stand and in lower case: not those that
    /// the rule itself has set.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&'a LabelName, &Cow<'a, str>)> {
        let labels = self.view.snapshot.labels.iter().zip(self.view.labels_lower());
        labels.filter(|(label, _)| !self.is_own(label))
    }

    /// Whether the rule itself has set a label.
    fn is_own(&self, label: &LabelName) -> bool {
        if self.view.ledger.labels.is_empty() {
            return false;
        }
        self.view.ledger.own(label).is_some_and(|applied| match &applied.rule {
            Some(rule) => *rule == self.rule.name,
            // From a marker, which does not tell the rule.
            None => self.rule.sets(label),
        })
    }

    /// The last event of a label; `None` while the history is not read.
    pub(super) fn last_event(&self, label: &LabelName) -> Option<Option<&'a LabelEvent>> {
        self.has(&Facet::LabelHistory).then(|| self.view.last_event(label))
    }

    /// The changed files; `None` while they are not read.
    pub(super) fn changes(&self) -> Option<&'a Changes> {
        self.has(&Facet::Changes).then_some(self.view.snapshot.facets.changes.as_ref())?
    }

    /// What the author may do; `None` while it is not read.
    pub(super) fn author_access(&self) -> Option<Access> {
        self.has(&Facet::AuthorAccess).then_some(self.view.snapshot.facets.author_access)?
    }

    /// How many reacted with a thumb; `None` while it is not read.
    pub(super) fn votes(&self) -> Option<Votes> {
        self.has(&Facet::Votes).then_some(self.view.snapshot.votes)?
    }

    /// Which integrations the item is about; `None` while a facet for it is not read.
    pub(super) fn about(&self) -> Option<&'v About<'a>> {
        let about = match self.reads {
            true => Some(self.view.about()),
            false => self.view.about_if_known(),
        };
        let known = about.filter(|about| !about.unread);
        if known.is_none() {
            self.misses();
        }
        known
    }

    /// Whether a facet is read; if not, it is asked for.
    fn has(&self, facet: &Facet) -> bool {
        if self.view.snapshot.has(facet) {
            return true;
        }
        self.misses();
        if self.reads {
            match facet {
                Facet::LabelHistory => _ = self.view.label_history(),
                Facet::Changes => _ = self.view.changes(),
                Facet::Votes => _ = self.view.votes(),
                Facet::AuthorAccess => _ = self.view.author_access(),
                _ => {}
            }
        }
        false
    }
}
