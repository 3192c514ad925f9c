//! The shape of `checklists/*.yml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::check::Check;
use crate::{
    evidence::form::Form,
    model::{Need, StatusState},
    pack::{
        PathPattern,
        rules::{Cites, Mode, PathGlob, Pattern, Regexp},
    },
    policy::{Located, LocatedMap, OneOrMany},
};

/// A checklist; its key is the file's name. In a folder that is laid over another pack, the file
/// of the same name takes from there what it does not say itself: fields one by one, and lists,
/// sets and rows by their keys.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChecklistFile {
    /// What it is for, in one sentence: people read it above the rows.
    #[serde(default)]
    pub about: Option<Located<String>>,
    /// Whether it acts: `off`, `shadow` or `on`, which it is if left out.
    #[serde(default)]
    pub mode: Option<Located<Mode>>,
    /// The page that it enforces.
    #[serde(default)]
    pub cites: Option<Cites>,
    /// Which changes it is for.
    #[serde(default)]
    pub find: Option<Located<Find>>,
    /// It says nothing as long as no required row is missing or open; a comment that is there is kept
    /// up to date.
    #[serde(default)]
    pub quiet: Option<bool>,
    /// The status on the newest commit that tells whether all required rows pass.
    #[serde(default)]
    pub status: Option<StatusFile>,
    /// Who may waive a row; nobody, if left out.
    #[serde(default)]
    pub waive: Option<Located<WaiveFile>>,
    /// Values that paths and texts may name in braces, by their names: the first source that knows
    /// it tells. `name`, `path`, `class`, `leaf`, `slug` and `title` are known of every integration.
    #[serde(default)]
    pub values: LocatedMap<Vec<ValueSource>>,
    /// Lists of names.
    #[serde(default)]
    pub lists: LocatedMap<Vec<String>>,
    /// Translations of names, each to one or several.
    #[serde(default)]
    pub maps: LocatedMap<LocatedMap<OneOrMany<String>>>,
    /// What is found in files, by names that rows use.
    #[serde(default)]
    pub sets: LocatedMap<SetFile>,
    /// The rows, by keys in snake case, from top to bottom.
    #[serde(default)]
    pub rows: LocatedMap<RowFile>,
}

/// Which changes a checklist is for: any of these makes a sheet.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// A file that is new, and whose path names the integration: `app/models/{name}.rb`.
    #[serde(default)]
    pub added: Vec<PathPattern>,
    /// A file that was there before, and whose path names the integration.
    #[serde(default)]
    pub changed: Vec<PathPattern>,
    /// A file that the change deletes, and whose path names the integration.
    #[serde(default)]
    pub removed: Vec<PathPattern>,
    /// The change adds or changes the file that announces a recorded removal.
    #[serde(default)]
    pub announcements: bool,
    /// Names that are in one set and no more in another one.
    #[serde(default)]
    pub dropped: Option<Located<Dropped>>,
    /// Files that are meant by none of these.
    #[serde(default)]
    pub except: Vec<PathGlob>,
    /// A label on the merge request; `*` stands for any text.
    #[serde(default)]
    pub labels: Vec<Pattern>,
    /// A label that names an integration which is not in the catalog.
    #[serde(default)]
    pub unknown: bool,
    /// None of this holds for a change that this other checklist is for.
    #[serde(default)]
    pub unless_checklist: Option<Located<String>>,
}

/// Names that a change drops from a list.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// The set of names before the change: of files `at: base`.
    pub was: String,
    /// The set of names with it.
    pub is: String,
}

/// The status that a checklist sets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusFile {
    /// Its name, such as `steward/new-integration`.
    pub name: Located<String>,
    /// What it says while a required row is missing; `failed`, if left out.
    #[serde(default)]
    pub missing: Option<StatusState>,
}

/// Who may waive a row. Any of these suffices.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiveFile {
    /// Members of the groups that own the integration, as the forge knows them at that moment.
    #[serde(default)]
    pub owners: bool,
    /// Members of these groups of the forge, by path.
    #[serde(default)]
    pub groups: Vec<Located<String>>,
}

/// Where a value is from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueSource {
    /// What the merge request itself tells.
    Item(ItemValue),
    /// The first group (or the whole) of a regular expression in a file of the repository.
    File {
        /// Path from the root of the repository.
        path: String,
        /// What to look for.
        pattern: Regexp,
    },
    /// A text, which may name the forms of the integration's name in braces.
    Text(Form),
    /// What is recorded about its removal.
    Removal(RemovalValue),
}

/// What is recorded about an integration's removal (`removals.yml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalValue {
    /// The milestone in which it was announced.
    Announced,
    /// The milestone in which it is removed.
    Milestone,
    /// The file that announces it.
    Entry,
    /// The page of its documentation.
    Page,
}

/// What a merge request tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemValue {
    /// Its web address.
    Url,
    /// The title of its milestone, if that is a version.
    Milestone,
    /// When it was opened, as 14 digits.
    Stamp,
    /// The key of the group that owns the integration, by the catalog or by the labels.
    Owner,
}

/// A set of entries: found in files (`in`, and what to ask them), written down (`of`, `list`), or
/// made of other sets (`from`). Then it may be narrowed and translated.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetFile {
    /// What its entries are, for people: `fields that are required`.
    #[serde(default)]
    pub title: Option<String>,
    /// The files: a path is read whether or not the change touches it; with `*` or `{a,b}` it
    /// stands for the changed files that fit.
    #[serde(default, rename = "in")]
    pub files: Option<Located<OneOrMany<Form>>>,
    /// With the change, or as the files were before it; `head`, if left out.
    #[serde(default)]
    pub at: Option<Located<SideOf>>,
    /// A tree-sitter query whose capture `@key` (and `@value`) makes the entries.
    #[serde(default)]
    pub query: Option<Located<String>>,
    /// A regular expression whose group `key` (and `value`) makes the entries.
    #[serde(default)]
    pub pattern: Option<Located<Regexp>>,
    /// Parts of a Markdown page.
    #[serde(default)]
    pub markdown: Option<Located<MarkdownTake>>,
    /// Of a Markdown page only what stands below this heading.
    #[serde(default)]
    pub under: Option<Form>,
    /// Of a Markdown page only the sections of level 2 in which a line begins with this text.
    #[serde(default)]
    pub around: Option<Form>,
    /// Which lines count; all, if left out.
    #[serde(default)]
    pub lines: Option<LinesOf>,
    /// Names.
    #[serde(default)]
    pub of: Option<Vec<Form>>,
    /// A list of this checklist.
    #[serde(default)]
    pub list: Option<Located<String>>,
    /// Other sets, together.
    #[serde(default)]
    pub from: Option<Located<OneOrMany<String>>>,
    /// Only while this set is empty is it `from`; else it is the set named here.
    #[serde(default)]
    pub unless: Option<Located<Unless>>,
    /// Only entries whose key is in this set.
    #[serde(default)]
    pub within: Option<Located<String>>,
    /// Without entries whose key is in these sets.
    #[serde(default)]
    pub minus: Option<Located<OneOrMany<String>>>,
    /// Only entries whose key fits.
    #[serde(default)]
    pub key: Option<Regexp>,
    /// Only entries with one of these values.
    #[serde(default)]
    pub value: Option<OneOrMany<String>>,
    /// Keys are translated; those that the map does not have are left out.
    #[serde(default)]
    pub map: Option<Located<String>>,
}

/// What a set is instead.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unless {
    /// When this set has an entry ...
    pub some: String,
    /// ... it is this set.
    pub then: String,
}

/// Which version of the files a set looks into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideOf {
    /// With the change.
    #[default]
    Head,
    /// Before it.
    Base,
}

/// Which lines of a file count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinesOf {
    /// All.
    #[default]
    All,
    /// Those that the change adds.
    Added,
}

/// Parts of a Markdown page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkdownTake {
    /// Headings, by their text.
    Headings,
    /// Links, by their target.
    Links,
    /// Code in the text, by what it says.
    Codes,
    /// Keys of the front matter, with their values.
    FrontMatter,
    /// Rows of tables, by the text of their first cell.
    Cells,
}

/// A row.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowFile {
    /// What is asked: one line of Markdown.
    pub title: Located<Form>,
    /// The heading under which it stands; the row above's, if left out.
    #[serde(default)]
    pub section: Option<String>,
    /// Whether the change is complete without it.
    #[serde(default)]
    pub need: Need,
    /// The row is left out.
    #[serde(default)]
    pub off: bool,
    /// One row for each, whose key gets the name here behind it; `{item}` is the name, `{item.x}` a
    /// value of it.
    #[serde(default)]
    pub for_each: Option<Located<LocatedMap<BTreeMap<String, String>>>>,
    /// When the row applies; always, if left out.
    #[serde(default)]
    pub when: Option<Located<Check>>,
    /// When it passes.
    #[serde(default)]
    pub check: Option<Located<Check>>,
    /// A person may tick it where the check does not pass: then it counts as claimed.
    #[serde(default)]
    pub tick: bool,
    /// A check that does not pass decides nothing: a person has to look.
    #[serde(default)]
    pub a_person_decides: bool,
    /// What to do about it: one line of Markdown.
    #[serde(default)]
    pub hint: Option<Form>,
    /// The sentence that it enforces.
    #[serde(default)]
    pub cites: Option<Cites>,
    /// The missing piece.
    #[serde(default)]
    pub ready: Vec<ReadyFile>,
}

/// A piece that a machine can write.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadyFile {
    /// The file.
    pub file: Located<Form>,
    /// In a file that is there already, before the last line that fits. Without it, it is all of a
    /// new file.
    #[serde(default)]
    pub before: Option<Regexp>,
    /// The text: a Handlebars template, told the values, and the sets' keys in `sets`.
    pub text: Located<String>,
}
