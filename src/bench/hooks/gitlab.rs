//! Webhooks as GitLab sends them when somebody edits an issue: most of it is the description before
//! and after.

use std::net::SocketAddr;

use chrono::Utc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::description;
use crate::forgesim::{self, example::PROJECT};

const STAMP: &str = "2026-11-20 09:30:00 UTC";
const SSH: &str = "ssh://git@gitlab.example.com/example/product.git";

/// The headers and the body of a delivery, signed now.
pub(super) fn delivery(iid: u64, gitlab: SocketAddr, signing_token: &str) -> (String, String) {
    let body = payload(iid, gitlab).to_string();
    let id = Uuid::new_v4().to_string();
    let timestamp = Utc::now().timestamp();
    // The token is the bench's own.
    let signature = forgesim::sign(signing_token, &id, timestamp, body.as_bytes());
    let headers = format!(
        "user-agent: GitLab/{version}\r\nx-gitlab-event: Issue Hook\r\n\
         x-gitlab-webhook-uuid: {webhook}\r\nx-gitlab-instance: http://{gitlab}\r\n\
         x-gitlab-event-uuid: {event}\r\nidempotency-key: {id}\r\nwebhook-id: {id}\r\n\
         webhook-timestamp: {timestamp}\r\nwebhook-signature: {signature}\r\n",
        version = forgesim::VERSION,
        webhook = Uuid::new_v4(),
        event = Uuid::new_v4(),
        signature = signature.unwrap_or_default(),
    );
    (headers, body)
}

fn payload(iid: u64, gitlab: SocketAddr) -> Value {
    let web = format!("http://{gitlab}/{PROJECT}");
    let before = description(iid, "Since noon.");
    let after = description(iid, "Since noon; a restart does not help.");
    let user = json!({
        "id": 107, "name": "Anna Triager", "username": "anna",
        "avatar_url": format!("http://{gitlab}/uploads/-/system/user/avatar/107/avatar.png"),
        "email": "[REDACTED]"
    });
    let label = json!({
        "id": 3001, "title": "Integration::Jira", "color": "#428BCA", "project_id": null,
        "created_at": STAMP, "updated_at": STAMP, "template": false,
        "description": "Issues about the integration with Jira", "type": "GroupLabel",
        "group_id": 901
    });
    json!({
        "object_kind": "issue", "event_type": "issue", "user": user,
        "project": project(&web),
        "object_attributes": attributes(iid, &web, &after, &label),
        "labels": [label],
        "changes": {
            "description": { "previous": before, "current": after },
            "last_edited_at": { "previous": null, "current": STAMP },
            "last_edited_by_id": { "previous": null, "current": 107 },
            "updated_at": { "previous": STAMP, "current": STAMP }
        },
        "repository": {
            "name": "product", "url": SSH, "description": "What we sell", "homepage": web
        },
        "assignees": [user]
    })
}

fn project(web: &str) -> Value {
    json!({
        "id": 41, "name": "product", "description": "What we sell", "web_url": web,
        "avatar_url": null, "git_ssh_url": SSH, "git_http_url": format!("{web}.git"),
        "namespace": "example", "visibility_level": 20, "path_with_namespace": PROJECT,
        "default_branch": "main", "ci_config_path": "", "homepage": web, "url": SSH,
        "ssh_url": SSH, "http_url": format!("{web}.git")
    })
}

fn attributes(iid: u64, web: &str, description: &str, label: &Value) -> Value {
    json!({
        "author_id": 107, "closed_at": null, "confidential": false, "created_at": STAMP,
        "description": description, "discussion_locked": null, "due_date": null,
        "id": 50_000 + iid, "iid": iid, "last_edited_at": STAMP, "last_edited_by_id": 107,
        "milestone_id": 601, "moved_to_id": null, "duplicated_to_id": null, "project_id": 41,
        "relative_position": 513, "state_id": 1, "time_estimate": 0,
        "title": format!("Jira does not answer, case {iid}"), "updated_at": STAMP,
        "updated_by_id": 107, "type": "Issue", "url": format!("{web}/-/issues/{iid}"),
        "total_time_spent": 0, "time_change": 0, "human_total_time_spent": null,
        "human_time_change": null, "human_time_estimate": null, "assignee_ids": [107],
        "assignee_id": 107, "labels": [label], "state": "opened", "severity": "unknown",
        "customer_relations_contacts": [], "status": { "id": 1, "name": "To do" },
        "action": "update"
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{forge::gitlab::webhook, model::Subject};

    #[test]
    fn hooks_are_real_shaped_and_of_the_size_that_peers_were_measured_with() {
        let address = SocketAddr::from(([127, 0, 0, 1], 80));
        let body = payload(7, address).to_string();
        assert!((11_500..13_500).contains(&body.len()), "{}", body.len());
        let hint = webhook::read(body.as_bytes()).expect("JSON");
        assert_eq!(hint.subject, Some(Subject::gitlab_issue(PROJECT, 7)));
    }
}
