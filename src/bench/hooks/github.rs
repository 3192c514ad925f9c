//! Webhooks as GitHub sends them when somebody edits an issue: half of it is addresses.

use std::net::SocketAddr;

use serde_json::{Value, json};
use uuid::Uuid;

use super::description;
use crate::forgesim::{self, example::PROJECT};

const STAMP: &str = "2026-11-20T09:30:00Z";
/// What a repository has an address for.
const PARTS: [&str; 36] = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
];

/// The headers and the body of a delivery, signed now.
pub(super) fn delivery(iid: u64, github: SocketAddr, secret: &str) -> (String, String) {
    let body = payload(iid, github).to_string();
    let signature = forgesim::sign_for_github(secret, body.as_bytes());
    let headers = format!(
        "user-agent: GitHub-Hookshot/0123abc\r\nx-github-event: issues\r\n\
         x-github-delivery: {delivery}\r\nx-github-hook-id: 4711\r\n\
         x-github-hook-installation-target-type: repository\r\n\
         x-github-hook-installation-target-id: 41\r\nx-hub-signature-256: {signature}\r\n",
        delivery = Uuid::new_v4(),
        // The secret is the bench's own.
        signature = signature.unwrap_or_default(),
    );
    (headers, body)
}

fn payload(iid: u64, github: SocketAddr) -> Value {
    let api = format!("http://{github}/api/v3");
    let before = description(iid, "Since noon.");
    let anna = account(&api, 107, "anna", "User");
    json!({
        "action": "edited",
        "issue": issue(iid, github, &api, &anna),
        "changes": { "body": { "from": before } },
        "repository": repository(github, &api),
        "organization": {
            "login": "example", "id": 901, "node_id": "O_901", "url": format!("{api}/orgs/example"),
            "repos_url": format!("{api}/orgs/example/repos"), "description": "What we sell"
        },
        "sender": anna,
    })
}

fn account(api: &str, id: u64, login: &str, kind: &str) -> Value {
    let at = format!("{api}/users/{login}");
    let mut value = json!({
        "login": login, "id": id, "node_id": format!("U_{id}"), "gravatar_id": "", "url": at,
        "avatar_url": format!("{api}/avatars/{id}"), "html_url": at, "type": kind,
        "site_admin": false, "user_view_type": "public"
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

fn issue(iid: u64, github: SocketAddr, api: &str, author: &Value) -> Value {
    let at = format!("{api}/repos/{PROJECT}/issues/{iid}");
    json!({
        "url": at, "repository_url": format!("{api}/repos/{PROJECT}"),
        "labels_url": format!("{at}/labels{{/name}}"), "comments_url": format!("{at}/comments"),
        "events_url": format!("{at}/events"), "timeline_url": format!("{at}/timeline"),
        "html_url": format!("http://{github}/{PROJECT}/issues/{iid}"), "id": 50_000 + iid,
        "node_id": format!("I_{iid}"), "number": iid,
        "title": format!("Jira does not answer, case {iid}"), "user": author,
        "labels": [{
            "id": 3001, "node_id": "LA_3001", "url": format!("{api}/repos/{PROJECT}/labels/Integration::Jira"),
            "name": "Integration::Jira", "color": "428bca", "default": false,
            "description": "Issues about the integration with Jira"
        }],
        "state": "open", "locked": false, "assignee": author, "assignees": [author],
        "milestone": null, "comments": 0, "created_at": STAMP, "updated_at": STAMP,
        "closed_at": null, "author_association": "MEMBER", "active_lock_reason": null,
        "sub_issues_summary": { "total": 0, "completed": 0, "percent_completed": 0 },
        "body": description(iid, "Since noon; a restart does not help."),
        "reactions": {
            "url": format!("{at}/reactions"), "total_count": 0, "+1": 0, "-1": 0, "laugh": 0,
            "hooray": 0, "confused": 0, "heart": 0, "rocket": 0, "eyes": 0
        },
        "performed_via_github_app": null, "state_reason": null
    })
}

fn repository(github: SocketAddr, api: &str) -> Value {
    let (at, web) = (format!("{api}/repos/{PROJECT}"), format!("http://{github}/{PROJECT}"));
    let mut value = json!({
        "id": 41, "node_id": "R_41", "name": "product", "full_name": PROJECT, "private": false,
        "owner": account(api, 901, "example", "Organization"), "html_url": web,
        "description": "What we sell", "fork": false, "url": at, "created_at": STAMP,
        "updated_at": STAMP, "pushed_at": STAMP, "clone_url": format!("{web}.git"),
        "homepage": null, "size": 4711, "stargazers_count": 0, "watchers_count": 0,
        "language": "Ruby", "has_issues": true, "forks_count": 0, "archived": false,
        "disabled": false, "open_issues_count": 1, "license": null, "visibility": "public",
        "default_branch": "main"
    });
    for part in PARTS {
        value[format!("{part}_url")] = format!("{at}/{part}").into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{forge::github::webhook, model::Subject};

    #[test]
    fn hooks_are_real_shaped_and_of_the_size_of_those_for_gitlab() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let body = payload(7, address).to_string();
        assert!((14_000..16_500).contains(&body.len()), "{}", body.len());
        let hint = webhook::read("issues", body.as_bytes()).expect("JSON");
        assert_eq!(hint.subject, Some(Subject::github_issue(PROJECT, 7)));
    }
}
