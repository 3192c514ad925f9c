//! Issues that Steward itself opens: finding them, and opening one. What one says of the issue beside it,
//! GitHub shows on both; links of their own (sub-issues) not every GitHub has.

use http::Method;
use serde_json::json;

use super::{payload, read::call, transport::Transport};
use crate::{
    forge::ForgeError,
    model::{LabelName, Mark, NewIssue, OwnIssue, Person, Subject},
};

/// Those of the subject's project that carry a mark, the newest first.
pub(super) async fn all(
    transport: &Transport,
    subject: &Subject,
    me: &Person,
) -> Result<Vec<OwnIssue>, ForgeError> {
    let ask = call(transport, Method::GET, &subject.project, &["issues"])?
        .query("creator", &me.username)
        .query("state", "all");
    let found: Vec<payload::Item> = transport.all(ask).await?;
    let own = |one: payload::Item| {
        let by_me = one.user.as_ref().is_some_and(|user| user.id == me.id);
        let mark = Mark::of(&one.body).filter(|_| by_me && one.pull_request.is_none())?;
        Some(OwnIssue { mark, number: one.number, url: one.html_url })
    };
    Ok(found.into_iter().filter_map(own).collect())
}

pub(super) async fn open(
    transport: &Transport,
    beside: &Subject,
    issue: &NewIssue,
) -> Result<OwnIssue, ForgeError> {
    let labels: Vec<&str> = issue.labels.iter().map(LabelName::as_str).collect();
    let mut body = json!({ "title": issue.title, "body": issue.description, "labels": labels });
    if let Some(milestone) = &issue.milestone {
        body["milestone"] = milestone.id.into();
    }
    let create = call(transport, Method::POST, &beside.project, &["issues"])?;
    let opened: payload::Item = transport.json(create.body(body)).await?;
    Ok(OwnIssue { mark: issue.mark.clone(), number: opened.number, url: opened.html_url })
}
