//! Repositories and commits.

use serde_json::{Value, json};

use super::{
    api, extend, node,
    people::{owner, permissions},
    stamp,
};
use crate::forgesim::{
    State,
    world::{World, repository::DEFAULT_BRANCH, types::Project},
};

/// Where the parts of a repository are, below its own address.
const PARTS: [(&str, &str); 36] = [
    ("archive_url", "{archive_format}{/ref}"),
    ("assignees_url", "assignees{/user}"),
    ("blobs_url", "git/blobs{/sha}"),
    ("branches_url", "branches{/branch}"),
    ("collaborators_url", "collaborators{/collaborator}"),
    ("comments_url", "comments{/number}"),
    ("commits_url", "commits{/sha}"),
    ("compare_url", "compare/{base}...{head}"),
    ("contents_url", "contents/{+path}"),
    ("contributors_url", "contributors"),
    ("deployments_url", "deployments"),
    ("downloads_url", "downloads"),
    ("events_url", "events"),
    ("forks_url", "forks"),
    ("git_commits_url", "git/commits{/sha}"),
    ("git_refs_url", "git/refs{/sha}"),
    ("git_tags_url", "git/tags{/sha}"),
    ("hooks_url", "hooks"),
    ("issue_comment_url", "issues/comments{/number}"),
    ("issue_events_url", "issues/events{/number}"),
    ("issues_url", "issues{/number}"),
    ("keys_url", "keys{/key_id}"),
    ("labels_url", "labels{/name}"),
    ("languages_url", "languages"),
    ("merges_url", "merges"),
    ("milestones_url", "milestones{/number}"),
    ("notifications_url", "notifications{?since,all,participating}"),
    ("pulls_url", "pulls{/number}"),
    ("releases_url", "releases{/id}"),
    ("stargazers_url", "stargazers"),
    ("statuses_url", "statuses/{sha}"),
    ("subscribers_url", "subscribers"),
    ("subscription_url", "subscription"),
    ("tags_url", "tags"),
    ("teams_url", "teams"),
    ("trees_url", "git/trees{/sha}"),
];

/// A repository, as it stands in a pull request or a webhook.
pub(in super::super) fn repository(world: &World, project: &Project) -> Value {
    let at = api(world, &format!("repos/{}", project.path));
    let page = format!("{}/{}", world.web_url, project.path);
    let host = world.web_url.split_once("://").map_or("", |(_, host)| host);
    let name = host.split(':').next().unwrap_or_default();
    let open = project.issues.values().chain(project.merge_requests.values());
    let open = open.filter(|item| item.state == State::Opened).count();
    let mut value = json!({
        "id": project.id,
        "node_id": node("R", project.id),
        "name": project.name(),
        "full_name": project.path,
        "private": !project.public,
        "owner": owner(world, project),
        "html_url": page,
        "description": null,
        "fork": false,
        "url": at,
        "clone_url": format!("{page}.git"),
        "git_url": format!("git://{host}/{}.git", project.path),
        "ssh_url": format!("git@{name}:{}.git", project.path),
        "svn_url": page,
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "license": null,
        "default_branch": DEFAULT_BRANCH,
        "archived": false,
        "disabled": false,
        "visibility": if project.public { "public" } else { "private" },
        "has_issues": true,
        "has_projects": false,
        "has_wiki": false,
        "has_pages": false,
        "has_downloads": true,
        "has_discussions": false,
        "size": 0,
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.created_at),
        "pushed_at": stamp(project.created_at),
    });
    for (field, count) in [
        ("forks", 0),
        ("forks_count", 0),
        ("stargazers_count", 0),
        ("watchers", 0),
        ("watchers_count", 0),
        ("open_issues", open),
        ("open_issues_count", open),
    ] {
        value[field] = count.into();
    }
    for (field, rest) in PARTS {
        value[field] = format!("{at}/{rest}").into();
    }
    value
}

/// A repository shown by itself, with what a caller may do in it.
pub(in super::super) fn whole_repository(world: &World, project: &Project, level: u8) -> Value {
    let mut value = repository(world, project);
    extend(
        &mut value,
        json!({
            "permissions": permissions(level, project.public),
            "network_count": 0,
            "subscribers_count": 0,
        }),
    );
    value
}

/// A commit. The simulation knows neither its author nor its message.
pub(in super::super) fn commit(world: &World, project: &Project, sha: &str) -> Value {
    let repository = api(world, &format!("repos/{}", project.path));
    let at = format!("{repository}/commits/{sha}");
    json!({
        "url": at,
        "sha": sha,
        "node_id": format!("C_{sha}"),
        "html_url": format!("{}/{}/commit/{sha}", world.web_url, project.path),
        "comments_url": format!("{at}/comments"),
        "commit": {
            "url": format!("{repository}/git/commits/{sha}"),
            "author": null,
            "committer": null,
            "message": "",
            "comment_count": 0,
            "tree": { "sha": sha, "url": format!("{repository}/git/trees/{sha}") },
        },
        "author": null,
        "committer": null,
        "parents": [],
    })
}
