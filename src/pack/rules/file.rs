//! The shape of `rules/*.yml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use crate::{
    model::{StatusState, SubjectKind},
    policy::{Located, LocatedMap, OneOrMany},
};

/// `rules/*.yml`: rules by their keys, asked in the order of the files' names and within a file
/// from top to bottom.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    /// The rules, by keys in snake case.
    pub rules: LocatedMap<RuleFile>,
}

/// A rule. In a pack that is laid over another one, a rule whose key the other pack has takes
/// from there what it does not say itself.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// What it is for, in one sentence: people read it as the reason.
    #[serde(default)]
    pub about: Option<Located<String>>,
    /// The kinds of items that it looks at; all, if left out.
    #[serde(default)]
    pub on: Option<Located<Vec<SubjectKind>>>,
    /// When it holds.
    #[serde(default)]
    pub when: Option<Located<Condition>>,
    /// When it holds, in CEL, for what `when` cannot say. With both, both must hold.
    #[serde(default)]
    pub when_expr: Option<Located<String>>,
    /// What shall be while it holds.
    #[serde(default)]
    pub then: Option<Located<Then>>,
    /// Whether it acts; `on`, if left out.
    #[serde(default)]
    pub mode: Option<Located<Mode>>,
    /// Where a rule with `mode: canary` acts; elsewhere it is in shadow.
    #[serde(default)]
    pub canary: Option<Located<Canary>>,
    /// What it enforces.
    #[serde(default)]
    pub cites: Option<Cites>,
}

/// Whether a rule acts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It is not asked.
    Off,
    /// It decides and is recorded, and nothing is written.
    Shadow,
    /// It acts for some groups or projects, and is in shadow for the others.
    Canary,
    /// It acts.
    #[default]
    On,
}

impl Mode {
    /// As policies write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Canary => "canary",
            Self::On => "on",
        }
    }
}

/// Where a rule acts first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// On items about integrations that these groups own (keys of the catalog).
    #[serde(default)]
    pub groups: Vec<Located<String>>,
    /// On items of these projects; `*` stands for any text.
    #[serde(default)]
    pub projects: Vec<super::Pattern>,
}

/// The sentence that a rule enforces, and where it stands.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cites {
    /// Address of the page.
    pub url: Located<String>,
    /// The sentence, word by word.
    #[serde(default)]
    pub sentence: Option<String>,
}

/// What shall be while a rule holds. When it holds no more, Steward takes back what it did.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Labels on and off.
    #[serde(default)]
    pub labels: Option<ThenLabels>,
    /// What is said in the live comment of a topic.
    #[serde(default)]
    pub comment: Option<ThenComment>,
    /// Who is called in that comment.
    #[serde(default)]
    pub mention: Option<Located<OneOrMany<Target>>>,
    /// Who gets the item, unless somebody has it.
    #[serde(default)]
    pub assign: Option<Located<OneOrMany<Target>>>,
    /// Who is asked to review a merge request, each once.
    #[serde(default)]
    pub request_review: Option<Located<ThenReview>>,
    /// The milestone that it gets, unless it has one.
    #[serde(default)]
    pub milestone: Option<Located<String>>,
    /// The status on the newest commit of a merge request. When the rule holds no more, it
    /// becomes a success.
    #[serde(default)]
    pub status: Option<ThenStatus>,
    /// Lines with boxes in the comment, ticked by evidence.
    #[serde(default)]
    pub checklist: Vec<CheckItem>,
    /// The item is closed, once; the comment says why.
    #[serde(default)]
    pub close: Option<Located<ThenClose>>,
}

/// Labels on and off.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenLabels {
    /// Labels that shall be there.
    #[serde(default)]
    pub add: Vec<Located<String>>,
    /// Labels that shall not be there; `*` stands for any text.
    #[serde(default)]
    pub remove: Vec<Located<super::Pattern>>,
    /// The labels stay when the rule holds no more.
    #[serde(default)]
    pub keep: bool,
}

/// A section of a live comment. Rules with the same topic share one comment.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenComment {
    /// The topic; `rules`, if left out.
    #[serde(default)]
    pub topic: Option<Located<String>>,
    /// What is said: a Handlebars template, written here.
    #[serde(default)]
    pub text: Option<Located<String>>,
    /// What is said: a template of the pack by its name, such as `rules/docs_missing`.
    #[serde(default)]
    pub template: Option<Located<String>>,
}

/// Somebody who has to do with an item: `author`, `assignees`, `owners` (of the integration that it
/// is about), or a handle with `@`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Target {
    /// Who opened the item.
    Author,
    /// To whom it is assigned.
    Assignees,
    /// The owners of the integrations that it is about.
    Owners,
    /// Somebody by their handle, without `@`.
    Handle(String),
}

impl TryFrom<String> for Target {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "author" => Ok(Self::Author),
            "assignees" => Ok(Self::Assignees),
            "owners" => Ok(Self::Owners),
            _ => match text.strip_prefix('@').filter(|handle| {
                !handle.is_empty() && !handle.contains(|c: char| c.is_whitespace() || c == '@')
            }) {
                Some(handle) => Ok(Self::Handle(handle.to_owned())),
                None => Err(format!(
                    "`{text}` is nobody; expected `author`, `assignees`, `owners` or a handle \
                     such as `@anna`"
                )),
            },
        }
    }
}

impl JsonSchema for Target {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`author`, `assignees`, `owners` or a handle such as `@anna`",
            "type": "string",
            "pattern": r"^(author|assignees|owners|@[^@\s]+)$",
        })
    }
}

/// Who is asked to review a merge request.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenReview {
    /// Teams, such as `org/docs`, or `docs` for one of the organisation that the project belongs to.
    #[serde(default)]
    pub teams: Vec<Located<String>>,
    /// People by their handles, such as `@anna`.
    #[serde(default)]
    pub people: Vec<Located<String>>,
    /// Also the owners of the integrations that it is about.
    #[serde(default)]
    pub owners: bool,
}

impl ThenReview {
    /// The people's handles, without `@`.
    pub fn handles(&self) -> impl Iterator<Item = &str> {
        self.people.iter().map(|one| one.strip_prefix('@').unwrap_or(one))
    }

    /// The teams, without `@`.
    pub fn team_names(&self) -> impl Iterator<Item = &str> {
        self.teams.iter().map(|one| one.strip_prefix('@').unwrap_or(one))
    }
}

/// A status on the newest commit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenStatus {
    /// Its name, such as `steward/docs`.
    pub name: Located<String>,
    /// What it says while the rule holds.
    pub state: StatusState,
    /// One line for people.
    pub text: String,
}

/// A line with a box.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckItem {
    /// What has to be done: Markdown, as it stands.
    pub text: Located<String>,
    /// When it is done. Without it nobody can tell, and the box stays empty.
    #[serde(default)]
    pub done: Option<Located<Condition>>,
}

/// Closing is the one thing that people notice too late, so it is bounded.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThenClose {
    /// So many items in 24 hours at the most; the others wait.
    pub at_most_a_day: u32,
}
