//! Lists of issues and pull requests, page by page.
//!
//! **Both kinds come from the list of issues**, in which GitHub shows pull requests too: it alone can
//! be asked for what changed since a time (`since`), and so be gone through by times instead of
//! numbered pages, which move while they are read. The list of pull requests has no `since`; it would
//! have to be read whole each time, and those that close meanwhile would push others across the edge
//! between two pages, unseen. The price: each kind goes through the other's items as well, and the
//! newest commits stand in the other list alone ([`super::heads`]).

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use http::Method;

use super::{
    GithubForge, heads::Head, paging::PER_PAGE, payload, read, request::Call, tidy::tidy,
    url::is_project,
};
use crate::{
    forge::{ForgeError, ListAsk, ListPage, Listing},
    model::{ForgeKind, LabelName, Milestone, Snapshot, Subject, SubjectKind},
};

/// So many pull requests are read alone, before the list of all open ones is read for their commits.
const FEW: usize = 20;
/// So many of them at the same time: less than what GitHub takes for too much at once.
const SIDE_BY_SIDE: usize = 4;

#[async_trait]
impl Listing for GithubForge {
    fn subject_at(&self, url: &str) -> Option<Subject> {
        self.parse_subject(url).ok()
    }

    async fn page(&self, ask: &ListAsk) -> Result<ListPage, ForgeError> {
        let state = if ask.only_open { "open" } else { "all" };
        let mut call =
            self.items(&ask.project, ask.kind, state, "asc")?.query("per_page", PER_PAGE);
        // "After the given time", says GitHub, and its times are whole seconds: what changed in the
        // very second of the time is asked for again.
        if let Some(since) = ask.changed_since.and_then(|at| at.checked_sub_signed(A_SECOND)) {
            call = call.query("since", &since.to_rfc3339_opts(SecondsFormat::Secs, true));
        }
        if let Some(page) = &ask.page {
            call.url = self.transport.mine(&call, &call.url, page)?;
        }
        let page = self.transport.page::<payload::Item>(&call).await?;
        let newest = page.items.iter().map(changed_at).max();
        let pulls = ask.kind == SubjectKind::MergeRequest;
        let wanted = page.items.into_iter().filter(|item| item.pull_request.is_some() == pulls);
        let items = match pulls && ask.whole {
            true => self.with_commits(&ask.project, wanted.collect()).await?,
            false => wanted.map(|item| self.snapshot(&ask.project, ask.kind, item)).collect(),
        };
        Ok(ListPage { items, newest, next: page.next.map(String::from), total: None })
    }

    async fn last_change(
        &self,
        project: &str,
        kind: SubjectKind,
    ) -> Result<Option<DateTime<Utc>>, ForgeError> {
        let call = self.items(project, kind, "all", "desc")?.query("per_page", "1");
        let page = self.transport.page::<payload::Item>(&call).await?;
        Ok(page.items.first().map(changed_at))
    }

    async fn labels(&self, project: &str) -> Result<Vec<LabelName>, ForgeError> {
        let call = read::call(&self.transport, Method::GET, project, &["labels"])?;
        let labels = self.transport.all::<payload::Label>(call).await?;
        Ok(labels.into_iter().map(|label| LabelName::new(label.name)).collect())
    }

    async fn milestones_of(&self, place: &str) -> Result<Vec<Milestone>, ForgeError> {
        if !is_project(place) {
            return Err(ForgeError::Refused {
                request: format!("milestones of `{}`", tidy(place)),
                status: 0,
                message: "on GitHub milestones stand in a repository; expected owner and name, \
                          such as owner/project"
                    .to_owned(),
            });
        }
        let call = read::call(&self.transport, Method::GET, place, &["milestones"])?;
        let found = self.transport.all::<payload::Milestone>(call.query("state", "all")).await?;
        Ok(found.into_iter().map(Milestone::from).collect())
    }

    fn calls(&self) -> u64 {
        self.transport.counts().total
    }
}

const A_SECOND: TimeDelta = TimeDelta::seconds(1);

impl GithubForge {
    /// The list of issues and pull requests, by the time of the last change.
    fn items(
        &self,
        project: &str,
        kind: SubjectKind,
        state: &str,
        direction: &str,
    ) -> Result<Call, ForgeError> {
        if kind == SubjectKind::Epic {
            return Err(ForgeError::Unsupported { what: "a list of epics".to_owned() });
        }
        let call = read::call(&self.transport, Method::GET, project, &["issues"])?;
        let call = call.query("state", state).query("sort", "updated");
        Ok(call.query("direction", direction))
    }

    /// An item out of a list, as [`crate::forge::Forge::read`] would show it.
    pub(super) fn snapshot(
        &self,
        project: &str,
        kind: SubjectKind,
        item: payload::Item,
    ) -> Snapshot {
        let subject = Subject {
            forge: ForgeKind::Github,
            project: project.to_owned(),
            kind,
            number: item.number,
        };
        read::snapshot_of(subject, item, self.transport.root().as_str())
    }

    /// Pull requests out of a list of issues, with the newest commits of the open ones. Those that are
    /// gone meanwhile are left out.
    async fn with_commits(
        &self,
        project: &str,
        pulls: Vec<payload::Item>,
    ) -> Result<Vec<Snapshot>, ForgeError> {
        let known = |item: &payload::Item| self.heads.of(project, item.number, changed_at(item));
        let unknown = pulls.iter().filter(|item| item.is_open() && known(item).is_none()).count();
        if unknown > FEW {
            self.heads.read(&self.transport, project).await?;
        }
        let one = async |item: payload::Item| {
            let snapshot = |item| self.snapshot(project, SubjectKind::MergeRequest, item);
            if !item.is_open() {
                return Ok(Some(snapshot(item)));
            }
            if let Some(Head { sha, requested_reviewers, requested_teams }) = known(&item) {
                let head = Some(payload::Branch { sha });
                let item = payload::Item { head, requested_reviewers, requested_teams, ..item };
                return Ok(Some(snapshot(item)));
            }
            // The reactions stand in the list of issues alone.
            let reactions = item.reactions;
            let subject = Subject::github_pull_request(project, item.number);
            match read::item(&self.transport, &subject).await {
                Ok(item) => Ok(Some(snapshot(payload::Item { reactions, ..item }))),
                Err(ForgeError::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let read: Vec<Option<Snapshot>> =
            stream::iter(pulls).map(one).buffered(SIDE_BY_SIDE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }
}

/// When an item last changed.
fn changed_at(item: &payload::Item) -> DateTime<Utc> {
    item.updated_at.unwrap_or(item.created_at)
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
