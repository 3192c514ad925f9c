//! Lists of issues and merge requests, with GitLab's filters.

use chrono::{DateTime, Utc};

use super::{
    context::{Answer, Context},
    entities,
    error::ApiError,
};
use crate::forgesim::world::{
    World, labels,
    order::OrderBy,
    types::{Item, Project, Time},
};

/// What a list is narrowed to.
struct Filter<'a> {
    /// Each entry is one wanted label: ids that satisfy it, as `scope::*` allows many.
    labels: Vec<Vec<u64>>,
    unlabelled: bool,
    state: Option<&'a str>,
    iids: Vec<u64>,
    updated_after: Option<Time>,
    updated_before: Option<Time>,
    created_after: Option<Time>,
    author: Option<Option<u64>>,
    milestone: Option<&'a str>,
    search: Option<String>,
}

pub(super) async fn list(cx: Context) -> Answer {
    let world = cx.world();
    let project = cx.project(&world)?;
    let filter = Filter::read(&cx, |title| matching(&world, project.id, title), &world)?;
    let sees_all = world.level(cx.user, project.id) >= crate::forgesim::access::PLANNER;
    let ascending = match cx.params.text("sort") {
        None | Some("" | "desc") => false,
        Some("asc") => true,
        Some(_) => return Err(ApiError::parameter("sort", "does not have a valid value")),
    };
    let by = match cx.params.text("order_by") {
        None | Some("" | "created_at") => OrderBy::Created,
        Some("updated_at") => OrderBy::Updated,
        Some("title") => OrderBy::Title,
        Some(_) => {
            return Err(ApiError::parameter("order_by", "does not have a valid value"));
        }
    };
    let numbers = world.in_order(project, cx.kind, by);
    let mut numbers = numbers.as_slice();
    let items = project.items(cx.kind);
    if let (OrderBy::Updated, Some(time)) = (by, filter.updated_after) {
        let before = |iid: &u64| items.get(iid).is_some_and(|item| item.updated_at < time);
        numbers = &numbers[numbers.partition_point(before)..];
    }
    let fits = |iid: &u64| {
        let item = items.get(iid)?;
        let seen = sees_all || !item.confidential || item.author == cx.user;
        (seen && filter.fits(&world, item)).then_some(item)
    };
    // What is counted beyond the page, for its headers, is counted to a limit.
    let most = cx.counted()?;
    let found: Vec<&Item> = if ascending {
        numbers.iter().filter_map(fits).take(most).collect()
    } else {
        numbers.iter().rev().filter_map(fits).take(most).collect()
    };
    cx.list(&found, |item| entities::item(&world, project, item))
}

/// The items of all projects below a group.
pub(super) async fn group_list(cx: Context) -> Answer {
    let world = cx.world();
    let group = world.group_id(cx.path("id")).ok_or_else(|| ApiError::not_found("Group"))?;
    // A label of one project has nothing to do with one of the same name elsewhere; GitLab goes by
    // the title all the same.
    let titled = |title: &str| {
        world.labels.values().filter(|label| label.title == title).map(|label| label.id).collect()
    };
    let filter = Filter::read(&cx, titled, &world)?;
    let mut found: Vec<(&Project, &Item)> = Vec::new();
    for project in world.projects.values().filter(|one| one.ancestors.contains(&group)) {
        let level = world.level(cx.user, project.id);
        if !project.public && level == 0 {
            continue;
        }
        let sees_all = level >= crate::forgesim::access::PLANNER;
        let items = project.items(cx.kind).values();
        let seen = items.filter(|item| sees_all || !item.confidential || item.author == cx.user);
        found.extend(seen.filter(|item| filter.fits(&world, item)).map(|item| (project, item)));
    }
    match cx.params.text("order_by") {
        None | Some("" | "created_at") => {
            found.sort_by_key(|(_, item)| (item.created_at, item.id));
        }
        Some("updated_at") => found.sort_by_key(|(_, item)| (item.updated_at, item.id)),
        Some(_) => {
            return Err(ApiError::parameter("order_by", "does not have a valid value"));
        }
    }
    if cx.params.text("sort") != Some("asc") {
        found.reverse();
    }
    cx.list(&found, |(project, item)| entities::item(&world, project, item))
}

impl<'a> Filter<'a> {
    /// `matching` tells which labels satisfy a wanted title.
    fn read(
        cx: &'a Context,
        matching: impl Fn(&str) -> Vec<u64>,
        world: &World,
    ) -> Result<Self, ApiError> {
        let params = &cx.params;
        let wanted = params.list("labels");
        let time = |name| -> Result<Option<Time>, ApiError> {
            let Some(text) = params.text(name).filter(|text| !text.is_empty()) else {
                return Ok(None);
            };
            match DateTime::parse_from_rfc3339(text) {
                Ok(time) => Ok(Some(time.with_timezone(&Utc))),
                Err(_) => Err(ApiError::parameter(name, "is invalid")),
            }
        };
        let state = params.text("state").filter(|state| !matches!(*state, "" | "all"));
        if state.is_some_and(|state| !["opened", "closed", "merged", "locked"].contains(&state)) {
            return Err(ApiError::parameter("state", "does not have a valid value"));
        }
        Ok(Self {
            unlabelled: wanted.iter().any(|title| title.eq_ignore_ascii_case("none")),
            labels: wanted
                .into_iter()
                .filter(|title| !title.eq_ignore_ascii_case("none"))
                .map(matching)
                .collect(),
            state,
            iids: params.numbers("iids")?,
            updated_after: time("updated_after")?,
            updated_before: time("updated_before")?,
            created_after: time("created_after")?,
            author: match (params.number("author_id")?, params.text("author_username")) {
                (Some(id), _) => Some(Some(id)),
                (None, Some(name)) => Some(world.user_id(name)),
                (None, None) => None,
            },
            milestone: params.text("milestone"),
            search: params.text("search").map(str::to_lowercase),
        })
    }

    fn fits(&self, world: &World, item: &Item) -> bool {
        let title = |id: u64| world.milestones.get(&id).map(|found| found.title.as_str());
        self.state.is_none_or(|state| state == item.state.as_str())
            && (self.iids.is_empty() || self.iids.contains(&item.iid))
            && self.updated_after.is_none_or(|time| item.updated_at >= time)
            && self.updated_before.is_none_or(|time| item.updated_at <= time)
            && self.created_after.is_none_or(|time| item.created_at >= time)
            && self.author.is_none_or(|author| author == Some(item.author))
            && (!self.unlabelled || item.labels.is_empty())
            && self.labels.iter().all(|ids| ids.iter().any(|id| item.labels.contains(id)))
            && self.milestone.is_none_or(|wanted| match wanted {
                "None" => item.milestone.is_none(),
                "Any" => item.milestone.is_some(),
                wanted => item.milestone.and_then(title) == Some(wanted),
            })
            && self.search.as_ref().is_none_or(|text| {
                item.title.to_lowercase().contains(text)
                    || item.description.to_lowercase().contains(text)
            })
    }
}

/// The labels that satisfy one wanted title. `scope::*` stands for all of a scope
/// (GitLab's `doc/user/project/labels.md`, "Filter by scoped labels").
fn matching(world: &World, project: u64, title: &str) -> Vec<u64> {
    let Some(scope) = title.strip_suffix("::*") else {
        return world.find_label(project, title).into_iter().collect();
    };
    let all = world.labels_of(crate::forgesim::world::types::Owner::Project(project), true);
    all.into_iter().filter(|id| labels::scope(world.title(*id)) == Some(scope)).collect()
}
