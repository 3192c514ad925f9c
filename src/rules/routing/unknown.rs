//! "External requests for integration with 3rd-party systems should be routed to the group
//! closest to the integrations value proposition or affected area." What the catalog does not
//! have goes to the group that a label or a word on the item points at; else the triager is asked,
//! with the nearest names that the catalog has.

use serde_json::{Value, json};

use crate::{
    catalog::Group,
    model::{Because, LabelName, Reason},
    pack::Closest,
    rules::{Saw, View, Wanted},
};

use super::{
    by_label,
    facts::{self, Facts},
    owner, people, question,
};

/// What is asked for when the item's only integration is not in the catalog.
pub(super) fn route(view: &View<'_>, label: &LabelName) -> Wanted {
    // A person who set a group knows better than any guess.
    if let Some(answered) = people::answered(view) {
        return answered;
    }
    let value = view.pack.routing.value_of(label.as_str()).unwrap_or_default();
    let similar = view.pack.catalog.nearest(value, view.pack.routing.unknown.nearest);
    let near: Vec<Value> =
        similar.iter().map(|integration| facts::integration(view, integration)).collect();
    // A name that is nearly right is a slip of the pen: asking is cheaper than a wrong group.
    let closest = if near.is_empty() { closest(view, value) } else { None };
    let Some(sign) = closest else {
        let label = || label.clone();
        let names = || similar.iter().map(|one| one.name.clone()).collect();
        view.note(
            "routing.closest",
            false,
            || None,
            || match similar.is_empty() {
                true => Saw::NoSign { label: label() },
                false => Saw::Similar { label: label(), near: names() },
            },
        );
        return question(
            view,
            "routing/unknown",
            json!({ "label": label(), "value": value, "near": near }),
            "routing.unknown",
            None,
            Because::UnknownIntegration { label: label() },
        );
    };
    let place = || Some(view.pack.routing.cite(sign.policy.group.line()));
    view.note("routing.closest", true, place, || Saw::Closest {
        label: label.clone(),
        sign: sign.text.clone(),
        place: sign.place.to_owned(),
        group: sign.group.name.clone(),
    });
    let reason = Reason {
        rule: "routing.closest".into(),
        cite: place(),
        because: Because::ClosestGroup {
            label: label.clone(),
            sign: sign.text.clone(),
            place: sign.place.to_owned(),
            group: sign.group.name.clone(),
        },
    };
    let since = by_label::set_by(view, label).map(|(_, at)| at);
    let decided = people::decided(view, sign.group, since);
    let facts = Facts {
        label: Some(label.clone()),
        sign: Some(sign.text),
        place: Some(sign.place),
        category: Some(sign.policy.category.to_string()),
        ..Facts::new(view, sign.group, &decided)
    };
    Wanted {
        labels: owner::group_and_stage(view, &[sign.group], &decided, reason.clone(), since),
        comments: vec![owner::comment(
            view,
            "routing/closest",
            &[sign.group],
            &decided,
            facts,
            &reason,
        )],
        ..Wanted::default()
    }
}

/// What pointed at a group.
struct Sign<'a> {
    text: String,
    place: &'static str,
    policy: &'a Closest,
    group: &'a Group,
}

/// The first policy that fits, by a label, else by a word in the integration's name, the title or
/// the description, in this order.
fn closest<'a>(view: &View<'a>, value: &str) -> Option<Sign<'a>> {
    let policies = &view.pack.routing.unknown.closest;
    let by_label = policies.iter().find_map(|policy| {
        let mut labels = policy.labels.iter();
        let on = |label: &&String| view.snapshot.label(&LabelName::new(label.as_str())).is_some();
        labels.find(on).map(|label| (label.clone(), "labels", policy))
    });
    let by_word = |text: &str, place: &'static str| {
        let text = words(text);
        policies.iter().find_map(|policy| {
            let word = policy.words.iter().find(|word| text.contains(&words(word)))?;
            Some((word.clone(), place, policy))
        })
    };
    let (text, place, policy) = by_label
        .or_else(|| by_word(value, "name"))
        .or_else(|| by_word(&view.snapshot.title, "title"))
        .or_else(|| by_word(&view.snapshot.description, "description"))?;
    Some(Sign { text, place, policy, group: view.pack.catalog.group(&policy.group)? })
}

/// A text as lower-case words between single blanks, so that `contains` finds whole words only.
fn words(text: &str) -> String {
    let mut out = String::from(" ");
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push_str(&word.to_lowercase());
        out.push(' ');
    }
    out
}
