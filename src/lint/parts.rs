//! The parts of an item that predicates look at, each on its own.

use crate::pack::rules::Condition;

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    State,
    Draft,
    Confidential,
    Assignees,
    Project,
    Title,
    Description,
    Milestone,
    Age,
    Votes,
    Weight,
    Changes,
    Author,
    /// With them the integrations, which labels name.
    Labels,
}

impl Part {
    /// In the order in which they are settled: later ones are tried on items with the earlier ones.
    pub(super) const ALL: [Part; 14] = [
        Part::State,
        Part::Draft,
        Part::Confidential,
        Part::Assignees,
        Part::Project,
        Part::Title,
        Part::Description,
        Part::Milestone,
        Part::Age,
        Part::Votes,
        Part::Weight,
        Part::Author,
        Part::Changes,
        Part::Labels,
    ];

    /// What a predicate looks at. `all`, `any` and `not` are none, and are never asked.
    pub(super) fn of(condition: &Condition) -> Part {
        match condition {
            Condition::Title(_) => Part::Title,
            Condition::Description(_) | Condition::Link(_) => Part::Description,
            Condition::Changes(_) => Part::Changes,
            Condition::Author(_) => Part::Author,
            Condition::Assigned(_) => Part::Assignees,
            Condition::Milestone(_) => Part::Milestone,
            Condition::Age(_) => Part::Age,
            Condition::State(_) => Part::State,
            Condition::Draft(_) => Part::Draft,
            Condition::Confidential(_) => Part::Confidential,
            Condition::Votes(_) => Part::Votes,
            Condition::Weight(_) => Part::Weight,
            Condition::Project(_) => Part::Project,
            Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::Label(_)
            | Condition::Labels(_)
            | Condition::LabelSet(_)
            | Condition::Integration(_)
            | Condition::Group(_) => Part::Labels,
        }
    }

    /// In a sentence: "what it asks of the ...".
    pub(super) fn name(self) -> &'static str {
        match self {
            Part::State => "state",
            Part::Draft => "draft mark, which only merge requests have",
            Part::Confidential => "confidentiality",
            Part::Assignees => "assignees",
            Part::Project => "project",
            Part::Title => "title",
            Part::Description => "description",
            Part::Milestone => "milestone",
            Part::Age => "age, created and updated together",
            Part::Votes => "votes",
            Part::Weight => "weight",
            Part::Changes => "changed files, which only merge requests have",
            Part::Author => "author",
            Part::Labels => "labels and integrations",
        }
    }
}
