//! An item carries one group. When its integrations belong to several, the triager says which
//! group takes it.

use serde_json::json;

use crate::{
    catalog::Group,
    model::Because,
    rules::{Saw, View, Wanted},
};

use super::{Found, facts, people, question};

/// The question, if the integrations have different owners.
pub(super) fn ask(view: &View<'_>, found: &[Found<'_>]) -> Option<Wanted> {
    let mut owners: Vec<&Group> = Vec::new();
    for one in found {
        if !owners.iter().any(|had| had.key == one.owner.key) {
            owners.push(one.owner);
        }
    }
    let names = || owners.iter().map(|group| group.name.clone()).collect::<Vec<_>>();
    if owners.len() < 2 {
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
    let all: Vec<_> = found.iter().map(|one| facts::integration(view, one.integration)).collect();
    Some(question(
        view,
        "routing/several_owners",
        json!({ "integrations": all }),
        "routing.several_owners",
        None,
        Because::SeveralOwners { groups: names() },
    ))
}
