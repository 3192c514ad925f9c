//! Issues that Steward itself opens: finding them, opening one, linking two.

use gitlab::api::projects::issues::{
    CreateIssue,
    links::{CreateIssueLink, IssueLinkType},
};
use serde::Deserialize;

use super::{
    built, endpoints::IssuesBy, payload::nullable, read::unsupported, transport::Transport,
};
use crate::{
    forge::ForgeError,
    model::{Mark, NewIssue, OwnIssue, Subject, SubjectKind},
};

/// An issue as far as it tells what it is for.
#[derive(Deserialize)]
struct Opened {
    iid: u64,
    #[serde(default, deserialize_with = "nullable")]
    web_url: String,
    #[serde(default, deserialize_with = "nullable")]
    description: String,
}

/// Those of the subject's project that carry a mark, the newest first. `me` is Steward's account.
pub(super) async fn all(
    transport: &Transport,
    subject: &Subject,
    me: u64,
) -> Result<Vec<OwnIssue>, ForgeError> {
    let endpoint = IssuesBy { project: subject.project.as_str().into(), author: me };
    let found: Vec<Opened> = transport.get_all(&endpoint).await?;
    let own = |one: Opened| {
        let mark = Mark::of(&one.description)?;
        Some(OwnIssue { mark, number: one.iid, url: one.web_url })
    };
    Ok(found.into_iter().filter_map(own).collect())
}

pub(super) async fn open(
    transport: &Transport,
    beside: &Subject,
    issue: &NewIssue,
) -> Result<OwnIssue, ForgeError> {
    let mut create = CreateIssue::builder();
    create
        .project(&beside.project)
        .title(&issue.title)
        .description(&issue.description)
        .labels(issue.labels.iter().map(|name| name.as_str()))
        .confidential(issue.confidential);
    if let Some(milestone) = &issue.milestone {
        create.milestone_id(milestone.id);
    }
    if let Some(due) = issue.due {
        create.due_date(due);
    }
    let opened: Opened = transport.get_json(&built(create.build())?).await?;
    Ok(OwnIssue { mark: issue.mark.clone(), number: opened.iid, url: opened.web_url })
}

pub(super) async fn link(
    transport: &Transport,
    subject: &Subject,
    to: u64,
) -> Result<(), ForgeError> {
    if subject.kind != SubjectKind::Issue {
        return Err(unsupported(subject));
    }
    let link = CreateIssueLink::builder()
        .project(&subject.project)
        .issue(subject.number)
        .target_project(&subject.project)
        .target_issue(to)
        .link_type(IssueLinkType::RelatesTo)
        .build();
    match transport.send(&built(link)?).await {
        Ok(_) => Ok(()),
        // "Issue(s) already assigned" (GitLab, `app/services/issuable_links/create_service.rb`).
        Err(ForgeError::Refused { status: 409, .. }) => Ok(()),
        Err(error) => Err(error),
    }
}
