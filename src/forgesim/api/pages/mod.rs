//! Small web pages, so that somebody trying Steward out has something to look at.

use std::{fmt::Write, sync::Arc};

use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use http::{StatusCode, Uri};

use crate::forgesim::{
    sim::Shared,
    world::{
        World,
        types::{Item, ItemKey, ItemKind, Project},
    },
};

mod markdown;

const STYLE: &str = include_str!("style.css");

/// How many items of a kind the front page shows per project.
const SHOWN: usize = 100;

/// All projects with their latest issues and merge requests.
pub(super) async fn index(State(shared): State<Arc<Shared>>) -> Html<String> {
    list(&shared.world())
}

fn list(world: &World) -> Html<String> {
    let mut body = String::from("<h1>A simulated GitLab</h1>");
    for project in world.projects.values() {
        body.push_str(&format!("<h2>{}</h2>", escape(&project.path)));
        for kind in [ItemKind::Issue, ItemKind::MergeRequest] {
            body.push_str("<ul class=\"items\">");
            for item in project.items(kind).values().rev().take(SHOWN) {
                let (segment, sigil, iid) = (kind.segment(), kind.sigil(), item.iid);
                let path = escape(&project.path);
                let title = escape(&item.title);
                // Writing to a String cannot fail.
                let _ = write!(
                    body,
                    "<li><a href=\"/{path}/-/{segment}/{iid}\">{sigil}{iid} {title}</a> {} {}</li>",
                    state(item),
                    labels(world, project, item)
                );
            }
            body.push_str("</ul>");
        }
    }
    page("A simulated GitLab", &body)
}

/// `/<project>/-/issues/<iid>` and the same for merge requests; above them, at `/<project>` and
/// `/<project>/-/issues`, what the front page shows.
pub(super) async fn item(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    let world = shared.world();
    match find(&world, uri.path()) {
        Some((project, item)) => show(&world, project, item).into_response(),
        None if is_list(&world, uri.path()) => list(&world).into_response(),
        None => (StatusCode::NOT_FOUND, page("404", "<h1>404 Page Not Found</h1>")).into_response(),
    }
}

/// Whether people look for the items of a project there.
fn is_list(world: &World, path: &str) -> bool {
    let path = path.trim_matches('/');
    let (project, rest) = path.split_once("/-/").unwrap_or((path, "issues"));
    let known = [ItemKind::Issue.segment(), ItemKind::MergeRequest.segment(), "work_items"];
    known.contains(&rest) && world.project_id(project).is_some()
}

fn find<'w>(world: &'w World, path: &str) -> Option<(&'w Project, &'w Item)> {
    let (project, rest) = path.trim_matches('/').split_once("/-/")?;
    let (segment, iid) = rest.split_once('/')?;
    let kind =
        [ItemKind::Issue, ItemKind::MergeRequest].into_iter().find(|k| k.segment() == segment);
    // GitLab's newer address for issues.
    let kind = kind.or((segment == "work_items").then_some(ItemKind::Issue))?;
    let project = world.project_id(project)?;
    let key = ItemKey { project, kind, iid: iid.parse().ok()? };
    let item = world.item(key).ok().filter(|item| !item.confidential)?;
    Some((world.project(project).ok()?, item))
}

fn show(world: &World, project: &Project, item: &Item) -> Html<String> {
    let name = |id: u64| world.users.get(&id).map_or("somebody", |user| user.username.as_str());
    let chip = |title: &str| chip(title, color_of(world, project, title));
    let title = format!("{} ({}{})", item.title, item.kind.sigil(), item.iid);
    let mut body = format!(
        "<p><a href=\"/\">{}</a></p><h1>{}</h1><p>{} by {}</p><p>{}</p>{}{}",
        escape(&project.path),
        escape(&title),
        state(item),
        escape(name(item.author)),
        labels(world, project, item),
        fields(world, project, item),
        markdown::html(&item.description, &chip)
    );
    for note in item.notes.values().filter(|note| !note.internal) {
        let class = if note.system { "system" } else { "note" };
        let _ = write!(
            body,
            "<section id=\"note_{}\" class=\"{class}\"><header><b>{}</b> {}</header> {}</section>",
            note.id,
            escape(name(note.author)),
            note.created_at.format("%Y-%m-%d %H:%M"),
            markdown::html(&note.body, &chip)
        );
    }
    page(&title, &body)
}

/// Assignees, milestone and, on a merge request's newest commit, statuses; what there is of them.
fn fields(world: &World, project: &Project, item: &Item) -> String {
    let mut rows = Vec::new();
    let assignees: Vec<&str> = item
        .assignees
        .iter()
        .filter_map(|id| world.users.get(id))
        .map(|user| user.username.as_str())
        .collect();
    if !assignees.is_empty() {
        rows.push(format!("Assigned to <b>{}</b>", escape(&assignees.join(", "))));
    }
    if let Some(milestone) = item.milestone.and_then(|id| world.milestones.get(&id)) {
        rows.push(format!("Milestone <b>{}</b>", escape(&milestone.title)));
    }
    let head = item.merge.as_ref().map(|merge| merge.sha.as_str());
    let statuses = head.and_then(|sha| project.statuses.get(sha)).map(Vec::as_slice);
    let statuses = statuses.unwrap_or_default();
    for (at, status) in statuses.iter().enumerate() {
        if statuses[at + 1..].iter().any(|later| later.name == status.name) {
            continue;
        }
        rows.push(format!(
            "Status <b>{}</b>: {} {}",
            escape(&status.name),
            escape(&status.state),
            escape(status.description.as_deref().unwrap_or_default())
        ));
    }
    rows.iter().map(|row| format!("<p>{row}</p>")).collect()
}

fn state(item: &Item) -> String {
    let state = item.state.as_str();
    format!("<span class=\"state {state}\">{state}</span>")
}

fn labels(world: &World, project: &Project, item: &Item) -> String {
    let mut titles: Vec<&str> = item.labels.iter().map(|id| world.title(*id)).collect();
    titles.sort_unstable();
    titles.iter().map(|title| chip(title, color_of(world, project, title))).collect()
}

/// The colour of a label that the item's project knows.
fn color_of<'w>(world: &'w World, project: &Project, title: &str) -> Option<&'w str> {
    let id = world.find_label(project.id, title)?;
    world.labels.get(&id).map(|label| label.color.as_str())
}

/// A label as GitLab shows it: the value of a scoped label stands on white.
fn chip(title: &str, color: Option<&str>) -> String {
    let color = color.unwrap_or("#737278");
    let pale = if color.eq_ignore_ascii_case("#A8D695") { " pale" } else { "" };
    let text = match title.rsplit_once("::") {
        Some((scope, value)) if !scope.is_empty() => {
            format!("{}<b>{}</b>", escape(scope), escape(value))
        }
        _ => escape(title),
    };
    format!("<span class=\"label{pale}\" style=\"--c:{}\">{text}</span>", escape(color))
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <style>{STYLE}</style><body>{body}</body></html>",
        escape(title)
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
