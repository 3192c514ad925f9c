//! A repository: whole trees by branch name and commit id, without history.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::forgesim::world::changes::Change;

/// File contents by path. Shared between refs until one of them changes.
pub(crate) type Tree = Arc<BTreeMap<String, Arc<str>>>;

/// The name of every project's default branch.
pub(crate) const DEFAULT_BRANCH: &str = "main";

/// What a project's repository contains.
#[derive(Debug)]
pub(crate) struct Repository {
    /// And what else refers to a commit, such as `refs/merge-requests/1/head`.
    branches: HashMap<String, String>,
    commits: HashMap<String, Tree>,
}

impl Default for Repository {
    fn default() -> Self {
        let first = commit_id(&["root"]);
        Self {
            branches: HashMap::from([(DEFAULT_BRANCH.to_owned(), first.clone())]),
            commits: HashMap::from([(first, Tree::default())]),
        }
    }
}

impl Repository {
    /// The commit a ref stands for; `HEAD` is the default branch.
    pub(crate) fn resolve(&self, reference: &str) -> Option<&str> {
        let reference = if reference == "HEAD" { DEFAULT_BRANCH } else { reference };
        let reference = reference.strip_prefix("refs/heads/").unwrap_or(reference);
        self.branches
            .get(reference)
            .map(String::as_str)
            .or_else(|| self.commits.get_key_value(reference).map(|(id, _)| id.as_str()))
    }

    /// All files at a ref.
    pub(crate) fn tree(&self, reference: &str) -> Option<&Tree> {
        self.commits.get(self.resolve(reference)?)
    }

    /// Commits changed files on a branch, which starts at `base` when it is new.
    /// Returns the id of the new commit.
    pub(crate) fn commit(&mut self, branch: &str, base: &str, changes: &[Change]) -> String {
        let parent = self.resolve(branch).or_else(|| self.resolve(base)).unwrap_or("").to_owned();
        let id = self.detached(&parent, branch, changes);
        self.point(branch, &id);
        id
    }

    /// Commits as [`commit`](Self::commit) does, and what the branch had besides is gone: a forced
    /// push of a branch that starts at `base` and has just these changes.
    pub(crate) fn rewrite(&mut self, branch: &str, base: &str, changes: &[Change]) -> String {
        let id = self.detached(base, branch, changes);
        self.point(branch, &id);
        id
    }

    /// The commit that changes start from: `base`, when each of the files stands there as it was
    /// before, or else one beside it where it does.
    pub(crate) fn base_of(&mut self, base: &str, changes: &[Change]) -> String {
        let base = self.resolve(base).unwrap_or_default().to_owned();
        let tree = self.commits.get(&base).cloned().unwrap_or_default();
        let before: Vec<Change> = changes
            .iter()
            .filter_map(|change| {
                let previous = change.previous.as_deref()?;
                let stands = tree.get(&change.old_path).is_some_and(|had| **had == *previous);
                (!stands).then(|| Change::added(&change.old_path, previous))
            })
            .collect();
        if before.is_empty() { base } else { self.detached(&base, "before", &before) }
    }

    /// Lets a name stand for a commit.
    pub(crate) fn point(&mut self, reference: &str, commit: &str) {
        self.branches.insert(reference.to_owned(), commit.to_owned());
    }

    /// A commit that no name stands for.
    fn detached(&mut self, parent: &str, salt: &str, changes: &[Change]) -> String {
        let mut tree = self.commits.get(parent).cloned().unwrap_or_default();
        let files = Arc::make_mut(&mut tree);
        for change in changes {
            if change.renamed_file || change.deleted_file {
                files.remove(&change.old_path);
            }
            if let Some(content) = &change.content {
                files.insert(change.new_path.clone(), content.as_str().into());
            }
        }
        let id = commit_id(&[parent, salt, &self.commits.len().to_string()]);
        self.commits.insert(id.clone(), tree);
        id
    }
}

/// An id that looks like git's and is the same in every run.
fn commit_id(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// The id git gives to a file's content would need SHA-1; this one is only as long.
pub(crate) fn blob_id(content: &str) -> String {
    commit_id(&["blob", content])
}
