//! What a row asks.

use std::{borrow::Cow, fmt};

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::{
    evidence::form::Form,
    pack::rules::{Pattern, Regexp},
    policy::{Located, LocatedMap, OneOrMany},
};

/// What a row asks: a tree of `all`, `any` and `not`, and questions to sets and files.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Each holds.
    All(Vec<Located<Check>>),
    /// One holds.
    Any(Vec<Located<Check>>),
    /// It does not hold.
    Not(Box<Located<Check>>),
    /// The set has an entry.
    Some(Located<String>),
    /// The set has no entry.
    None(Located<String>),
    /// Each key of a set is a key of another one.
    Each(EachCheck),
    /// The set has these keys.
    Has(HasCheck),
    /// A file is there, or is among the changed ones.
    File(FileCheck),
    /// A YAML file says this.
    Yaml(YamlCheck),
    /// A text stands in a file.
    Text(TextCheck),
    /// A label is on the merge request; `*` stands for any text.
    Label(Pattern),
    /// Whether it is decided who owns the integration.
    Owner(bool),
    /// What is recorded about the integration's removal.
    Removal(RemovalIs),
    /// What the entry that announces the removal says, however it is written.
    Entry(EntryIs),
    /// What the forge tells of the integration's label. Asked of the product and not of a change:
    /// on a merge request such a row is left out.
    OnForge(OnForgeIs),
}

impl Check {
    /// Whether it has such a part.
    pub fn has(&self, is: &impl Fn(&Check) -> bool) -> bool {
        match self {
            Check::All(list) | Check::Any(list) => list.iter().any(|one| one.has(is)),
            Check::Not(inner) => inner.has(is),
            check => is(check),
        }
    }

    /// Whether the forge is asked.
    pub fn asks_forge(&self) -> bool {
        self.has(&|check| matches!(check, Check::OnForge(_)))
    }
}

/// Each key of a set is a key of another one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EachCheck {
    /// The one.
    pub of: Located<String>,
    /// The other.
    #[serde(rename = "in")]
    pub within: Located<String>,
}

/// A set has keys.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HasCheck {
    /// The set.
    pub set: Located<String>,
    /// All of these.
    pub key: OneOrMany<Form>,
}

/// A file is there, or is among the changed ones.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileCheck {
    /// A path; with `*` or `{a,b}` any of the changed files that fit.
    pub path: OneOrMany<Form>,
    /// What is asked of it; that it is there, if left out.
    #[serde(default)]
    pub is: FileIs,
}

/// What is asked of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileIs {
    /// It is there.
    #[default]
    There,
    /// The change adds it, or changes it.
    Changed,
    /// The change leaves it alone.
    Untouched,
    /// The change does not delete it.
    Kept,
}

/// A YAML file says this.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YamlCheck {
    /// The file; with `*` any of the changed files that fit, of which one must say it all.
    pub file: Form,
    /// Fields by their paths, such as `options.type`.
    pub fields: LocatedMap<FieldForm>,
}

/// What a field says: a text as it is, or one of these. Texts and numbers are told apart: `18.10`
/// without quotes is a number.
#[derive(Debug, Clone)]
pub enum FieldForm {
    /// This text.
    Text(Form),
    /// Something else than one text.
    Other(OtherField),
}

/// What a field says, other than one text.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherField {
    /// One of these texts, of those that are known.
    OneOf(Vec<Form>),
    /// A text that fits a regular expression.
    Matches(Regexp),
    /// A list that is not empty, of nothing but these texts.
    ListOf(Vec<String>),
    /// It is there, or is not.
    Is(Presence),
}

impl<'de> Deserialize<'de> for FieldForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrOther;

        impl<'de> Visitor<'de> for TextOrOther {
            type Value = FieldForm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or `one_of`, `matches`, `list_of` or `is`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FieldForm, E> {
                Ok(FieldForm::Text(Form::from(text.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldForm, A::Error> {
                OtherField::deserialize(MapAccessDeserializer::new(map)).map(FieldForm::Other)
            }
        }

        deserializer.deserialize_any(TextOrOther)
    }
}

impl JsonSchema for FieldForm {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FieldForm".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let other = generator.subschema_for::<OtherField>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, other] })
    }
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It is there.
    #[default]
    There,
    /// It is not.
    Absent,
}

/// What is recorded about an integration's removal (`removals.yml`), held against the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RemovalIs {
    /// It is recorded, with its two milestones.
    Announced,
    /// It is announced early enough, or an exception is recorded.
    InTime,
    /// It is in a major milestone, or an exception is recorded.
    Major,
    /// The milestone of the change, or else the one in work, is the removal's or a later one.
    Now,
    /// That milestone is a later one than the removal's.
    Over,
}

/// What the entry that announces a removal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryIs {
    /// It names both milestones as they are recorded.
    Milestones,
    /// `steward deprecations lint` finds no mistake in it that nobody answered for, and warns of nothing.
    Clean,
}

/// What the forge tells of an integration's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnForgeIs {
    /// No open issue or merge request carries it.
    ItemsClosed,
    /// It is archived, or gone.
    LabelArchived,
    /// It is gone.
    LabelGone,
    /// Labels can be archived on this forge.
    ArchivesLabels,
}

/// A text stands in a file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextCheck {
    /// The file; with `*` or `{a,b}` any of the changed files that fit.
    pub file: OneOrMany<Form>,
    /// A regular expression, in which values in braces stand for themselves.
    pub matches: Located<Form>,
    /// Whether it stands there; it does, if left out.
    #[serde(default)]
    pub is: Presence,
}
