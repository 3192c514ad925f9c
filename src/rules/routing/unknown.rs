//! "External requests for integration with 3rd-party systems should be routed to the group
//! closest to the integrations value proposition or affected area." What the catalog does not
//! have goes to the group that a label or a word on the item points at; else the triager is asked,
//! with the nearest names that the catalog has.

use serde_json::{Value, json};

use crate::{
    catalog::Group,
    model::{Because, Cite, LabelName, Reason, Topic},
    pack::Closest,
    rules::{CommentWanted, Post, View, Wanted},
};

use super::{by_label, noun, owner, question, shown};

/// What is asked for when the item's only integration is not in the catalog.
pub(super) fn route(view: &View<'_>, label: &LabelName) -> Wanted {
    let value = view.pack.routing.value_of(label.as_str()).unwrap_or_default();
    let near: Vec<Value> = view
        .pack
        .catalog
        .nearest(value, view.pack.routing.unknown.nearest)
        .into_iter()
        .map(|integration| shown(view, integration))
        .collect();
    // A name that is nearly right is a slip of the pen: asking is cheaper than a wrong group.
    let closest = if near.is_empty() { closest(view, value) } else { None };
    let Some((sign, policy, group)) = closest else {
        return question(
            view,
            "routing/unknown",
            json!({ "label": label, "value": value, "near": near }),
            "routing.unknown",
            None,
            Because::UnknownIntegration { label: label.clone() },
        );
    };
    let reason = Reason {
        rule: "routing.closest".into(),
        cite: Some(Cite { file: "routing.yml".into(), line: policy.group.line() }),
        because: Because::ClosestGroup {
            label: label.clone(),
            sign: sign.clone(),
            group: group.name.clone(),
        },
    };
    let since = by_label::set_by(view, label).map(|(_, at)| at);
    Wanted {
        labels: owner::group_and_stage(view, group, reason.clone(), since),
        comment: Some(CommentWanted {
            topic: Topic::Routing,
            template: "routing/closest",
            facts: json!({
                "item": noun(view),
                "label": label,
                "sign": sign,
                "category": *policy.category,
                "group": { "name": group.name, "label": group.label, "mention": group.mention },
            }),
            post: Post::WhenThereIsNews,
            reason: Reason { because: Because::Report, ..reason },
        }),
        keep_others: false,
    }
}

/// The first policy that fits, by a label, else by a word in the integration's name, the title or
/// the description, in this order.
fn closest<'a>(view: &View<'a>, value: &str) -> Option<(String, &'a Closest, &'a Group)> {
    let policies = &view.pack.routing.unknown.closest;
    let by_label = || {
        policies.iter().find_map(|policy| {
            let sign = policy
                .labels
                .iter()
                .find(|label| view.snapshot.label(&LabelName::new(label.as_str())).is_some())?;
            Some((sign.clone(), policy))
        })
    };
    let by_word = |text: &str| {
        let text = words(text);
        policies.iter().find_map(|policy| {
            let sign = policy.words.iter().find(|word| text.contains(&words(word)))?;
            Some((sign.clone(), policy))
        })
    };
    let (sign, policy) = by_label()
        .or_else(|| by_word(value))
        .or_else(|| by_word(&view.snapshot.title))
        .or_else(|| by_word(&view.snapshot.description))?;
    Some((sign, policy, view.pack.catalog.group(&policy.group)?))
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
