//! An item about more integrations than `most_integrations` is not labelled: somebody must say
//! what it is about. A change across the whole code base is nobody's integration work.

use serde::Serialize;

use crate::{
    model::{Because, LabelName, Reason},
    pack::SeveralOwners,
    rules::{Saw, View, Wanted},
};

use super::{
    Found,
    facts::{self, IntegrationFacts},
    question,
};

/// What the question is told.
#[derive(Debug, Serialize)]
struct Question<'a> {
    found: usize,
    most: usize,
    integrations: Vec<IntegrationFacts<'a>>,
    more: usize,
}

/// The question, if the item is about too many integrations.
pub(super) fn ask<'a>(
    view: &View<'a>,
    found: &[Found<'a>],
    unknown: &[LabelName],
) -> Option<Wanted<'a>> {
    let most = *view.pack.routing.most_integrations;
    let count = found.len() + unknown.len();
    let place = || Some(view.pack.routing.cite(view.pack.routing.most_integrations.line()));
    view.note("routing.too_many", count > most, place, || Saw::TooMany { found: count, most });
    if count <= most {
        return None;
    }
    let because = Because::TooManyIntegrations { found: count, most };
    if view.pack.routing.several_owners(&view.pack.catalog) == SeveralOwners::TellAll {
        // Nobody is asked: what was said while there were fewer stays, and no one else is called.
        let idle = Some(Reason { rule: "routing.too_many".into(), cite: place(), because });
        return Some(Wanted { keep_others: true, idle, ..Wanted::default() });
    }
    let integrations: Vec<_> =
        found.iter().take(10).map(|one| facts::integration(view, one.integration)).collect();
    Some(question(
        view,
        "routing/too_many",
        Question {
            found: count,
            most,
            more: count.saturating_sub(integrations.len()),
            integrations,
        },
        "routing.too_many",
        place(),
        because,
    ))
}
