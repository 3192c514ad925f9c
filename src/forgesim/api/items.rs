//! Issues and merge requests: read one, open, change, history of labels, diffs.

use std::sync::Arc;

use axum::{Router, routing};
use chrono::NaiveDate;
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
    item_list,
};
use crate::forgesim::{
    sim::Shared,
    world::{
        World,
        changes::{Change, MOST_CHANGES},
        items::{ItemChange, NewItem},
        labels::LabelChange,
        merge_requests::NewMergeRequest,
        types::{IssueType, ItemKey, ItemKind, State},
    },
    writes::Write,
};

pub(super) fn routes(all: &str, one: &str, kind: ItemKind) -> Router<Arc<Shared>> {
    let router = Router::new()
        .route(all, routing::get(item_list::list).post(open))
        .route(one, routing::get(show).put(change))
        .route(&format!("{one}/resource_label_events"), routing::get(label_events));
    match kind {
        ItemKind::Issue => router.route(&format!("{one}/links"), routing::get(links).post(link)),
        ItemKind::MergeRequest => router.route(&format!("{one}/diffs"), routing::get(diffs)),
    }
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    answer(&world, key, StatusCode::OK)
}

fn answer(world: &World, key: ItemKey, status: StatusCode) -> Answer {
    let entity = entities::item(world, world.project(key.project)?, world.item(key)?);
    Ok(Context::json(status, &entity))
}

async fn open(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project(&world)?.id;
    let title = cx.params.required("title")?;
    let description = cx.params.text("description").unwrap_or_default();
    let key = ItemKey { project, kind: cx.kind, iid: 0 };
    let may_triage = world.may_triage(cx.user, key);
    // GitLab drops what a caller may not set, instead of refusing the whole.
    let labels = if may_triage { cx.params.list("labels") } else { Vec::new() };
    let key = match cx.kind {
        ItemKind::MergeRequest => {
            let source_branch = cx.params.required("source_branch")?.to_owned();
            cx.params.required("target_branch")?;
            if world.project(project)?.repository.resolve(&source_branch).is_none() {
                return Err(ApiError::bad_request("source_branch does not exist"));
            }
            let new = NewMergeRequest {
                title: title.to_owned(),
                description: description.to_owned(),
                labels: labels.into_iter().map(str::to_owned).collect(),
                source_branch,
                changes: Vec::new(),
            };
            world.open_merge_request(cx.user, project, new)?
        }
        ItemKind::Issue => {
            let issue_type = cx.params.text("issue_type").unwrap_or("issue");
            let issue_type = IssueType::parse(issue_type)
                .ok_or_else(|| ApiError::parameter("issue_type", "does not have a valid value"))?;
            let new = NewItem {
                title,
                description,
                labels: world.resolve_labels(project, labels, true),
                milestone: milestone(&cx, &world, project)?.flatten().filter(|_| may_triage),
                due: due(&cx)?.flatten().filter(|_| may_triage),
                assignees: assignees(&cx)?.filter(|_| may_triage).unwrap_or_default(),
                confidential: cx.params.flag("confidential", false)?,
                issue_type,
                merge: None,
            };
            world.open_item(cx.user, project, new)?
        }
    };
    answer(&world, key, StatusCode::CREATED)
}

/// Parameters of which a change must carry at least one.
const CHANGEABLE: [&str; 11] = [
    "add_labels",
    "assignee_id",
    "assignee_ids",
    "confidential",
    "description",
    "due_date",
    "labels",
    "milestone_id",
    "remove_labels",
    "state_event",
    "title",
];

async fn change(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    if !CHANGEABLE.iter().any(|name| cx.params.has(name)) {
        let problem = "are missing, at least one parameter must be provided";
        return Err(ApiError::parameter(&CHANGEABLE.join(", "), problem));
    }
    if !world.may_edit(cx.user, key) {
        return Err(ApiError::forbidden());
    }
    let state = match cx.params.text("state_event") {
        None | Some("") => None,
        Some("close") => Some(State::Closed),
        Some("reopen") => Some(State::Opened),
        Some(_) => {
            return Err(ApiError::parameter("state_event", "does not have a valid value"));
        }
    };
    let may_triage = world.may_triage(cx.user, key);
    let (milestone, assignees) = (milestone(&cx, &world, key.project)?, assignees(&cx)?);
    let labels =
        if may_triage { label_change(&cx, &mut world, key) } else { LabelChange::default() };
    let change = ItemChange {
        title: cx.params.text("title"),
        description: cx.params.text("description"),
        labels,
        milestone: milestone.filter(|_| may_triage),
        due: due(&cx)?.filter(|_| may_triage),
        assignees: assignees.filter(|_| may_triage),
        confidential: match cx.params.has("confidential") && may_triage {
            true => Some(cx.params.flag("confidential", false)?),
            false => None,
        },
        state,
    };
    world.change_item(cx.user, key, change)?;
    cx.wrote(key, Write::Change);
    answer(&world, key, StatusCode::OK)
}

fn label_change(cx: &Context, world: &mut World, key: ItemKey) -> LabelChange {
    let project = key.project;
    let set = cx.params.has("labels").then(|| cx.params.list("labels"));
    LabelChange {
        set: set.map(|titles| world.resolve_labels(project, titles, true)),
        add: world.resolve_labels(project, cx.params.list("add_labels"), true),
        remove: world.resolve_labels(project, cx.params.list("remove_labels"), false),
    }
}

/// `milestone_id`: 0 or empty removes; one that the project does not offer is ignored
/// by GitLab, which then leaves none.
fn milestone(cx: &Context, world: &World, project: u64) -> Result<Option<Option<u64>>, ApiError> {
    if !cx.params.has("milestone_id") {
        return Ok(None);
    }
    let id = cx.params.number("milestone_id")?;
    Ok(Some(id.filter(|id| world.offers_milestone(project, *id))))
}

/// `due_date`: a day, or empty for none.
fn due(cx: &Context) -> Result<Option<Option<NaiveDate>>, ApiError> {
    match cx.params.text("due_date") {
        None => Ok(None),
        Some("") => Ok(Some(None)),
        Some(text) => match text.parse() {
            Ok(day) => Ok(Some(Some(day))),
            Err(_) => Err(ApiError::parameter("due_date", "is invalid")),
        },
    }
}

/// `assignee_ids`: 0 or empty removes all.
fn assignees(cx: &Context) -> Result<Option<Vec<u64>>, ApiError> {
    let name = if cx.params.has("assignee_ids") { "assignee_ids" } else { "assignee_id" };
    if !cx.params.has(name) {
        return Ok(None);
    }
    let mut ids = cx.params.numbers(name)?;
    ids.retain(|id| *id != 0);
    ids.dedup();
    Ok(Some(ids))
}

async fn label_events(cx: Context) -> Answer {
    let world = cx.world();
    let item = world.item(cx.item(&world)?)?;
    cx.list(&item.label_events, |event| entities::label_event(&world, item, event))
}

async fn links(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let linked: Vec<_> = item.links.iter().filter_map(|iid| project.issues.get(iid)).collect();
    cx.list(&linked, |item| entities::item(&world, project, item))
}

/// `relates_to` within one project: another kind and another project are not simulated.
async fn link(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let target = cx.params.required("target_project_id")?;
    let project = world.project_id(target);
    let iid = cx.params.number("target_issue_iid")?.unwrap_or_default();
    let other = ItemKey { iid, ..key };
    if project != Some(key.project) || world.item(other).is_err() {
        return Err(ApiError::not_found("Issue"));
    }
    if !world.may_triage(cx.user, key) {
        return Err(ApiError::forbidden());
    }
    if !world.link_issues(key, other)? {
        return Err(ApiError::conflict("Issue(s) already assigned"));
    }
    let entity = |key: ItemKey| -> Result<Value, ApiError> {
        let entity = entities::item(&world, world.project(key.project)?, world.item(key)?);
        Ok(serde_json::to_value(&entity).unwrap_or_default())
    };
    let answer = json!({
        "source_issue": entity(key)?,
        "target_issue": entity(other)?,
        "link_type": "relates_to",
    });
    Ok(Context::json(StatusCode::CREATED, &answer))
}

/// A changed file.
#[derive(Serialize)]
struct DiffEntity<'a> {
    old_path: &'a str,
    new_path: &'a str,
    a_mode: &'static str,
    b_mode: &'static str,
    new_file: bool,
    renamed_file: bool,
    deleted_file: bool,
    generated_file: bool,
    collapsed: bool,
    too_large: bool,
    diff: &'a str,
}

async fn diffs(cx: Context) -> Answer {
    let world = cx.world();
    let item = world.item(cx.item(&world)?)?;
    let changes = item.merge.as_ref().map(|merge| Arc::clone(&merge.changes)).unwrap_or_default();
    cx.list(changes.get(..MOST_CHANGES).unwrap_or(&changes), |change: &Change| DiffEntity {
        old_path: &change.old_path,
        new_path: &change.new_path,
        a_mode: if change.new_file { "0" } else { "100644" },
        b_mode: if change.deleted_file { "0" } else { "100644" },
        new_file: change.new_file,
        renamed_file: change.renamed_file,
        deleted_file: change.deleted_file,
        generated_file: change.generated_file,
        collapsed: change.collapsed,
        too_large: change.too_large,
        diff: &change.diff,
    })
}
