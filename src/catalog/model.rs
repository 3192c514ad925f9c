//! The nouns of the catalog: integration, group, stage, and where each is written.

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    model::{Cite, LabelName},
    policy::SourceFile,
};

macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as a key. The catalog's loader is what checks keys.
            pub fn new(key: impl Into<String>) -> Self {
                Self(key.into())
            }

            /// The key as it is written in the policies.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(key: &str) -> Self {
                Self(key.to_owned())
            }
        }
    };
}

key! {
    /// A group's key in `catalog/groups.yml`, in snake case: `project_management`.
    GroupKey
}
key! {
    /// A stage's key in `catalog/groups.yml`, in snake case: `plan`.
    StageKey
}
key! {
    /// An integration's key in `catalog/integrations/*.yml`, in snake case: `jira`.
    IntegrationKey
}

/// Where something is written in the policies. Decisions cite it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it is named in messages: `policies/...` or a real path.
    pub file: Arc<str>,
    /// 1-based line.
    pub line: usize,
    /// The file within the pack, wherever the pack is.
    path: Arc<str>,
}

impl Place {
    /// A line of a file.
    pub(super) fn of(file: &SourceFile, line: usize) -> Self {
        Self::within(file)(line)
    }

    /// Places in a file, by their lines.
    pub(super) fn within(file: &SourceFile) -> impl Fn(usize) -> Self + use<> {
        let (name, path): (Arc<str>, Arc<str>) =
            (file.display_name().into(), file.path.as_str().into());
        move |line| Self { file: Arc::clone(&name), line, path: Arc::clone(&path) }
    }

    /// The file within the pack, wherever the pack is: `catalog/integrations/issue_trackers.yml`.
    pub fn in_pack(&self) -> &str {
        &self.path
    }
}

/// `policies/catalog/integrations/issue_trackers.yml:24`
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl From<&Place> for Cite {
    fn from(place: &Place) -> Self {
        Self { file: place.file.to_string(), line: place.line }
    }
}

/// A stage: a family of groups with a label of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Key in the policies.
    pub key: StageKey,
    /// Name for people: `Plan`.
    pub name: String,
    /// Whole label on the forge: `devops::plan`.
    pub label: String,
    /// Where it is written.
    pub place: Place,
}

/// A product group: the people who decide about an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Key in the policies.
    pub key: GroupKey,
    /// Name for people: `Project Management`.
    pub name: String,
    /// Whole label on the forge: `group::project management`; `None` for people who are told and
    /// have no label.
    pub label: Option<String>,
    /// The stage it belongs to; `None` for a product without stages.
    pub stage: Option<StageKey>,
    /// Text that calls its people, one or several handles: `@org/team`.
    pub mention: Option<String>,
    /// Handle of who decides for it: `@anna`.
    pub product_manager: Option<String>,
    /// Page with its direction.
    pub direction: Option<String>,
    /// What a reader should know.
    pub note: Option<String>,
    /// Where it is written.
    pub place: Place,
}

impl Group {
    /// Its label on the forge, if it has one.
    pub fn label_name(&self) -> Option<LabelName> {
        self.label.as_ref().map(LabelName::new)
    }

    /// The handles in its mention, with `@`.
    pub fn handles(&self) -> impl Iterator<Item = &str> {
        let words = self.mention.as_deref().unwrap_or_default().split([' ', ',', '\t']);
        words.filter(|word| word.starts_with('@'))
    }

    /// Where it is written, for reasons.
    pub fn cite(&self) -> Cite {
        Cite::from(&self.place)
    }
}

/// Whether the code base has a model for an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A model with metrics, docs and a place in the integration names: every rule applies.
    Model,
    /// Not a model: items are routed to the owner, lifecycle and checklist rules do not apply.
    RoutingOnly,
}

/// How far an integration is on its way out.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lifecycle {
    /// In use.
    #[default]
    Active,
    /// Its removal is announced.
    Deprecated,
    /// Gone for users; remains may still be in the code base.
    Removed,
}

impl Lifecycle {
    /// As it is written in the policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deprecated => "deprecated",
            Self::Removed => "removed",
        }
    }
}

/// An integration with another product, and who owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// Key in the policies; for a model usually its code name.
    pub key: IntegrationKey,
    /// Name as the ownership page writes it.
    pub name: String,
    /// Heading under which the ownership page lists it.
    pub category: String,
    /// Group that owns it; present in the catalog.
    pub group: GroupKey,
    /// Why that group.
    pub rationale: String,
    /// Documentation page.
    pub docs: Option<String>,
    /// Model or routing only.
    pub kind: Kind,
    /// Names in the code base (`jira_cloud_app`); empty unless it is a model.
    pub code_names: Vec<String>,
    /// Value of its label, what follows the label's prefix: `Jira`.
    pub label: String,
    /// Other label values that mean the same.
    pub aliases: Vec<String>,
    /// How far it is on its way out.
    pub lifecycle: Lifecycle,
    /// What a reader should know.
    pub note: Option<String>,
    place: Place,
}

impl Integration {
    /// The file and line where the integration is defined, for decisions to cite.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Where it is written, for reasons.
    pub fn cite(&self) -> Cite {
        Cite::from(&self.place)
    }

    /// The label value and all its aliases.
    pub fn label_values(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.label).chain(&self.aliases).map(String::as_str)
    }

    pub(super) fn from_entry(
        key: &str,
        category: &str,
        entry: &super::file::IntegrationEntry,
        place: Place,
    ) -> Self {
        let texts = |list: &[crate::policy::Located<String>]| {
            list.iter().map(|item| item.value.clone()).collect()
        };
        Self {
            key: IntegrationKey::new(key),
            name: entry.name.value.clone(),
            category: category.to_owned(),
            group: GroupKey::new(entry.group.value.clone()),
            rationale: entry.rationale.value.clone(),
            docs: entry.docs.as_ref().map(|docs| docs.value.clone()),
            kind: entry.kind.value,
            code_names: texts(&entry.code_names),
            label: entry.label.value.clone(),
            aliases: texts(&entry.aliases),
            lifecycle: entry.lifecycle.as_ref().map(|l| l.value).unwrap_or_default(),
            note: entry.note.clone(),
            place,
        }
    }
}
