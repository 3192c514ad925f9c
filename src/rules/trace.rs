//! The steps that routing took on an item: what each rule saw, and whether it held. They are noted
//! only where somebody asks why; deciding alone does not pay for them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::model::{Cite, LabelName, State};

/// One step of routing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The rule, such as `routing.by_label`.
    pub rule: String,
    /// Whether it held: an integration was found, a question was asked, a group was named.
    pub held: bool,
    /// Where the policy says so.
    pub cite: Option<Cite>,
    /// What was seen.
    pub saw: Saw,
}

/// What a step saw. Each variant has its sentence in `templates/why.yml` under the variant's name
/// in snake case. Every field is always there, if only as `null`: a sentence that names something
/// else is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Saw {
    /// The state of the item.
    State {
        /// What it is.
        state: State,
        /// Items in these states are looked after.
        states: Vec<State>,
    },
    /// The labels on the item.
    Labels {
        /// The start of the labels that name an integration.
        prefix: String,
        /// Those that have it.
        labels: Vec<LabelSeen>,
    },
    /// The changed files of a merge request.
    Paths {
        /// How many there are.
        files: usize,
        /// False when the forge left some out.
        complete: bool,
        /// Those that belong to an integration.
        found: Vec<PathSeen>,
    },
    /// More integrations than are routed without asking, or not.
    TooMany {
        /// How many the item is about.
        found: usize,
        /// How many the policy allows.
        most: usize,
    },
    /// Different owners, or one.
    SeveralOwners {
        /// The groups' names.
        groups: Vec<String>,
        /// Of several the one whose label a person set.
        chosen: Option<String>,
    },
    /// The owner in the catalog.
    Owner {
        /// The integration's name.
        integration: String,
        /// The owner's name.
        group: String,
        /// The owner's label, if it has one.
        label: Option<LabelName>,
    },
    /// The group by the policies, and no person decided otherwise.
    NobodyDecided {
        /// The group's label.
        label: LabelName,
    },
    /// A person set another group's label.
    GivenToAnother {
        /// The label that the policies ask for.
        label: LabelName,
        /// The label that a person set.
        other: LabelName,
        /// Who.
        by: Option<String>,
    },
    /// A person took the group's label off.
    TakenOff {
        /// The label.
        label: LabelName,
        /// Who.
        by: Option<String>,
        /// When.
        at: Option<DateTime<Utc>>,
    },
    /// A question was answered by a person who set a group's label.
    Answered {
        /// The label.
        label: LabelName,
        /// Who.
        by: Option<String>,
    },
    /// The catalog does not have the integration; this points at the closest group.
    Closest {
        /// The label that names it.
        label: LabelName,
        /// The word or label that points.
        sign: String,
        /// Where that stood: `labels`, `name`, `title` or `description`.
        place: String,
        /// The group's name.
        group: String,
    },
    /// The catalog does not have the integration, and similar names are offered.
    Similar {
        /// The label that names it.
        label: LabelName,
        /// Names of integrations.
        near: Vec<String>,
    },
    /// The catalog does not have the integration, and nothing points at a group.
    NoSign {
        /// The label that names it.
        label: LabelName,
    },
    /// The group's stage.
    Stage {
        /// The group's name.
        group: String,
        /// The stage's name.
        stage: Option<String>,
        /// Whether the policy wants stages' labels.
        wanted: bool,
    },
}

/// A label that starts as those that name an integration do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSeen {
    /// The label.
    pub label: LabelName,
    /// The integration's name, where the catalog has it.
    pub integration: Option<String>,
    /// It marks something else (`markers`).
    pub marker: bool,
    /// Steward set it itself: a conclusion, and no evidence.
    pub own: bool,
}

/// A changed file that belongs to an integration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathSeen {
    /// The file.
    pub path: String,
    /// The integration's name.
    pub integration: String,
    /// A person took the integration's label off: the file does not count.
    pub denied: bool,
}
