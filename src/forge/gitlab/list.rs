//! Lists of issues and merge requests, page by page.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use gitlab::api::projects::labels::Labels;
use http::HeaderMap;

use super::{
    GitlabForge, built,
    endpoints::{GroupMilestones, ItemList},
    link::next_of,
    payload, read,
    request::Prepared,
    url::is_path,
};
use crate::{
    forge::{Deliveries, ForgeError, ListAsk, ListPage, Listing},
    model::{ForgeKind, LabelName, Milestone, Snapshot, Subject, SubjectKind},
};

/// GitLab's own maximum (GitLab, "REST API", offset-based pagination).
const PER_PAGE: u64 = 100;

/// GitLab keeps deliveries too, and takes five requests about them in a minute, twenty of them a page
/// and none with its time: too little to go by. Its lists of items tell what was missed.
impl Deliveries for GitlabForge {}

#[async_trait]
impl Listing for GitlabForge {
    fn subject_at(&self, url: &str) -> Option<Subject> {
        self.parse_subject(url).ok()
    }

    async fn page(&self, ask: &ListAsk) -> Result<ListPage, ForgeError> {
        let first = Prepared::new(
            self.transport.root(),
            &ItemList {
                project: project(&ask.project)?.into(),
                segment: segment(ask.kind)?,
                state: if ask.only_open { "opened" } else { "all" },
                updated_after: ask.changed_since,
                oldest_first: true,
                per_page: PER_PAGE,
            },
        )?;
        let name = first.name();
        let mut request = first;
        if let Some(page) = &ask.page {
            // The forge said where it is; that it is on this GitLab was seen when it said so.
            request.url = request
                .url
                .join(page)
                .ok()
                .filter(|url| self.transport.is_mine(url))
                .ok_or_else(|| unexpected(&name, "the next page is not on this GitLab"))?;
        }
        let at = request.url.clone();
        let answer = self.transport.dispatch(request).await?;
        let items: Vec<payload::Item> = self.transport.parse(&name, &answer.body)?;
        let next = match next_of(&answer.headers) {
            None => None,
            Some(target) => match at.join(&target) {
                Ok(url) if self.transport.is_mine(&url) => Some(url.to_string()),
                _ => {
                    return Err(unexpected(
                        &name,
                        "the next page is said to be elsewhere; configure the address that \
                         GitLab itself uses (its external_url)",
                    ));
                }
            },
        };
        let items: Vec<Snapshot> = items
            .into_iter()
            .map(|item| {
                let subject = Subject {
                    forge: ForgeKind::Gitlab,
                    project: ask.project.clone(),
                    kind: ask.kind,
                    number: item.iid,
                };
                read::snapshot_of(subject, item)
            })
            .collect();
        let newest = items.iter().map(|item| item.updated_at).max();
        Ok(ListPage { items, newest, next, total: total_of(&answer.headers) })
    }

    async fn last_change(
        &self,
        path: &str,
        kind: SubjectKind,
    ) -> Result<Option<DateTime<Utc>>, ForgeError> {
        let items: Vec<payload::Item> = self
            .transport
            .get_json(&ItemList {
                project: project(path)?.into(),
                segment: segment(kind)?,
                state: "all",
                updated_after: None,
                oldest_first: false,
                per_page: 1,
            })
            .await?;
        Ok(items.first().map(|item| item.updated_at.unwrap_or(item.created_at)))
    }

    async fn labels(&self, path: &str) -> Result<Vec<LabelName>, ForgeError> {
        let endpoint = built(
            Labels::builder()
                .project(project(path)?)
                .with_counts(false)
                .include_ancestor_groups(true)
                .build(),
        )?;
        let labels = self.transport.get_all::<payload::Label>(&endpoint).await?;
        Ok(labels.into_iter().map(|label| LabelName::new(label.name)).collect())
    }

    async fn milestones_of(&self, group: &str) -> Result<Vec<Milestone>, ForgeError> {
        if !is_path(group) {
            return Err(ForgeError::Refused {
                request: format!("group `{}`", crate::forge::shared::tidy::tidy(group)),
                status: 0,
                message: "expected a path such as group or group/subgroup".to_owned(),
            });
        }
        let endpoint = GroupMilestones { group: group.into() };
        let milestones = self.transport.get_all::<payload::Milestone>(&endpoint).await?;
        Ok(milestones.into_iter().map(Milestone::from).collect())
    }

    fn calls(&self) -> u64 {
        self.transport.counts().total
    }
}

/// The path of a project, as it may stand in an address and in a subject's key.
fn project(path: &str) -> Result<&str, ForgeError> {
    if is_path(path) {
        return Ok(path);
    }
    Err(ForgeError::Refused {
        request: format!("project `{}`", super::tidy::tidy(path)),
        status: 0,
        message: "expected a path such as group/project".to_owned(),
    })
}

fn segment(kind: SubjectKind) -> Result<&'static str, ForgeError> {
    match kind {
        SubjectKind::Issue => Ok("issues"),
        SubjectKind::MergeRequest => Ok("merge_requests"),
        SubjectKind::Epic => Err(ForgeError::Unsupported { what: "a list of epics".to_owned() }),
    }
}

/// GitLab leaves it out above ten thousand.
pub(super) fn total_of(headers: &HeaderMap) -> Option<u64> {
    headers.get("x-total")?.to_str().ok()?.trim().parse().ok()
}

fn unexpected(request: &str, message: &str) -> ForgeError {
    ForgeError::Unexpected { request: request.to_owned(), message: message.to_owned() }
}
