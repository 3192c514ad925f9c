//! Deciding, told as what people did and what Steward then does.

mod answers;
mod checklists;
mod declared;
mod fields;
mod modes;
mod opened;
mod people;
mod replays;
mod routes;
mod topics;
mod troubles;
mod twice;

use std::{collections::BTreeSet, sync::LazyLock};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Deciding, Decision, Detail, decide, merge, recover::recover};
use crate::{
    model::{
        Access, Because, ChangedFile, Changes, Comment, Due, Effect, Facet, FacetValue,
        FileContent, FoundMilestone, LabelEvent, LabelName, Ledger, Milestone, NewIssue, OwnIssue,
        Person, Plan, Snapshot, State, StatusState, Subject,
    },
    pack::{Pack, checklists::Checklists},
    policy::PolicySource,
    rules::{View, Wanted},
    words::WordsError,
};

/// As deciding does, with rules in the place of routing.
fn decides_about(
    wanted: &Wanted<'_>,
    snapshot: &Snapshot,
    ledger: &Ledger,
    me: &Person,
    now: DateTime<Utc>,
) -> Result<Decision, WordsError> {
    let truth = BTreeSet::from([Facet::LabelHistory, Facet::OwnComments]);
    if ledger.uncertain && !truth.iter().all(|facet| snapshot.has(facet)) {
        return Ok(Decision::Needs(truth));
    }
    let recovered = recover(snapshot, ledger, &PACK, me);
    let view = View::new(snapshot, recovered.as_ref().unwrap_or(ledger), &PACK, me, now);
    let nothing = (&[][..], &super::verdicts::Verdicts::default());
    Ok(match merge(&view, wanted.clone(), Detail::Full, nothing, None)? {
        Deciding::Needs(needs) => Decision::Needs(needs),
        Deciding::Decided(plan, _) => Decision::Plan(plan),
    })
}

static PACK: LazyLock<Pack> = LazyLock::new(|| {
    let pack = Pack::load(&PolicySource::built_in()).unwrap_or_else(|errors| panic!("{errors}"));
    // Sheets have stories of their own.
    Pack { checklists: Checklists::default(), ..pack }
});

fn person(id: u64, username: &str) -> Person {
    Person { id, username: username.into(), name: username.to_uppercase() }
}

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
}

/// In a list of files: GitLab left out the rest.
const CUT: &str = "…";

/// A forge small enough for the merge: what Steward decides is applied to it at once.
struct Item {
    pack: &'static Pack,
    snapshot: Snapshot,
    history: Vec<LabelEvent>,
    comments: Vec<Comment>,
    files: Vec<&'static str>,
    missing: Vec<&'static str>,
    statuses: Vec<(String, StatusState)>,
    reactions: Vec<(u64, String)>,
    /// Issues that were opened beside it, from number 20 on.
    opened: Vec<NewIssue>,
    /// What rules want, in the place of routing.
    wanted: Option<Wanted<'static>>,
    ledger: Ledger,
    minute: i64,
    asked: Vec<Facet>,
}

impl Item {
    fn issue(labels: &[&str]) -> Self {
        Self::new(Subject::gitlab_issue("example/product", 12), labels)
    }

    fn merge_request(files: &[&'static str]) -> Self {
        let mut item = Self::new(Subject::gitlab_merge_request("example/product", 3), &[]);
        item.files = files.to_vec();
        item
    }

    fn new(subject: Subject, labels: &[&str]) -> Self {
        let mut item = Self {
            pack: &PACK,
            snapshot: Snapshot {
                subject,
                url: "https://gitlab.example/example/product/-/issues/12".into(),
                title: "Transition issues".into(),
                description: String::new(),
                state: State::Open,
                draft: false,
                author: person(7, "ben"),
                labels: Vec::new(),
                milestone: None,
                created_at: at(0),
                updated_at: at(0),
                head: None,
                assignees: Vec::new(),
                votes: Default::default(),
                weight: None,
                confidential: false,
                facets: Default::default(),
            },
            history: Vec::new(),
            comments: Vec::new(),
            files: Vec::new(),
            missing: Vec::new(),
            statuses: Vec::new(),
            reactions: Vec::new(),
            opened: Vec::new(),
            wanted: None,
            ledger: Ledger::default(),
            minute: 0,
            asked: Vec::new(),
        };
        for label in labels {
            item.sets("anna", label);
        }
        item
    }

    fn event(&mut self, who: &str, label: &LabelName, added: bool) {
        self.minute += 1;
        let id = if who == "steward" { 1 } else { 2 };
        self.history.push(LabelEvent {
            label: Some(label.clone()),
            added,
            by: Some(person(id, who)),
            at: at(self.minute),
        });
    }

    fn sets(&mut self, who: &str, label: &str) {
        let label = LabelName::from(label);
        if let Some(old) = self.snapshot.labels.iter().position(|on| on.shares_scope(&label)) {
            let old = self.snapshot.labels.remove(old);
            self.event(who, &old, false);
        }
        self.event(who, &label, true);
        self.snapshot.labels.push(label);
    }

    fn takes_off(&mut self, who: &str, label: &str) {
        let label = LabelName::from(label);
        self.snapshot.labels.retain(|on| !on.same(&label));
        self.event(who, &label, false);
    }

    /// Lets Steward decide, reads what it asks for, and applies what it wants.
    fn steward(&mut self) -> Plan {
        let plan = self.decides();
        for action in &plan.actions {
            match action.effect.clone() {
                Effect::LabelPresent { label } => self.sets("steward", label.as_str()),
                Effect::LabelAbsent { label } => self.takes_off("steward", label.as_str()),
                Effect::CommentPosted { body, .. } => self.comments.push(Comment {
                    id: 100 + self.comments.len() as u64,
                    body,
                    created_at: at(self.minute),
                }),
                Effect::CommentEdited { id, body, .. } => {
                    let comment = self.comments.iter_mut().find(|comment| comment.id == id);
                    comment.expect("the edited comment is there").body = body;
                }
                Effect::CommentDeleted { id, .. } => self.comments.retain(|c| c.id != id),
                Effect::Assigned { people } => self.snapshot.assignees = people,
                Effect::MilestoneSet { milestone } => {
                    self.snapshot.milestone = Some(Milestone { title: milestone.title, due: None });
                }
                Effect::StatusSet { name, state, .. } => self.statuses.push((name, state)),
                Effect::Reacted { comment, emoji } => self.reactions.push((comment, emoji)),
                Effect::DescriptionSet { description } => self.snapshot.description = description,
                Effect::DueSet { day } => self.snapshot.facets.due = Some(Due { day: Some(day) }),
                Effect::IssueOpened { issue } => self.opened.push(*issue),
                Effect::IssueLinked { .. } => {}
                Effect::Closed => self.snapshot.state = State::Closed,
            }
        }
        self.ledger = plan.ledger_after.clone();
        for live in &mut self.ledger.comments {
            live.id = live.id.or(self.comments.last().map(|comment| comment.id));
        }
        plan
    }

    fn opened(&self) -> Vec<OwnIssue> {
        let own = |(nth, issue): (u64, &NewIssue)| OwnIssue {
            mark: issue.mark.clone(),
            number: nth,
            url: format!("https://gitlab.example/example/product/-/issues/{nth}"),
        };
        (20..).zip(&self.opened).map(own).collect()
    }

    fn decides(&mut self) -> Plan {
        let mut snapshot = self.snapshot.clone();
        if self.comments.is_empty() {
            snapshot.facets.own_comments = Some(Vec::new());
        }
        for _ in 0..5 {
            let me = person(1, "steward");
            let now = at(self.minute);
            let decision = match &self.wanted {
                None => decide(&snapshot, &self.ledger, self.pack, &me, now),
                Some(wanted) => decides_about(wanted, &snapshot, &self.ledger, &me, now),
            };
            match decision.expect("renders") {
                Decision::Plan(plan) => return *plan,
                Decision::Needs(facets) => {
                    for facet in facets {
                        let value = self.reads(&facet);
                        snapshot.fill(&facet, value);
                        self.asked.push(facet);
                    }
                }
            }
        }
        panic!("deciding keeps asking: {:?}", self.asked);
    }

    /// What the commit says by now.
    fn standing(&self) -> Vec<crate::model::StandingStatus> {
        let all = self.statuses.iter().rev();
        all.map(|(name, state)| crate::model::StandingStatus { name: name.clone(), state: *state })
            .collect()
    }

    fn reads(&self, facet: &Facet) -> FacetValue {
        match facet {
            Facet::LabelHistory => FacetValue::LabelHistory(self.history.clone()),
            Facet::OwnComments => FacetValue::OwnComments(self.comments.clone()),
            Facet::Changes => FacetValue::Changes(Changes {
                files: self
                    .files
                    .iter()
                    .map(|path| ChangedFile { path: (*path).into(), ..ChangedFile::default() })
                    .collect(),
                complete: !self.files.contains(&CUT),
            }),
            Facet::Label(name) => {
                FacetValue::Label((!self.missing.contains(&name.as_str())).then(|| name.clone()))
            }
            Facet::AuthorAccess => FacetValue::AuthorAccess(Access::None),
            Facet::OwnStatuses => FacetValue::OwnStatuses(self.standing()),
            Facet::OwnIssues => FacetValue::OwnIssues(self.opened()),
            Facet::Milestone(title) => FacetValue::Milestone(
                (!self.missing.contains(&title.as_str()))
                    .then(|| FoundMilestone { id: 5, title: title.clone() }),
            ),
            Facet::Account(handle) => {
                FacetValue::Account((!self.missing.contains(&handle.as_str())).then(|| {
                    // By the length of the name, so that each is somebody else.
                    person(10 + handle.len() as u64, handle)
                }))
            }
            Facet::File(_) => FacetValue::File(FileContent::Absent),
            Facet::Membership(_) => FacetValue::Membership(false),
            Facet::Removals => FacetValue::Removals(Vec::new()),
            Facet::Standings => FacetValue::Standings(Ok(Vec::new())),
            Facet::Standing(_) => FacetValue::Standing(Box::new(Err("nobody looks".into()))),
        }
    }

    fn labels(&self) -> Vec<&str> {
        let mut labels: Vec<&str> = self.snapshot.labels.iter().map(LabelName::as_str).collect();
        labels.sort_unstable();
        labels
    }

    /// The live comment without its marker.
    fn comment(&self) -> &str {
        assert_eq!(self.comments.len(), 1, "one comment: {:#?}", self.comments);
        self.comments[0].body.split("\n\n<!-- steward").next().unwrap_or_default()
    }

    fn settles(&mut self) {
        let again = self.steward();
        assert!(again.is_empty(), "a second look changes nothing: {again:#?}");
    }
}
