//! What a merge request said of itself when it was read. GitLab tells it only there, and asking
//! again for each list of files and each file would cost a call for each.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::payload;
use crate::model::Subject;

/// Merge requests between reading and reading their changes: as many as there are workers, some
/// hundreds.
const MOST: usize = 4096;

/// The merge requests that were read last.
#[derive(Default)]
pub(super) struct MergeRequests {
    by_subject: Mutex<HashMap<Subject, Said>>,
}

struct Said {
    head: Option<String>,
    /// How many files it changes, as GitLab wrote it; outer `None` when it was taken.
    count: Option<Option<String>>,
    base: Base,
}

/// What a merge request is compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Base {
    /// The commit that its changes start from; `None` while GitLab has not found it.
    pub(super) commit: Option<String>,
    /// The branch that it shall go to.
    pub(super) branch: Option<String>,
}

impl MergeRequests {
    pub(super) fn remember(&self, subject: &Subject, item: &payload::Item) {
        let base = Base {
            commit: item.diff_refs.as_ref().and_then(|refs| refs.base_sha.clone()),
            branch: item.target_branch.clone(),
        };
        let said = Said { head: item.sha.clone(), count: Some(item.changes_count.clone()), base };
        let mut map = self.map();
        if map.len() >= MOST && !map.contains_key(subject) {
            map.clear();
        }
        map.insert(subject.clone(), said);
    }

    /// The count of files that was said for this very head; taken out, since it is asked for once
    /// a reading, and another target branch changes it.
    pub(super) fn take_count(
        &self,
        subject: &Subject,
        head: Option<&str>,
    ) -> Option<Option<String>> {
        self.map().get_mut(subject).filter(|said| said.head.as_deref() == head)?.count.take()
    }

    /// What was said of the base for this very head.
    pub(super) fn base(&self, subject: &Subject, head: Option<&str>) -> Option<Base> {
        let map = self.map();
        let said = map.get(subject).filter(|said| said.head.as_deref() == head)?;
        Some(said.base.clone())
    }

    fn map(&self) -> MutexGuard<'_, HashMap<Subject, Said>> {
        self.by_subject.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
