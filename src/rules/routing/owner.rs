//! The group named in the ownership tables owns the item: it gets the group's label and the label
//! of the group's stage, and the group is told once.

use serde_json::json;

use crate::{
    catalog::{Group, Integration},
    model::{Because, LabelName, Reason, Topic},
    rules::{CommentWanted, LabelWanted, Post, View, Wanted},
};

use super::{Found, answer, by_label, by_path, noun, shown, stage};

/// What is asked for when the owner is known. `unknown` labels beside known ones are reported.
pub(super) fn route<'a>(
    view: &View<'a>,
    first: &Found<'a>,
    found: &[Found<'a>],
    unknown: &[LabelName],
) -> Wanted {
    // Of several owners the one that a person chose.
    let chosen = found.iter().find(|one| answer::is_chosen(view, one.owner));
    let group = chosen.unwrap_or(first).owner;
    let mut labels = Vec::new();
    if let ([only], by_label::Seen::Path(_)) = (found, &first.seen)
        && view.pack.routing.label_from_paths
    {
        let name = by_path::label_of(view, &only.integration.label);
        labels.push(LabelWanted { name, reason: reason(view, only, group), since: None });
    }
    let mut owns = reason(view, first, group);
    // The file is told once, beside the integration's own label.
    if !labels.is_empty() {
        owns.because = Because::GroupOwns {
            integration: first.integration.name.clone(),
            group: group.name.clone(),
        };
    }
    labels.extend(group_and_stage(view, group, owns, since(view, found)));
    Wanted {
        labels,
        comment: Some(CommentWanted {
            topic: Topic::Routing,
            template: "routing/owned",
            facts: json!({
                "item": noun(view),
                "group": { "name": group.name, "label": group.label, "mention": group.mention },
                "integrations": found.iter().map(|one| shown(view, one.integration)).collect::<Vec<_>>(),
                "unknown": unknown,
            }),
            post: Post::WhenThereIsNews,
            reason: Reason { because: Because::Report, ..reason(view, first, group) },
        }),
        keep_others: false,
    }
}

/// The labels of a group and of its stage.
pub(super) fn group_and_stage(
    view: &View<'_>,
    group: &Group,
    reason: Reason,
    since: Option<chrono::DateTime<chrono::Utc>>,
) -> Vec<LabelWanted> {
    let name = group.label_name();
    let stage = match answer::other_group(view, &name) {
        None => stage::of(view, group, &reason.rule, since),
        Some(answer::Other::Known(other)) => stage::of(view, other, &reason.rule, since),
        Some(answer::Other::Unknown) => None,
    };
    let mut labels = vec![LabelWanted { name, reason, since }];
    labels.extend(stage);
    labels
}

fn reason(view: &View<'_>, found: &Found<'_>, group: &Group) -> Reason {
    let integration: &Integration = found.integration;
    let (rule, because) = match &found.seen {
        by_label::Seen::Label(label) => (
            "routing.by_label",
            Because::LabelNamesIntegration {
                label: label.clone(),
                by: by_label::set_by(view, label).and_then(|(by, _)| by),
                integration: integration.name.clone(),
                group: group.name.clone(),
            },
        ),
        by_label::Seen::Path(path) => (
            "routing.by_path",
            Because::PathNamesIntegration {
                path: path.clone(),
                integration: integration.name.clone(),
            },
        ),
    };
    Reason { rule: rule.into(), cite: Some(integration.cite()), because }
}

/// Since when the newest label that names an integration is there.
fn since(view: &View<'_>, found: &[Found<'_>]) -> Option<chrono::DateTime<chrono::Utc>> {
    found
        .iter()
        .filter_map(|one| match &one.seen {
            by_label::Seen::Label(label) => by_label::set_by(view, label).map(|(_, at)| at),
            by_label::Seen::Path(_) => None,
        })
        .max()
}
