//! What merge requests can do beyond issues: be opened from a branch, and pushed to.

use std::sync::Arc;

use crate::forgesim::{
    Face,
    error::SimError,
    webhooks::Differences,
    world::{
        World,
        changes::Change,
        items::NewItem,
        repository::DEFAULT_BRANCH,
        types::{ItemKey, ItemKind, Merge, State},
    },
};

/// A merge request as its author opens it.
#[derive(Debug, Clone, Default)]
pub struct NewMergeRequest {
    /// Title; `Draft:` at its start makes it a draft.
    pub title: String,
    /// Description, Markdown.
    pub description: String,
    /// Titles of labels; unknown ones are created in the project.
    pub labels: Vec<String>,
    /// Name of the branch; made from the number when empty.
    pub source_branch: String,
    /// The changed files.
    pub changes: Vec<Change>,
}

/// The forge's own name for the newest commit of a merge request, also of one from a fork.
pub(crate) fn head_ref(face: Face, iid: u64) -> String {
    match face {
        Face::Gitlab => format!("refs/merge-requests/{iid}/head"),
        Face::Github => format!("refs/pull/{iid}/head"),
    }
}

impl World {
    /// Commits the changes on the source branch and opens a merge request for it.
    pub(crate) fn open_merge_request(
        &mut self,
        actor: u64,
        project_id: u64,
        new: NewMergeRequest,
    ) -> Result<ItemKey, SimError> {
        let labels = self.resolve_labels(project_id, new.labels.iter().map(String::as_str), true);
        let project = self.project_mut(project_id)?;
        let source_branch = if new.source_branch.is_empty() {
            format!("change-{}", project.merge_requests.len() + 1)
        } else {
            new.source_branch
        };
        let repository = &mut project.repository;
        let base_sha = repository.base_of(DEFAULT_BRANCH, &new.changes);
        let sha = match repository.resolve(&source_branch) {
            Some(sha) if new.changes.is_empty() => sha.to_owned(),
            _ => repository.commit(&source_branch, DEFAULT_BRANCH, &new.changes),
        };
        let head = sha.clone();
        let merge = Merge {
            source_branch,
            target_branch: DEFAULT_BRANCH.to_owned(),
            sha,
            base_sha,
            changes: Arc::new(new.changes),
            conflicts: false,
            merged_at: None,
            merged_by: None,
            reviewers: Vec::new(),
            review_teams: Vec::new(),
        };
        let item = NewItem {
            title: &new.title,
            description: &new.description,
            labels,
            merge: Some(merge),
            ..NewItem::default()
        };
        let key = self.open_item(actor, project_id, item)?;
        let name = head_ref(self.face, key.iid);
        self.project_mut(project_id)?.repository.point(&name, &head);
        Ok(key)
    }

    /// Pushes to a merge request: from now on it shows `changes` and no others, under a new head
    /// commit.
    pub(crate) fn push(
        &mut self,
        actor: u64,
        key: ItemKey,
        changes: Vec<Change>,
    ) -> Result<String, SimError> {
        let now = self.now();
        let item = self.item(key)?;
        let (Some(merge), ItemKind::MergeRequest) = (&item.merge, key.kind) else {
            return Err(self.no_item(key));
        };
        let (branch, base, old) =
            (merge.source_branch.clone(), merge.base_sha.clone(), merge.sha.clone());
        let name = head_ref(self.face, key.iid);
        let repository = &mut self.project_mut(key.project)?.repository;
        let base = repository.base_of(&base, &changes);
        let sha = repository.rewrite(&branch, &base, &changes);
        repository.point(&name, &sha);
        let item = self.item_mut(key)?;
        item.updated_at = now;
        if let Some(merge) = &mut item.merge {
            merge.sha.clone_from(&sha);
            merge.base_sha = base;
            merge.changes = Arc::new(changes);
        }
        self.system_note(actor, key, "added 1 commit".to_owned())?;
        let differences = Differences { oldrev: Some(old), ..Differences::default() };
        self.announce_item(actor, key, Some("update"), &differences);
        Ok(sha)
    }

    /// From now on these are asked for a review, and nobody else. No webhook tells of it.
    pub(crate) fn ask_for_review(
        &mut self,
        key: ItemKey,
        people: Vec<u64>,
        teams: Vec<u64>,
    ) -> Result<(), SimError> {
        let now = self.now();
        let missing = self.no_item(key);
        let item = self.item_mut(key)?;
        let Some(merge) = &mut item.merge else { return Err(missing) };
        (merge.reviewers, merge.review_teams) = (people, teams);
        item.updated_at = now;
        Ok(())
    }

    /// Merges: the default branch then has the changed files.
    pub(crate) fn merge(&mut self, actor: u64, key: ItemKey) -> Result<(), SimError> {
        let item = self.item(key)?;
        let Some(merge) = &item.merge else {
            return Err(self.no_item(key));
        };
        if item.state == State::Opened {
            let changes = Arc::clone(&merge.changes);
            let repository = &mut self.project_mut(key.project)?.repository;
            repository.commit(DEFAULT_BRANCH, DEFAULT_BRANCH, &changes);
        }
        self.change_state(actor, key, State::Merged)
    }
}
