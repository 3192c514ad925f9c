//! The newest commits of open pull requests, and who was asked to review them. Lists of issues name pull
//! requests too, but not these, and a call for each would be a hundred times the price of a list.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use http::Method;

use super::{paging::PER_PAGE, payload, read::call, transport::Transport};
use crate::forge::ForgeError;

/// So many projects are remembered.
const MOST_PROJECTS: usize = 64;

/// What the lists of open pull requests said, by project.
#[derive(Default)]
pub(super) struct Heads {
    by_project: Mutex<HashMap<String, List>>,
}

struct List {
    /// Whatever changed before has its commit here: by GitHub's clock.
    holds_until: DateTime<Utc>,
    heads: HashMap<u64, Head>,
}

/// What the list of pull requests says of one, and the list of issues does not.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// The newest commit.
    pub(super) sha: String,
    pub(super) requested_reviewers: Vec<payload::User>,
    pub(super) requested_teams: Vec<payload::Team>,
}

impl Heads {
    /// The newest commit of a pull request that changed at a time last, and its reviewers: what was read
    /// later than that is what it then had, since a push is a change, and so is a request.
    pub(super) fn of(&self, project: &str, number: u64, changed_at: DateTime<Utc>) -> Option<Head> {
        let map = self.map();
        let list = map.get(project).filter(|list| changed_at < list.holds_until)?;
        list.heads.get(&number).cloned()
    }

    /// Reads the list of a project anew. Pages that move while they are read hide nothing for good:
    /// who is not in it is read alone.
    pub(super) async fn read(
        &self,
        transport: &Transport,
        project: &str,
    ) -> Result<(), ForgeError> {
        // New ones come last, so that those before them stay on their page.
        let ask = call(transport, Method::GET, project, &["pulls"])?
            .query("state", "open")
            .query("sort", "created")
            .query("direction", "asc")
            .query("per_page", PER_PAGE);
        let mut page = transport.page::<payload::Item>(&ask).await?;
        // GitHub may have looked for as long before it answered as its answer was waited for.
        let slack = TimeDelta::from_std(transport.timeout() + Duration::from_secs(1));
        let answered_at = page.answered_at.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let holds_until = slack
            .ok()
            .and_then(|slack| answered_at.checked_sub_signed(slack))
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let mut heads = HashMap::new();
        let mut seen = std::collections::HashSet::new();
        loop {
            for item in page.items {
                let payload::Item { number, requested_reviewers, requested_teams, .. } = item;
                if let Some(head) = item.head.filter(|head| !head.sha.is_empty()) {
                    let sha = head.sha;
                    heads.insert(number, Head { sha, requested_reviewers, requested_teams });
                }
            }
            let Some(url) = page.next.filter(|url| seen.insert(url.clone())) else { break };
            page = transport.page(&super::request::Call { url, ..ask.clone() }).await?;
        }
        let mut map = self.map();
        if map.len() >= MOST_PROJECTS && !map.contains_key(project) {
            map.clear();
        }
        map.insert(project.to_owned(), List { holds_until, heads });
        Ok(())
    }

    fn map(&self) -> MutexGuard<'_, HashMap<String, List>> {
        self.by_project.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
