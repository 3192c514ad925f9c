//! The group named in the ownership tables owns the item: it gets the group's label and the label
//! of the group's stage, and the group is told once. Where all owners of several integrations are
//! told, one comment calls them all.

use chrono::{DateTime, Utc};

use crate::{
    catalog::{Group, Integration},
    model::{Because, LabelName, Reason, Topic},
    pack::SeveralOwners,
    rules::{CommentWanted, LabelWanted, Post, Saw, Told, View, Wanted},
};

use super::{
    Found, by_label, by_path,
    facts::{self, Facts},
    people::{self, Decided},
    several_owners, stage,
};

/// What is asked for when the owner is known. `unknown` labels beside known ones are reported.
pub(super) fn route<'a>(
    view: &View<'a>,
    first: &Found<'a>,
    found: &[Found<'a>],
    unknown: &[LabelName],
) -> Wanted<'a> {
    let mut owners = several_owners::owners(found);
    // Of several owners the one that a person chose.
    if let Some(chosen) = owners.iter().find(|group| people::chose(view, group)).copied() {
        owners = vec![chosen];
    }
    let group = owners.first().copied().unwrap_or(first.owner);
    let owned = found.iter().find(|one| one.owner.key == group.key).unwrap_or(first);
    view.note(
        "routing.owner",
        true,
        || Some(owned.integration.cite()),
        || Saw::Owner {
            integration: owned.integration.name.clone(),
            group: group.name.clone(),
            label: group.label_name(),
        },
    );
    let mut labels = by_path_labels(view, found, group);
    let mut owns = reason(view, first, group);
    // The file is told once, beside the integration's own label.
    if !labels.is_empty() {
        owns.because = Because::GroupOwns {
            integration: first.integration.name.clone(),
            group: group.name.clone(),
        };
    }
    let since = since(view, found);
    let decided = people::decided(view, group, since);
    let facts = Facts::new(view, group, &decided).about(view, found).told(view, &owners);
    let facts = Facts { unknown: unknown.to_vec(), ..facts };
    labels.extend(group_and_stage(view, &owners, &decided, owns.clone(), since));
    Wanted {
        labels,
        comments: vec![comment(view, "routing/owned", &owners, &decided, facts, &owns)],
        ..Wanted::default()
    }
}

/// The labels of the integrations that were recognised by their files: of a single one, or of all
/// where all owners are told, and those that Steward has set already, which a further integration
/// does not make wrong.
fn by_path_labels(view: &View<'_>, found: &[Found<'_>], group: &Group) -> Vec<LabelWanted> {
    let all = found.len() == 1
        || view.pack.routing.several_owners(&view.pack.catalog) == SeveralOwners::TellAll;
    let recognised = found.iter().filter(|one| matches!(one.seen, by_label::Seen::Path(_)));
    recognised
        .map(|one| (one, by_path::label_of(view, &one.integration.label)))
        .filter(|(_, name)| {
            view.pack.routing.label_from_paths && (all || view.ledger.own(name).is_some())
        })
        .map(|(one, name)| LabelWanted {
            name,
            reason: reason(view, one, group),
            since: None,
            keep: false,
        })
        .collect()
}

/// The labels of the groups and of the stage of the group that stands on the item. Of labels that
/// exclude each other the first is asked for.
pub(super) fn group_and_stage(
    view: &View<'_>,
    groups: &[&Group],
    decided: &Decided<'_>,
    reason: Reason,
    since: Option<DateTime<Utc>>,
) -> Vec<LabelWanted> {
    let first = groups.first().copied();
    let stage = match decided {
        Decided::Nothing => first.and_then(|group| stage::of(view, group, &reason.rule, since)),
        Decided::Other { group: Some(other), .. } => stage::of(view, other, &reason.rule, since),
        Decided::Other { group: None, .. } | Decided::TakenOff { .. } => None,
    };
    let mut labels: Vec<LabelWanted> = Vec::new();
    for name in groups.iter().filter_map(|group| group.label_name()) {
        if !labels.iter().any(|had| had.name.shares_scope(&name)) {
            labels.push(LabelWanted { name, reason: reason.clone(), since, keep: false });
        }
    }
    labels.extend(stage);
    labels
}

/// The comment that tells the groups on the item. A person's decision has words of its own. Groups
/// without a label are told in any case, if there is anybody to call: nothing else reaches them.
pub(super) fn comment<'a>(
    view: &View<'_>,
    template: &'static str,
    groups: &[&Group],
    decided: &Decided<'_>,
    facts: Facts<'a>,
    reason: &Reason,
) -> CommentWanted<'a> {
    let only_called = groups.iter().all(|group| group.label.is_none());
    let anybody = groups.iter().any(|group| facts::mention(view, group).is_some());
    CommentWanted::whole(
        Topic::ROUTING,
        match decided {
            Decided::Nothing => template,
            Decided::Other { .. } => "routing/given",
            Decided::TakenOff { .. } => "routing/left",
        },
        Told::new(facts),
        match only_called && anybody {
            // Whoever it is for is told beside which it was opened.
            _ if view.is_own() => Post::Never,
            true => Post::Always,
            false => Post::WhenThereIsNews,
        },
        Reason { because: Because::TellsOwner, ..reason.clone() },
    )
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
fn since(view: &View<'_>, found: &[Found<'_>]) -> Option<DateTime<Utc>> {
    found
        .iter()
        .filter_map(|one| match &one.seen {
            by_label::Seen::Label(label) => by_label::set_by(view, label).map(|(_, at)| at),
            by_label::Seen::Path(_) => None,
        })
        .max()
}
