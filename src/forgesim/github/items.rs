//! Issues and pull requests: lists, one of them, changes, history of labels, changed files.

use std::sync::Arc;

use axum::{Router, routing};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    context::{Answer, Context},
    entities::{self, issue, pull},
    error::ApiError,
};
use crate::forgesim::{
    State, access,
    sim::Shared,
    world::{
        World,
        changes::Change,
        items::{ItemChange, NewItem},
        labels::LabelChange,
        types::{Item, ItemKey, ItemKind, Owner, Project},
    },
    writes::Write,
};

/// So many changed files of a pull request are listed at the most.
const MOST_CHANGES: usize = 3000;

pub(super) fn routes() -> Router<Arc<Shared>> {
    let issue = "/repos/{owner}/{repo}/issues/{number}";
    let pull = "/repos/{owner}/{repo}/pulls/{number}";
    Router::new()
        .route("/repos/{owner}/{repo}/issues", routing::get(list).post(open))
        .route(issue, routing::get(show).patch(change))
        .route(&format!("{issue}/events"), routing::get(events))
        .route(&format!("{issue}/timeline"), routing::get(events))
        .route("/repos/{owner}/{repo}/pulls", routing::get(list_pulls))
        .route(pull, routing::get(show_pull))
        .route(&format!("{pull}/files"), routing::get(files))
}

fn answer(world: &World, key: ItemKey, status: StatusCode) -> Answer {
    let entity = issue(world, world.project(key.project)?, world.item(key)?);
    Ok(Context::json(status, &entity))
}

async fn show(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    answer(&world, key, StatusCode::OK)
}

/// All issues, pull requests among them, the newest first unless asked otherwise.
async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let since = match cx.query("since") {
        None => None,
        Some(text) => Some(
            DateTime::parse_from_rfc3339(text)
                .map_err(|_| ApiError::invalid("Search", "since", "is no time"))?
                .with_timezone(&Utc),
        ),
    };
    let state = cx.query("state").unwrap_or("open");
    let wanted: Vec<&str> = cx.query("labels").into_iter().flat_map(|all| all.split(',')).collect();
    let creator = cx.query("creator").map(|name| world.user_id(name));
    let fits = |item: &&Item| {
        let open = item.state == State::Opened;
        creator.is_none_or(|creator| creator == Some(item.author))
            && (state == "all" || (state == "open") == open)
            // "After the given time"; times are whole seconds there.
            && since.is_none_or(|since| item.updated_at.timestamp() > since.timestamp())
            && wanted.iter().all(|title| {
                world.find_label(project.id, title).is_some_and(|id| item.labels.contains(&id))
            })
    };
    let all = project.issues.values().chain(project.merge_requests.values());
    let mut found: Vec<&Item> = all.filter(fits).collect();
    match cx.query("sort") {
        Some("updated") => found.sort_by_key(|item| (item.updated_at, item.id)),
        _ => found.sort_by_key(|item| (item.created_at, item.id)),
    }
    if cx.query("direction") != Some("asc") {
        found.reverse();
    }
    cx.list(&found, |item| issue(&world, project, item))
}

async fn open(cx: Context) -> Answer {
    let mut world = cx.world();
    let project = cx.project(&world)?.id;
    let labels: Vec<&str> =
        cx.body["labels"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let new = NewItem {
        title: cx.text("title")?,
        description: cx.body["body"].as_str().unwrap_or_default(),
        labels: world.resolve_labels(project, labels, true),
        milestone: milestone(&cx, &world, project)?.flatten(),
        ..NewItem::default()
    };
    let key = world.open_item(cx.user()?, project, new)?;
    answer(&world, key, StatusCode::CREATED)
}

/// `PATCH`: what is left out stays.
async fn change(cx: Context) -> Answer {
    let mut world = cx.world();
    let key = cx.item(&world)?;
    let user = cx.user()?;
    let may_triage = world.level(user, key.project) >= access::PLANNER;
    if !may_triage && world.item(key)?.author != user {
        return Err(ApiError::forbidden());
    }
    let state = match cx.body["state"].as_str() {
        None => None,
        Some("closed") => Some(State::Closed),
        Some("open") => Some(State::Opened),
        Some(_) => return Err(ApiError::invalid("Issue", "state", "is no state")),
    };
    let labels = match cx.body["labels"].as_array() {
        Some(titles) if may_triage => {
            let titles = titles.iter().filter_map(Value::as_str);
            let set = Some(world.resolve_labels(key.project, titles, true));
            LabelChange { set, ..LabelChange::default() }
        }
        _ => LabelChange::default(),
    };
    let change = ItemChange {
        title: cx.body["title"].as_str(),
        description: cx.body["body"].as_str(),
        labels,
        milestone: milestone(&cx, &world, key.project)?.filter(|_| may_triage),
        assignees: assignees(&cx, &world).filter(|_| may_triage),
        due: None,
        confidential: None,
        state,
    };
    world.change_item(user, key, change)?;
    cx.wrote(key, Write::Change);
    answer(&world, key, StatusCode::OK)
}

/// By its number in the repository; null takes it away.
fn milestone(cx: &Context, world: &World, project: u64) -> Result<Option<Option<u64>>, ApiError> {
    match cx.body.get("milestone") {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(None)),
        Some(number) => {
            let found = world.milestones.values().find(|one| {
                one.owner == Owner::Project(project) && Some(one.iid) == number.as_u64()
            });
            let unknown = || ApiError::invalid("Issue", "milestone", "does not exist");
            Ok(Some(Some(found.ok_or_else(unknown)?.id)))
        }
    }
}

/// By their names. Whom GitHub does not know, or who may not be assigned, it leaves out without a
/// word.
fn assignees(cx: &Context, world: &World) -> Option<Vec<u64>> {
    let names = cx.body["assignees"].as_array()?.iter().filter_map(Value::as_str);
    Some(names.filter_map(|name| world.user_id(name)).collect())
}

/// The history of an item: of labels, and one event of a kind that nobody knows, as GitHub invents
/// them.
async fn events(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let invented = json!({ "id": 1, "event": "invented_by_the_simulation", "payload": [{}] });
    let shown: Vec<Value> = std::iter::once(invented)
        .chain(item.label_events.iter().map(|one| entities::event(&world, project, one)))
        .collect();
    cx.list(&shown, Value::clone)
}

async fn show_pull(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let item = world.item(key)?;
    match (&item.merge, key.kind) {
        (Some(merge), ItemKind::MergeRequest) => {
            let entity = pull(&world, world.project(key.project)?, item, merge);
            Ok(Context::json(StatusCode::OK, &entity))
        }
        _ => Err(ApiError::not_found()),
    }
}

/// Pull requests, the newest first unless asked otherwise. Nothing is asked for by its time here.
async fn list_pulls(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let state = cx.query("state").unwrap_or("open");
    let fits = |item: &&Item| state == "all" || (state == "open") == (item.state == State::Opened);
    let mut found: Vec<&Item> = project.merge_requests.values().filter(fits).collect();
    match cx.query("sort") {
        Some("updated") => found.sort_by_key(|item| (item.updated_at, item.id)),
        _ => found.sort_by_key(|item| (item.created_at, item.id)),
    }
    // Downwards unless sorted by something else than the creation.
    let ascending = match cx.query("direction") {
        Some(direction) => direction == "asc",
        None => cx.query("sort").is_some_and(|sort| sort != "created"),
    };
    if !ascending {
        found.reverse();
    }
    cx.list(&found, |item| match &item.merge {
        Some(merge) => {
            let mut entity = pull(&world, project, item, merge);
            // By its description, a list alone has no label without a description.
            for label in entity["labels"].as_array_mut().into_iter().flatten() {
                if label["description"].is_null() {
                    label["description"] = "".into();
                }
            }
            // Only a pull request alone tells of its size.
            for one in [
                "merged",
                "mergeable",
                "mergeable_state",
                "merged_by",
                "comments",
                "review_comments",
                "maintainer_can_modify",
                "commits",
                "additions",
                "deletions",
                "changed_files",
            ] {
                if let Some(entity) = entity.as_object_mut() {
                    entity.remove(one);
                }
            }
            entity
        }
        None => Value::Null,
    })
}

async fn files(cx: Context) -> Answer {
    let world = cx.world();
    let key = cx.item(&world)?;
    let (project, item) = (world.project(key.project)?, world.item(key)?);
    let merge = item.merge.as_ref().ok_or_else(ApiError::not_found)?;
    let changes = merge.changes.get(..MOST_CHANGES).unwrap_or(&merge.changes);
    cx.list(changes, |change| file(&world, project, &merge.sha, change))
}

fn file(world: &World, project: &Project, sha: &str, change: &Change) -> Value {
    let (added, gone) = entities::lines(&change.diff);
    let path = if change.deleted_file { &change.old_path } else { &change.new_path };
    let page = format!("{}/{}", world.web_url, project.path);
    let address = in_address(path);
    let mut value = json!({
        "sha": sha,
        "filename": path,
        "status": match (change.deleted_file, change.new_file, change.renamed_file) {
            (true, _, _) => "removed",
            (_, true, _) => "added",
            (_, _, true) => "renamed",
            _ => "modified",
        },
        "additions": added,
        "deletions": gone,
        "changes": added + gone,
        "blob_url": format!("{page}/blob/{sha}/{address}"),
        "raw_url": format!("{page}/raw/{sha}/{address}"),
        "contents_url": entities::api(
            world,
            &format!("repos/{}/contents/{address}?ref={sha}", project.path),
        ),
    });
    if change.renamed_file {
        value["previous_filename"] = change.old_path.as_str().into();
    }
    // None for what is binary, too large, or the same.
    if change.diff.starts_with("@@") {
        value["patch"] = change.diff.trim_end_matches('\n').into();
    }
    value
}

/// A path as it stands in an address.
fn in_address(path: &str) -> String {
    let parts = path.split('/').map(|part| url::form_urlencoded::byte_serialize(part.as_bytes()));
    let parts: Vec<String> =
        parts.map(|part| part.collect::<String>().replace('+', "%20")).collect();
    parts.join("/")
}
