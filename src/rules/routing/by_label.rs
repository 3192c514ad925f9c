//! An item that carries `Integration::<name>` is about that integration. Names are matched with
//! the catalog's labels and aliases, without regard to case.

use crate::{
    model::{Facet, LabelName},
    rules::{LabelSeen, Saw, View},
};

use super::Found;

/// How it was seen that an item is about an integration.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// By the label on it.
    Label(LabelName),
    /// By a changed file.
    Path(String),
}

/// The integrations named by the labels on the item, and the labels whose name the catalog does
/// not have.
pub(super) fn find<'a>(view: &View<'a>) -> (Vec<Found<'a>>, Vec<LabelName>) {
    let routing = &view.pack.routing;
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut unknown = Vec::new();
    let mut seen: Vec<LabelSeen> = Vec::new();
    for label in &view.snapshot.labels {
        let Some(value) = routing.value_of(label.as_str()) else { continue };
        // What Steward set itself is a conclusion of its own, not evidence.
        let (marker, own) = (routing.is_marker(value), view.ledger.own(label).is_some());
        let known = view.pack.catalog.by_label_value(value);
        if view.is_traced() {
            let integration = known.map(|one| one.name.clone());
            seen.push(LabelSeen { label: label.clone(), integration, marker, own });
        }
        if marker || own {
            continue;
        }
        match known {
            // Two spellings of one integration are one integration.
            Some(known) if found.iter().any(|had| had.integration.key == known.key) => {}
            Some(known) => {
                let owner = view.pack.catalog.owner(known);
                let seen = Seen::Label(label.clone());
                found.extend(owner.map(|owner| Found { integration: known, owner, seen }));
            }
            None => unknown.push(label.clone()),
        }
    }
    view.note(
        "routing.by_label",
        !(found.is_empty() && unknown.is_empty()),
        || Some(routing.cite(routing.label_prefix.line())),
        || Saw::Labels { prefix: routing.label_prefix.value.clone(), labels: seen },
    );
    (found, unknown)
}

/// When the label came onto the item and by whom, where the history was read. It is not asked
/// for here: a settled item must not cost a call for it.
pub(super) fn set_by(
    view: &View<'_>,
    label: &LabelName,
) -> Option<(Option<String>, chrono::DateTime<chrono::Utc>)> {
    view.snapshot
        .has(&Facet::LabelHistory)
        .then(|| view.last_event(label))
        .flatten()
        .filter(|event| event.added)
        .map(|event| (event.by.as_ref().map(|by| by.username.clone()), event.at))
}
