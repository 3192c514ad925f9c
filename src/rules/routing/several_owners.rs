//! An item carries one group. When its integrations belong to several, the triager says which
//! group takes it, unless the policies want all of them told (`several_owners`).

use serde::Serialize;

use crate::{
    catalog::Group,
    model::Because,
    pack::SeveralOwners,
    rules::{Saw, View, Wanted},
};

use super::{
    Found,
    facts::{self, IntegrationFacts},
    people, question,
};

/// The owners of the integrations, each once.
pub(super) fn owners<'a>(found: &[Found<'a>]) -> Vec<&'a Group> {
    let mut owners: Vec<&Group> = Vec::new();
    for one in found {
        if !owners.iter().any(|had| had.key == one.owner.key) {
            owners.push(one.owner);
        }
    }
    owners
}

/// What the question is told.
#[derive(Debug, Serialize)]
struct Question<'a> {
    integrations: Vec<IntegrationFacts<'a>>,
}

/// The question, if the integrations have different owners.
pub(super) fn ask<'a>(view: &View<'a>, found: &[Found<'a>]) -> Option<Wanted<'a>> {
    let owners = owners(found);
    let names = || owners.iter().map(|group| group.name.clone()).collect::<Vec<_>>();
    if owners.len() < 2
        || view.pack.routing.several_owners(&view.pack.catalog) == SeveralOwners::TellAll
    {
        let saw = || Saw::SeveralOwners { groups: names(), chosen: None };
        view.note("routing.several_owners", false, || None, saw);
        return None;
    }
    // The triager's answer is a group label on the item; with one of the owners' labels there,
    // nothing is left to ask.
    let chosen = owners.iter().find(|group| people::chose(view, group));
    view.note(
        "routing.several_owners",
        chosen.is_none(),
        || None,
        || Saw::SeveralOwners { groups: names(), chosen: chosen.map(|group| group.name.clone()) },
    );
    if chosen.is_some() {
        return None;
    }
    let integrations = found.iter().map(|one| facts::integration(view, one.integration)).collect();
    Some(question(
        view,
        "routing/several_owners",
        Question { integrations },
        "routing.several_owners",
        None,
        Because::SeveralOwners { groups: names() },
    ))
}
