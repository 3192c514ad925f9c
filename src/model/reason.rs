//! Why: the rule, where it is written down, and the evidence seen.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{LabelName, State};

/// Why something is done, or left alone. Data only: `words` makes the sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule that decided, such as `routing.by_label`.
    pub rule: String,
    /// Where the policy says so.
    pub cite: Option<Cite>,
    /// What was seen.
    pub because: Because,
}

/// A place in the policies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cite {
    /// Path within the policy pack, such as `catalog/groups.yml`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
}

impl fmt::Display for Cite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The evidence behind a [`Reason`]. Each variant has its sentence in `templates/reasons.yml`
/// under the variant's name in snake case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Because {
    /// The label names an integration, and the catalog names its owner.
    LabelNamesIntegration {
        /// The label on the item.
        label: LabelName,
        /// Who set it, when that was read.
        by: Option<String>,
        /// The integration's name.
        integration: String,
        /// The owner's name.
        group: String,
    },
    /// A changed file belongs to an integration.
    PathNamesIntegration {
        /// The file.
        path: String,
        /// The integration's name.
        integration: String,
    },
    /// The catalog names the owner of the integration.
    GroupOwns {
        /// The integration's name.
        integration: String,
        /// The owner's name.
        group: String,
    },
    /// The stage to which the owning group belongs.
    StageOfGroup {
        /// The stage's name.
        stage: String,
        /// The group's label that stands on the item.
        group: LabelName,
    },
    /// The integration is not in the catalog; a group was found that is closest to its value.
    ClosestGroup {
        /// The label on the item.
        label: LabelName,
        /// The word or label that pointed at the group.
        sign: String,
        /// Where it stood: `labels`, `name`, `title` or `description`.
        place: String,
        /// The group's name.
        group: String,
    },
    /// The integration is not in the catalog and nothing points at a group.
    UnknownIntegration {
        /// The label on the item.
        label: LabelName,
    },
    /// The item is about more integrations than the policy routes by itself.
    TooManyIntegrations {
        /// How many were found.
        found: usize,
        /// How many the policy allows.
        most: usize,
    },
    /// The integrations on the item belong to different groups, and an item carries one.
    SeveralOwners {
        /// The groups' names.
        groups: Vec<String>,
    },
    /// A human removed the label after it had been set.
    RemovedByHuman {
        /// The label.
        label: LabelName,
        /// Who, when known.
        by: Option<String>,
        /// When, when known.
        at: Option<DateTime<Utc>>,
    },
    /// Somebody else set another value of the same scope.
    SetByHuman {
        /// The label that stands.
        label: LabelName,
        /// Who set it, when known.
        by: Option<String>,
        /// The label that the policy asks for.
        wanted: LabelName,
    },
    /// The forge has no label of this name, and would create one silently.
    LabelMissing {
        /// The label that the policy asks for.
        label: LabelName,
    },
    /// What Steward had set is no longer asked for.
    NoLongerWanted {
        /// The label that Steward had set.
        label: LabelName,
    },
    /// The label went on and off too often: somebody or something disagrees.
    LabelWar {
        /// The label.
        label: LabelName,
        /// How often Steward has set it.
        times: u32,
    },
    /// A human deleted Steward's comment.
    CommentDeleted,
    /// Two comments on one topic: the oldest stays.
    DuplicateComment,
    /// The comment tells the group that owns the item.
    TellsOwner,
    /// No label on the item names an integration, and no changed file does.
    NoIntegration {
        /// The start of the labels that would.
        prefix: String,
        /// How many changed files were looked at.
        files: Option<usize>,
    },
    /// Items in this state are not looked after.
    StateNotLookedAfter {
        /// The item's state.
        state: State,
    },
    /// The policies say that routing does not act.
    RoutingRests {
        /// Its mode: `off` or `shadow`.
        mode: String,
    },
    /// The forge left files out of the list of changes.
    FileListCut,
    /// Everything is as the rules want it.
    AsItShouldBe,
    /// A rule of the policies holds.
    RuleHolds {
        /// What the rule is for, in its author's words.
        about: String,
        /// What was seen, clause by clause.
        evidence: Vec<Evidence>,
    },
    /// No rule asks for the comment any more.
    NothingToSay,
    /// No rule asks for the status any more; the sentence also is what the status then says.
    StatusWithdrawn {
        /// The status's name.
        status: String,
    },
    /// Another rule, which comes first, asks for something that excludes this.
    AnotherRuleFirst {
        /// The rule that comes first.
        rule: String,
        /// What was asked for.
        what: String,
    },
    /// A person undid what Steward had done (other than a label), or had done it otherwise.
    PersonDecided {
        /// What was asked for, such as `milestone 18.10`.
        what: String,
    },
    /// The forge does not have what the rule names.
    NotOnForge {
        /// What was asked for, such as `milestone 18.10` or `account anna`.
        what: String,
    },
    /// The forge asks people only to review, and no teams.
    ReviewsByPeopleOnly {
        /// What was asked for, such as `review by the team org/docs`.
        what: String,
    },
    /// The author of a merge request is not asked to review it.
    ReviewByAuthor {
        /// Their handle.
        author: String,
    },
    /// They were asked for a review before, and are asked once.
    ReviewAskedBefore {
        /// What was asked for, such as `review by anna`.
        what: String,
    },
    /// The forge did not let Steward ask them for a review.
    ReviewRefused {
        /// What was asked for, such as `review by anna`.
        what: String,
    },
    /// Nobody knows whether Steward closed it: GitLab did not answer, and since then somebody may
    /// have opened it again.
    CloseUnknown,
    /// The comment would be longer than people read, and says only that.
    CommentTooLong,
    /// The rule has closed as many items in a day as its policy allows.
    CloseLimit {
        /// The policy's limit for one day.
        limit: u32,
    },
    /// More questions wait on the item than are answered at a time.
    TooManyQuestions {
        /// Who asked.
        by: String,
        /// The policy's limit.
        most: usize,
    },
    /// The account has had as many answers on the item in an hour as the policy allows, or the
    /// comment as many as one may have.
    AskedTooOften {
        /// Who asked.
        by: String,
    },
    /// An answer could not be made; a short one is given in its place.
    AnswerFailed {
        /// Who asked.
        by: String,
        /// What was wrong.
        error: String,
    },
    /// A checklist was filled in; the sentence also is what the status then says.
    SheetTells {
        /// The integration, as people call it.
        integration: String,
        /// Keys of the required rows that are missing.
        missing: Vec<String>,
        /// Keys of the required rows of which nobody can tell.
        unsure: Vec<String>,
        /// How many rows pass.
        passed: usize,
    },
    /// The item tracks the removal of an integration.
    Tracks {
        /// The integration, as people call it.
        integration: String,
        /// The milestone of the removal.
        milestone: String,
    },
    /// The item shows all integrations that leave.
    TellsRemovals {
        /// How many.
        removals: usize,
    },
    /// The item asks more of an integration that leaves than is still taken.
    Leaves {
        /// The integration, as people call it.
        integration: String,
        /// The milestone of the removal.
        milestone: String,
    },
    /// A step on the way out of an integration is due, and not done.
    StepDue {
        /// The step, as people call it.
        step: String,
        /// Its milestone.
        milestone: String,
        /// The last day.
        by: String,
        /// Whether that is over.
        overdue: bool,
    },
    /// What leaves has an issue of its own, or a step of it.
    HasIssue {
        /// The integration, as people call it.
        integration: String,
        /// The step, as people call it; `None` for all of them.
        step: Option<String>,
    },
    /// A step on the way out of an integration is done, or all are.
    StepDone {
        /// The integration, as people call it.
        integration: String,
        /// The step, as people call it; `None` for all of them.
        step: Option<String>,
    },
    /// The integration does not leave any more.
    Stays {
        /// The integration: its name, or its key where the catalog does not have it.
        integration: String,
    },
    /// The description could not be written: its section has a beginning and no end, or a line in it
    /// would act as a quick action, or it would be longer than the forge takes.
    DescriptionLeft {
        /// What stands against it: `broken`, `acts` or `too_long`.
        why: String,
    },
    /// A person asked in a comment.
    Asked {
        /// Their handle.
        by: String,
    },
}

/// What one clause of a rule saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The predicate, as policies name it: `label`, `age`.
    pub clause: String,
    /// What it asked, shortly: `type::*`.
    pub asked: String,
    /// What it saw: `type::bug`, `none`, `41 days`.
    pub saw: String,
}
