//! One item under both policies.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    apply::{apply, ledger_after},
    assume::{self, Assumed, Ledgers},
    mentions,
};
use crate::{
    model::{
        Applied, Effect, Facet, FoundMilestone, LabelName, Ledger, Person, Plan, Snapshot, State,
        StatusState, SubjectKind, Topic, lower,
    },
    pack::Pack,
    plan::{Decision, Detail, decide_in},
};

/// More rounds than any rule needs, as in deciding for real.
const ROUNDS: usize = 8;

/// The two policies, and what holds for all items.
#[derive(Debug)]
pub struct Sides<'a> {
    old: &'a Pack,
    new: &'a Pack,
    me: Person,
    now: DateTime<Utc>,
    ledgers: Ledgers,
    /// By project, the labels by name in lower case.
    labels: HashMap<String, HashMap<String, LabelName>>,
    /// The labels that routing sets by the old policies, in lower case.
    conclusions: HashSet<String>,
}

impl<'a> Sides<'a> {
    /// Both packs, the time at which both are decided, and where ledgers come from.
    pub fn new(old: &'a Pack, new: &'a Pack, now: DateTime<Utc>, ledgers: Ledgers) -> Self {
        let groups =
            old.catalog.groups().filter_map(|group| Some(group.label.as_ref()?.to_lowercase()));
        let stages = old.catalog.stages().map(|stage| stage.label.to_lowercase());
        Self {
            conclusions: groups.chain(stages).collect(),
            old,
            new,
            // No forge gives this id away.
            me: Person { id: u64::MAX, username: "steward".into(), name: "Steward".into() },
            now,
            ledgers,
            labels: HashMap::new(),
        }
    }

    /// Tells which labels the items of a project can carry. Of a project of which that is not
    /// told, every label is taken to exist.
    pub fn knows_labels(&mut self, project: &str, labels: impl IntoIterator<Item = LabelName>) {
        let by_name = labels.into_iter().map(|label| (label.as_str().to_lowercase(), label));
        self.labels.insert(project.to_owned(), by_name.collect());
    }

    pub(super) fn packs(&self) -> (&'a Pack, &'a Pack) {
        (self.old, self.new)
    }

    pub(super) fn ledgers(&self) -> Ledgers {
        self.ledgers
    }
}

/// An item as it is stored: all JSON, so that whoever compares can also read it, side by side.
#[derive(Debug, Clone, Default)]
pub struct Raw {
    /// The snapshot, without facets.
    pub snapshot: String,
    /// The changed files of a merge request, where they are known.
    pub changes: Option<String>,
    /// The ledger, where there is one.
    pub ledger: Option<String>,
}

/// What was seen of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// The change does nothing to it.
    Same,
    /// It hangs on changed files that are not known.
    CannotTell,
    /// This would be done to it.
    Changed(Box<Change>),
    /// It cannot be read or decided, and why.
    Broken(String),
}

/// What a change of the policies would do to one item.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Change {
    /// The item, such as `group/project#12`.
    pub item: String,
    /// Where people see it.
    pub url: String,
    /// Its title, as its author typed it.
    pub title: String,
    /// Labels that would be set.
    pub added: Vec<LabelName>,
    /// Labels that would be taken off.
    pub removed: Vec<LabelName>,
    /// New comments.
    pub comments: u64,
    /// Comments that would read otherwise.
    pub edits: u64,
    /// Comments that would be deleted.
    pub deletions: u64,
    /// Whom the new comments would call by name.
    pub notified: BTreeSet<String>,
    /// Whom an edited comment would call that it did not call before: they get a to-do and no
    /// e-mail (GitLab, "To-do items").
    pub todos: BTreeSet<String>,
    /// Who would have it.
    pub assigned: Vec<String>,
    /// The milestone that would be set.
    pub milestone: Option<String>,
    /// Statuses that would be set.
    pub statuses: u64,
    /// Reactions to comments.
    pub reactions: u64,
    /// Issues that would be opened beside it.
    pub opened: u64,
    /// Whether a status would say that it must not be merged, where none did before.
    pub blocked: bool,
    /// Whether it would be closed.
    pub closed: bool,
}

/// Compares items, one after the other; each thread has one of its own.
#[derive(Debug)]
pub struct Comparer<'a> {
    sides: &'a Sides<'a>,
    /// What was asked about labels so far, by project: kept from item to item.
    labels: HashMap<String, BTreeMap<String, Option<LabelName>>>,
    milestones: BTreeMap<String, Option<FoundMilestone>>,
    accounts: BTreeMap<String, Option<Person>>,
    /// What was assumed so far.
    pub assumed: Assumed,
    /// How often it was decided.
    pub decided: u64,
}

impl<'a> Comparer<'a> {
    /// A comparer that has seen nothing.
    pub fn new(sides: &'a Sides<'a>) -> Self {
        Self {
            sides,
            labels: HashMap::new(),
            milestones: BTreeMap::new(),
            accounts: BTreeMap::new(),
            assumed: Assumed::default(),
            decided: 0,
        }
    }

    /// What the change would do to an item.
    pub fn item(&mut self, raw: &Raw) -> Seen {
        self.read(raw)
            .and_then(|(snapshot, ledger)| self.compare(snapshot, ledger))
            .unwrap_or_else(Seen::Broken)
    }

    fn read(&self, raw: &Raw) -> Result<(Snapshot, Option<Ledger>), String> {
        let mut snapshot: Snapshot =
            serde_json::from_str(&raw.snapshot).map_err(|error| error.to_string())?;
        if let Some(changes) = &raw.changes {
            let changes = serde_json::from_str(changes).map_err(|error| error.to_string())?;
            snapshot.facets.changes = Some(changes);
        }
        // A ledger that cannot be read counts as none, as it does for the worker.
        let ledger = raw.ledger.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Ok((snapshot, ledger))
    }

    /// What the change would do to an item that was read.
    ///
    /// # Errors
    /// When a text of the policies cannot be made.
    pub fn compare(
        &mut self,
        mut snapshot: Snapshot,
        ledger: Option<Ledger>,
    ) -> Result<Seen, String> {
        let project = snapshot.subject.project.clone();
        // One map for all items of a project: filling one for each would cost more than deciding.
        let asked = self.labels.get_mut(&project).map(std::mem::take).unwrap_or_default();
        snapshot.facets.labels_known = asked;
        snapshot.facets.milestones_known = std::mem::take(&mut self.milestones);
        snapshot.facets.accounts_known = std::mem::take(&mut self.accounts);
        snapshot.facets.own_comments = Some(Vec::new());
        let files_before = self.assumed.files;
        let seen = self.both(&mut snapshot, ledger);
        let facets = snapshot.facets;
        self.milestones = facets.milestones_known;
        self.accounts = facets.accounts_known;
        match self.labels.get_mut(&project) {
            Some(asked) => *asked = facets.labels_known,
            None => drop(self.labels.insert(project, facets.labels_known)),
        }
        let lacked_files = self.assumed.files > files_before;
        Ok(match seen? {
            Seen::Same if lacked_files => Seen::CannotTell,
            seen => seen,
        })
    }

    fn both(&mut self, snapshot: &mut Snapshot, ledger: Option<Ledger>) -> Result<Seen, String> {
        if snapshot.state != State::Open {
            return Ok(Seen::Same);
        }
        let (old, new) = self.sides.packs();
        let ledger = match self.sides.ledgers {
            Ledgers::Known => {
                let before = ledger.unwrap_or_default();
                let before = Ledger { known: true, uncertain: false, ..before };
                let history = assume::history(&before, snapshot, &self.sides.me);
                self.assumed.histories += u64::from(history.is_empty());
                snapshot.facets.label_history = Some(history);
                let plan = self.decide(Detail::Outline, snapshot, &before, old)?;
                apply(&plan.actions, snapshot);
                ledger_after(plan)
            }
            Ledgers::Assumed => {
                self.assumed.histories += 1;
                snapshot.facets.label_history = Some(Vec::new());
                self.assume(snapshot, old)?
            }
        };
        let plan = self.decide(Detail::Full, snapshot, &ledger, new)?;
        if plan.actions.is_empty() {
            return Ok(Seen::Same);
        }
        let texts = self.texts_before(&plan, snapshot, &ledger, old)?;
        Ok(match change(&plan, snapshot, &ledger, &texts) {
            Some(change) => Seen::Changed(Box::new(change)),
            None => Seen::Same,
        })
    }

    /// What the old policies would have made of an item, had Steward always looked after it: what
    /// they want and is there counts as Steward's, and what is missing as done. Answers the ledger.
    fn assume(&mut self, snapshot: &mut Snapshot, old: &Pack) -> Result<Ledger, String> {
        let nothing = Ledger { known: true, ..Ledger::default() };
        self.assumed.ledgers += 1;
        let conclusions = &self.sides.conclusions;
        let is_conclusion = |label: &LabelName| conclusions.contains(&*lower(label.as_str()));
        let names = |label: &LabelName| old.routing.value_of(label.as_str()).is_some();
        let routed = snapshot.labels.iter().any(names) && snapshot.labels.iter().any(is_conclusion);
        if !routed {
            let plan = self.decide(Detail::Adopted, snapshot, &nothing, old)?;
            apply(&plan.actions, snapshot);
            return Ok(ledger_after(plan));
        }
        // A group's label on the item answers every question, if a person set it. Whether one did
        // shows when it is left out: what the old policies then ask for is their own doing.
        let all = snapshot.labels.clone();
        snapshot.labels.retain(|label| !is_conclusion(label));
        let plan = self.decide(Detail::Adopted, snapshot, &nothing, old);
        snapshot.labels = all;
        let mut ledger = ledger_after(plan?);
        let asked_for = |label: &LabelName| ledger.label(label).is_some();
        let all_there = ledger.labels.iter().all(|one| snapshot.label(&one.name).is_some());
        if all_there && snapshot.labels.iter().filter(|on| is_conclusion(on)).all(asked_for) {
            return Ok(ledger);
        }
        // Somebody decided otherwise, or it was not looked after yet: decided as it stands.
        ledger.labels.retain(|one| snapshot.label(&one.name).is_some());
        ledger.comments.clear();
        let plan = self.decide(Detail::Adopted, snapshot, &ledger, old)?;
        apply(&plan.actions, snapshot);
        Ok(ledger_after(plan))
    }

    /// The comments that a plan edits, as the old policies keep them.
    fn texts_before(
        &mut self,
        plan: &Plan,
        snapshot: &mut Snapshot,
        ledger: &Ledger,
        old: &Pack,
    ) -> Result<HashMap<Topic, String>, String> {
        let edited = |effect: &Effect| matches!(effect, Effect::CommentEdited { .. });
        if !plan.actions.iter().any(|action| edited(&action.effect)) {
            return Ok(HashMap::new());
        }
        let mut ledger = ledger.clone();
        for live in &mut ledger.comments {
            // Neither its text nor what it was made of is known: it will be made.
            live.made_of.clear();
            live.body_hash.clear();
        }
        let kept = self.decide(Detail::Outline, snapshot, &ledger, old)?;
        let texts = kept.actions.into_iter().filter_map(|action| match action.effect {
            Effect::CommentEdited { topic, body, .. } => Some((topic, body)),
            _ => None,
        });
        Ok(texts.collect())
    }

    /// Decides, with what is not known assumed.
    fn decide(
        &mut self,
        detail: Detail,
        snapshot: &mut Snapshot,
        ledger: &Ledger,
        pack: &Pack,
    ) -> Result<Plan, String> {
        for _ in 0..ROUNDS {
            self.decided += 1;
            let (me, now) = (&self.sides.me, self.sides.now);
            let decision = decide_in(detail, snapshot, ledger, pack, me, now);
            let needs = match decision.map_err(|error| error.to_string())? {
                Decision::Plan(plan) => return Ok(*plan),
                Decision::Needs(needs) => needs,
            };
            for facet in &needs {
                let labels = match facet {
                    Facet::Label(_) => self.sides.labels.get(&snapshot.subject.project),
                    _ => None,
                };
                let value = assume::facet(facet, labels, &mut self.assumed);
                snapshot.fill(facet, value);
            }
        }
        Err("the rules keep asking for more".to_owned())
    }
}

/// The effects of a plan, told of an item; nothing when all that it edits stays as it was.
fn change(
    plan: &Plan,
    snapshot: &Snapshot,
    ledger: &Ledger,
    texts: &HashMap<Topic, String>,
) -> Option<Change> {
    let mut change = Change::default();
    for action in &plan.actions {
        match &action.effect {
            Effect::LabelPresent { label } => change.added.push(label.clone()),
            Effect::LabelAbsent { label } => change.removed.push(label.clone()),
            Effect::CommentPosted { body, .. } => {
                change.comments += 1;
                change.notified.extend(mentions::of(body));
            }
            Effect::CommentEdited { topic, body, .. } => {
                let before = texts.get(topic);
                if before != Some(body) {
                    change.edits += 1;
                    let called = before.map(|text| mentions::of(text)).unwrap_or_default();
                    let calls = mentions::of(body).into_iter();
                    change.todos.extend(calls.filter(|one| !called.contains(one)));
                }
            }
            Effect::CommentDeleted { .. } => change.deletions += 1,
            Effect::Assigned { people } => {
                change.assigned.extend(people.iter().map(|one| one.username.clone()));
            }
            Effect::MilestoneSet { milestone } => change.milestone = Some(milestone.title.clone()),
            Effect::DescriptionSet { .. } | Effect::DueSet { .. } => change.edits += 1,
            Effect::IssueOpened { .. } => change.opened += 1,
            // Of an issue that is counted.
            Effect::IssueLinked { .. } => {}
            Effect::StatusSet { name, state, .. } => {
                change.statuses += 1;
                change.blocked |= blocks(*state) && !is_blocked(ledger, name);
            }
            Effect::Reacted { .. } => change.reactions += 1,
            Effect::Closed => change.closed = true,
        }
    }
    if change == Change::default() {
        return None;
    }
    change.blocked &= snapshot.subject.kind == SubjectKind::MergeRequest;
    change.todos.retain(|one| !change.notified.contains(one));
    change.item = snapshot.subject.reference();
    change.url.clone_from(&snapshot.url);
    change.title.clone_from(&snapshot.title);
    Some(change)
}

fn blocks(state: StatusState) -> bool {
    matches!(state, StatusState::Pending | StatusState::Failed)
}

fn is_blocked(ledger: &Ledger, status: &str) -> bool {
    ledger.applied.iter().any(|applied| {
        matches!(applied, Applied::Status { name, state, .. } if name == status && blocks(*state))
    })
}
