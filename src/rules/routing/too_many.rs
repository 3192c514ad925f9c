//! An item about more integrations than `most_integrations` is not labelled: somebody must say
//! what it is about. A change across the whole code base is nobody's integration work.

use serde_json::json;

use crate::{
    model::{Because, LabelName, Reason},
    pack::SeveralOwners,
    rules::{Saw, View, Wanted},
};

use super::{Found, facts, question};

/// The question, if the item is about too many integrations.
pub(super) fn ask(view: &View<'_>, found: &[Found<'_>], unknown: &[LabelName]) -> Option<Wanted> {
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
    let names: Vec<_> =
        found.iter().take(10).map(|one| facts::integration(view, one.integration)).collect();
    Some(question(
        view,
        "routing/too_many",
        json!({ "found": count, "most": most, "integrations": names, "more": count.saturating_sub(names.len()) }),
        "routing.too_many",
        place(),
        because,
    ))
}
