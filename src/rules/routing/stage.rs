//! The stage's label stands beside the group's and follows the group that stands on the item, also
//! when that is another one than the catalog names.

use chrono::{DateTime, Utc};

use crate::{
    catalog::Group,
    model::{Because, LabelName, Reason},
    rules::{LabelWanted, Saw, View},
};

/// The label of a group's stage, if the policy wants stages.
pub(super) fn of(
    view: &View<'_>,
    group: &Group,
    rule: &str,
    since: Option<DateTime<Utc>>,
) -> Option<LabelWanted> {
    let stage = view.pack.catalog.stage_of(&group.key);
    let wanted = view.pack.routing.label_stage;
    view.note(
        "routing.stage",
        wanted && stage.is_some(),
        || Some(group.cite()),
        || Saw::Stage {
            group: group.name.clone(),
            stage: stage.map(|stage| stage.name.clone()),
            wanted,
        },
    );
    let stage = stage?;
    let of = group.label_name().unwrap_or_else(|| LabelName::new(&group.name));
    wanted.then(|| LabelWanted {
        name: LabelName::new(&stage.label),
        reason: Reason {
            rule: rule.to_owned(),
            cite: Some(group.cite()),
            because: Because::StageOfGroup { stage: stage.name.clone(), group: of },
        },
        since,
        keep: false,
    })
}
