//! When a rule holds: a tree of `all`, `any` and `not` over named predicates.
//!
//! One value for everything: what is read from the file is what is asked, explained and proven.

use schemars::JsonSchema;
use serde::Deserialize;

use super::values::{PathGlob, Pattern, Range, Regexp, TimeSpan, Versions};
use crate::{
    catalog::{Kind, Lifecycle},
    model::{Access, FileStatus, State},
    policy::{Located, OneOrMany},
};

/// A condition: exactly one key, which says what is asked.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Each of these holds.
    All(Vec<Located<Condition>>),
    /// At least one of these holds.
    Any(Vec<Located<Condition>>),
    /// This does not hold.
    Not(Box<Located<Condition>>),
    /// A label is on the item that fits one of the patterns; `*` stands for any text. Labels that
    /// the rule itself has set do not count.
    Label(OneOrMany<Pattern>),
    /// So many labels are on the item, without those that the rule itself has set.
    Labels(Range),
    /// A label that is on the item was set by somebody of a kind.
    LabelSet(LabelSet),
    /// The title has this.
    Title(Text),
    /// The description has this.
    Description(Text),
    /// The merge request changes such files.
    Changes(FilesChanged),
    /// The author is one of these.
    Author(Author),
    /// Whether the item is assigned to anybody.
    Assigned(bool),
    /// The item has such a milestone.
    Milestone(MilestoneIs),
    /// The item is so old, or was left alone for so long.
    Age(Age),
    /// The description links to an address that fits one of the patterns.
    Link(OneOrMany<Pattern>),
    /// The item's state is one of these. A rule without this predicate looks at open items only.
    State(OneOrMany<State>),
    /// Whether the merge request is a draft.
    Draft(bool),
    /// Whether only members see the item.
    Confidential(bool),
    /// One of the integrations that the item is about is such a one.
    Integration(IntegrationIs),
    /// One of these groups owns an integration that the item is about (keys of the catalog).
    Group(OneOrMany<String>),
    /// People reacted with so many thumbs.
    Votes(Voted),
    /// The weight lies in the range; an item without a weight has none that does.
    Weight(Range),
    /// The item's project has such a path.
    Project(OneOrMany<Pattern>),
}

/// A label that is on the item and who set it last.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelSet {
    /// The label.
    pub label: OneOrMany<Pattern>,
    /// By whom it was set last. Handles stand with `@`.
    #[serde(default)]
    pub by: Option<Who>,
    /// How long it has been there at least.
    #[serde(default)]
    pub at_least: Option<TimeSpan>,
}

/// Kinds of people.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// Steward itself.
    Steward,
    /// Anybody but Steward.
    Person,
    /// The item's author.
    Author,
}

/// A test on a text. Of several fields each must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// It has one of these texts in it, without regard to case.
    #[serde(default)]
    pub contains: Option<OneOrMany<String>>,
    /// A regular expression fits somewhere in it.
    #[serde(default)]
    pub matches: Option<Regexp>,
    /// It is empty, or is not.
    #[serde(default)]
    pub empty: Option<bool>,
}

/// A test on changed files: one file that passes all of it is enough. Where the forge cut the
/// list and none passes, nobody can tell, and the rule leaves everything as it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesChanged {
    /// The path fits one of these: `*` stops at `/`, `**` does not.
    pub paths: OneOrMany<PathGlob>,
    /// What happened to the file is one of these; anything, if left out.
    #[serde(default)]
    pub status: Option<OneOrMany<FileStatus>>,
}

/// A test on the author. Of several fields each must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Author {
    /// Their handle fits one of these.
    #[serde(default)]
    pub handle: Option<OneOrMany<Pattern>>,
    /// Whether they are a member of the project.
    #[serde(default)]
    pub member: Option<bool>,
    /// They may do this, or more.
    #[serde(default)]
    pub at_least: Option<Access>,
}

/// A test on the milestone. Of several fields each must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MilestoneIs {
    /// Whether there is one.
    #[serde(default)]
    pub set: Option<bool>,
    /// Its title fits one of these.
    #[serde(default)]
    pub title: Option<OneOrMany<Pattern>>,
    /// Its title is a version in this range, such as `>= 18.0, < 19`.
    #[serde(default)]
    pub version: Option<Versions>,
    /// Its title is a version, and the first of its major (`19.0`), or not.
    #[serde(default)]
    pub major: Option<bool>,
    /// Its last day has passed, or has not.
    #[serde(default)]
    pub overdue: Option<bool>,
}

/// A test on time. Of several fields each must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// Since when is counted.
    pub since: Clock,
    /// At least this long ago: `30 days`.
    #[serde(default)]
    pub at_least: Option<TimeSpan>,
    /// Less than this long ago.
    #[serde(default)]
    pub less_than: Option<TimeSpan>,
}

/// A moment in an item's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// When it was opened.
    Created,
    /// When it last changed.
    Updated,
}

/// A test on the integrations that an item is about, found as routing finds them: by label, else by
/// changed files. Of several fields each must hold, for one and the same integration.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IntegrationIs {
    /// There is one that the catalog has (`true`), or the item names none that it has (`false`).
    #[serde(default)]
    pub known: Option<bool>,
    /// Its key in the catalog.
    #[serde(default)]
    pub key: Option<OneOrMany<String>>,
    /// Its category in the catalog.
    #[serde(default)]
    pub category: Option<OneOrMany<String>>,
    /// What there is of it in the code base.
    #[serde(default)]
    pub kind: Option<OneOrMany<Kind>>,
    /// Where it is in its life.
    #[serde(default)]
    pub lifecycle: Option<OneOrMany<Lifecycle>>,
    /// Whether the catalog knows its documentation.
    #[serde(default)]
    pub docs: Option<bool>,
}

/// A test on reactions. Of several fields each must hold.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Voted {
    /// Thumbs up.
    #[serde(default)]
    pub up: Option<Range>,
    /// Thumbs down.
    #[serde(default)]
    pub down: Option<Range>,
}
