//! A merge request that carries no label which names an integration is about those whose files
//! it changes (`paths` in `routing.yml`).

use crate::{
    model::LabelName,
    rules::{PathSeen, Saw, View},
};

use super::{Found, by_label::Seen};

/// The integrations whose files the merge request changes, in the order of the files. Those whose
/// label a person took off again are not among them: that was an answer.
pub(super) fn find<'a>(view: &View<'a>) -> Vec<Found<'a>> {
    let routing = &view.pack.routing;
    let mut found: Vec<Found<'a>> = Vec::new();
    let mut seen: Vec<PathSeen> = Vec::new();
    for file in view.changes().map(|changes| changes.files.as_slice()).unwrap_or_default() {
        let paths = [Some(&file.path), file.previous_path.as_ref()];
        for path in paths.into_iter().flatten() {
            let Some(integration) = routing
                .paths
                .iter()
                .filter_map(|pattern| pattern.code_name(path))
                .find_map(|name| view.pack.catalog.by_code_name(&name))
            else {
                continue;
            };
            let known = found.iter().any(|had| had.integration.key == integration.key);
            if known {
                continue;
            }
            let denied = view.taken_off(&label_of(view, &integration.label), None).is_some();
            if view.is_traced() {
                let integration = integration.name.clone();
                seen.push(PathSeen { path: path.clone(), integration, denied });
            }
            if !denied {
                let owner = view.pack.catalog.owner(integration);
                let seen = Seen::Path(path.clone());
                found.extend(owner.map(|owner| Found { integration, owner, seen }));
            }
        }
    }
    view.note(
        "routing.by_path",
        !found.is_empty(),
        || routing.paths.first().map(|path| routing.cite(path.line())),
        || Saw::Paths {
            files: view.changes().map_or(0, |changes| changes.files.len()),
            complete: !list_is_cut(view),
            found: seen,
        },
    );
    found
}

/// Whether the label history has a say in what was found: it tells which labels a person took off.
pub(super) fn needs_history(view: &View<'_>, found: &[Found<'_>]) -> bool {
    let absent =
        |one: &Found<'_>| view.snapshot.label(&label_of(view, &one.integration.label)).is_none();
    found.iter().any(absent)
}

/// Whether the forge left files out: then nothing follows from what is not in the list.
pub(super) fn list_is_cut(view: &View<'_>) -> bool {
    view.snapshot.facets.changes.as_ref().is_some_and(|changes| !changes.complete)
}

/// The label that names an integration, as the policy spells it.
pub(in crate::rules) fn label_of(view: &View<'_>, value: &str) -> LabelName {
    LabelName::new(format!("{}{value}", *view.pack.routing.label_prefix))
}
