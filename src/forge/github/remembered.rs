//! What a pull request said of itself when it was read. Asking again for each list of files and
//! each file would cost a call for each.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::payload;
use crate::model::Subject;

/// Pull requests between reading and reading their changes: as many as there are workers, some
/// hundreds.
const MOST: usize = 4096;
/// So many are looked into at the same time.
const TURNS: usize = 32;

/// The pull requests that were read last.
#[derive(Default)]
pub(super) struct Pulls {
    by_subject: Mutex<HashMap<Subject, Said>>,
    /// Held while something more is found out about a pull request; some have theirs together.
    finding: Box<[tokio::sync::Mutex<()>; TURNS]>,
}

struct Said {
    head: Option<String>,
    /// How many files it changes; outer `None` when it was taken.
    count: Option<Option<usize>>,
    base: Base,
}

/// What a pull request is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    /// Where its branch stands or stood: not yet what its changes start from.
    Branch(String),
    /// The commit that its changes start from.
    Commit(String),
}

impl Pulls {
    pub(super) fn remember(&self, subject: &Subject, item: &payload::Item) {
        let sha = |branch: &Option<payload::Branch>| branch.as_ref().map(|one| one.sha.clone());
        let head = sha(&item.head);
        let branch = sha(&item.base).unwrap_or_default();
        let mut map = self.map();
        // What was found out for the same two commits still holds.
        let found = map.get(subject).filter(|said| said.head == head).map(|said| &said.base);
        let base = match found {
            Some(Base::Commit(commit)) => Base::Commit(commit.clone()),
            _ => Base::Branch(branch),
        };
        if map.len() >= MOST && !map.contains_key(subject) {
            map.clear();
        }
        map.insert(subject.clone(), Said { head, count: Some(item.changed_files), base });
    }

    /// The count of files that was said for this very head; taken out, since it is asked for once
    /// a reading, and another target branch changes it.
    pub(super) fn take_count(
        &self,
        subject: &Subject,
        head: Option<&str>,
    ) -> Option<Option<usize>> {
        self.map().get_mut(subject).filter(|said| said.head.as_deref() == head)?.count.take()
    }

    /// What was said, or found out, of the base for this very head.
    pub(super) fn base(&self, subject: &Subject, head: Option<&str>) -> Option<Base> {
        let map = self.map();
        map.get(subject).filter(|said| said.head.as_deref() == head).map(|said| said.base.clone())
    }

    /// Notes the commit that the changes start from.
    pub(super) fn found_base(&self, subject: &Subject, head: Option<&str>, commit: &str) {
        if let Some(said) = self.map().get_mut(subject).filter(|said| said.head.as_deref() == head)
        {
            said.base = Base::Commit(commit.to_owned());
        }
    }

    /// Waits until nobody else finds something out about this pull request; who had to wait looks
    /// again whether it is known.
    pub(super) async fn finds_out(&self, subject: &Subject) -> tokio::sync::MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        subject.hash(&mut hasher);
        let turn = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        self.finding[turn].lock().await
    }

    fn map(&self) -> MutexGuard<'_, HashMap<Subject, Said>> {
        self.by_subject.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
