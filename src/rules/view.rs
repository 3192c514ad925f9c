//! A snapshot through the eyes of the rules: it remembers which facets they missed.

use std::{
    borrow::Cow,
    cell::{OnceCell, RefCell},
    collections::BTreeSet,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Saw, Step,
    routing::{self, About},
};
pub(super) use crate::model::lower;
use crate::model::{
    Access, Changes, Cite, Comment, Facet, FileAt, FileContent, FoundMilestone, LabelEvent,
    LabelName, Ledger, Mark, Membership, OnForge, OwnIssue, Person, RemovalRecord, Snapshot,
    Standing, StandingOf, StandingStatus, Votes,
};
use crate::pack::{Pack, removals};

/// The forge's clock may be ahead of Steward's by this much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(10);

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
    about: OnceCell<About<'a>>,
    labels: OnceCell<Vec<Cow<'a, str>>>,
    title: OnceCell<Cow<'a, str>>,
    description: OnceCell<Cow<'a, str>>,
    removals: OnceCell<Vec<removals::Removal>>,
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
        Self {
            snapshot,
            ledger,
            pack,
            me,
            now,
            needs: RefCell::default(),
            steps: None,
            about: OnceCell::new(),
            labels: OnceCell::new(),
            title: OnceCell::new(),
            description: OnceCell::new(),
            removals: OnceCell::new(),
        }
    }

    /// Which integrations the item is about, found out once.
    pub(super) fn about(&self) -> &About<'a> {
        self.about.get_or_init(|| routing::about(self))
    }

    /// As [`View::about`], if that was found out already.
    pub(super) fn about_if_known(&self) -> Option<&About<'a>> {
        self.about.get()
    }

    /// The labels on the item in lower case, in its order.
    pub(super) fn labels_lower(&self) -> &[Cow<'a, str>] {
        self.labels
            .get_or_init(|| self.snapshot.labels.iter().map(|on| lower(on.as_str())).collect())
    }

    /// The title in lower case.
    pub(super) fn title_lower(&self) -> &str {
        self.title.get_or_init(|| lower(&self.snapshot.title))
    }

    /// The description in lower case.
    pub(super) fn description_lower(&self) -> &str {
        self.description.get_or_init(|| lower(&self.snapshot.description))
    }

    /// How many reacted with a thumb; `None` while it is not read.
    pub(super) fn votes(&self) -> Option<Votes> {
        if self.snapshot.votes.is_none() {
            self.needs.borrow_mut().insert(Facet::Votes);
        }
        self.snapshot.votes
    }

    /// What the author may do in the project; `None` while it is not read.
    pub(super) fn author_access(&self) -> Option<Access> {
        if self.snapshot.facets.author_access.is_none() {
            self.needs.borrow_mut().insert(Facet::AuthorAccess);
        }
        self.snapshot.facets.author_access
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

    /// Whether this facet was asked for and is not there.
    pub fn lacks(&self, facet: &Facet) -> bool {
        self.needs.borrow().contains(facet)
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

    /// Steward's own statuses on the newest commit.
    pub fn own_statuses(&self) -> &'a [StandingStatus] {
        self.facet(self.snapshot.facets.own_statuses.as_deref(), Facet::OwnStatuses)
    }

    /// The issues of the project that Steward itself opened.
    pub fn own_issues(&self) -> &'a [OwnIssue] {
        self.facet(self.snapshot.facets.own_issues.as_deref(), Facet::OwnIssues)
    }

    /// Whether Steward itself opened the item.
    pub fn is_own(&self) -> bool {
        self.snapshot.author.id == self.me.id
    }

    /// What the item is for, if Steward itself opened it for something.
    pub fn mark(&self) -> Option<Mark> {
        self.is_own().then(|| Mark::of(&self.snapshot.description)).flatten()
    }

    /// The changed files of a merge request.
    pub fn changes(&self) -> Option<&'a Changes> {
        if self.snapshot.facets.changes.is_none() {
            self.needs.borrow_mut().insert(Facet::Changes);
        }
        self.snapshot.facets.changes.as_ref()
    }

    /// What stands in a file of the project; `None` while it is not read.
    pub fn file(&self, at: &FileAt) -> Option<&'a FileContent> {
        let found = self.snapshot.facets.files.get(at);
        if found.is_none() {
            self.needs.borrow_mut().insert(Facet::File(at.clone()));
        }
        found
    }

    /// Whether an account belongs to a group now; `None` while it is not read.
    pub fn belongs(&self, of: &Membership) -> Option<bool> {
        let mut known = self.snapshot.facets.memberships.iter();
        let found = known.find(|(known, _)| known == of).map(|(_, belongs)| *belongs);
        if found.is_none() {
            self.needs.borrow_mut().insert(Facet::Membership(of.clone()));
        }
        found
    }

    /// What people recorded on all tracking issues; nothing while that is not read.
    pub fn removal_records(&self) -> &'a [RemovalRecord] {
        self.facet(self.snapshot.facets.removals.as_deref(), Facet::Removals)
    }

    /// What people recorded on this item about an integration that leaves.
    pub fn removal_here(&self) -> Option<&'a RemovalRecord> {
        self.ledger.removal()
    }

    /// Which integrations leave: by the policies, and by what people recorded on tracking issues,
    /// this one's last.
    pub fn removals(&self) -> &[removals::Removal] {
        self.removals.get_or_init(|| {
            let records = self.removal_records().iter().chain(self.removal_here());
            self.pack.removals.with(&self.pack.catalog, records)
        })
    }

    /// The removal of an integration, by its name in the code.
    pub fn removal_of(&self, name: &str) -> Option<&removals::Removal> {
        // Sets of a change as a whole are asked for with no name.
        if name.is_empty() {
            return None;
        }
        self.removals().iter().find(|one| one.is_called(name))
    }

    /// How far an integration is on its way out, or why nobody can tell. `None` while it is not read.
    pub fn standing(&self, of: &StandingOf) -> Option<Result<&'a Standing, &'a str>> {
        let mut known = self.snapshot.facets.standings.iter();
        let found = known.find(|(known, _)| known == of).map(|(_, standing)| standing);
        if found.is_none() {
            self.needs.borrow_mut().insert(Facet::Standing(Box::new(of.clone())));
        }
        found.map(|standing| standing.as_ref().map_err(String::as_str))
    }

    /// How far all integrations that leave are, or why nobody can tell. `None` while it is not read.
    pub fn standings(&self) -> Option<Result<&'a [Standing], &'a str>> {
        let read = self.snapshot.facets.all_standings.as_ref();
        if read.is_none() {
            self.needs.borrow_mut().insert(Facet::Standings);
        }
        read.map(|all| all.as_deref().map_err(String::as_str))
    }

    /// What the forge tells of the label of an integration that leaves, or why nobody can tell. `None`
    /// where nobody asked it, and nobody does: whoever looks at the ledger decides whether to.
    pub fn on_forge(&self, integration: &str) -> Option<Result<&'a OnForge, &'a str>> {
        let told = self.snapshot.facets.on_forge.get(integration)?;
        Some(told.as_ref().map_err(String::as_str))
    }

    /// The label in the forge's spelling, if the forge has it. `None` also while it is not read.
    pub fn label_on_forge(&self, name: &LabelName) -> Option<&'a LabelName> {
        match self.snapshot.facets.labels_known.get(&*lower(name.as_str())) {
            Some(found) => found.as_ref(),
            None => {
                self.needs.borrow_mut().insert(Facet::Label(name.clone()));
                None
            }
        }
    }

    /// The milestone with this title, if the project can use one. `None` also while it is not
    /// read.
    pub fn milestone_on_forge(&self, title: &str) -> Option<&'a FoundMilestone> {
        match self.snapshot.facets.milestones_known.get(title) {
            Some(found) => found.as_ref(),
            None => {
                self.needs.borrow_mut().insert(Facet::Milestone(title.to_owned()));
                None
            }
        }
    }

    /// The account with this handle, if there is one. `None` also while it is not read.
    pub fn account_on_forge(&self, handle: &str) -> Option<&'a Person> {
        match self.snapshot.facets.accounts_known.get(&*lower(handle)) {
            Some(found) => found.as_ref(),
            None => {
                self.needs.borrow_mut().insert(Facet::Account(handle.to_owned()));
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

    /// When somebody other than Steward last changed the subject, as far as that can be told: the
    /// forge counts Steward's own writes too.
    pub fn active_at(&self) -> DateTime<Utc> {
        let updated = self.snapshot.updated_at;
        match self.ledger.activity {
            Some(known) if updated <= known.wrote + CLOCKS_DIFFER => known.others.min(updated),
            _ => updated,
        }
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
