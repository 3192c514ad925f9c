//! Issues, comments, labels, … as GitHub's API shows them.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use crate::forgesim::{
    State,
    webhooks::is_draft,
    world::{
        World,
        repository::DEFAULT_BRANCH,
        types::{Item, ItemKind, Merge, Milestone, Note, Owner, Project, Time},
    },
};

/// A time as GitHub writes it: whole seconds.
pub(super) fn stamp(time: Time) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Secs, true).into()
}

fn stamp_option(time: Option<Time>) -> Value {
    time.map_or(Value::Null, stamp)
}

/// What stands for a thing beside its number, so that no two are equal.
fn node(kind: &str, id: u64) -> String {
    format!("{kind}_{id}")
}

/// Where the API shows something.
fn api(world: &World, rest: &str) -> String {
    format!("{}/api/v3/{rest}", world.web_url)
}

/// An account, as shown wherever one is named; null for one that does not exist.
pub(super) fn user(world: &World, id: u64) -> Value {
    let Some(user) = world.users.get(&id) else { return Value::Null };
    let login = &user.username;
    let at = api(world, &format!("users/{login}"));
    let mut value = json!({
        "login": login,
        "id": id,
        "node_id": node("U", id),
        "avatar_url": format!("{}/avatars/{id}", world.web_url),
        "gravatar_id": "",
        "url": at,
        "html_url": format!("{}/{login}", world.web_url),
        "type": if login.ends_with("[bot]") { "Bot" } else { "User" },
        "site_admin": false,
    });
    for part in [
        "followers",
        "following",
        "gists",
        "starred",
        "subscriptions",
        "organizations",
        "repos",
        "events",
        "received_events",
    ] {
        value[format!("{part}_url")] = format!("{at}/{part}").into();
    }
    value
}

/// A label; null for one that was deleted.
pub(super) fn label(world: &World, id: u64) -> Value {
    let Some(label) = world.labels.get(&id) else { return Value::Null };
    json!({
        "id": id,
        "node_id": node("LA", id),
        "url": api(world, &format!("labels/{id}")),
        "name": label.title,
        "color": label.color.trim_start_matches('#').to_lowercase(),
        "default": false,
        "description": label.description,
    })
}

/// A milestone of a repository. The number is the one that people see.
pub(super) fn milestone(world: &World, milestone: &Milestone) -> Value {
    let place = match milestone.owner {
        Owner::Project(id) => world.projects.get(&id).map_or("", |project| project.path.as_str()),
        Owner::Group(id) => world.groups.get(&id).map_or("", |group| group.path.as_str()),
    };
    let at = api(world, &format!("repos/{place}/milestones/{}", milestone.iid));
    json!({
        "url": at,
        "html_url": format!("{}/{place}/milestone/{}", world.web_url, milestone.iid),
        "labels_url": format!("{at}/labels"),
        "id": milestone.id,
        "node_id": node("MI", milestone.id),
        "number": milestone.iid,
        "state": if milestone.active { "open" } else { "closed" },
        "title": milestone.title,
        "description": null,
        "creator": null,
        "open_issues": 0,
        "closed_issues": 0,
        "created_at": stamp(milestone.created_at),
        "updated_at": stamp(milestone.created_at),
        "closed_at": null,
        "due_on": milestone.due_date.map(|day| format!("{day}T08:00:00Z")),
    })
}

/// A comment in the conversation.
pub(super) fn comment(world: &World, project: &Project, item: &Item, note: &Note) -> Value {
    json!({
        "id": note.id,
        "node_id": node("IC", note.id),
        "url": api(world, &format!("repos/{}/issues/comments/{}", project.path, note.id)),
        "html_url": format!("{}#issuecomment-{}", web(world, project, item), note.id),
        "issue_url": api(world, &format!("repos/{}/issues/{}", project.path, item.iid)),
        "body": note.body,
        "user": user(world, note.author),
        "created_at": stamp(note.created_at),
        "updated_at": stamp(note.updated_at),
        "author_association": association(world, note.author, project),
        "performed_via_github_app": null,
        "reactions": reactions(world, project, item, &note.awards),
    })
}

fn association(world: &World, user: u64, project: &Project) -> &'static str {
    match world.level(user, project.id) {
        0 => "NONE",
        50.. => "OWNER",
        _ => "MEMBER",
    }
}

fn reactions(
    world: &World,
    project: &Project,
    item: &Item,
    awards: &[crate::forgesim::world::types::Award],
) -> Value {
    let at = api(world, &format!("repos/{}/issues/{}/reactions", project.path, item.iid));
    let mut value = json!({ "url": at, "total_count": awards.len() });
    for (content, emoji) in super::comments::REACTIONS {
        let count = awards.iter().filter(|award| award.name == emoji).count();
        value[content] = count.into();
    }
    value
}

/// Where people see an item.
pub(super) fn web(world: &World, project: &Project, item: &Item) -> String {
    let kind = match item.kind {
        ItemKind::Issue => "issues",
        ItemKind::MergeRequest => "pull",
    };
    format!("{}/{}/{kind}/{}", world.web_url, project.path, item.iid)
}

/// What issues and pull requests show alike.
fn common(world: &World, project: &Project, item: &Item) -> Value {
    let comments = item.notes.values().filter(|note| !note.system).count();
    let found = item.milestone.and_then(|id| world.milestones.get(&id));
    let labels: Vec<Value> =
        item.labels.iter().map(|id| label(world, *id)).filter(|label| !label.is_null()).collect();
    let assignees: Vec<Value> = item.assignees.iter().map(|id| user(world, *id)).collect();
    json!({
        "id": item.id,
        "number": item.iid,
        "title": item.title,
        "user": user(world, item.author),
        "labels": labels,
        "state": if item.state == State::Opened { "open" } else { "closed" },
        "locked": false,
        "active_lock_reason": null,
        "assignee": assignees.first().cloned(),
        "assignees": assignees,
        "milestone": found.map(|found| milestone(world, found)),
        "comments": comments,
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "closed_at": stamp_option(item.closed_at),
        "author_association": association(world, item.author, project),
        "body": if item.description.is_empty() { Value::Null } else { item.description.as_str().into() },
        "html_url": web(world, project, item),
    })
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(value), Value::Object(more)) = (value, more) {
        value.extend(more);
    }
}

/// An item as an issue, which a pull request is too.
pub(super) fn issue(world: &World, project: &Project, item: &Item) -> Value {
    let mut value = common(world, project, item);
    let repository = api(world, &format!("repos/{}", project.path));
    let at = format!("{repository}/issues/{}", item.iid);
    extend(
        &mut value,
        json!({
            "url": at,
            "repository_url": repository,
            "labels_url": format!("{at}/labels{{/name}}"),
            "comments_url": format!("{at}/comments"),
            "events_url": format!("{at}/events"),
            "timeline_url": format!("{at}/timeline"),
            "node_id": node("I", item.id),
            "state_reason": (item.state == State::Closed).then_some("completed"),
            "performed_via_github_app": null,
            "closed_by": item.closed_by.map(|id| user(world, id)),
            "reactions": reactions(world, project, item, &item.awards),
        }),
    );
    if let Some(merge) = &item.merge {
        let pull = format!("{repository}/pulls/{}", item.iid);
        value["draft"] = is_draft(&item.title).into();
        value["pull_request"] = json!({
            "url": pull,
            "html_url": web(world, project, item),
            "diff_url": format!("{}.diff", web(world, project, item)),
            "patch_url": format!("{}.patch", web(world, project, item)),
            "merged_at": stamp_option(merge.merged_at),
        });
    }
    value
}

/// A pull request.
pub(super) fn pull(world: &World, project: &Project, item: &Item, merge: &Merge) -> Value {
    let mut value = common(world, project, item);
    let repository_url = api(world, &format!("repos/{}", project.path));
    let at = format!("{repository_url}/pulls/{}", item.iid);
    let end = |name: &str, sha: &str| {
        json!({
            "label": format!("{}:{name}", project.namespace()),
            "ref": name,
            "sha": sha,
            "user": null,
            "repo": repository(world, project, None),
        })
    };
    let (added, gone) = merge.changes.iter().fold((0, 0), |(added, gone), change| {
        let (a, g) = lines(&change.diff);
        (added + a, gone + g)
    });
    extend(
        &mut value,
        json!({
            "url": at,
            "node_id": node("PR", item.id),
            "diff_url": format!("{}.diff", web(world, project, item)),
            "patch_url": format!("{}.patch", web(world, project, item)),
            "issue_url": format!("{repository_url}/issues/{}", item.iid),
            "commits_url": format!("{at}/commits"),
            "review_comments_url": format!("{at}/comments"),
            "review_comment_url": format!("{repository_url}/pulls/comments{{/number}}"),
            "comments_url": format!("{repository_url}/issues/{}/comments", item.iid),
            "statuses_url": format!("{repository_url}/statuses/{}", merge.sha),
            "requested_reviewers": [],
            "requested_teams": [],
            "merged_at": stamp_option(merge.merged_at),
            "merge_commit_sha": merge.merged_at.map(|_| merge.sha.clone()),
            "draft": is_draft(&item.title),
            "head": end(&merge.source_branch, &merge.sha),
            "base": end(&merge.target_branch, &merge.base_sha),
            "auto_merge": null,
            "merged": merge.merged_at.is_some(),
            "mergeable": !merge.conflicts,
            "mergeable_state": if merge.conflicts { "dirty" } else { "clean" },
            "merged_by": merge.merged_by.map(|id| user(world, id)),
            "review_comments": 0,
            "maintainer_can_modify": false,
            "commits": 1,
            "additions": added,
            "deletions": gone,
            "changed_files": merge.changes.len(),
        }),
    );
    value
}

/// How many lines a diff adds and takes away.
pub(super) fn lines(diff: &str) -> (usize, usize) {
    let count = |sign| diff.lines().filter(|line| line.starts_with(sign)).count();
    (count('+'), count('-'))
}

/// A repository; with what a caller may do in it.
pub(super) fn repository(world: &World, project: &Project, level: Option<u8>) -> Value {
    let group = project.ancestors.first().and_then(|id| world.groups.get(id));
    let mut value = json!({
        "id": project.id,
        "node_id": node("R", project.id),
        "name": project.name(),
        "full_name": project.path,
        "private": !project.public,
        "owner": {
            "login": project.namespace(),
            "id": group.map(|group| group.id),
            "type": "Organization",
        },
        "html_url": format!("{}/{}", world.web_url, project.path),
        "description": null,
        "fork": false,
        "url": api(world, &format!("repos/{}", project.path)),
        "default_branch": DEFAULT_BRANCH,
        "archived": false,
        "disabled": false,
        "visibility": if project.public { "public" } else { "private" },
        "has_issues": true,
    });
    if let Some(level) = level {
        value["permissions"] = json!({
            "admin": level >= 50,
            "maintain": level >= 40,
            "push": level >= 30,
            "triage": level >= 15,
            "pull": project.public || level > 0,
        });
    }
    value
}
