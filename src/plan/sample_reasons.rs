//! A reason of every kind, to rehearse their sentences.

use chrono::DateTime;

use crate::model::{Because, Evidence, LabelName, State};

/// A reason of every kind.
pub(super) fn reasons() -> Vec<Because> {
    let label = LabelName::from("group::example");
    let (integration, group) = ("Example".to_owned(), "Examples".to_owned());
    let by = Some("anna".to_owned());
    let at = Some(DateTime::UNIX_EPOCH);
    vec![
        Because::LabelNamesIntegration {
            label: label.clone(),
            by: by.clone(),
            integration: integration.clone(),
            group: group.clone(),
        },
        Because::Tracks { integration: integration.clone(), milestone: "20.0".into() },
        Because::Leaves { integration: integration.clone(), milestone: "20.0".into() },
        Because::StepDue {
            step: "Removed".into(),
            milestone: "20.0".into(),
            by: "2027-05-20".into(),
            overdue: true,
        },
        Because::StepDue {
            step: "Removed".into(),
            milestone: "20.0".into(),
            by: "2027-05-20".into(),
            overdue: false,
        },
        Because::TellsRemovals { removals: 2 },
        Because::HasIssue { integration: integration.clone(), step: Some("Removed".into()) },
        Because::HasIssue { integration: integration.clone(), step: None },
        Because::StepDone { integration: integration.clone(), step: Some("Removed".into()) },
        Because::StepDone { integration: integration.clone(), step: None },
        Because::Stays { integration: integration.clone() },
        Because::DescriptionLeft { why: "acts".into() },
        Because::PathNamesIntegration { path: "a.rb".into(), integration: integration.clone() },
        Because::SheetTells {
            integration: integration.clone(),
            missing: vec!["docs".into()],
            unsure: vec!["docs".into()],
            passed: 1,
        },
        Because::SheetTells {
            integration: integration.clone(),
            missing: Vec::new(),
            unsure: vec!["docs".into()],
            passed: 1,
        },
        Because::SheetTells {
            integration: integration.clone(),
            missing: Vec::new(),
            unsure: Vec::new(),
            passed: 1,
        },
        Because::GroupOwns { integration, group: group.clone() },
        Because::StageOfGroup { stage: "Plan".into(), group: label.clone() },
        Because::ClosestGroup {
            label: label.clone(),
            sign: "chat".into(),
            place: "title".into(),
            group: group.clone(),
        },
        Because::UnknownIntegration { label: label.clone() },
        Because::TooManyIntegrations { found: 4, most: 3 },
        Because::SeveralOwners { groups: vec![group, "Others".into()] },
        Because::RemovedByHuman { label: label.clone(), by: by.clone(), at },
        Because::RemovedByHuman { label: label.clone(), by: None, at: None },
        Because::SetByHuman { label: label.clone(), by, wanted: label.clone() },
        Because::LabelMissing { label: label.clone() },
        Because::NoLongerWanted { label: label.clone() },
        Because::LabelWar { label, times: 5 },
        Because::CommentDeleted,
        Because::DuplicateComment,
        Because::TellsOwner,
        Because::NoIntegration { prefix: "Integration::".into(), files: Some(3) },
        Because::NoIntegration { prefix: "Integration::".into(), files: None },
        Because::StateNotLookedAfter { state: State::Closed },
        Because::RoutingRests { mode: "off".into() },
        Because::FileListCut,
        Because::AsItShouldBe,
        Because::RuleHolds {
            about: "An example".into(),
            evidence: vec![Evidence {
                clause: "label".into(),
                asked: "type::*".into(),
                saw: "type::bug".into(),
            }],
        },
        Because::NothingToSay,
        Because::StatusWithdrawn { status: "steward/docs".into() },
        Because::AnotherRuleFirst { rule: "rules.first".into(), what: "an example".into() },
        Because::PersonDecided { what: "milestone 18.10".into() },
        Because::NotOnForge { what: "milestone 18.10".into() },
        Because::ReviewsByPeopleOnly { what: "review by the team org/docs".into() },
        Because::ReviewByAuthor { author: "anna".into() },
        Because::ReviewAskedBefore { what: "review by anna".into() },
        Because::ReviewRefused { what: "review by anna".into() },
        Because::CloseLimit { limit: 20 },
        Because::CloseUnknown,
        Because::CommentTooLong,
        Because::Asked { by: "anna".into() },
        Because::TooManyQuestions { by: "anna".into(), most: 5 },
        Because::AskedTooOften { by: "anna".into() },
        Because::AnswerFailed { by: "anna".into(), error: "too long".into() },
    ]
}
