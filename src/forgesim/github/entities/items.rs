//! Issues, pull requests, and what hangs on them: labels, milestones, comments, reactions, history.

use serde_json::{Value, json};

use super::{
    api, extend, node,
    people::{owner, user},
    repository::repository,
    stamp, stamp_option,
};
use crate::forgesim::{
    State,
    webhooks::is_draft,
    world::{
        World,
        types::{Award, Item, ItemKind, LabelEvent, Merge, Milestone, Note, Owner, Project},
    },
};

/// A label; null for one that was deleted.
pub(in super::super) fn label(world: &World, id: u64) -> Value {
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
pub(in super::super) fn milestone(world: &World, milestone: &Milestone) -> Value {
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
pub(in super::super) fn comment(
    world: &World,
    project: &Project,
    item: &Item,
    note: &Note,
) -> Value {
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

fn reactions(world: &World, project: &Project, item: &Item, awards: &[Award]) -> Value {
    let at = api(world, &format!("repos/{}/issues/{}/reactions", project.path, item.iid));
    let mut value = json!({ "url": at, "total_count": awards.len() });
    for (content, emoji) in super::super::comments::REACTIONS {
        let count = awards.iter().filter(|award| award.name == emoji).count();
        value[content] = count.into();
    }
    value
}

/// Where people see an item.
pub(in super::super) fn web(world: &World, project: &Project, item: &Item) -> String {
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

/// An item as an issue, which a pull request is too.
pub(in super::super) fn issue(world: &World, project: &Project, item: &Item) -> Value {
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
pub(in super::super) fn pull(
    world: &World,
    project: &Project,
    item: &Item,
    merge: &Merge,
) -> Value {
    let mut value = common(world, project, item);
    let repository_url = api(world, &format!("repos/{}", project.path));
    let at = format!("{repository_url}/pulls/{}", item.iid);
    let end = |name: &str, sha: &str| {
        json!({
            "label": format!("{}:{name}", project.namespace()),
            "ref": name,
            "sha": sha,
            "user": owner(world, project),
            "repo": repository(world, project),
        })
    };
    let issue_url = format!("{repository_url}/issues/{}", item.iid);
    let statuses_url = format!("{repository_url}/statuses/{}", merge.sha);
    let review_comment_url = format!("{repository_url}/pulls/comments{{/number}}");
    let link = |href: &str| json!({ "href": href });
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
            "issue_url": issue_url,
            "commits_url": format!("{at}/commits"),
            "review_comments_url": format!("{at}/comments"),
            "review_comment_url": review_comment_url,
            "comments_url": format!("{issue_url}/comments"),
            "statuses_url": statuses_url,
            "_links": {
                "self": link(&at),
                "html": link(&web(world, project, item)),
                "issue": link(&issue_url),
                "comments": link(&format!("{issue_url}/comments")),
                "review_comments": link(&format!("{at}/comments")),
                "review_comment": link(&review_comment_url),
                "commits": link(&format!("{at}/commits")),
                "statuses": link(&statuses_url),
            },
            "requested_reviewers":
                merge.reviewers.iter().map(|id| user(world, *id)).collect::<Vec<_>>(),
            "requested_teams":
                merge.review_teams.iter().filter_map(|id| team(world, *id)).collect::<Vec<_>>(),
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

/// A team: a group of the organization.
fn team(world: &World, id: u64) -> Option<Value> {
    let group = world.groups.get(&id)?;
    let (organization, slug) = group.path.split_once('/')?;
    let at = api(world, &format!("organizations/1/team/{id}"));
    Some(json!({
        "id": id,
        "node_id": node("T", id),
        "name": slug,
        "slug": slug,
        "description": null,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "url": at,
        "html_url": format!("{}/orgs/{organization}/teams/{slug}", world.web_url),
        "members_url": format!("{at}/members{{/member}}"),
        "repositories_url": format!("{at}/repos"),
        "type": "organization",
        "organization_id": 1,
    }))
}

/// How many lines a diff adds and takes away.
pub(in super::super) fn lines(diff: &str) -> (usize, usize) {
    let count = |sign| diff.lines().filter(|line| line.starts_with(sign)).count();
    (count('+'), count('-'))
}

/// A label that came or went, as an event of an issue's history.
pub(in super::super) fn event(world: &World, project: &Project, event: &LabelEvent) -> Value {
    let label = label(world, event.label);
    json!({
        "id": event.id,
        "node_id": node("LE", event.id),
        "url": api(world, &format!("repos/{}/issues/events/{}", project.path, event.id)),
        "event": if event.added { "labeled" } else { "unlabeled" },
        "actor": user(world, event.user),
        "commit_id": null,
        "commit_url": null,
        "created_at": stamp(event.created_at),
        "performed_via_github_app": null,
        "label": { "name": label["name"], "color": label["color"] },
    })
}

/// Somebody's reaction to a comment.
pub(in super::super) fn reaction(world: &World, award: &Award, content: &str) -> Value {
    json!({
        "id": award.id,
        "node_id": node("REA", award.id),
        "user": user(world, award.user),
        "content": content,
        "created_at": stamp(award.created_at),
    })
}
