//! What rules ask for, before it meets what people did.

use std::{borrow::Cow, collections::BTreeSet, fmt::Debug, rc::Rc};

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::model::{
    Annotation, AppliedLabel, LabelName, Mark, Person, Reason, Shadow, StatusState, Topic,
};
pub use crate::pack::rules::DECLARED;
use crate::pack::rules::Pattern;

/// What the rules ask for on one subject. Where two ask for what excludes each other, the one
/// that comes first has it.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Labels that shall be there.
    pub labels: Vec<LabelWanted>,
    /// Labels that shall not be there, whoever set them.
    pub unwanted: Vec<LabelUnwanted>,
    /// The live comments that shall be there, one a topic.
    pub comments: Vec<CommentWanted<'a>>,
    /// The section of the description that shall be there.
    pub section: Option<SectionWanted<'a>>,
    /// Who shall have the item.
    pub assignees: Vec<AssigneesWanted>,
    /// The milestone that it shall have.
    pub milestones: Vec<MilestoneWanted>,
    /// The last day that it shall have.
    pub due: Option<DueWanted>,
    /// Issues that Steward shall have opened beside it.
    pub issues: Vec<IssueWanted<'a>>,
    /// Statuses on the newest commit.
    pub statuses: Vec<StatusWanted<'a>>,
    /// The item shall be closed.
    pub close: Option<CloseWanted>,
    /// Whether labels that routing set earlier and that are not wanted now stay. True while a
    /// question is open and for items that are not looked after any more.
    pub keep_others: bool,
    /// Rules of the policies, by name, whose earlier doings stay, since nobody can tell whether
    /// they hold, or since the item is not looked after any more.
    pub keep_rules: KeepRules,
    /// Rules of the policies, by name, that hold no more and whose labels stay all the same.
    pub keep_labels: KeepRules,
    /// What rules on trial would do.
    pub shadow: Vec<Shadow>,
    /// Why nothing is asked for, when that is so: "why did it not act?" is the commonest question
    /// to a bot.
    pub idle: Option<Reason>,
}

/// Rules whose earlier doings stay.
#[derive(Debug, Clone, Default)]
pub enum KeepRules {
    /// None.
    #[default]
    None,
    /// These.
    Some(BTreeSet<String>),
    /// All.
    All,
}

impl KeepRules {
    /// Adds a rule.
    pub fn add(&mut self, rule: &str) {
        match self {
            Self::None => *self = Self::Some(BTreeSet::from([rule.to_owned()])),
            Self::Some(rules) => {
                rules.insert(rule.to_owned());
            }
            Self::All => {}
        }
    }

    /// Whether a rule's doings stay.
    pub fn has(&self, rule: &str) -> bool {
        match self {
            Self::None => false,
            Self::Some(rules) => rules.contains(rule),
            Self::All => true,
        }
    }
}

impl Wanted<'_> {
    /// Whether a label that Steward set earlier and that nothing asks for now stays.
    pub fn keeps(&self, applied: &AppliedLabel) -> bool {
        let keep_labels = |rule| self.keep_labels.has(rule);
        applied.keep || applied.rule.as_deref().is_some_and(keep_labels) || self.stays(applied)
    }

    /// Whether a label that Steward set earlier stays since nobody can tell whether it is right, or
    /// since nobody looks after it any more.
    pub fn stays(&self, applied: &AppliedLabel) -> bool {
        match &applied.rule {
            Some(rule) if rule.starts_with(DECLARED) => self.keep_rules.has(rule),
            _ => self.keep_others,
        }
    }
}

/// A label that shall be there.
#[derive(Debug, Clone)]
pub struct LabelWanted {
    /// As the policies spell it.
    pub name: LabelName,
    /// Why.
    pub reason: Reason,
    /// Since when the evidence is there, where that is known. A person's removal of the label
    /// stands against older evidence only.
    pub since: Option<DateTime<Utc>>,
    /// Whether it stays when nothing asks for it any more, not even the rule.
    pub keep: bool,
}

/// Labels that shall not be there. One that a person has put back after Steward took it off stays.
#[derive(Debug, Clone)]
pub struct LabelUnwanted {
    /// Which.
    pub pattern: Pattern,
    /// Why.
    pub reason: Reason,
}

/// A comment that shall be there.
#[derive(Debug, Clone)]
pub struct CommentWanted<'a> {
    /// What it is about.
    pub topic: Topic,
    /// What it says, from top to bottom. Rules that share a topic have a section each.
    pub sections: Vec<Section<'a>>,
    /// The template around the sections, told `sections` and
    /// whether labels are `set`; without it there is one section, which
    /// is the comment.
    pub frame: Option<&'static str>,
    /// When it is worth a new comment; one that is there already is always kept up to date.
    pub post: Post,
    /// Why.
    pub reason: Reason,
}

impl<'a> CommentWanted<'a> {
    /// A comment that one of the product's own templates makes, whole.
    pub fn whole(
        topic: Topic,
        template: &'static str,
        facts: Told<'a>,
        post: Post,
        reason: Reason,
    ) -> Self {
        let section = Section { template: template.into(), facts, rule: None };
        Self { topic, sections: vec![section], frame: None, post, reason }
    }
}

/// A part of a comment.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    /// The template that makes it.
    pub template: Cow<'static, str>,
    /// What the template is told besides the fate of each label.
    pub facts: Told<'a>,
    /// The declared rule that speaks, which is told the fate of its own labels; `None` for
    /// routing.
    pub rule: Option<String>,
}

/// What a template is told. It stays as the rule found it: most comments say what they said before,
/// and to know that it is enough to write the facts out once, without a tree of values.
#[derive(Debug, Clone)]
pub struct Told<'a>(Rc<dyn Facts + 'a>);

impl<'a> Told<'a> {
    /// Facts that have a JSON form, each template's own.
    pub fn new(facts: impl Serialize + Debug + 'a) -> Self {
        Self(Rc::new(facts))
    }

    /// The facts for a template; `null`, which templates refuse, if they had no JSON form.
    pub fn to_value(&self) -> Value {
        self.0.to_value()
    }

    /// The facts as JSON text, for telling two of them apart.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }
}

/// What has a JSON form, whatever its type.
trait Facts: Debug {
    fn to_value(&self) -> Value;
    fn to_bytes(&self) -> Vec<u8>;
}

impl<T: Serialize + Debug> Facts for T {
    fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// When a comment is worth a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// Somebody must act: always.
    Always,
    /// When labels change or something was left alone.
    WhenThereIsNews,
    /// Never: only an existing comment is edited.
    Never,
}

/// What a section of the description shall say, which Steward keeps.
#[derive(Debug, Clone)]
pub struct SectionWanted<'a> {
    /// The template that makes it.
    pub template: &'static str,
    /// What the template is told.
    pub facts: Told<'a>,
    /// Why.
    pub reason: Reason,
}

/// Who shall have the item, if nobody has it.
#[derive(Debug, Clone)]
pub struct AssigneesWanted {
    /// People that are known already.
    pub people: Vec<Person>,
    /// People by their handles, which the forge must know.
    pub handles: Vec<String>,
    /// Why.
    pub reason: Reason,
}

/// The milestone that the item shall have, if it has none.
#[derive(Debug, Clone)]
pub struct MilestoneWanted {
    /// Its title.
    pub title: String,
    /// Why.
    pub reason: Reason,
}

/// The last day that an issue shall have, if it has none.
#[derive(Debug, Clone)]
pub struct DueWanted {
    /// Which.
    pub day: NaiveDate,
    /// Why.
    pub reason: Reason,
}

/// An issue that shall be there beside the item. Steward opens it once.
#[derive(Debug, Clone)]
pub struct IssueWanted<'a> {
    /// What it is for.
    pub mark: Mark,
    /// The templates of its title and of its description.
    pub templates: (&'static str, &'static str),
    /// What both are told.
    pub facts: Told<'a>,
    /// Labels that it gets as far as the forge has them.
    pub labels: Vec<LabelName>,
    /// The milestone that it gets where the forge has it.
    pub milestone: Option<String>,
    /// The last day that it gets where the forge knows such a thing.
    pub due: Option<NaiveDate>,
    /// Why.
    pub reason: Reason,
}

/// A status that the newest commit shall carry.
#[derive(Debug, Clone)]
pub struct StatusWanted<'a> {
    /// Its name.
    pub name: String,
    /// What it says.
    pub state: StatusState,
    /// One line for people.
    pub text: String,
    /// What stands beneath it, on a forge that shows such a thing; without one of its own the line
    /// stands there again.
    pub report: Option<ReportWanted<'a>>,
    /// Why.
    pub reason: Reason,
}

/// A report beneath a status.
#[derive(Debug, Clone)]
pub struct ReportWanted<'a> {
    /// The template that makes it.
    pub template: &'static str,
    /// What the template is told.
    pub facts: Told<'a>,
    /// Notes on lines, the weightiest first.
    pub annotations: Vec<Annotation>,
}

/// The item shall be closed, once.
#[derive(Debug, Clone)]
pub struct CloseWanted {
    /// So many items in 24 hours at the most.
    pub at_most_a_day: u32,
    /// Why.
    pub reason: Reason,
}
