//! A step and a fate of every kind, to rehearse their sentences.

use chrono::DateTime;
use serde::Serialize;
use serde_json::Value;

use super::{Failed, Fate, Thing, Would};
use crate::{
    model::{LabelName, State},
    rules::{LabelSeen, PathSeen, Saw},
};

/// A value of every kind that `templates/why.yml` must have a sentence for, with and without what
/// may be missing.
pub(in crate::plan) fn samples() -> Vec<Value> {
    let mut all = saws();
    all.extend(fates());
    all.extend(woulds());
    all.extend(things());
    all
}

fn value(one: impl Serialize) -> Value {
    serde_json::to_value(one).unwrap_or_default()
}

fn label() -> LabelName {
    LabelName::from("group::example")
}

fn saws() -> Vec<Value> {
    let (text, label) = (|| "Example".to_owned(), label);
    let (by, at) = (Some("anna".to_owned()), Some(DateTime::UNIX_EPOCH));
    let seen = |integration: Option<String>, marker, own| LabelSeen {
        label: label(),
        integration,
        marker,
        own,
    };
    let path = |denied| PathSeen { path: "a.rb".into(), integration: text(), denied };
    [
        Saw::State { state: State::Open, states: vec![State::Open] },
        Saw::Labels { prefix: text(), labels: Vec::new() },
        Saw::Labels {
            prefix: text(),
            labels: vec![
                seen(Some(text()), false, false),
                seen(None, false, false),
                seen(None, true, false),
                seen(Some(text()), false, true),
            ],
        },
        Saw::Paths { files: 2, complete: true, found: vec![path(false), path(true)] },
        Saw::Paths { files: 2, complete: false, found: Vec::new() },
        Saw::TooMany { found: 4, most: 3 },
        Saw::SeveralOwners { groups: vec![text(), text()], chosen: Some(text()) },
        Saw::SeveralOwners { groups: Vec::new(), chosen: None },
        Saw::Owner { integration: text(), group: text(), label: Some(label()) },
        Saw::Owner { integration: text(), group: text(), label: None },
        Saw::NobodyDecided { label: label() },
        Saw::GivenToAnother { label: label(), other: label(), by: by.clone() },
        Saw::GivenToAnother { label: label(), other: label(), by: None },
        Saw::TakenOff { label: label(), by: by.clone(), at },
        Saw::TakenOff { label: label(), by: None, at: None },
        Saw::Answered { label: label(), by },
        Saw::Answered { label: label(), by: None },
        Saw::Closest { label: label(), sign: text(), place: "title".into(), group: text() },
        Saw::Similar { label: label(), near: vec![text()] },
        Saw::NoSign { label: label() },
        Saw::Stage { group: text(), stage: Some(text()), wanted: true },
        Saw::Stage { group: text(), stage: None, wanted: true },
        Saw::Stage { group: text(), stage: None, wanted: false },
    ]
    .into_iter()
    .map(value)
    .collect()
}

fn fates() -> Vec<Value> {
    let (by, at) = (Some("anna".to_owned()), Some(DateTime::UNIX_EPOCH));
    [
        Fate::StewardSet { at },
        Fate::StewardSet { at: None },
        Fate::PersonSet { by: by.clone(), at },
        Fate::PersonSet { by: None, at: None },
        Fate::Kept { at },
        Fate::Kept { at: None },
        Fate::WillBeSet,
        Fate::WillBeTakenOff,
        Fate::Held,
        Fate::Off { by, at },
        Fate::Off { by: None, at: None },
        Fate::Never,
    ]
    .into_iter()
    .map(value)
    .collect()
}

fn woulds() -> Vec<Value> {
    let text = || "Example".to_owned();
    let failed = |saw: &str| Failed { clause: text(), asked: saw.into(), saw: saw.into() };
    let owned = |more| Would::ByOwner { group: text(), integrations: vec![text()], more };
    [
        owned(0),
        owned(3),
        Would::ByStage { groups: vec![label()] },
        Would::ByFile { integration: text() },
        Would::ByPeople { integration: text() },
        Would::ByRule { rule: text(), failed: vec![failed("none"), failed("")] },
        Would::ByRule { rule: text(), failed: Vec::new() },
        Would::ByNobody { near: vec![label()] },
        Would::ByNobody { near: Vec::new() },
    ]
    .into_iter()
    .map(value)
    .collect()
}

fn things() -> Vec<Value> {
    let what = || "routing".to_owned();
    [
        Thing::CommentThere { what: what() },
        Thing::CommentNotWorth { what: what() },
        Thing::CommentPosted { what: what() },
        Thing::CommentEdited { what: what() },
        Thing::CommentDeleted { what: what() },
        Thing::Assigned { people: vec![what()] },
        Thing::MilestoneSet { what: what() },
        Thing::DescriptionSet,
        Thing::DueSet { what: what() },
        Thing::IssueOpened { what: what() },
        Thing::StatusSet { what: what() },
        Thing::Reacted { what: what() },
        Thing::Closed,
        Thing::LeftAlone { what: what() },
    ]
    .into_iter()
    .map(value)
    .collect()
}
